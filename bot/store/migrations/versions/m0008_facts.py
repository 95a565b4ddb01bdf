"""What an incident knows and has told: facts, the level told last, a level set by hand, and its ties to others."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0006"

TABLE = "tocsin_incident"
TIMES = ("told_at", "paged_at", "tell_at", "facts_told_at", "set_until", "reopened_at", "warned_at", "counted_from")

NOT_HELD = '{"level": null, "below_since": null, "hold": "PT3H", "carriers": []}'
LIVE = sa.text("status IN ('open', 'acknowledged')")


def upgrade() -> None:
    for name in TIMES:
        op.add_column(TABLE, sa.Column(name, sa.DateTime(timezone=True), nullable=True))
    for name in ("told", "set_level"):
        op.add_column(TABLE, sa.Column(name, sa.Integer(), nullable=True))
    for name in ("facts", "untold"):
        op.add_column(TABLE, sa.Column(name, sa.Text(), nullable=False, server_default="[]"))
    op.add_column(TABLE, sa.Column("set_by", sa.Text(), nullable=False, server_default=""))
    op.add_column(TABLE, sa.Column("split", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column(TABLE, sa.Column("merged_into", sa.BigInteger(), nullable=False, server_default="0"))
    op.add_column(TABLE, sa.Column("held", sa.Text(), nullable=False, server_default=NOT_HELD))
    op.add_column(TABLE, sa.Column("slot", sa.Integer(), nullable=False, server_default="0"))
    op.drop_index("uq_tocsin_incident_live", TABLE)
    op.create_index(
        "uq_tocsin_incident_live", TABLE, ["topic_id", "slot"], unique=True, sqlite_where=LIVE, postgresql_where=LIVE
    )
    op.create_index("ix_tocsin_incident_tell_at", TABLE, ["tell_at"])
