"""Run by Alembic: carries out the revisions on the connection that bot.store.migrations.upgrade handed over."""

from __future__ import annotations

from alembic import context

from bot.store.migrations import VERSION_TABLE

context.configure(connection=context.config.attributes["connection"], version_table=VERSION_TABLE)
context.run_migrations()
