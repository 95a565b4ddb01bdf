"""What judgements and a budget teach: strictness, trust, and how it is said."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.tuning.tuning import SUBDUED, Tally, Tuning
from engine.tuning.tuning_from_history import (
    GRID,
    LEAST_TRUST,
    PastIncident,
    Ruling,
    from_others,
    precision,
    ruling_at,
    strictness_for,
    tallies,
    trust,
    unconfirmed,
)

AT = datetime(2026, 3, 2, 8, tzinfo=UTC)
HOUR = timedelta(hours=1)


def case(ruling: Ruling, *signals: str, begins: timedelta = timedelta(0), hours: float = 4) -> PastIncident:
    return PastIncident(opened_at=AT + begins, ended_at=AT + begins + hours * HOUR, ruling=ruling, signals=signals)


def test_the_smallest_strictness_that_keeps_the_budget() -> None:
    counts = {0.5: 20, 1.0: 9, 2.0: 8, 4.0: 1}
    assert strictness_for(counts, budget_per_week=2, days=28) == 2.0
    assert strictness_for(counts, budget_per_week=10, days=28) == 0.5
    assert strictness_for(counts, budget_per_week=0.1, days=28) == 4.0


def test_a_lucky_strictness_below_one_that_rings_is_not_taken() -> None:
    """Counts need not fall: what keeps the budget by chance, while a stricter one breaks it, proves nothing."""
    assert strictness_for({0.5: 0, 1.0: 9, 2.0: 1}, budget_per_week=1, days=7) == 2.0


@given(st.lists(st.integers(0, 50), min_size=len(GRID), max_size=len(GRID)), st.floats(0, 20), st.floats(0, 20))
def test_a_larger_budget_is_never_stricter(bells: list[int], one: float, other: float) -> None:
    counts = dict(zip(GRID, bells, strict=True))
    small, large = sorted((one, other))
    assert strictness_for(counts, budget_per_week=large, days=7) <= strictness_for(
        counts, budget_per_week=small, days=7
    )


def test_bells_of_real_and_open_incidents_cost_nothing() -> None:
    """A bell up to a day before the incident is the same one, heard earlier."""
    bells = [AT - 23 * HOUR, AT + HOUR, AT + 48 * HOUR]
    assert unconfirmed(bells, []) == 3
    assert unconfirmed(bells, [case(Ruling.REAL)]) == 1
    assert unconfirmed(bells, [case(Ruling.OPEN)]) == 1
    assert unconfirmed(bells, [case(Ruling.FALSE)]) == 3
    assert unconfirmed(bells, [case(Ruling.UNCONFIRMED)]) == 3


def test_the_kindest_judgement_counts() -> None:
    assert ruling_at(AT, [case(Ruling.FALSE), case(Ruling.REAL, begins=HOUR)]) is Ruling.REAL
    assert ruling_at(AT, []) is Ruling.UNCONFIRMED


def test_a_bell_is_held_against_every_signal_that_opened_it() -> None:
    found = tallies(
        [
            case(Ruling.FALSE, "volume", "spread"),
            case(Ruling.REAL, "volume"),
            case(Ruling.OPEN, "growth"),
            case(Ruling.UNCONFIRMED, "board"),
        ]
    )
    assert found == {"spread": Tally(real=0, false=1), "volume": Tally(real=1, false=1)}


def test_precision_starts_from_four_of_five() -> None:
    assert precision(Tally()) == 0.8
    assert precision(Tally(real=1, false=4)) == 0.5
    assert trust(Tally()) == 1.0
    assert trust(Tally(real=0, false=5)) == 0.5
    assert trust(Tally(real=40, false=1)) == 1.0


@given(st.integers(0, 200), st.integers(0, 200))
def test_trust_stays_in_its_bounds_and_falls_with_every_false_alarm(real: int, false: int) -> None:
    here, after = trust(Tally(real=real, false=false)), trust(Tally(real=real, false=false + 1))
    assert LEAST_TRUST <= after <= here <= 1.0


def test_a_death_still_reaches_yellow_after_any_number_of_false_alarms() -> None:
    assert trust(Tally(false=500), "gravity") == 0.5
    assert trust(Tally(false=500), "volume") == LEAST_TRUST


def test_a_topic_without_history_takes_the_median_of_the_others() -> None:
    assert from_others([]) == 1.0
    assert from_others([0.7, 4.0, 1.4]) == 1.4


@pytest.mark.parametrize("signal", sorted(SUBDUED))
def test_strictness_subdues_what_counts_and_no_facts(signal: str) -> None:
    strict = Tuning(strictness=2.0)
    assert strict.weigh(signal, 50.0) == 25.0
    assert strict.weigh("gravity", 50.0) == 50.0


def test_what_counts_for_less_says_so() -> None:
    tuning = Tuning(trust={"volume": 0.5, "spread": 0.95}, tallies={"volume": Tally(real=0, false=5)})
    [note] = tuning.notes(["spread", "volume", "growth"])
    assert note.values == {"signal": "volume", "trust": 0.5, "judged": 5, "false": 5}
