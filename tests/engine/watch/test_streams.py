"""Real crises, replayed through the watch with readings made without a model.

The readings come from the stream's own labels, or from words that are seldom meant kindly: what is shown is
the watch, not the reader. Times are those of the streams; nothing of the streams is kept here.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import groupby
from pathlib import Path
from typing import Any

import pytest

from engine.post import Assessment, Level, Post, SourceHealth, Standing, Topic
from engine.query.query import parse
from engine.watch.reasons import ReasonCode
from engine.watch.watch import Arrival, WatchState, update
from tests.engine.watch.readings import by_words, reading

pytestmark = pytest.mark.shared
HEALTH = SourceHealth(total=1)


@dataclass(frozen=True, kw_only=True)
class Change:
    at: datetime
    level: Level | None
    assessment: Assessment


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def rows_of(path: Path) -> list[dict[str, Any]]:
    with path.open(encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def to_post(row: dict[str, Any], standing: Standing) -> Post:
    at = datetime.fromisoformat(row["published"])
    return Post(
        id=row["id"],
        published=at,
        text=row["text"],
        source=row["source"],
        lang=row["lang"],
        standing=standing,
        seen=at,
    )


def replay(arrivals: list[Arrival], topic: Topic, *, since: datetime, until: datetime) -> list[Change]:
    """The changes of level, looking every half hour and whenever posts of that half hour came in."""
    state, found = WatchState(), [Change(at=since, level=None, assessment=None)]  # type: ignore[arg-type]
    for now, batch in _half_hours(arrivals, since, until):
        done = update(state, batch, topic=topic, now=now, watched_since=since, health=HEALTH).assessment
        if done.level is not found[-1].level:
            found.append(Change(at=now, level=done.level, assessment=done))
    return found


def _half_hours(arrivals: list[Arrival], since: datetime, until: datetime) -> Iterator[tuple[datetime, list[Arrival]]]:
    """Batches that are looked at when their last post comes in, and empty ones where there is none."""
    step = timedelta(minutes=30)
    batches = {
        slot: list(batch) for slot, batch in groupby(arrivals, key=lambda each: (each.post.published - since) // step)
    }
    for slot in range((until - since) // step + 1):
        batch = batches.get(slot, [])
        yield (batch[-1].post.published if batch else since + slot * step), batch


def first(changes: list[Change], level: Level) -> datetime:
    return next(change.at for change in changes if change.level is not None and change.level <= level)


def hot_search(shared: Path, name: str, query: str, alias: str) -> list[Change]:
    rows, parsed = rows_of(shared / "streams" / f"hotsearch_{name}.jsonl"), parse(query)
    posts = [to_post(row, Standing.BOARD) for row in rows]
    since, until = posts[0].published, posts[-1].published
    arrivals = [Arrival(post=post, reading=by_words(post)) for post in posts if parsed.matches(post)]
    return replay(arrivals, Topic(name=alias, query=query, aliases=(alias,)), since=since, until=until)


@pytest.mark.parametrize(
    ("name", "query", "alias", "begins", "yellow", "orange"),
    [
        ("xibei", "西贝 OR 罗永浩", "西贝", "2025-09-10T12:37", "2025-09-10T13:30", "2025-09-11T13:30"),
        ("huaxizi", "花西子 OR 李佳琦", "花西子", "2023-09-10T08:15", "2023-09-10T10:00", "2023-09-11T05:20"),
        ("zhongxuegao", "钟薛高", "钟薛高", "2022-07-02T13:25", "2022-07-02T15:20", "2022-07-06T12:00"),
    ],
)
def test_a_hot_search_crisis_is_seen_in_time_and_the_weeks_before_are_quiet(
    shared: Path, name: str, query: str, alias: str, begins: str, yellow: str, orange: str
) -> None:
    changes = hot_search(shared, name, query, alias)
    assert utc(begins) <= first(changes, Level.YELLOW) <= utc(yellow)
    assert first(changes, Level.ORANGE) <= utc(orange)


def test_the_level_stands_through_the_first_days_of_a_crisis(shared: Path) -> None:
    changes = hot_search(shared, "xibei", "西贝 OR 罗永浩", "西贝")
    rung = first(changes, Level.YELLOW)
    fallen = [each for each in changes if each.at > rung and (each.level is None or each.level > Level.YELLOW)]
    assert all(each.at > utc("2025-09-16T00:00") for each in fallen)


def airline(shared: Path, brand: str) -> list[Change]:
    rows = rows_of(shared / "streams" / "airline.jsonl")
    since, until = (datetime.fromisoformat(rows[place]["published"]) for place in (0, -1))
    posts = [(to_post(row, Standing.SOCIAL), row["label"]) for row in rows if row["brand"] == brand]
    arrivals = [Arrival(post=post, reading=reading(post, label)) for post, label in posts]
    return replay(arrivals, Topic(name=brand, query=brand), since=since, until=until)


@pytest.mark.parametrize(
    ("brand", "limit"),
    [("US Airways", "2015-02-22T19:01"), ("Delta", "2015-02-22T21:51"), ("United", "2015-02-22T23:57")],
)
def test_the_airline_storm_is_seen_within_two_hours_of_its_becoming_plain(shared: Path, brand: str, limit: str) -> None:
    assert utc("2015-02-22T00:00") <= first(airline(shared, brand), Level.YELLOW) <= utc(limit)


@pytest.mark.parametrize("brand", ["Southwest", "Virgin America"])
def test_airlines_outside_the_storm_stay_blue_at_most(shared: Path, brand: str) -> None:
    assert all(change.level is None or change.level >= Level.BLUE for change in airline(shared, brand))


def test_a_topic_that_begins_with_the_storm_is_spoken_of_in_counts(shared: Path) -> None:
    changes = airline(shared, "American")
    rung = next(each for each in changes if each.level is not None and each.level <= Level.YELLOW)
    assert rung.at.date() == utc("2015-02-22T00:00").date()
    codes = [signal.reason.code for each in changes[1:] for signal in each.assessment.signals]
    assert codes
    assert ReasonCode.SURGE_MULTIPLE not in codes
