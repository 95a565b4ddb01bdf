"""Polling real servers that behave badly: every fault becomes a sentence on its source, and nothing else suffers."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest

from bot.errors import TocsinError
from bot.infra.clock import VirtualClock
from bot.ingest.fetch.fetch import Fetcher, Limits
from bot.ingest.matching import Ingest
from bot.ingest.poller import Job, Poller, backoff, schedule
from bot.records import Ref, SourceRecord, TopicRecord
from engine.post import Topic
from tests.bot.english import english

NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)


def rss(*titles: str) -> str:
    items = "".join(f"<item><guid>{title}</guid><title>{title}</title></item>" for title in titles)
    return f"<rss><channel>{items}</channel></rss>"


class Wire:
    def __init__(self) -> None:
        self.refs: list[Ref] = []

    def publish(self, refs: Sequence[Ref]) -> None:
        self.refs += refs


class Leader:
    def __init__(self) -> None:
        self.leads = True

    def hold(self) -> bool:
        return self.leads


@pytest.fixture
def wire() -> Wire:
    return Wire()


@pytest.fixture
def leader() -> Leader:
    return Leader()


@pytest.fixture
def poller(store: Any, wire: Wire, leader: Leader, clock: VirtualClock) -> Iterator[Poller]:
    topic = Topic(name="milk", query="milk")
    store.topics.sync(
        [
            TopicRecord(
                id=0, topic=topic, channel="C1", policy="default", speak="en", budget_per_week=2.0, watched_since=NOW
            )
        ],
        NOW,
    )
    fetcher = Fetcher(clock, limits=Limits(size=1024 * 1024, seconds=2.0))
    made = Poller(store, Ingest(store, wire, clock), fetcher, clock, leader)
    yield made
    made.close()


@pytest.fixture
def sources(store: Any) -> Callable[..., list[SourceRecord]]:
    """Stores sources by name and url: ``sources(wire=url)``."""

    def make(kind: str = "rss", every: float = 60.0, allow_private: bool = True, **urls: str) -> list[SourceRecord]:
        records = [
            SourceRecord(id=0, name=name, kind=kind, url=url, every=every, allow_private=allow_private)
            for name, url in urls.items()
        ]
        return list(store.sources.sync(records))

    return make


def later(clock: VirtualClock, **span: float) -> None:
    clock.set(clock.now() + timedelta(**span))


def titles(store: Any) -> list[str]:
    return [post.title for post in store.posts.since(NOW - timedelta(days=1))]


def test_the_first_poll_sets_the_baseline_and_rings_nothing(
    poller: Poller, store: Any, wire: Wire, site: Any, sources: Any, clock: VirtualClock
) -> None:
    """What a feed already holds is quiet; what it brings later is not."""
    sources(wire=site.gives("/f", rss("Milk one")))
    assert poller.tick() == 1
    site.gives("/f", rss("Milk two", "Milk one"))
    later(clock, seconds=60)
    assert poller.tick() == 1
    quiet = {match.post.title: match.quiet for match in store.posts.pending(wire.refs)}
    assert quiet == {"Milk one": True, "Milk two": False}


def test_a_source_is_polled_when_it_is_due(
    poller: Poller, store: Any, site: Any, sources: Any, clock: VirtualClock
) -> None:
    """Not before, and polling again brings nothing twice."""
    sources(wire=site.gives("/f", rss("Milk one")))
    assert [poller.tick(), poller.tick()] == [1, 0]
    later(clock, seconds=59)
    assert poller.tick() == 0
    later(clock, seconds=1)
    assert poller.tick() == 1
    assert titles(store) == ["Milk one"]
    assert len(site.asked) == 2


def test_only_the_leader_polls(poller: Poller, leader: Leader, site: Any, sources: Any) -> None:
    sources(wire=site.gives("/f", rss("Milk one")))
    leader.leads = False
    assert poller.tick() == 0
    assert site.asked == []


def test_one_bad_source_hinders_no_other(poller: Poller, store: Any, site: Any, sources: Any, tmp_path: Path) -> None:
    """Each of them gets its sentence; the good ones bring their posts."""
    site.gives("/huge", b"x", Content_Length=str(200 * 2**20))
    sources(
        good=site.gives("/good", rss("Milk one")),
        page=site.gives("/page", "<html><body>log in</body></html>"),
        huge=site.url + "/huge",
        gone=site.url + "/gone",
        loop=site.gives("/loop", status=302, Location="/loop"),
        nobody="http://127.0.0.1:9/f",
        metadata=site.gives("/meta", rss("Milk two")),
    )
    assert poller.tick() == 7
    errors = {source.name: english(source.error) for source in store.sources.all()}
    assert errors.pop("good") == errors.pop("metadata") == ""
    for name, words in {
        "page": "web page instead of a feed", "huge": "more than 1 MB", "gone": "nothing at this address",
        "loop": "more than 5 times", "nobody": "could not be reached",
    }.items():  # fmt: skip
        assert words in errors[name]
    assert sorted(titles(store)) == ["Milk one", "Milk two"]


def test_a_private_address_is_refused_unless_the_settings_allow_it(
    poller: Poller, store: Any, site: Any, sources: Any
) -> None:
    sources(wire=site.gives("/f", rss("Milk one")), allow_private=False)
    poller.tick()
    assert "allow_private: true" in english(store.sources.find("wire").error)
    assert site.asked == []


def test_a_failing_source_is_asked_less_and_less_and_recovers(
    poller: Poller, store: Any, site: Any, sources: Any, clock: VirtualClock
) -> None:
    """The pause doubles, and one good answer ends it all."""
    sources(wire=site.gives("/f", status=500))
    pauses = []
    for _ in range(4):
        poller.tick()
        source = store.sources.find("wire")
        pauses.append((source.next_poll_at - clock.now()).total_seconds())
        clock.set(source.next_poll_at)
    assert all(
        0.8 * expected <= pause <= 1.2 * expected for pause, expected in zip(pauses, [60, 120, 240, 480], strict=True)
    )
    assert store.sources.find("wire").failures == 4
    assert store.sources.health(clock.now()).silent == ("wire",)
    site.gives("/f", rss("Milk one"))
    poller.tick()
    source = store.sources.find("wire")
    assert (source.failures, source.error, source.last_ok_at) == (0, None, clock.now())
    assert titles(store) == ["Milk one"]


def test_retry_after_is_obeyed(poller: Poller, store: Any, site: Any, sources: Any, clock: VirtualClock) -> None:
    sources(wire=site.gives("/f", status=429, Retry_After="900"))
    poller.tick()
    source = store.sources.find("wire")
    assert source.next_poll_at == clock.now() + timedelta(seconds=900)
    assert "asks too often" in english(source.error)


class TestNotModified:
    def test_after_a_success_it_is_health(
        self, poller: Poller, store: Any, site: Any, sources: Any, clock: VirtualClock
    ) -> None:
        sources(wire=site.gives("/f", rss("Milk one"), ETag='"1"'))
        poller.tick()
        site.gives("/f", status=304)
        later(clock, seconds=60)
        poller.tick()
        source = store.sources.find("wire")
        assert (source.failures, source.last_ok_at, source.etag) == (0, clock.now(), '"1"')
        assert site.asked[-1][1]["if-none-match"] == '"1"'

    def test_after_a_failure_it_is_not_believed(
        self, poller: Poller, store: Any, site: Any, sources: Any, clock: VirtualClock
    ) -> None:
        """A feed that broke is asked for everything, so that "not modified" cannot pass for health."""
        sources(wire=site.gives("/f", rss("Milk one"), ETag='"1"'))
        poller.tick()
        site.gives("/f", "<html>maintenance</html>", ETag='"2"')
        later(clock, seconds=60)
        poller.tick()
        site.gives("/f", status=304)
        clock.set(store.sources.find("wire").next_poll_at)
        poller.tick()
        source = store.sources.find("wire")
        assert "if-none-match" not in site.asked[-1][1]
        assert source.failures == 2
        assert source.last_ok_at == NOW

    def test_for_days_it_is_checked_once_an_hour(
        self, poller: Poller, store: Any, site: Any, sources: Any, clock: VirtualClock
    ) -> None:
        """A cache that says "not modified" for ever is found out."""
        sources(wire=site.gives("/f", rss("Milk one"), ETag='"1"'), every=1200.0)
        poller.tick()

        def stubborn(handler: BaseHTTPRequestHandler) -> None:
            asked = "If-None-Match" in handler.headers
            body = rss("Milk two").encode()
            handler.send_response(304 if asked else 200)
            handler.send_header("Content-Length", "0" if asked else str(len(body)))
            handler.send_header("ETag", '"1"')
            handler.end_headers()
            handler.wfile.write(b"" if asked else body)

        site.does("/f", stubborn)
        later(clock, hours=23)
        poller.tick()
        assert titles(store) == ["Milk one"]
        for _ in range(7):
            later(clock, minutes=20)
            poller.tick()
        assert [post.title for post in store.posts.since(NOW)] == ["Milk one", "Milk two"]
        assert sum("if-none-match" not in headers for _, headers in site.asked) == 2


def test_a_feed_that_breaks_off_is_asked_for_everything_again(
    poller: Poller, store: Any, site: Any, sources: Any, clock: VirtualClock
) -> None:
    """What it held is kept; the rest comes with the next poll, not after a "not modified"."""
    sources(wire=site.gives("/f", rss("Milk one", "Milk two")[:-60], ETag='"1"'))
    poller.tick()
    assert titles(store) == ["Milk one"]
    site.gives("/f", rss("Milk one", "Milk two"), ETag='"1"')
    later(clock, seconds=60)
    poller.tick()
    assert "if-none-match" not in site.asked[-1][1]
    assert titles(store) == ["Milk one", "Milk two"]


def test_a_growing_file(
    poller: Poller, store: Any, wire: Wire, sources: Any, clock: VirtualClock, tmp_path: Path
) -> None:
    """What stands in it at first is quiet; what is added later is not; its place survives in the store."""
    path = tmp_path / "posts.jsonl"
    path.write_text(json.dumps({"id": "1", "text": "Milk one"}) + "\n")
    sources(kind="jsonl", wire=str(path))
    poller.tick()
    with path.open("a") as file:
        file.write(json.dumps({"id": "2", "text": "Milk two"}) + '\n{"id": "3", "te')
    later(clock, seconds=60)
    poller.tick()
    assert [(match.post.text, match.quiet) for match in store.posts.pending(wire.refs)] == [
        ("Milk one", True),
        ("Milk two", False),
    ]


def test_items_left_out_are_told_and_are_no_failure(poller: Poller, store: Any, site: Any, sources: Any) -> None:
    sources(kind="json", board=site.gives("/b", json.dumps([{"text": "Milk"}, {"no": "text"}])))
    poller.tick()
    source = store.sources.find("board")
    assert source.failures == 0
    assert english(source.error).startswith("1 of 2 items could not be read")


def test_a_database_that_is_away_loses_nothing(
    poller: Poller, store: Any, site: Any, sources: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The source stays due, and the next tick brings what this one could not keep."""
    sources(wire=site.gives("/f", rss("Milk one")))

    def away(*_: object) -> None:
        raise TocsinError("The database is away.")

    with monkeypatch.context() as patched:
        patched.setattr(store.posts, "add", away)
        assert poller.tick() == 0
    assert poller.tick() == 1
    assert titles(store) == ["Milk one"]


def test_a_fault_of_our_own_gets_a_reference(
    poller: Poller, store: Any, site: Any, sources: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Something nobody thought of stops neither the tick nor the other sources."""
    sources(wire=site.gives("/f", rss("Milk one")))
    monkeypatch.setattr(store.posts, "add", lambda *_: 1 / 0)
    assert poller.tick() == 1
    source = store.sources.find("wire")
    assert source.failures == 1
    assert "inside Tocsin" in english(source.error)


def test_a_slow_host_delays_no_other(
    store: Any, wire: Wire, leader: Leader, clock: VirtualClock, site: Any, sources: Any
) -> None:
    """A tick does not wait for it longer than its patience, and does not ask it twice meanwhile."""
    release = threading.Event()

    def slow(handler: BaseHTTPRequestHandler) -> None:
        release.wait(5)
        handler.send_response(200)
        handler.end_headers()
        handler.wfile.write(rss("Slow").encode())

    sources(slow=site.does("/slow", slow), good=site.gives("/good", rss("Milk")).replace("127.0.0.1", "localhost"))
    poller = Poller(store, Ingest(store, wire, clock), Fetcher(clock), clock, leader, patience=0.3)
    assert poller.tick() == 1
    assert poller.tick() == 0
    release.set()
    poller.close()
    assert sorted(titles(store)) == ["Milk", "Slow"]
    assert [path for path, _ in site.asked].count("/slow") == 1


def test_pauses_grow_to_a_limit() -> None:
    """Doubling up to half an hour, or the source's own interval; a wish is obeyed for up to a day."""
    assert [backoff(60, n) for n in (1, 2, 3, 6, 50)] == [60, 120, 240, 1800, 1800]
    assert backoff(7200, 9) == 7200
    assert backoff(60, 1, 10) == 60
    assert backoff(60, 1, 3600) == 3600
    assert backoff(60, 1, 10**9) == 86400
    assert backoff(60, 2, chance=0.0) == pytest.approx(96)
    assert backoff(60, 2, chance=1.0) == pytest.approx(144)


def test_the_schedule_ticks_and_survives_faults(poller: Poller, store: Any, site: Any, sources: Any) -> None:
    """Jobs beside the polling run too, and one that fails runs again."""
    sources(wire=site.gives("/f", rss("Milk one")))
    runs, twice = [], threading.Event()

    def faulty() -> None:
        runs.append(1)
        if len(runs) == 2:
            twice.set()
        raise ValueError("broken") if len(runs) == 1 else TocsinError("A plain sentence.")

    scheduler = schedule(poller, seconds=0.05, also=[Job(name="faulty", run=faulty, seconds=0.05)])
    assert {job.id for job in scheduler.get_jobs()} == {"poll", "lease", "faulty"}
    scheduler.start()
    try:
        assert twice.wait(5)
    finally:
        scheduler.shutdown()
    assert titles(store) == ["Milk one"]


def test_a_pushed_source_is_not_polled(poller: Poller, store: Any, sources: Any) -> None:
    sources(kind="webhook", desk="")
    assert poller.tick() == 0
    assert replace(store.sources.find("desk"), id=0).error is None
