"""What no honest feed sends, and every feed sends in the end: no false bell, no crash, and the reason is told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

import numpy as np
import pytest

from engine.post import Assessment, Level, Note, SourceHealth, Topic
from engine.watch.remarks import RemarkCode
from engine.watch.state import WatchState
from engine.watch.watch import Arrival, update
from engine.watch.windows import Column
from tests.engine.watch.readings import arrival

NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
LONG_AGO = NOW - timedelta(days=14)
ACME = Topic(name="Acme", query="acme", aliases=("Acme",))
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def watch(
    state: WatchState,
    arrivals: Sequence[Arrival] = (),
    *,
    now: datetime = NOW,
    topic: Topic = ACME,
    since: datetime = LONG_AGO,
) -> Assessment:
    return update(state, arrivals, topic=topic, now=now, watched_since=since, health=SourceHealth(total=3)).assessment


def ordinary(begin: datetime, hours: int, *, per_hour: int = 6, **more: Any) -> list[Arrival]:
    """Hours of ordinary traffic from *begin*, one post in three negative."""
    return [
        arrival(
            f"{begin:%m%d}-{hour}-{n}",
            begin + hour * HOUR + timedelta(minutes=n * 60 / per_hour),
            f"acme remark of kind {n % 3}",  # few stories: the counts are what is looked at
            "negative" if n % 3 == 0 else "neutral",
            **more,
        )
        for hour in range(hours)
        for n in range(per_hour)
    ]


@cache
def weeks() -> bytes:
    """The state after two ordinary weeks up to NOW, without its stories."""
    state, posts = WatchState(), ordinary(NOW - 14 * DAY, 14 * 24)
    for place in range(0, len(posts), 24 * 6):
        batch = posts[place : place + 24 * 6]
        watch(state, batch, now=batch[-1].post.published)
    return state.dump()


def storm(at: datetime, count: int = 80) -> list[Arrival]:
    return [
        arrival(f"storm{n}-{at:%d%H}", at - timedelta(seconds=n), f"storm{at:%d%H}x{n}", "negative")
        for n in range(count)
    ]


@pytest.fixture
def seasoned() -> WatchState:
    return WatchState.load(weeks())


def codes(done: Assessment) -> list[str]:
    return [note.code for note in done.notes]


def note(done: Assessment, code: str) -> Note:
    return next(each for each in done.notes if each.code == code)


BASELINES = {*RemarkCode} - {RemarkCode.STALE, RemarkCode.LATE, RemarkCode.SILENCE, RemarkCode.HELD, RemarkCode.FROZEN}
"""The remarks that speak of a baseline."""


def test_ordinary_weeks_are_calm_and_a_storm_after_them_rings(seasoned: WatchState) -> None:
    assert watch(seasoned).level is None
    done = watch(seasoned, storm(NOW))
    assert done.level is not None
    assert done.level <= Level.YELLOW


def test_posts_from_the_future_are_of_now(seasoned: WatchState) -> None:
    ahead = [
        replace(each, post=replace(each.post, published=NOW + 400 * DAY, seen=NOW))
        for each in ordinary(NOW, 1, per_hour=3)
    ]
    assert watch(seasoned, ahead).level is None
    assert seasoned.counts.until(NOW, 1)[0, Column.VOLUME] == 3
    assert watch(seasoned, now=NOW + 2 * DAY).level is None


def test_posts_of_a_year_ago_change_nothing(seasoned: WatchState) -> None:
    before = seasoned.counts.until(NOW).copy()
    old = [replace(each, post=replace(each.post, published=NOW - 365 * DAY, seen=NOW)) for each in storm(NOW, 5)]
    assert watch(seasoned, old).level is None
    after = seasoned.counts.until(NOW)
    np.testing.assert_array_equal(after[:, : Column.LATE], before[:, : Column.LATE])


def test_a_month_that_is_delivered_again_at_once_is_no_surge_and_is_told(seasoned: WatchState) -> None:
    again = [
        replace(each, post=replace(each.post, id=f"again{each.post.id}", seen=NOW))
        for each in ordinary(NOW - 28 * DAY, 28 * 24 - 7, per_hour=2)
    ]
    done = watch(seasoned, again)
    assert done.level is None
    assert note(done, RemarkCode.LATE).number("posts") > 1000


def test_posts_out_of_order_are_counted_at_their_own_time() -> None:
    forwards, backwards = WatchState(), WatchState()
    posts = ordinary(NOW - 5 * HOUR, 5)
    for each in posts:
        watch(forwards, [each])
    for each in reversed(posts):
        watch(backwards, [each])
    np.testing.assert_array_equal(forwards.counts.until(NOW), backwards.counts.until(NOW))


def test_copies_by_one_author_ring_no_bell(seasoned: WatchState) -> None:
    first = arrival("0", NOW, "Acme is bad", "negative", author="x")
    copies = [arrival(f"c{n}", NOW, "Acme is bad", "negative", author="x", copy_of="0") for n in range(400)]
    assert watch(seasoned, [first, *copies]).level is None


class TestAnEmptyWeek:
    def test_of_a_busy_topic_is_deafness_not_calm(self, seasoned: WatchState) -> None:
        later = NOW + 7 * DAY
        done = watch(seasoned, ordinary(later - 10 * HOUR, 10), now=later)
        assert done.level is None
        since = "2026-03-08T22:00:00+00:00"
        assert note(done, RemarkCode.NEW_AFTER_SILENCE).values == {"since": since, "days": 7}

    def test_is_over_after_three_days(self, seasoned: WatchState) -> None:
        later = NOW + 7 * DAY
        posts = ordinary(later, 4 * 24)
        for place in range(0, len(posts), 36):
            batch = posts[place : place + 36]
            assert watch(seasoned, batch, now=batch[-1].post.published).level is None
        end = later + 4 * DAY
        assert not BASELINES & {*codes(watch(seasoned, now=end))}
        assert watch(seasoned, storm(end), now=end).level is not None

    def test_that_arrives_late_after_all_leaves_the_baseline_whole(self, seasoned: WatchState) -> None:
        later = NOW + 7 * DAY
        missed = [replace(each, post=replace(each.post, seen=later)) for each in ordinary(NOW, 7 * 24)]
        done = watch(seasoned, missed, now=later)
        assert done.level is None
        assert not BASELINES & {*codes(done)}
        assert watch(seasoned, storm(later), now=later).level is not None

    def test_of_a_quiet_topic_is_a_baseline_of_nothing(self) -> None:
        state = WatchState()
        watch(state, [arrival("1", NOW - 9 * DAY, "acme")], now=NOW - 9 * DAY)
        done = watch(state, storm(NOW))
        assert done.level is not None
        assert not BASELINES & {*codes(done)}


class TestTheClock:
    def test_that_jumps_ahead_by_days_rings_no_bell(self, seasoned: WatchState) -> None:
        ahead = NOW + 5 * DAY
        assert watch(seasoned, ordinary(ahead, 1), now=ahead + HOUR).level is None
        assert watch(seasoned, ordinary(NOW, 10), now=NOW + 10 * HOUR).level is None

    @pytest.mark.parametrize("days", [40, 400])
    def test_that_jumps_ahead_by_more_than_is_remembered_and_back(self, seasoned: WatchState, days: int) -> None:
        ahead = NOW + days * DAY
        there = watch(seasoned, ordinary(ahead, 2), now=ahead + 2 * HOUR)
        assert there.level is None
        assert RemarkCode.NEW_AFTER_WEEKS in codes(there)
        back = watch(seasoned, ordinary(NOW, 12), now=NOW + 12 * HOUR)
        assert back.level is None
        assert RemarkCode.NEW_CLOCK in codes(back)

    def test_that_came_back_is_listened_to_again(self, seasoned: WatchState) -> None:
        watch(seasoned, ordinary(NOW + 400 * DAY, 2), now=NOW + 400 * DAY + 2 * HOUR)
        for day in range(4):
            batch = ordinary(NOW + day * DAY, 24)
            assert watch(seasoned, batch, now=NOW + (day + 1) * DAY).level is None
        assert watch(seasoned, storm(NOW + 4 * DAY), now=NOW + 4 * DAY).level is not None

    def test_that_jumps_back_keeps_the_level(self, seasoned: WatchState) -> None:
        level = watch(seasoned, storm(NOW)).level
        assert watch(seasoned, now=NOW - 3 * DAY).level is level
        assert watch(seasoned).level is level


class TestAQueryThatIsWidened:
    WIDER = Topic(name="Acme", query="acme OR kettle", aliases=("Acme",))

    def test_begins_a_new_baseline_and_says_so(self, seasoned: WatchState) -> None:
        watch(seasoned, [arrival("first", NOW, "a kettle")], topic=self.WIDER)
        later = NOW + 12 * HOUR
        done = watch(seasoned, ordinary(NOW, 12, per_hour=40), now=later, topic=self.WIDER)
        assert done.level is None
        assert note(done, RemarkCode.NEW_QUERY).values == {"since": "2026-03-02T08:00:00+00:00"}

    def test_rings_for_grave_facts_all_the_same(self, seasoned: WatchState) -> None:
        posts = [
            arrival(f"hurt{n}", NOW, f"hurt{n}", "negative", risks={"injury": 0.95}, source=f"s{n}") for n in range(6)
        ]
        assert watch(seasoned, posts, topic=self.WIDER).level is not None

    def test_takes_its_baseline_from_stored_posts_once_they_are_counted(self, seasoned: WatchState) -> None:
        history = ordinary(NOW - 8 * DAY, 8 * 24, per_hour=20, quiet=True)
        watch(seasoned, history, topic=self.WIDER)
        later = NOW + 8 * HOUR
        done = watch(seasoned, ordinary(NOW, 8, per_hour=20), now=later, topic=self.WIDER)
        assert done.level is None
        assert note(done, RemarkCode.RECOUNTED).values == {"at": "2026-03-02T08:00:00+00:00"}
        assert watch(seasoned, storm(later, 300), now=later, topic=self.WIDER).level is not None

    def test_is_not_disturbed_by_case_and_spaces(self, seasoned: WatchState) -> None:
        assert not watch(seasoned, topic=replace(ACME, query=" ACME ")).notes

    def test_survives_a_restart(self, seasoned: WatchState) -> None:
        watch(seasoned, topic=self.WIDER)
        again = WatchState.load(seasoned.dump())
        assert again.baseline == seasoned.baseline
        assert (
            watch(again, now=NOW + HOUR, topic=self.WIDER).notes
            == watch(seasoned, now=NOW + HOUR, topic=self.WIDER).notes
        )
