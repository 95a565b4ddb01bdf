"""A start of the service: a database that is not there yet is waited for, one that never will be is said at once."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from bot import app
from bot.errors import AWAY, StoreError
from bot.store import Store


def test_a_database_that_is_just_starting_is_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    refused = [StoreError(AWAY, place="db", why="the database system is starting up")] * 2
    opened = Store.open

    def starting(url: str) -> Store:
        if refused:
            raise refused.pop()
        return opened(url)

    monkeypatch.setattr(app, "DATABASE_PAUSE_S", 0.01)
    monkeypatch.setattr(Store, "open", starting)
    with capture_logs() as logged, app._store(f"sqlite:///{tmp_path / 'tocsin.db'}") as store:
        assert store.topics.all() == []
    assert [entry["event"] for entry in logged].count("database_awaited") == 2


def test_a_database_that_somebody_has_locked_is_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    url, path = f"sqlite:///{tmp_path / 'tocsin.db'}", tmp_path / "tocsin.db"
    Store.open(url).close()
    monkeypatch.setattr("bot.store.database.BUSY_SECONDS", 0.05)
    monkeypatch.setattr(app, "DATABASE_PAUSE_S", 0.01)
    held = sqlite3.connect(path, isolation_level=None)
    held.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreError, match="busy"):
        app._store(url, patience=0.2)
    held.rollback()
    held.close()
    app._store(url, patience=0.2).close()


def test_a_database_that_never_comes_is_a_sentence_in_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(app, "DATABASE_PAUSE_S", 0.01)
    with capture_logs() as logged, pytest.raises(StoreError, match="cannot be used just now") as told:
        app._store("postgresql://me:secret@127.0.0.1:1/tocsin", patience=0.1)
    assert "secret" not in str(logged) + str(told.value)


def test_an_address_that_is_none_is_said_at_once() -> None:
    with capture_logs() as logged, pytest.raises(StoreError, match="is not one"):
        app._store("nonsense")
    assert logged == []
