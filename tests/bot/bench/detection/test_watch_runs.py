"""The watch in the benchmark is the watch of the service: same update, same incident rules."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.bench.detection import watch_runs
from bot.bench.detection.synthetic import SyntheticBrand, generate
from bot.bench.detection.watch_runs import LEAST, STRICTEST, WatchedTopic, critical_strictness, score_at
from engine.post import Level, SourceHealth, Standing, Topic
from engine.tuning.tuning import Tuning
from engine.watch import severity, watch
from tests.engine.watch.readings import arrival

AT = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
TOPIC = Topic(name="Saltfern", query="Saltfern", aliases=("Saltfern",))

weights = st.dictionaries(st.sampled_from(sorted(severity.FAMILIES)), st.floats(0, 100))


@given(weights=weights)
def test_the_critical_strictness_is_where_yellow_ends(weights: dict[str, float]) -> None:
    found = critical_strictness(weights)
    yellow = severity.THRESHOLDS[Level.YELLOW]
    if found == 0:
        assert score_at(weights, LEAST) < yellow
    else:
        assert score_at(weights, min(found, STRICTEST)) >= yellow
    if 0 < found < STRICTEST:
        assert score_at(weights, found * 1.01) < yellow


def test_a_fact_rings_at_any_strictness() -> None:
    assert critical_strictness({"gravity": 60.0}) == STRICTEST
    assert critical_strictness({"negative_volume": 90.0}) == pytest.approx(2.0, rel=0.01)
    assert critical_strictness({}) == 0.0


def test_listening_changes_nothing() -> None:
    """The ear gives what the default tuning gives."""
    posts = [
        arrival(f"{n}", AT + timedelta(minutes=n), f"Saltfern leak number {n}", "negative", risks={"product": 0.9})
        for n in range(40)
    ]
    found = []
    for tuning in (watch_runs.RecordingTuning(), Tuning()):
        state = watch.WatchState.load(None, ())
        update = watch.update(
            state, posts, topic=TOPIC, now=AT + timedelta(hours=1), watched_since=AT - timedelta(days=9),
            health=SourceHealth(), tuning=tuning,
        )  # fmt: skip
        found.append(update.assessment)
    assert found[0] == found[1]


def test_a_grave_report_opens_one_incident_and_time_ends_it() -> None:
    watched = WatchedTopic(TOPIC, since=AT - timedelta(days=9))
    injury = {"injury": 0.95}
    for n in range(3):
        title = arrival(f"t{n}", AT, "Saltfern kettle burns three", "negative", risks=injury, standing=Standing.BOARD)
        watched.look([title], AT + timedelta(minutes=n))
    assert [bell.opened for bell in watched.bells][:1] == [True]
    assert sum(bell.opened for bell in watched.bells) == 1
    assert watched.restless
    watched.wait_until(AT + timedelta(days=8))
    assert not watched.restless


def test_a_storm_is_seen_and_the_days_before_are_quiet() -> None:
    """Twenty times the usual: the critical strictness rises above all that it was before."""
    stream = generate(SyntheticBrand(name="Saltfern", seed=21, per_day=150), (20.0,), days=5, warm=4)
    crisis = stream.crises[0]
    found = watch_runs.run(stream)
    during = (found.series.times >= crisis.onset) & (found.series.times <= crisis.end)
    before = found.series.times < min(surge.onset for surge in stream.surges)
    assert found.series.scores[during].max() >= 1
    assert found.series.scores[during].max() > found.series.scores[before].max(initial=0)
    assert ((found.shipped.times >= crisis.onset) & (found.shipped.times <= crisis.end)).any()
    assert np.all(found.series.times > stream.warm)
