"""The schema's history, carried out by Alembic. `upgrade` is its only entry: there is no alembic.ini."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

VERSION_TABLE = "tocsin_schema"


def upgrade(connection: Connection) -> None:
    """Bring the schema to the newest revision, inside the transaction that *connection* is in."""
    config = _config()
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def unknown_revisions(connection: Connection) -> set[str]:
    """Revisions that the database has seen and this program has not: it was used by a newer one."""
    here = {script.revision for script in ScriptDirectory.from_config(_config()).walk_revisions()}
    return set(_context(connection).get_current_heads()) - here


def is_current(connection: Connection) -> bool:
    heads = ScriptDirectory.from_config(_config()).get_heads()
    return set(_context(connection).get_current_heads()) == set(heads)


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config


def _context(connection: Connection) -> MigrationContext:
    return MigrationContext.configure(connection, opts={"version_table": VERSION_TABLE})
