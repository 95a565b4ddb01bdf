"""Why somebody was called by a card, until it is answered; and the card that stands at a place in Slack."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"

TABLE = "tocsin_card"


def upgrade() -> None:
    op.add_column(TABLE, sa.Column("page", sa.Text(), nullable=False, server_default="{}"))
    op.create_index("ix_tocsin_card_place", TABLE, ["channel", "ts"])
