"""The ladder of severity, number by number: what each docstring of ``engine.watch.severity`` states, exactly."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from engine.post import Level, Sentiment, Standing
from engine.watch import severity
from engine.watch.severity import Held, fuse, level_of, settle

NOTHING = {"negative": 0.0, "neutral": 0.0, "positive": 0.0}
NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
HOLD = timedelta(hours=6)


class TestExactPoints:
    """The ladder itself: every cap, bound and breakpoint that ``engine.watch.severity`` speaks of."""

    @pytest.mark.parametrize(
        ("score", "level"),
        [
            (24.9, None), (25, Level.BLUE), (44.9, Level.BLUE), (45, Level.YELLOW), (64.9, Level.YELLOW),
            (65, Level.ORANGE), (84.9, Level.ORANGE), (85, Level.RED), (100, Level.RED),
        ],
    )  # fmt: skip
    def test_a_level_begins_at_its_score(self, score: float, level: Level | None) -> None:
        assert level_of(score) is level

    @pytest.mark.parametrize(
        ("strength", "negative", "weight"),
        [
            (0, True, 0), (0.5, True, 22.5), (1, True, 45), (2, True, 65), (2**1.5, True, 75), (100, True, 75),
            (0.5, False, 11.25), (1, False, 22.5), (2, False, 32.5), (4, False, 35), (100, False, 35),
        ],
    )  # fmt: skip
    def test_a_surge(self, strength: float, negative: bool, weight: float) -> None:
        """45 points at the window's threshold, 20 more each time it doubles, 75 at most; half and 35 without anger."""
        assert severity.surge_weight(strength, negative=negative) == pytest.approx(weight)

    @pytest.mark.parametrize(("strength", "weight"), [(0.5, 22.5), (1, 45), (2**0.5, 55), (2, 60), (100, 60)])
    def test_a_burst_is_never_more_than_sixty(self, strength: float, weight: float) -> None:
        assert severity.burst_weight(strength) == pytest.approx(weight)

    @pytest.mark.parametrize(
        ("share", "weight"), [(0, 0.6), (0.75, 0.6), (0.8, 0.68), (0.875, 0.8), (1, 1.0), (5, 1.0)]
    )
    def test_a_better_mood_takes_off_two_fifths_at_most(self, share: float, weight: float) -> None:
        assert severity.mood_weight(share) == pytest.approx(weight)

    @pytest.mark.parametrize(
        ("z", "excess", "weight"),
        [
            (9, 0.149, 0), (9, 0.15, 36), (2, 0.5, 0), (3, 0.5, 0), (4, 0.5, 6), (9, 0.5, 36), (9.5, 0.5, 39),
            (10, 0.5, 40), (30, 0.5, 40),
        ],
    )  # fmt: skip
    def test_a_share_counts_from_fifteen_points_and_three_deviations_on(
        self, z: float, excess: float, weight: float
    ) -> None:
        assert severity.share_weight(z, excess) == pytest.approx(weight)

    @pytest.mark.parametrize(("strength", "weight"), [(0.49, 0), (0.5, 15), (1, 30), (1.4, 42), (1.5, 45), (20, 45)])
    def test_a_slow_burn(self, strength: float, weight: float) -> None:
        assert severity.burn_weight(strength) == pytest.approx(weight)

    @pytest.mark.parametrize(("strength", "weight"), [(0.99, 0), (1, 10), (1.5, 15), (2, 20), (9, 20)])
    def test_a_drop(self, strength: float, weight: float) -> None:
        assert severity.drop_weight(strength) == pytest.approx(weight)

    @pytest.mark.parametrize(
        ("sources", "copies", "share", "weight"),
        [
            (2, 0, 1, 0), (3, 0, 1, 10), (6, 0, 1, 20), (12, 0, 1, 30), (24, 0, 1, 30),
            (1, 4, 1, 0), (1, 5, 1, 5), (1, 10, 1, 10), (1, 2.5 * 2**6, 1, 30), (1, 1000, 1, 30),
            (6, 10, 1, 20), (3, 20, 1, 15), (6, 0, 0.5, 10), (6, 0, 0, 0),
        ],
    )  # fmt: skip
    def test_a_story_that_spreads(self, sources: int, copies: int, share: float, weight: float) -> None:
        """From three sources or five copies on, whichever weighs more, up to 30; as far as it is negative."""
        assert severity.spread_weight(sources, copies, share) == pytest.approx(weight)

    @pytest.mark.parametrize(
        ("hours", "share", "weight"),
        [(None, 1, 0), (0.25, 1, 20), (1, 1, 20), (1.5, 1, 40 / 3), (2, 1, 10), (4, 1, 5), (2, 0.5, 5)],
    )
    def test_a_story_that_grows(self, hours: float | None, share: float, weight: float) -> None:
        assert severity.growth_weight(hours, share) == pytest.approx(weight)

    @pytest.mark.parametrize(
        ("risk", "mass", "usual", "posts", "weight"),
        [
            ("injury", 1, 0, 0, 90 * 0.6321), ("injury", 2, 0, 0, 90 * 0.8647), ("injury", 50, 0, 0, 90),
            ("service", 1, 0, 0, 10 * 0.6321), ("injury", 2, 1, 0, 0), ("injury", 4, 1, 0, 90 * 0.6321),
            ("injury", 11, 4, 0, 90 * 0.6321), ("injury", 2, 0, 500, 90 * 0.6321), ("injury", 1, 0, 500, 0),
            ("injury", 0, 3, 0, 0),
        ],
    )  # fmt: skip
    def test_a_risk(self, risk: str, mass: float, usual: float, posts: float, weight: float) -> None:
        """One report where none is usual reaches 63 % of the severity, two 86 %; twice the usual is not news, it takes
        the more the more is usual, and two posts in a thousand are misread."""
        found = severity.gravity_weight(risk, mass, usual=usual, posts=posts)
        assert found == pytest.approx(weight, abs=0.01)

    @pytest.mark.parametrize(
        ("titles", "negative", "usual", "usual_negative", "mass"),
        [
            (0, 0, 0, 0, 0), (1, 0, 0, 0, 0.2), (6, 0, 0, 0, 1.2), (50, 0, 0, 0, 1.2), (1, 1, 0, 0, 1.2),
            (2, 1, 0, 0, 1.7), (2, 2, 0, 0, 2.7), (2, 0.5, 0, 0, 1.05), (4, 2, 0, 0, 3.7), (4, 1, 1, 0, 1.7),
            (4, 2, 1, 0.5, 1.7), (2, 2, 1, 0, 0), (3, 3, 1, 0, 1.2), (4, 2, 0, 1, 0.8), (4, 1, 0, 1, 0.8),
        ],
    )  # fmt: skip
    def test_titles_on_boards(
        self, titles: float, negative: float, usual: float, usual_negative: float, mass: float
    ) -> None:
        """A fifth for a title (1.2 at most), one for a negative one, 0.3 for each that goes with it; twice the usual
        day is taken off, and no more titles are negative than there are."""
        found = severity.board_weight(titles, negative, usual=usual, usual_negative=usual_negative)
        assert found == pytest.approx(95 * (1 - math.exp(-mass / 2.4)))

    @pytest.mark.parametrize(
        ("tone", "harm"), [({"negative": 1.0}, 1), ({"neutral": 1.0}, 0.5), ({"positive": 1.0}, 0)]
    )
    def test_the_harm_of_a_tone(self, tone: dict[str, float], harm: float) -> None:
        assert severity.harm(Sentiment(**{**NOTHING, **tone})) == harm

    @pytest.mark.parametrize(("probability", "counts"), [(0, 0), (0.2, 0), (0.29, 0.3), (0.35, 0.5), (0.5, 1), (1, 1)])
    def test_a_title_is_negative_as_far_as_the_reader_is_sure(self, probability: float, counts: float) -> None:
        assert severity.surely_negative(probability) == pytest.approx(counts)

    def test_the_severity_of_each_risk(self) -> None:
        assert severity.SEVERITY == {
            "injury": 90, "violence": 75, "health": 75, "accident": 70, "disaster": 70, "data": 65, "conduct": 60,
            "legal": 55, "boycott": 55, "product": 50, "finance": 45, "labour": 45, "rumour": 30, "service": 10,
        }  # fmt: skip

    def test_how_much_one_post_of_each_standing_proves(self) -> None:
        assert severity.VOICE == {
            Standing.BOARD: 1, Standing.OUTLET: 1, Standing.SOCIAL: 0.35, Standing.COMMENT: 0.2,
        }  # fmt: skip


class TestFusing:
    def test_each_part_is_what_a_signal_adds_to_the_score(self) -> None:
        assert fuse({"negative_volume": 50, "spread": 20, "growth": 10}) == (
            64, {"negative_volume": 50, "spread": 10, "growth": 4},
        )  # fmt: skip

    @pytest.mark.parametrize(
        ("weaker", "stronger"),
        [
            ("volume", "negative_volume"), ("negative_volume", "negative_share"), ("negative_share", "slow_burn"),
            ("slow_burn", "volume"), ("gravity", "board"),
        ],
    )  # fmt: skip
    def test_of_signals_that_tell_one_fact_the_strongest_adds(self, weaker: str, stronger: str) -> None:
        assert fuse({weaker: 30, stronger: 50}) == (50, {weaker: 0, stronger: 50})

    def test_signals_of_different_facts_add_up(self) -> None:
        independent = {"volume": 20, "spread": 20, "growth": 20, "gravity": 20}
        assert fuse(independent)[0] == pytest.approx(100 * (1 - 0.8**4))

    def test_of_equally_strong_ones_the_first_by_name_adds(self) -> None:
        assert fuse({"volume": 30, "negative_volume": 30})[1] == {"volume": 0, "negative_volume": 30}

    def test_silence_adds_only_what_it_is_above_the_rest(self) -> None:
        assert fuse({"drop": 20, "growth": 15}) == (20, {"growth": 15, "drop": 5})
        assert fuse({"drop": 10, "growth": 15}) == (15, {"growth": 15, "drop": 0})

    def test_no_weight_counts_beyond_a_hundred_or_below_nothing(self) -> None:
        assert fuse({"volume": 150, "spread": -5}) == (100, {"volume": 100, "spread": 0})


class TestHoldingExactly:
    def held(self, level: Level | None, **more: Any) -> Held:
        return Held(**{"level": level, "hold": HOLD, "carriers": ("Daily",)} | more)

    def later(self, held: Held, score: float, hours: float = 0, hold: timedelta = HOLD) -> Held:
        return settle(held, score, now=NOW + timedelta(hours=hours), hold=hold, carriers=("Herald",))

    def test_nothing_is_held_at_first_and_for_three_hours_at_least(self) -> None:
        assert Held() == Held(level=None, below_since=None, hold=timedelta(hours=3), carriers=())
        assert timedelta(hours=3) == severity.LEAST_HOLD

    def test_a_rise_takes_its_own_hold_and_its_own_carriers(self) -> None:
        risen = self.later(self.held(Level.YELLOW, below_since=NOW), 65, hold=timedelta(hours=4))
        assert risen == Held(level=Level.ORANGE, hold=timedelta(hours=4), carriers=("Herald",))

    def test_the_same_level_again_keeps_the_longer_hold(self) -> None:
        assert self.later(self.held(Level.YELLOW), 50, hold=timedelta(hours=4)).hold == HOLD
        assert self.later(self.held(Level.YELLOW), 50, hold=timedelta(hours=9)).hold == timedelta(hours=9)

    def test_it_is_over_only_five_points_below(self) -> None:
        above, at = self.later(self.held(Level.YELLOW), 40.1), self.later(self.held(Level.YELLOW), 40)
        assert above == self.held(Level.YELLOW)
        assert at == self.held(Level.YELLOW, below_since=NOW)

    def test_a_score_near_the_level_again_forgets_since_when_it_was_below(self) -> None:
        below = self.held(Level.YELLOW, below_since=NOW - timedelta(hours=5))
        assert self.later(below, 41) == self.held(Level.YELLOW)

    def test_it_falls_at_the_end_of_the_hold_and_not_before(self) -> None:
        below = self.held(Level.ORANGE, below_since=NOW)
        assert self.later(below, 0, hours=5.99) == below
        assert self.later(below, 0, hours=6) == self.held(Level.YELLOW, below_since=NOW + HOLD)

    def test_the_next_step_takes_another_hold(self) -> None:
        below = self.held(Level.RED, below_since=NOW)
        assert self.later(below, 0, hours=11.99).level is Level.ORANGE
        assert self.later(below, 0, hours=12) == self.held(Level.YELLOW, below_since=NOW + 2 * HOLD)

    def test_it_stops_at_what_the_score_still_reaches(self) -> None:
        below = self.held(Level.RED, below_since=NOW)
        assert self.later(below, 50, hours=100) == self.held(Level.YELLOW)

    def test_below_blue_there_is_no_level(self) -> None:
        assert self.later(self.held(Level.BLUE, below_since=NOW), 0, hours=6) == self.held(None)
        assert self.later(self.held(None), 0, hours=6) == self.held(None)
