"""The days on which a team expects more posts of a topic than usual, or fewer."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    op.add_column("tocsin_topic", sa.Column("expected", sa.Text(), nullable=False, server_default="[]"))
