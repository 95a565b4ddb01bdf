"""What would change the level: what is said is what then happens."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from engine.overview.what_if import Fall, Rise, WhatIf, what_if
from engine.post import Assessment, Level, Note, SourceHealth, Standing, Topic
from engine.tuning.tuning import Tuning
from engine.watch.state import WatchState
from engine.watch.watch import Arrival, update
from tests.engine.watch.readings import arrival

NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
LONG_AGO = NOW - timedelta(days=20)
ACME = Topic(name="Acme", query="acme", aliases=("Acme",))


def watch(state: WatchState, arrivals: Sequence[Arrival] = (), *, now: datetime = NOW) -> Assessment:
    return update(state, arrivals, topic=ACME, now=now, watched_since=LONG_AGO, health=SourceHealth(total=3)).assessment


def bad(count: int, name: str = "bad", **more: Any) -> list[Arrival]:
    return [arrival(f"{name}{n}", NOW, f"{name}x{n}", "negative", sure=1.0, **more) for n in range(count)]


def told(state: WatchState, now: datetime = NOW, tuning: Tuning | None = None) -> list[WhatIf]:
    return list(what_if(state, now=now, watched_since=LONG_AGO, tuning=tuning or Tuning()))


def after(posts: int) -> WatchState:
    state = WatchState()
    watch(state, bad(posts))
    return state


def rise(state: WatchState, tuning: Tuning | None = None) -> Rise:
    first = told(state, tuning=tuning)[0]
    assert isinstance(first, Rise)
    return first


def fall(state: WatchState, now: datetime = NOW) -> Fall:
    last = told(state, now)[-1]
    assert isinstance(last, Fall)
    return last


def needed(up: Rise, code: str, what: str) -> int:
    """How many *what* the way called *code* asks for."""
    return round(next(way for way in up.ways if way.code == code).number(what))


@pytest.mark.parametrize("begun", [0, 9, 11])
def test_so_many_more_posts_lift_the_level_and_one_less_does_not(begun: int) -> None:
    count = needed(rise(after(begun)), "posts", "posts")
    enough, short = after(begun), after(begun)
    before = enough.held.level
    assert watch(short, bad(count - 1, "more")).level is before
    risen = watch(enough, bad(count, "more")).level
    assert risen is not None
    assert risen.graver_than(before)


def test_so_many_titles_lift_the_level() -> None:
    state = after(11)
    count = needed(rise(state), "titles", "titles")
    before = state.held.level
    done = watch(state, bad(count, "title", standing=Standing.BOARD))
    assert done.level is not None
    assert done.level.graver_than(before)


def test_a_report_of_what_is_named_lifts_the_level() -> None:
    state = WatchState()
    up = rise(state)
    assert (up.to, up.missing) == (Level.BLUE, 25)
    assert Note(code="report", values={"outlets": 1, "risk": "product"}) in up.ways
    report = arrival("r", NOW, "Acme", "negative", standing=Standing.OUTLET, risks={"product": 0.9}, sure=0.9)
    assert watch(state, [report]).level is Level.BLUE


def test_at_red_nothing_lifts_it_further() -> None:
    state = WatchState()
    watch(state, [*bad(80), *bad(3, "out", standing=Standing.OUTLET, risks={"injury": 0.95})])
    assert state.held.level is Level.RED
    (down,) = told(state)
    assert isinstance(down, Fall)
    assert down.to is Level.ORANGE
    assert down.when.number("below") == 80


def test_it_falls_with_so_few_posts() -> None:
    state = after(60)
    assert state.held.level is Level.ORANGE
    when = fall(state).when
    few = round(when.number("most"))
    assert watch(after(few)).score <= 60 < watch(after(few + 2)).score
    assert (when.code, when.text("posts"), when.number("value")) == ("fewer", "negative", 60)


def test_what_was_grave_must_grow_old() -> None:
    state = WatchState()
    watch(state, bad(2, "out", standing=Standing.OUTLET, risks={"injury": 0.95}))
    assert fall(state).when.code == "age"


def test_once_it_is_low_enough_the_time_that_is_left_is_said() -> None:
    state, later = after(60), NOW + timedelta(hours=25)
    watch(state, now=later)
    when = fall(state, later + timedelta(hours=2)).when
    assert when.code == "wait"
    hours = when.number("minutes") / 60
    assert watch(state, now=later + timedelta(hours=1 + hours)).level is Level.ORANGE
    assert watch(state, now=later + timedelta(hours=3 + hours)).level is Level.YELLOW


def test_a_topic_of_a_stricter_tuning_needs_more() -> None:
    plain, strict = rise(after(0)), rise(after(0), Tuning(strictness=3))
    assert needed(strict, "posts", "posts") > needed(plain, "posts", "posts")


def test_looking_ahead_changes_nothing() -> None:
    state = after(20)
    before, held = state.dump(), state.held
    told(state)
    assert state.dump() == before
    assert state.held == held
