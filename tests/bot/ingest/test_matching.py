"""From items to stored, matched and published posts: twice equals once, and nothing is lost on the way."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.backtest.post_file import caught, read_posts
from bot.desk.topic_preview import previewed
from bot.errors import TocsinError
from bot.infra.clock import VirtualClock
from bot.ingest.matching import Ingest, Ingested
from bot.records import Item, Ref, SourceRecord, TopicRecord
from engine.post import Standing, Topic
from engine.query.query import parse

NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
LONG = "Parents complain that the milk powder of this brand made their children ill, and ask for a recall now"


class Wire:
    """A stream that keeps what was published, and can be away."""

    def __init__(self) -> None:
        self.refs: list[Ref] = []
        self.away = False

    def publish(self, refs: Sequence[Ref]) -> None:
        if self.away:
            raise TocsinError("Redis is away.")
        self.refs += refs


@pytest.fixture
def wire() -> Wire:
    return Wire()


@pytest.fixture
def ingest(store: Any, wire: Wire, clock: VirtualClock) -> Ingest:
    return Ingest(store, wire, clock)


def topic(name: str, query: str, **fields: Any) -> TopicRecord:
    spoken = Topic(name=name, query=query, languages=fields.pop("languages", ()))
    values = {"id": 0, "channel": "C1", "policy": "default", "speak": "en", "budget_per_week": 2.0} | fields
    return TopicRecord(topic=spoken, watched_since=NOW, **values)


@pytest.fixture
def watched(store: Any) -> dict[str, int]:
    """Two topics: milk (any language) and 牛奶 (Chinese only)."""
    records = [topic("milk", "milk OR 牛奶"), topic("zh-milk", "milk OR 牛奶", languages=("zh",))]
    return {record.topic.name: record.id for record in store.topics.sync(records, NOW)}


@pytest.fixture
def wired(store: Any) -> SourceRecord:
    record = SourceRecord(id=0, name="wire", kind="rss", url="http://wire.example/", every=60.0)
    (stored,) = store.sources.sync([record])
    return replace(stored, last_ok_at=NOW - timedelta(minutes=1), baselined=True)


def item(number: int | str, text: str = "Milk recall", published: datetime | None = NOW, **fields: Any) -> Item:
    return Item(external_id=str(number), published=published, text=text, **fields)


def stored(store: Any, wire: Wire) -> list[Any]:
    return [match.post for match in store.posts.pending(dict.fromkeys(wire.refs))]


def test_what_a_topic_catches_is_published(
    ingest: Ingest, store: Any, wire: Wire, watched: Any, wired: SourceRecord
) -> None:
    """Posts that nobody watches are stored, and not published."""
    taken = ingest.take(wired, [item(1), item(2, "Weather")], quiet=False)
    assert taken == Ingested(new=2, matched=1)
    assert [(ref.topic_id, post.text) for ref, post in zip(wire.refs, stored(store, wire), strict=True)] == [
        (watched["milk"], "Milk recall")
    ]
    assert len(store.posts.since(NOW - timedelta(days=1))) == 2
    assert store.posts.unpublished(NOW + timedelta(hours=1), 10) == []


def test_taking_twice_equals_taking_once(
    ingest: Ingest, store: Any, wire: Wire, watched: Any, wired: SourceRecord
) -> None:
    items = [item(n, f"Milk {n}") for n in range(3)]
    ingest.take(wired, items, quiet=False)
    once = list(wire.refs)
    assert ingest.take(wired, items, quiet=False) == Ingested(known=3)
    assert wire.refs == once


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(ids=st.lists(st.integers(0, 30), max_size=40), cut=st.integers(0, 40))
def test_however_a_feed_is_cut_into_polls_it_is_stored_once(
    ingest: Ingest, store: Any, watched: Any, wired: SourceRecord, ids: list[int], cut: int
) -> None:
    """Overlapping polls, items twice in one poll: each id is one post."""
    items = [item(n, f"Milk {n}") for n in ids]
    for part in (items[:cut], items[cut // 2 :], items):
        ingest.take(wired, part, quiet=False)
    keys = [post.text for post in store.posts.since(NOW - timedelta(days=1))]
    assert len(keys) == len(set(keys))
    assert {f"Milk {n}" for n in ids} <= set(keys)


def test_an_edited_title_changes_the_post_and_rings_nothing(
    ingest: Ingest, store: Any, wire: Wire, watched: Any, wired: SourceRecord
) -> None:
    ingest.take(wired, [item(1, "", title="Milk recall")], quiet=False)
    assert ingest.take(wired, [item(1, "", title="Milk recall widened")], quiet=False).known == 1
    assert [post.title for post in stored(store, wire)] == ["Milk recall widened"]
    assert len(wire.refs) == 1


def test_an_item_that_returns_under_a_new_id_is_a_copy(
    ingest: Ingest, store: Any, wire: Wire, watched: Any, wired: SourceRecord, clock: VirtualClock
) -> None:
    """However old it is by then."""
    ingest.take(wired, [item("old", LONG)], quiet=False)
    clock.set(NOW + timedelta(days=20))
    ingest.take(wired, [item("new", LONG, published=clock.now())], quiet=False)
    first, second = stored(store, wire)
    assert (first.copy_of, second.copy_of) == (None, first.id)


def test_a_date_ahead_is_now_and_a_missing_one_too(
    ingest: Ingest, store: Any, wire: Wire, watched: Any, wired: SourceRecord
) -> None:
    ingest.take(wired, [item(1, published=NOW + timedelta(days=9)), item(2, "Other milk", published=None)], quiet=False)
    assert [post.published for post in stored(store, wire)] == [NOW, NOW]


def test_hundreds_of_old_items_are_late_and_keep_their_own_time(
    ingest: Ingest, store: Any, wire: Wire, watched: Any, wired: SourceRecord
) -> None:
    items = [item(n, f"Milk {n}", NOW - timedelta(days=3, minutes=n)) for n in range(700)]
    assert ingest.take(wired, items, quiet=False) == Ingested(new=700, matched=700, late=700)
    assert max(post.published for post in stored(store, wire)) == NOW - timedelta(days=3)


@pytest.mark.parametrize(
    ("standing", "away", "quiet"),
    [(Standing.SOCIAL, 9, True), (Standing.SOCIAL, 1, False), (Standing.BOARD, 9, False)],
)
def test_undated_items_after_a_long_absence_ring_nothing(
    ingest: Ingest, store: Any, wire: Wire, watched: Any, wired: SourceRecord, standing: Any, away: int, quiet: bool
) -> None:
    """Nobody knows when they were written; a title on a board, though, is there now."""
    source = replace(wired, standing=standing, last_ok_at=NOW - timedelta(hours=away))
    ingest.take(source, [item(1, published=None), item(2, "Dated milk")], quiet=False)
    assert [match.quiet for match in store.posts.pending(wire.refs)] == [quiet, False]


def test_quiet_items_are_matched_and_marked(
    ingest: Ingest, store: Any, wire: Wire, watched: Any, wired: SourceRecord
) -> None:
    ingest.take(wired, [item(1)], quiet=True)
    assert [match.quiet for match in store.posts.pending(wire.refs)] == [True]


def test_the_language_is_told_and_a_topic_takes_only_its_own(
    ingest: Ingest, store: Any, wire: Wire, watched: Any, wired: SourceRecord
) -> None:
    """The item's word goes first, then the source's, then what the text looks like."""
    texts = [item(1, LONG), item(2, "这家公司的牛奶被曝光存在质量问题，家长要求召回"), item(3, LONG + "!", lang="zh")]
    ingest.take(wired, texts, quiet=False)
    caught = [(ref.topic_id, post.lang) for ref, post in zip(wire.refs, stored(store, wire), strict=True)]
    assert [lang for id_, lang in caught if id_ == watched["milk"]] == ["en", "zh", "zh"]
    assert [lang for id_, lang in caught if id_ == watched["zh-milk"]] == ["zh", "zh"]


def test_full_width_text_is_normalised(
    ingest: Ingest, store: Any, wire: Wire, watched: Any, wired: SourceRecord
) -> None:
    ingest.take(wired, [item(1, "Ｍｉｌｋ　recall\u200b")], quiet=False)
    assert [post.text for post in stored(store, wire)] == ["Milk recall"]


def test_a_topic_added_meanwhile_is_heard_at_once(
    ingest: Ingest, store: Any, wire: Wire, watched: Any, wired: SourceRecord
) -> None:
    """No restart: the store says that the topics changed. A paused one hears nothing more."""
    ingest.take(wired, [item(1)], quiet=False)
    added = store.topics.add(topic("weather", "weather", origin="slack"), NOW)
    store.topics.pause(watched["milk"])
    ingest.take(wired, [item(2, "Weather and milk")], quiet=False)
    assert [ref.topic_id for ref in wire.refs] == [watched["milk"], added.id]


def test_a_stream_that_is_away_loses_nothing(
    ingest: Ingest, store: Any, wire: Wire, watched: Any, wired: SourceRecord, clock: VirtualClock
) -> None:
    """The sweep publishes what was left behind, once, when the stream is back; and not what is fresh."""
    wire.away = True
    assert ingest.take(wired, [item(n, f"Milk {n}", lang="en") for n in range(3)], quiet=False).matched == 3
    assert ingest.sweep(NOW + timedelta(seconds=31)) == 0
    wire.away = False
    assert ingest.sweep(NOW + timedelta(seconds=29)) == 0
    assert ingest.sweep(NOW + timedelta(seconds=31)) == 3
    assert ingest.sweep(NOW + timedelta(seconds=62)) == 0
    assert len(set(wire.refs)) == len(wire.refs) == 3


class TestRematch:
    def test_a_new_topic_finds_the_posts_of_its_last_thirty_days(
        self, ingest: Ingest, store: Any, wire: Wire, wired: SourceRecord, clock: VirtualClock
    ) -> None:
        """Quietly, and once however often it is asked."""
        clock.set(NOW + timedelta(days=40))
        days = [1, 20, 29, 31, 39]
        ingest.take(wired, [item(d, f"Milk {d}", clock.now() - timedelta(days=d)) for d in days], quiet=False)
        (added,) = store.topics.sync([topic("milk", "milk")], clock.now())
        assert ingest.rematch(added.id) == 3
        assert ingest.rematch(added.id) == 0
        assert {match.quiet for match in store.posts.pending(wire.refs)} == {True}
        assert sorted(post.text for post in stored(store, wire)) == ["Milk 1", "Milk 20", "Milk 29"]

    def test_the_baseline_reaches_back_as_far_as_the_sources(
        self, ingest: Ingest, store: Any, wired: SourceRecord, clock: VirtualClock
    ) -> None:
        """Since the first post was seen, not since the topic was thought of."""
        ingest.take(wired, [item(1, "Weather")], quiet=False)
        clock.set(NOW + timedelta(days=5))
        (added,) = store.topics.sync([replace(topic("milk", "milk"), watched_since=clock.now())], clock.now())
        ingest.rematch(added.id)
        assert store.topics.get(added.id).watched_since == NOW

    def test_no_posts_and_no_topic_are_no_fault(self, ingest: Ingest, store: Any) -> None:
        assert ingest.rematch(99) == 0
        (added,) = store.topics.sync([topic("milk", "milk")], NOW)
        assert ingest.rematch(added.id) == 0


ALIKE = [
    "Salt-Fern 召回", "salt fern’s bottles", "#BOYCOTTSALTFERN", "鹽蕨道歉", "盐蕨山游记", "盐蕨山脚下的盐蕨",
    "Ｓａｌｔ Ｆｅｒｎ", "salted ferns", "盐\u200b蕨", "<b>Salt</b> Fern", "Saltfern hiring",
]  # fmt: skip
QUERY = '("Salt Fern" OR 盐蕨) -盐蕨山 -hiring'


def test_the_service_a_topic_added_later_a_preview_and_a_file_match_alike(
    store: Any, ingest: Ingest, wired: SourceRecord, tmp_path: Path
) -> None:
    [live, _] = store.topics.sync([topic("live", QUERY), topic("other", "nothing")], NOW)
    ingest.take(wired, [item(n, text) for n, text in enumerate(ALIKE)], quiet=False)
    posts = store.posts.since(NOW - timedelta(days=1), 0, 100)
    by_service = {match.post.text for match in store.posts.pending([Ref(post.id, live.id) for post in posts])}
    later = store.topics.add(topic("later", QUERY), NOW)
    ingest.rematch(later.id)
    by_rematch = {match.post.text for match in store.posts.pending([Ref(post.id, later.id) for post in posts])}
    file = tmp_path / "posts.jsonl"
    rows = [{"id": n, "published": NOW.isoformat(), "text": text} for n, text in enumerate(ALIKE)]
    file.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    by_file = {post.text for post in caught(read_posts(file), parse(QUERY))}
    assert len(by_service) == 7
    assert by_service == by_rematch == by_file
    assert previewed(store, QUERY, now=NOW).found.matched == len(by_service)
