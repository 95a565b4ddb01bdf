"""A database that somebody else has locked: whoever is waited for by a person gives up in time, and says why."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import psycopg
import pytest

from bot.errors import BUSY, StoreError
from bot.infra.patience import hurried, patience
from bot.store import Store

NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
SOON = 0.2


@contextmanager
def locked(url: str) -> Iterator[None]:
    """Somebody outside of Tocsin holds the whole database."""
    if url.startswith("sqlite"):
        held = sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None)
        held.execute("BEGIN IMMEDIATE")
    else:
        held = psycopg.connect(url)  # type: ignore[assignment]
        held.execute("LOCK TABLE tocsin_seen, tocsin_incident, tocsin_click IN ACCESS EXCLUSIVE MODE")
    try:
        yield
    finally:
        held.rollback()
        held.close()


def test_somebody_in_a_hurry_is_told_that_it_is_busy(store: Store, database_url: str) -> None:
    with locked(database_url), hurried(SOON), pytest.raises(StoreError) as told:
        store.deduplication.first("e", NOW)
    assert told.value.code == BUSY
    assert "busy" in str(told.value)


def test_so_is_whoever_waits_behind_another_thread_of_ours(store: Store, database_url: str) -> None:
    patient = threading.Thread(target=lambda: store.deduplication.first("patient", NOW))
    with locked(database_url):
        patient.start()
        with hurried(SOON), pytest.raises(StoreError) as told:
            store.deduplication.first("hasty", NOW)
        assert told.value.code == BUSY
    patient.join(60)
    assert not store.deduplication.first("patient", NOW)


def test_a_question_that_only_reads_is_told_too_where_reading_is_locked(store: Store, database_url: str) -> None:
    if database_url.startswith("sqlite"):
        with locked(database_url), hurried(SOON):
            assert store.incidents.open() == []  # readers of SQLite wait for no writer
        return
    with locked(database_url), hurried(SOON), pytest.raises(StoreError) as told:
        store.incidents.open()
    assert told.value.code == BUSY


def test_afterwards_it_works_as_before(store: Store, database_url: str) -> None:
    with locked(database_url), hurried(SOON), pytest.raises(StoreError):
        store.deduplication.first("e", NOW)
    assert patience() is None
    assert store.deduplication.first("e", NOW)
