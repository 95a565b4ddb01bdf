"""What would change the level: what is said is what then happens."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from engine.post import Assessment, Level, SourceHealth, Standing, Topic
from engine.watch.reasons import Sentence
from engine.watch.state import WatchState
from engine.watch.tuning import Tuning
from engine.watch.watch import Arrival, update
from engine.watch.what_if import outlook
from tests.engine.watch.readings import arrival

NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
LONG_AGO = NOW - timedelta(days=20)
ACME = Topic(name="Acme", query="acme", aliases=("Acme",))


def watch(state: WatchState, arrivals: Sequence[Arrival] = (), *, now: datetime = NOW) -> Assessment:
    return update(state, arrivals, topic=ACME, now=now, watched_since=LONG_AGO, health=SourceHealth(total=3)).assessment


def bad(count: int, name: str = "bad", **more: Any) -> list[Arrival]:
    return [arrival(f"{name}{n}", NOW, f"{name}x{n}", "negative", sure=1.0, **more) for n in range(count)]


def told(state: WatchState, now: datetime = NOW, tuning: Tuning | None = None) -> list[Sentence]:
    return list(outlook(state, now=now, watched_since=LONG_AGO, tuning=tuning or Tuning()))


def after(posts: int) -> WatchState:
    state = WatchState()
    watch(state, bad(posts))
    return state


def first_number(text: str, pattern: str) -> int:
    found = re.search(pattern, text)
    assert found, text
    return int(found.group(1).replace(",", ""))


@pytest.mark.parametrize("begun", [0, 9, 11])
def test_so_many_more_posts_lift_the_level_and_one_less_does_not(begun: int) -> None:
    (up, *_) = told(after(begun))
    count = first_number(up["en"], r"about (\d+) more negative posts now|1 more") if "about" in up["en"] else 1
    enough, short = after(begun), after(begun)
    before = enough.held.level
    assert watch(short, bad(count - 1, "more")).level is before
    risen = watch(enough, bad(count, "more")).level
    assert risen is not None
    assert risen.graver_than(before)


def test_so_many_titles_lift_the_level() -> None:
    state = after(11)
    (up, *_) = told(state)
    count = first_number(up["en"], r"(\d+) more negative title")
    before = state.held.level
    done = watch(state, bad(count, "title", standing=Standing.BOARD))
    assert done.level is not None
    assert done.level.graver_than(before)


def test_a_report_of_what_is_named_lifts_the_level() -> None:
    state = WatchState()
    (up,) = told(state)
    assert "an outlet reporting product faults" in up["en"]
    assert "有 1 家媒体报道产品质量问题" in up["zh"]
    report = arrival("r", NOW, "Acme", "negative", standing=Standing.OUTLET, risks={"product": 0.9}, sure=0.9)
    assert watch(state, [report]).level is Level.BLUE


def test_at_red_nothing_lifts_it_further() -> None:
    state = WatchState()
    watch(state, [*bad(80), *bad(3, "out", standing=Standing.OUTLET, risks={"injury": 0.95})])
    assert state.held.level is Level.RED
    (down,) = told(state)
    assert down["en"].startswith("Falls to orange when the score stays below 80 for ")
    assert down["zh"].endswith("将降至橙色。")


def test_it_falls_with_so_few_posts() -> None:
    state = after(60)
    assert state.held.level is Level.ORANGE
    down = told(state)[-1]
    few = first_number(down["en"], r"at most about (\d+) negative posts")
    assert watch(after(few)).score <= 60 < watch(after(few + 2)).score
    assert "now 60" in down["en"]
    assert "现为 60 条" in down["zh"]


def test_what_was_grave_must_grow_old() -> None:
    state = WatchState()
    watch(state, bad(2, "out", standing=Standing.OUTLET, risks={"injury": 0.95}))
    down = told(state)[-1]
    assert "more than a day old" in down["en"]
    assert "超过一天" in down["zh"]


def test_once_it_is_low_enough_the_time_that_is_left_is_said() -> None:
    state, later = after(60), NOW + timedelta(hours=25)
    watch(state, now=later)
    down = told(state, later + timedelta(hours=2))[-1]
    hours = first_number(down["en"], r"as low for (\d+) hours more")
    assert f"再保持 {hours} 小时" in down["zh"]
    assert watch(state, now=later + timedelta(hours=1 + hours)).level is Level.ORANGE
    assert watch(state, now=later + timedelta(hours=3 + hours)).level is Level.YELLOW


def test_a_topic_of_a_stricter_tuning_needs_more() -> None:
    plain, strict = told(after(0))[0]["en"], told(after(0), tuning=Tuning(strictness=3))[0]["en"]
    pattern = r"about (\d+) more negative posts"
    assert first_number(strict, pattern) > first_number(plain, pattern)


def test_looking_ahead_changes_nothing() -> None:
    state = after(20)
    before, held = state.dump(), state.held
    told(state)
    assert state.dump() == before
    assert state.held == held
