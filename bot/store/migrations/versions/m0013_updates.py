"""Which post brings which earlier one up to date, and by what."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0011"

TABLE = "tocsin_post"


def upgrade() -> None:
    op.add_column(TABLE, sa.Column("changes", sa.Text(), nullable=False, server_default="[]"))
    op.add_column(TABLE, sa.Column("update_of", sa.BigInteger(), nullable=True))
    op.create_index("ix_tocsin_post_update_of", TABLE, ["update_of"])
