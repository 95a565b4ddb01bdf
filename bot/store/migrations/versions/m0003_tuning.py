"""How easily each topic rings."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "tocsin_tuning",
        sa.Column("topic_id", BIG, sa.ForeignKey("tocsin_topic.id"), primary_key=True, autoincrement=False),
        sa.Column("strictness", sa.Float(), nullable=False),
        sa.Column("trust", sa.Text(), nullable=False),
        sa.Column("tallies", sa.Text(), nullable=False),
        sa.Column("learned_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("days", sa.Float(), nullable=False),
        sa.Column("bells", sa.Integer(), nullable=False),
        sa.Column("basis", sa.Text(), nullable=False),
    )
