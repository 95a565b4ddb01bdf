"""What people say of a post's sentiment."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _part(name: str, table: str) -> sa.Column[int]:
    """One column of a composite key that names a row of another table."""
    return sa.Column(name, BIG, sa.ForeignKey(f"tocsin_{table}.id"), primary_key=True, autoincrement=False)


def upgrade() -> None:
    op.create_table(
        "tocsin_verdict",
        _part("topic_id", "topic"),
        _part("post_id", "post"),
        sa.Column("by", sa.Text(), primary_key=True),
        sa.Column("polarity", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("incident_id", BIG, sa.ForeignKey("tocsin_incident.id"), nullable=False),
    )
