"""The watch as an object that a program keeps: what it sees, and that it can be put away."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from engine import Assessment, EngineError, Level, Post, Reading, Topic, Tuning, Watch
from tests.engine.watch.readings import Standing, arrival

TOPIC = Topic(name="Acme", query="acme", aliases=("Acme",))
BEGIN = datetime(2026, 3, 1, 8, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


def told(n: int, at: datetime) -> tuple[Post, Reading]:
    """A newspaper's report of somebody who was hurt, and its reading."""
    found = arrival(
        f"p{n}", at, f"Acme guests hurt in fire number {n}", "negative",
        source=f"paper {n}", standing=Standing.OUTLET, risks={"injury": 0.95},
    )  # fmt: skip
    return found.post, found.reading


def chatter(at: datetime, per_hour: int = 4) -> list[tuple[Post, Reading]]:
    found = [arrival(f"{at:%d%H}-{n}", at + n * HOUR / 10) for n in range(per_hour)]
    return [(each.post, each.reading) for each in found]


def as_seen(assessment: Assessment) -> tuple[object, ...]:
    return assessment.level, assessment.score, [signal.name for signal in assessment.signals], assessment.evidence


def test_nothing_said_is_calm() -> None:
    assert Watch(TOPIC, since=BEGIN).look(now=BEGIN + HOUR).level is None


def test_grave_facts_ring_without_a_baseline_and_name_their_proof() -> None:
    watch = Watch(TOPIC, since=BEGIN)
    assessment = watch.look([told(n, BEGIN) for n in range(3)], now=BEGIN + timedelta(minutes=5))
    assert assessment.level is not None
    assert not assessment.level.graver_than(Level.RED)
    assert set(assessment.evidence) == {"p0", "p1", "p2"}


def test_history_makes_the_baseline_and_rings_nothing() -> None:
    watch = Watch(TOPIC, since=BEGIN)
    assert watch.look([told(n, BEGIN) for n in range(3)], now=BEGIN + HOUR, history=True).level is None


def test_a_level_falls_step_by_step_with_time_alone() -> None:
    watch = Watch(TOPIC, since=BEGIN)
    watch.look([told(n, BEGIN) for n in range(3)], now=BEGIN + HOUR)
    levels = [watch.look(now=BEGIN + hours * HOUR).level for hours in range(2, 7 * 24, 6)]
    assert list(dict.fromkeys(levels)) == [Level.RED, Level.ORANGE, Level.YELLOW, Level.BLUE, None]


def test_a_watch_that_was_put_away_goes_on_as_if_it_had_not_been() -> None:
    steady, broken = Watch(TOPIC, since=BEGIN), Watch(TOPIC, since=BEGIN)
    for hours in range(5 * 24):
        at = BEGIN + hours * HOUR
        posts = [told(hours, at)] if hours > 110 else chatter(at)
        one, other = (each.look(posts, now=at + HOUR) for each in (steady, broken))
        assert as_seen(one) == as_seen(other)
        if hours % 7 == 0:
            broken = Watch.load(broken.dump(), TOPIC)
    assert one.level is not None


def test_a_tuning_makes_it_ring_less_easily() -> None:
    strict = Tuning(trust={"gravity": 0.1})
    posts = [told(n, BEGIN) for n in range(3)]
    easy = Watch(TOPIC, since=BEGIN).look(posts, now=BEGIN + HOUR)
    assert Watch(TOPIC, since=BEGIN, tuning=strict).look(posts, now=BEGIN + HOUR).score < easy.score


def test_bytes_that_are_no_watch_are_refused() -> None:
    with pytest.raises(EngineError, match="no watch"):
        Watch.load(b"something else", TOPIC)


def test_times_without_a_zone_are_refused() -> None:
    naive = datetime(2026, 3, 1)
    with pytest.raises(ValueError, match="time zone"):
        Watch(TOPIC, since=naive)
    with pytest.raises(ValueError, match="time zone"):
        Watch(TOPIC, since=BEGIN).look(now=naive)
