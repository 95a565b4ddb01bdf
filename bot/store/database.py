"""Connections and transactions: everything in which SQLite and PostgreSQL differ, but for DDL.

A reading transaction sees one moment. A writing one is alone on SQLite (BEGIN IMMEDIATE); on PostgreSQL
it locks the rows, or with *alone* the named lock, that its caller says.
"""

from __future__ import annotations

import sqlite3
import threading
import time
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, func, make_url, select
from sqlalchemy.exc import ArgumentError, DataError, DBAPIError, IntegrityError
from sqlalchemy.orm import Session

from bot.errors import AWAY, BUSY, NO_TABLES, StoreError
from bot.i18n.localised import localised
from bot.infra.patience import hurried, patience
from bot.store import migrations

BUSY_SECONDS = 10
"""How long a SQLite writer waits for another process before it gives up, unless somebody is in a hurry."""

_LOCKED = ("55P03", "57014")
"""PostgreSQL's codes for a lock that was not got in time."""
_PASSING = ("starting up", "shutting down", "recovery", "too many clients")
"""What a server says that is there and will take connections by itself soon."""


class Database:
    """A SQLite file or a PostgreSQL database. Safe to share between threads, not over a fork."""

    def __init__(self, url: URL) -> None:
        self.place = str(url.database) if _is_sqlite(url) else url.render_as_string()
        self.sqlite = _is_sqlite(url)
        self._engine = _sqlite_engine(url) if self.sqlite else _postgres_engine(url)
        self._writer = self._engine.execution_options(tocsin_sync="NORMAL")
        self._durable = self._engine.execution_options(tocsin_sync="FULL")
        self._alone = threading.Lock()
        self._inside = threading.local()

    @classmethod
    def open(cls, url: str) -> Database:
        """Connect once, so that a wrong address is told now and not at the first post."""
        database = cls(_parsed(url))
        with database.read() as session:
            session.connection()
        return database

    def close(self) -> None:
        self._engine.dispose()

    def migrate(self) -> None:
        """Make or renew the tables. Several processes may try at once; one does it."""
        with self.write(alone="migrate") as session:
            connection = session.connection()
            if migrations.unknown_revisions(connection):
                raise StoreError("database.newer", place=self.place)
            if not migrations.is_current(connection):
                migrations.upgrade(connection)

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A session that sees one moment on SQLite, each statement's own on PostgreSQL. Writes nothing."""
        with self._sentences(), Session(self._engine, expire_on_commit=False) as session:
            yield session

    @contextmanager
    def write(self, *, alone: str = "", durable: bool = True) -> Iterator[Session]:
        """A session whose changes are kept together when the block ends, or not at all.

        Two blocks with the same *alone* never run at the same time, in whatever process. What is not *durable*
        survives a crash of the program too, but a SQLite file may lose it with the power: such changes are made
        again by themselves. They are safe once a durable one follows.
        """
        engine = self._durable if durable else self._writer
        with self._sentences(), self._one_by_one(), _writing(engine) as session:
            if alone and not self.sqlite:
                name = zlib.crc32(b"tocsin:" + alone.encode())
                session.execute(select(func.pg_advisory_xact_lock(name)))
            yield session

    @contextmanager
    def _one_by_one(self) -> Iterator[None]:
        """On SQLite threads queue here, which is fairer and faster than their polling of the file's lock."""
        if not self.sqlite:
            yield
            return
        if getattr(self._inside, "writing", False):
            raise RuntimeError("a write inside a write would wait for itself")
        since, most = time.monotonic(), patience()
        if not self._alone.acquire(timeout=-1 if most is None else most):
            raise StoreError(BUSY, place=self.place, seconds=_shown(most))
        self._inside.writing = True
        try:
            with nullcontext() if most is None else hurried(max(0.05, most - time.monotonic() + since)):
                yield
        finally:
            self._inside.writing = False
            self._alone.release()

    @contextmanager
    def _sentences(self) -> Iterator[None]:
        """Turn what the driver says of an unusable database into a sentence for a person."""
        try:
            yield
        except (IntegrityError, DataError):
            raise  # the database is well, what we asked of it was not
        except DBAPIError as error:
            raise self._fault(str(error.orig), getattr(error.orig, "sqlstate", None)) from error
        except sqlite3.Error as error:  # while a connection is prepared: not wrapped yet
            raise self._fault(str(error)) from error

    def _fault(self, told: str, state: str | None = None) -> StoreError:
        reason = next(iter(told.strip().splitlines()), "")
        if "no such table" in reason or ("relation" in reason and "does not exist" in reason):
            return StoreError(NO_TABLES, place=self.place)
        if "locked" in reason or state in _LOCKED:
            return StoreError(BUSY, place=self.place, seconds=_shown(patience()))
        if not self.sqlite and state is None and ("FATAL" not in told or any(word in told for word in _PASSING)):
            return StoreError(AWAY, place=self.place, why=reason or localised("database.no_reason"))
        return StoreError("database.unusable", place=self.place, why=reason or localised("database.no_reason"))


def _shown(seconds: float | None) -> str:
    return f"{BUSY_SECONDS if seconds is None else seconds:g}"


@contextmanager
def _writing(engine: Engine) -> Iterator[Session]:
    with Session(engine, expire_on_commit=False) as session, session.begin():
        session.connection()  # begins now, not at the first statement
        yield session


def _is_sqlite(url: URL) -> bool:
    return url.get_backend_name() == "sqlite"


def _parsed(url: str) -> URL:
    try:
        parsed = make_url(url)
    except ArgumentError:
        raise StoreError("database.no_address") from None
    if parsed.drivername in ("postgres", "postgresql"):
        parsed = parsed.set(drivername="postgresql+psycopg")
    if _is_sqlite(parsed):
        if parsed.database in (None, "", ":memory:"):
            raise StoreError("database.no_file")
    elif parsed.get_backend_name() != "postgresql":
        raise StoreError("database.other_kind", kind=parsed.drivername)
    return parsed


def _postgres_engine(url: URL) -> Engine:
    try:
        engine = create_engine(url, hide_parameters=True, pool_pre_ping=True, pool_size=8, max_overflow=16)
    except ImportError:
        raise StoreError("database.package") from None
    event.listen(engine, "begin", _hurry)
    return engine


def _hurry(connection: Connection) -> None:
    most = patience()
    if most is not None:
        connection.exec_driver_sql(f"SET LOCAL lock_timeout = {max(1, int(most * 1000))}")


def _sqlite_engine(url: URL) -> Engine:
    path = Path(str(url.database))
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StoreError("database.folder", folder=path.parent, why=error.strerror) from None
    settings = {"timeout": BUSY_SECONDS, "check_same_thread": False}
    engine = create_engine(url, hide_parameters=True, connect_args=settings, pool_size=8, max_overflow=16)
    event.listen(engine, "connect", _prepare)
    event.listen(engine, "begin", _begin)
    return engine


def _prepare(connection: sqlite3.Connection, _record: Any) -> None:
    connection.isolation_level = None  # the driver would begin too late, and never IMMEDIATE: _begin does it
    for pragma in ("journal_mode=WAL", "foreign_keys=ON", "cache_size=-32000"):
        connection.execute(f"PRAGMA {pragma}")


def _begin(connection: Connection) -> None:
    sync, most = connection.get_execution_options().get("tocsin_sync"), patience()
    connection.exec_driver_sql(f"PRAGMA busy_timeout={int(1000 * (BUSY_SECONDS if most is None else most))}")
    if sync:
        connection.exec_driver_sql(f"PRAGMA synchronous={sync}")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if sync else "BEGIN")
