"""The demonstration's feeds, read by the very code that reads the feeds of the world."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from bot.demo import stage, storyline
from bot.demo.feeds import SHOWN, Feeds, FeedsServer
from bot.demo.formats import CHANNELS
from bot.infra.clock import VirtualClock
from bot.ingest.fetch.fetch import Fetcher
from bot.ingest.sources import draw
from bot.records import SourceRecord

START = datetime(2026, 3, 7, 2, 0, tzinfo=UTC)
LINES = storyline.load()


@pytest.fixture
def demo_clock() -> VirtualClock:
    return VirtualClock(START)


@pytest.fixture
def server(demo_clock: VirtualClock) -> Iterator[FeedsServer]:
    with FeedsServer(Feeds(LINES, clock=demo_clock, start=START)) as running:
        yield running


@pytest.fixture
def fetcher(demo_clock: VirtualClock) -> Fetcher:
    return Fetcher(demo_clock)


def own_id(external: str) -> str:
    """Atom's ids are tags around ours."""
    return external.rpartition(":")[2]


def source(server: FeedsServer, name: str) -> SourceRecord:
    title = next(channel.title for channel in CHANNELS if channel.name == name)
    return next(one for one in stage.settings_for(server.url).source_records() if one.name == title)


@pytest.mark.parametrize("name", [channel.name for channel in CHANNELS])
def test_each_feed_is_read_whole(name: str, server: FeedsServer, fetcher: Fetcher, demo_clock: VirtualClock) -> None:
    """Ids, texts, authors and times arrive as they were written, through RSS, Atom, JSON Feed or a mapping."""
    demo_clock.set(START + timedelta(minutes=230))
    batch = draw(source(server, name), fetcher, demo_clock.now())
    told = [line for line in LINES if line.feed == name and line.at <= 230][-SHOWN:]
    known = {line.id: line for line in told}
    assert batch.note is None
    assert {own_id(item.external_id) for item in batch.items} == set(known)
    for item in batch.items:
        line = known[own_id(item.external_id)]
        assert (item.text or item.title) == re.sub(r"\s+", " ", line.text)
        assert item.published is not None
        assert abs(item.published - line.published(START)) < timedelta(seconds=1)
        assert item.url == f"{server.url}/posts/{line.id}"
        assert item.author == line.author or name in ("hotlist", "trending")


def test_a_post_appears_when_its_time_has_come(server: FeedsServer, fetcher: Fetcher, demo_clock: VirtualClock) -> None:
    """Nothing of the crisis is in a feed at minute 0; ten minutes later the first complaint is."""
    first = next(line for line in LINES if line.phase == "first_complaints" and line.feed == "chirrup")
    early = draw(source(server, "chirrup"), fetcher, demo_clock.now())
    assert first.id not in {item.external_id for item in early.items}
    demo_clock.set(first.published(START) + timedelta(seconds=1))
    later = draw(source(server, "chirrup"), fetcher, demo_clock.now())
    assert first.id in {item.external_id for item in later.items}


def test_an_unchanged_feed_says_so(server: FeedsServer) -> None:
    """A second question with the tag of the first answer is answered 304, without a body."""
    first = httpx.get(f"{server.url}/ledger.rss")
    again = httpx.get(f"{server.url}/ledger.rss", headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_a_link_opens_the_post_and_says_that_it_is_made_up(server: FeedsServer, demo_clock: VirtualClock) -> None:
    """The evidence on a card can be opened; a post of the future cannot."""
    later = next(line for line in LINES if line.title and line.lang == "zh" and line.at > 30)
    assert httpx.get(f"{server.url}/posts/{later.id}").status_code == 404
    demo_clock.set(later.published(START))
    page = httpx.get(f"{server.url}/posts/{later.id}")
    assert page.status_code == 200
    assert later.title in page.text
    assert "均为虚构" in page.text


def test_strangers_cannot_write_markup(server: FeedsServer) -> None:
    """What a post says is shown, never obeyed."""
    assert httpx.get(f"{server.url}/posts/%3Cscript%3E").text == "There is nothing here (yet)."
