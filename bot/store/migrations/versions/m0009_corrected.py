"""A reading knows what a person says in its place: another sentiment, or that the post is not about the topic."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    for name in ("said", "said_by"):
        op.add_column("tocsin_reading", sa.Column(name, sa.Text(), nullable=False, server_default=""))
