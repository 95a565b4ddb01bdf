"""One message that tells of many incidents."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "tocsin_bundle",
        sa.Column("id", BIG, primary_key=True),
        sa.Column("target", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("ts", sa.Text(), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("incidents", sa.Text(), nullable=False),
    )
    op.create_index("ix_tocsin_bundle_last_at", "tocsin_bundle", ["target", "last_at"])
