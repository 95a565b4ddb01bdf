"""From signals to a level."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.post import RISKS, Level, Sentiment, Standing
from engine.watch import severity
from engine.watch.severity import FAMILIES, Held, fuse, level_of, settle

NOTHING = {"negative": 0.0, "neutral": 0.0, "positive": 0.0}

NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
HOLD = timedelta(hours=6)

weights = st.dictionaries(st.sampled_from(sorted(FAMILIES)), st.floats(0, 100), max_size=len(FAMILIES))
number = st.floats(0, 50)


@given(weights, st.sampled_from(sorted(FAMILIES)), st.floats(0, 100))
def test_the_score_is_monotone_in_every_signal(some: dict[str, float], name: str, more: float) -> None:
    risen = {**some, name: max(some.get(name, 0.0), more)}
    assert fuse(risen)[0] >= fuse(some)[0] - 1e-9


@given(weights)
def test_the_parts_add_up_to_the_score_and_stay_within_a_hundred(some: dict[str, float]) -> None:
    score, parts = fuse(some)
    assert sum(parts.values()) == pytest.approx(score)
    assert 0 <= score <= 100 + 1e-9
    assert parts.keys() == some.keys()


def test_signals_that_tell_one_fact_count_once() -> None:
    assert fuse({"volume": 30, "negative_volume": 50})[0] == 50
    assert fuse({"spread": 30, "negative_volume": 50})[0] == 65


@given(number, number, number, number, number, number)
def test_every_weight_is_monotone(a: float, more: float, b: float, c: float, d: float, e: float) -> None:
    assert severity.board_weight(a + more, b, usual=c, usual_negative=d) >= severity.board_weight(
        a, b, usual=c, usual_negative=d
    )
    assert severity.board_weight(a, b + more, usual=c, usual_negative=d) >= severity.board_weight(
        a, b, usual=c, usual_negative=d
    )
    for negative in (True, False):
        low, high = (severity.surge_weight(x, negative=negative) for x in (a, a + more))
        assert high >= low
    low, high = (severity.gravity_weight("injury", x, usual=b, posts=e) for x in (a, a + more))
    assert high >= low


def test_every_risk_and_every_standing_has_a_weight() -> None:
    assert set(severity.SEVERITY) == set(RISKS)
    assert set(severity.VOICE) == set(Standing)


class TestBoards:
    def weigh(self, titles: float, negative: float, usual: float = 0.0) -> Level | None:
        return level_of(severity.board_weight(titles, negative, usual=usual, usual_negative=0.0))

    def test_one_neutral_title_is_blue_at_most(self) -> None:
        assert self.weigh(1, 0) in (None, Level.BLUE)

    def test_neutral_titles_never_reach_yellow(self) -> None:
        assert self.weigh(50, 0) is Level.BLUE

    def test_one_negative_title_is_blue(self) -> None:
        assert self.weigh(1, 1) is Level.BLUE

    def test_a_negative_title_that_another_follows_is_yellow(self) -> None:
        assert self.weigh(2, 1) is Level.YELLOW
        assert self.weigh(2, 2) is Level.YELLOW

    def test_several_titles_are_orange(self) -> None:
        assert self.weigh(6, 1) is Level.ORANGE

    def test_many_negative_titles_are_red(self) -> None:
        assert self.weigh(8, 5) is Level.RED

    def test_a_name_that_is_on_boards_every_day_needs_more(self) -> None:
        assert self.weigh(6, 1, usual=3) in (None, Level.BLUE)


def test_a_surge_is_yellow_at_its_threshold_and_never_red_alone() -> None:
    assert level_of(severity.surge_weight(0.99, negative=True)) is Level.BLUE
    assert level_of(severity.surge_weight(1, negative=True)) is Level.YELLOW
    assert level_of(severity.surge_weight(2, negative=True)) is Level.ORANGE
    assert level_of(severity.surge_weight(1000, negative=True)) is Level.ORANGE
    assert level_of(severity.surge_weight(1000, negative=False)) is Level.BLUE


def test_news_of_the_injured_is_grave_in_a_neutral_tone_too() -> None:
    weights = [
        severity.gravity_weight("injury", severity.harm(Sentiment(**{**NOTHING, tone: 1.0})), usual=0, posts=1)
        for tone in ("positive", "neutral", "negative")
    ]
    assert [level_of(weight) for weight in weights] == [None, Level.BLUE, Level.YELLOW]


@given(st.floats(0, 5), st.floats(0, 3))
def test_a_surge_counts_for_more_the_worse_the_mood_is(share: float, more: float) -> None:
    assert 0.6 <= severity.mood_weight(share) <= severity.mood_weight(share + more) <= 1


def test_more_of_everything_still_rings_where_it_is_very_much_more() -> None:
    """A flood of praise never hides a surge of complaints for good."""
    strongest = severity.surge_weight(100, negative=True) * severity.mood_weight(0.2)
    assert severity.level_of(strongest) is Level.YELLOW


def test_gravity_lifts_without_volume_and_an_outlet_proves_more_than_a_post() -> None:
    outlet, social = (severity.VOICE[kind] * 0.9 for kind in (Standing.OUTLET, Standing.SOCIAL))
    weigh = lambda mass: level_of(severity.gravity_weight("injury", mass, usual=0.0, posts=3))  # noqa: E731
    assert weigh(outlet) is Level.YELLOW
    assert weigh(2 * outlet) is Level.ORANGE
    assert weigh(social) in (None, Level.BLUE)


def test_what_is_said_every_day_is_not_news() -> None:
    assert severity.gravity_weight("service", 20, usual=10, posts=100) == 0


def test_a_few_misread_posts_among_many_are_expected() -> None:
    assert severity.gravity_weight("injury", 1, usual=0, posts=500) == 0


class TestHolding:
    def test_a_level_rises_at_once(self) -> None:
        held = settle(Held(), 90, now=NOW, hold=HOLD, carriers=("a",))
        assert held.level is Level.RED
        assert held.carriers == ("a",)

    def test_it_falls_by_one_step_after_the_hold(self) -> None:
        held = settle(Held(), 70, now=NOW, hold=HOLD, carriers=())
        levels = []
        for hours in range(1, 26):
            held = settle(held, 0, now=NOW + timedelta(hours=hours), hold=HOLD, carriers=())
            levels.append(held.level)
        assert levels[:6] == [Level.ORANGE] * 6
        assert levels[6:12] == [Level.YELLOW] * 6
        assert levels[12:18] == [Level.BLUE] * 6
        assert levels[18] is None

    def test_a_long_time_unseen_lowers_it_by_as_many_steps(self) -> None:
        held = settle(Held(), 70, now=NOW, hold=HOLD, carriers=())
        held = settle(held, 0, now=NOW, hold=HOLD, carriers=())
        assert settle(held, 0, now=NOW + timedelta(days=3), hold=HOLD, carriers=()).level is None

    def test_a_score_just_below_keeps_it(self) -> None:
        held = settle(Held(), 50, now=NOW, hold=HOLD, carriers=())
        for days in range(1, 9):
            held = settle(held, 42, now=NOW + timedelta(days=days), hold=HOLD, carriers=())
        assert held.level is Level.YELLOW

    def test_a_new_rise_starts_the_hold_anew(self) -> None:
        held = settle(Held(), 50, now=NOW, hold=HOLD, carriers=())
        for hours, score in ((1, 0), (5, 50), (8, 0), (13, 0)):
            held = settle(held, score, now=NOW + timedelta(hours=hours), hold=HOLD, carriers=())
        assert held.level is Level.YELLOW

    @given(st.lists(st.tuples(st.integers(0, 40), st.floats(0, 100)), max_size=30))
    def test_it_is_never_below_what_the_score_reaches(self, looks: list[tuple[int, float]]) -> None:
        held, now = Held(), NOW
        for hours, score in looks:
            now += timedelta(hours=hours)
            held = settle(held, score, now=now, hold=HOLD, carriers=())
            reached = level_of(score)
            assert reached is None or not reached.graver_than(held.level)


class TestSilence:
    def test_is_never_a_level(self) -> None:
        assert level_of(severity.drop_weight(1000)) is None

    @given(weights, st.floats(0, 100))
    def test_makes_nothing_else_more_serious(self, some: dict[str, float], weight: float) -> None:
        others = {name: each for name, each in some.items() if name != "drop"}
        assert fuse({**others, "drop": weight})[0] == pytest.approx(max(fuse(others)[0], weight))


def test_a_slow_burn_is_blue_at_its_threshold_and_yellow_at_most() -> None:
    assert level_of(severity.burn_weight(1)) is Level.BLUE
    assert level_of(severity.burn_weight(1.5)) is Level.YELLOW
    assert level_of(severity.burn_weight(1000)) is Level.YELLOW


@given(number, number)
def test_the_weights_of_slow_signals_are_monotone(strength: float, more: float) -> None:
    assert severity.burn_weight(strength + more) >= severity.burn_weight(strength)
    assert severity.drop_weight(strength + more) >= severity.drop_weight(strength)
