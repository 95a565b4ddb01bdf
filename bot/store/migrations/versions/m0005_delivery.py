"""Delivery that goes on where it stopped: tries of a message, cards as they were drawn, Slack's pace, clicks taken."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
CLAIMED = "state = 'claimed' AND kind <> 'update'"


def upgrade() -> None:
    _alerts()
    op.add_column("tocsin_card", sa.Column("drawn", sa.BigInteger(), nullable=False, server_default="0"))
    op.add_column("tocsin_card", sa.Column("settled", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.create_table(
        "tocsin_pace",
        sa.Column("kind", sa.Text(), primary_key=True),
        sa.Column("calls", sa.Text(), nullable=False),
        sa.Column("held_until", sa.DateTime(timezone=True), nullable=True),
    )
    op.create_table(
        "tocsin_click",
        sa.Column("id", BIG, primary_key=True),
        sa.Column("work", sa.Text(), nullable=False),
        sa.Column("asked", sa.Text(), nullable=False),
        sa.Column("details", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("claimed_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
    )


def _alerts() -> None:
    for column in (
        sa.Column("failures", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("failing_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("route", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("resorted", sa.Boolean(), nullable=False, server_default=sa.false()),
    ):
        op.add_column("tocsin_alert", column)
    op.drop_index("uq_tocsin_alert_claimed", table_name="tocsin_alert")
    op.create_index(
        "uq_tocsin_alert_claimed",
        "tocsin_alert",
        ["target"],
        unique=True,
        sqlite_where=sa.text(CLAIMED),
        postgresql_where=sa.text(CLAIMED),
    )
