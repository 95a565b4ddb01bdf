"""The conformance suite: whatever detects change in counts holds to all of this."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.trend import DETECTORS, Alarm, Detector, SeriesError, ShareChange, detect

BEGIN = datetime(2026, 2, 1, tzinfo=UTC)
STEP = timedelta(hours=1)  # coarse, so that weeks are quickly told
PER_DAY = timedelta(days=1) // STEP


class ShareOfMany(ShareChange):
    """The change of a share where every step has the same number of posts, so that it takes counts like the others."""

    POSTS = 4000.0

    def update(self, at: datetime, value: float, of: float = POSTS) -> Alarm | None:
        return super().update(at, value, of)


ALL: dict[str, Callable[[timedelta], Detector]] = {
    **{name: make for name, make in DETECTORS.items() if name.rpartition("_")[2] != "15min"},
    "share": ShareOfMany,
}
HALVES = tuple(name for name in ALL if name.startswith(("robust_z", "seasonal")))
each = pytest.mark.parametrize("name", sorted(ALL))


def rhythm(days: int, *, mean: float = 60.0, seed: int = 1) -> np.ndarray:
    """Counts every hour with a daily rhythm and chance."""
    hours = np.arange(days * PER_DAY) * 24 / PER_DAY
    return np.random.default_rng(seed).poisson(mean * (1 + 0.6 * np.sin(2 * np.pi * hours / 24))).astype(float)


def run(detector: Detector, counts: np.ndarray, *, first: int = 0) -> list[tuple[int, Alarm]]:
    """The alarms of *detector* over *counts*, each with its place; *first* is the place of the first count."""
    found = ((n, detector.update(BEGIN + n * STEP, float(value))) for n, value in enumerate(counts, first))
    return [(n, alarm) for n, alarm in found if alarm is not None]


def onset(name: str, days: int = 20) -> np.ndarray:
    """What the detector *name* is for, beginning twelve days in: a drop, or very many more of everything."""
    counts = rhythm(days, mean=3.0 if name == "tail" else 60.0)
    counts[12 * PER_DAY :] = 0 if name == "drop" else 60.0 if name == "tail" else 3000.0
    return counts


@each
def test_a_constant_is_no_news(name: str) -> None:
    assert run(ALL[name](STEP), np.full(30 * PER_DAY, 7.0)) == []


@each
def test_nothing_at_all_is_no_news(name: str) -> None:
    assert run(ALL[name](STEP), np.zeros(30 * PER_DAY)) == []


@pytest.mark.parametrize("name", sorted(set(ALL) - set(HALVES)))
def test_an_ordinary_month_is_no_news(name: str) -> None:
    assert run(ALL[name](STEP), rhythm(30)) == []


SOON = {"drop": timedelta(hours=6), "share": timedelta(hours=6), "slow_burn": timedelta(days=5)}
"""Within what time a step of very much more rings, by detector; the others ring with the very first count of it."""


@each
def test_what_it_is_for_rings_soon_after_it_began_and_not_before(name: str) -> None:
    found = run(ALL[name](STEP), onset(name))
    assert found
    place, alarm = found[0]
    assert timedelta(0) <= (place - 12 * PER_DAY) * STEP <= SOON.get(name, timedelta(0))
    assert alarm.signal == name


@each
def test_one_huge_step_rings_once_at_most(name: str) -> None:
    counts = np.full(20 * PER_DAY, 20.0)
    counts[12 * PER_DAY] = 3000.0
    assert len(run(ALL[name](STEP), counts)) <= 1


@each
def test_it_rings_again_for_the_next_time(name: str) -> None:
    quiet = np.full(46 * PER_DAY, 3.0 if name == "tail" else 60.0)
    for day in (12, 36):
        length = 7 * PER_DAY if name == "slow_burn" else PER_DAY // 2
        high = 90.0 if name == "slow_burn" else 0.0 if name == "drop" else 60.0 if name == "tail" else 3000.0
        quiet[day * PER_DAY :][:length] = high
    places = [n for n, _ in run(ALL[name](STEP), quiet)]
    assert any(12 * PER_DAY <= n < 20 * PER_DAY for n in places)
    assert any(n >= 36 * PER_DAY for n in places)


@each
def test_the_same_series_gives_the_same_alarms_and_is_left_alone(name: str) -> None:
    counts = onset(name)
    before = counts.copy()
    assert run(ALL[name](STEP), counts) == run(ALL[name](STEP), counts)
    np.testing.assert_array_equal(counts, before)


@each
def test_there_is_no_alarm_without_three_days(name: str) -> None:
    counts = rhythm(3)
    counts[-10:] = 0 if name == "drop" else 3000.0
    assert run(ALL[name](STEP), counts[: 3 * PER_DAY - 1]) == []


@cache
def used(name: str, seed: int) -> Detector:
    """A detector that has seen eleven days, to be copied."""
    detector = ALL[name](STEP)
    run(detector, rhythm(11, mean=4.0 if name == "tail" else 60.0, seed=seed))
    return detector


@each
@settings(max_examples=15)
@given(value=st.integers(0, 3500), more=st.integers(0, 400), seed=st.integers(0, 3))
def test_more_of_it_is_never_less_of_an_alarm(name: str, value: int, more: int, seed: int) -> None:
    strengths = []
    for last in (value, value + more):
        other = copy.deepcopy(used(name, seed))
        other.update(BEGIN + 11 * PER_DAY * STEP, float(last))
        strengths.append(other.strength)
    less, greater = reversed(strengths) if name == "drop" else strengths
    assert greater >= less


@each
def test_what_is_missing_counts_as_zero(name: str) -> None:
    counts = onset(name)
    counts[5 * PER_DAY : 6 * PER_DAY] = 0
    gappy, whole = ALL[name](STEP), ALL[name](STEP)
    run(whole, counts[: 6 * PER_DAY])
    run(gappy, counts[: 5 * PER_DAY])
    rest = counts[6 * PER_DAY :]
    alarms = run(gappy, rest, first=6 * PER_DAY)
    assert alarms
    if name != "share":  # where nothing was posted, no share was nought
        assert alarms[-1] == run(whole, rest, first=6 * PER_DAY)[-1]


@each
def test_a_gap_of_months_does_no_harm(name: str) -> None:
    detector = ALL[name](STEP)
    run(detector, rhythm(9))
    detector.update(BEGIN + timedelta(days=200), 60.0)
    assert np.isfinite(detector.strength)


@each
@pytest.mark.parametrize("value", [float("nan"), float("inf"), -1.0])
def test_what_is_no_count_is_refused_and_changes_nothing(name: str, value: float) -> None:
    counts = onset(name)
    detector, steady = ALL[name](STEP), ALL[name](STEP)
    before, after = counts[: 12 * PER_DAY], counts[12 * PER_DAY :]
    run(detector, before)
    run(steady, before)
    with pytest.raises(SeriesError):
        detector.update(BEGIN + 12 * PER_DAY * STEP, value)
    assert run(detector, after, first=len(before)) == run(steady, after, first=len(before))


@each
def test_time_that_runs_backwards_is_refused(name: str) -> None:
    detector = ALL[name](STEP)
    detector.update(BEGIN, 1.0)
    with pytest.raises(SeriesError, match="rise"):
        detector.update(BEGIN - STEP, 1.0)
    assert detector.update(BEGIN + STEP, 1.0) is None


@each
def test_its_memory_is_bounded(name: str) -> None:
    detector = ALL[name](STEP)
    run(detector, np.full(60 * PER_DAY, 5.0))
    month = len(pickle.dumps(detector))
    run(detector, np.full(60 * PER_DAY, 5.0), first=60 * PER_DAY)
    assert len(pickle.dumps(detector)) <= month + 64


@each
def test_it_can_be_put_away_and_taken_up_again(name: str) -> None:
    counts = onset(name)
    steady, broken = ALL[name](STEP), ALL[name](STEP)
    found = []
    for start in range(0, len(counts), 100):
        found += run(broken, counts[start : start + 100], first=start)
        broken = pickle.loads(pickle.dumps(broken))
    assert found == run(steady, counts)


def points(counts: np.ndarray) -> list[tuple[datetime, float]]:
    return [(BEGIN + n * STEP, float(value)) for n, value in enumerate(counts)]


@settings(max_examples=12)
@given(
    seed=st.integers(0, 50),
    bursts=st.lists(st.tuples(st.integers(0, 12 * PER_DAY), st.integers(0, 60), st.integers(0, 2000)), max_size=4),
    cut=st.integers(2, 12 * PER_DAY),
)
def test_nothing_looks_ahead(seed: int, bursts: list[tuple[int, int, int]], cut: int) -> None:
    """The alarms of a series that is cut are those of the whole series up to there."""
    counts = rhythm(12, mean=15.0, seed=seed)
    for begin, length, height in bursts:
        counts[begin : begin + length] = height
    whole, part = detect(points(counts)), detect(points(counts[:cut]))
    assert part == [alarm for alarm in whole if alarm.at < BEGIN + cut * STEP]


def test_an_event_rings_once_however_many_see_it() -> None:
    counts = rhythm(14)
    counts[12 * PER_DAY : 12 * PER_DAY + 20] += 3000
    assert len([alarm for alarm in detect(points(counts)) if alarm.signal.startswith(("surge", "tail", "growth"))]) == 1


def test_a_signal_can_be_picked() -> None:
    counts = onset("drop")
    assert {alarm.signal for alarm in detect(points(counts), signals=["drop"])} == {"drop"}
    assert detect(points(counts), signals=["surge_1h"]) == []


def test_an_unknown_signal_is_refused_with_the_known_ones() -> None:
    with pytest.raises(SeriesError, match=r"no signal “surges” here\. There are: .*drop.*surge_1h"):
        detect(points(np.zeros(5)), signals=["surges"])


def test_a_share_needs_to_be_told_of_how_many() -> None:
    parts = np.full(10 * PER_DAY, 10.0)
    parts[9 * PER_DAY :] = 60.0
    with pytest.raises(SeriesError, match="no signal “share”"):
        detect(points(parts), signals=["share"])
    found = detect(points(parts), signals=["share"], totals=[100.0] * len(parts))
    assert [alarm.signal for alarm in found] == ["share"]
    assert found[0].value > found[0].baseline == pytest.approx(0.1, abs=0.02)


def test_more_than_all_is_no_share() -> None:
    with pytest.raises(SeriesError, match="5 of 4 posts"):
        ShareChange(STEP).update(BEGIN, 5, 4)
