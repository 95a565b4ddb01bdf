"""The schema, and what a person is told when the database cannot be used."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import create_engine, make_url, text
from sqlmodel import SQLModel

import bot.store.schema.tables
from bot.errors import StoreError
from bot.store import Store
from bot.store.migrations import VERSION_TABLE


def engine(url: str) -> Any:
    parsed = make_url(url)
    return create_engine(parsed.set(drivername="postgresql+psycopg") if "postgres" in url else parsed)


def test_revisions_make_what_the_tables_say(store: Store, database_url: str) -> None:
    """Column by column and index by index: nobody forgets a revision."""
    assert bot.store.schema.tables.TopicRow.__tablename__ == "tocsin_topic"
    made = engine(database_url)
    with made.connect() as connection:
        context = MigrationContext.configure(connection, opts={"version_table": VERSION_TABLE, "compare_type": True})
        differences = compare_metadata(context, SQLModel.metadata)
    made.dispose()
    assert differences == []


def test_every_table_carries_the_prefix() -> None:
    """Tocsin may live in a database with others."""
    assert all(name.startswith("tocsin_") for name in SQLModel.metadata.tables)


def test_migrating_twice_is_migrating_once(store: Store) -> None:
    """Every start does it."""
    store.migrate()
    assert store.topics.all() == []


def test_newer_schema_is_refused(store: Store, database_url: str) -> None:
    """An old program must not write into tables that it does not know."""
    made = engine(database_url)
    revision = text(f"UPDATE {VERSION_TABLE} SET version_num = :revision")
    with made.begin() as connection:
        before = connection.scalar(text(f"SELECT version_num FROM {VERSION_TABLE}"))
        connection.execute(revision, {"revision": "9999"})
    with pytest.raises(StoreError, match="made by a newer version of Tocsin"):
        store.migrate()
    with made.begin() as connection:
        connection.execute(revision, {"revision": before})
    made.dispose()


def test_database_without_tables_is_told(tmp_path: Path) -> None:
    """Opening does not migrate."""
    with Store.open(f"sqlite:///{tmp_path / 'empty.db'}") as store, pytest.raises(StoreError, match="no tables yet"):
        store.topics.all()


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("nonsense", "is not one"),
        ("mysql://localhost/x", "SQLite or PostgreSQL, not in mysql"),
        ("sqlite://", "needs a file"),
        ("sqlite:///:memory:", "needs a file"),
        ("sqlite:////proc/none/tocsin.db", "cannot be made"),
        ("postgresql://me:secret@127.0.0.1:1/tocsin", "cannot be used"),
        ("postgres://me:secret@127.0.0.1:1/tocsin", "cannot be used"),
    ],
)
def test_unusable_address_is_told_in_a_sentence(url: str, sentence: str) -> None:
    """At once, in plain words, and never with the password."""
    with pytest.raises(StoreError, match=sentence) as told:
        Store.open(url)
    assert "secret" not in str(told.value)


def test_file_that_is_no_database_is_told(tmp_path: Path) -> None:
    """It is not written over."""
    path = tmp_path / "letter.db"
    path.write_text("Dear Sir or Madam, " * 100)
    with pytest.raises(StoreError, match="cannot be used: file is not a database"):
        Store.open(f"sqlite:///{path}").migrate()
    assert path.read_text().startswith("Dear")


def test_records_are_light() -> None:
    """Who passes records around needs no database to be imported."""
    code = "import sys, bot.records; sys.exit('sqlmodel' in sys.modules or 'sqlalchemy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
