"""Each signal of counts, by its name, end to end: posts go in, and the assessment holds that signal with its number,
what is usual, what it weighs and the posts that prove it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import timedelta

import pytest

from engine.post import Level
from engine.trend import log_tail
from engine.watch.watch import WatchState
from engine.watch.windows import HOUR, Column
from tests.engine.watch.looking import DAY, NOW, deviation, past, posts, seen
from tests.engine.watch.readings import arrival


class TestNegativeVolume:
    """More negative posts in a window than usual."""

    def test_a_surge_is_told_with_its_window_what_is_usual_and_its_proofs(self) -> None:
        done = seen(posts(96), before=past(negative=24))
        strength = (96 - 24) / deviation(24) / 10  # an hour asks for ten deviations above the usual
        surge = done.signal("negative_volume")
        assert (surge.value, surge.baseline) == (96, pytest.approx(24))
        assert surge.weight == round(45 + 20 * math.log2(strength), 1) == 53.0
        assert surge.evidence == ("neg000", "neg001", "neg002", "neg003", "neg004")
        assert done.measured("negative_volume").hold == HOUR
        assert done.names == ["negative_volume"]
        assert done.assessment.level is Level.YELLOW

    def test_its_proofs_are_negative_and_of_its_window(self) -> None:
        early = [arrival("early", NOW - timedelta(minutes=61), "earlier", "negative", sure=0.99)]
        neutral = posts(2, "neutral", risks={"product": 0.9})
        proofs = seen([*early, *neutral, *posts(96)], before=past(negative=24)).signal("negative_volume").evidence
        assert proofs == ("neg000", "neg001", "neg002", "neg003", "neg004")

    def test_a_handful_within_minutes_is_improbable_where_few_are_usual(self) -> None:
        done = seen(posts(12, within=timedelta(minutes=4)), before=past(negative=1, others=3))
        few = done.signal("negative_volume")
        assert (few.value, few.baseline) == (12, pytest.approx(1 / 6))
        assert done.measured("negative_volume").hold == timedelta(minutes=10)
        strength = -log_tail(12, 0.3, 0.3 + 0.3**2 / 4) / 6  # an even habit; once in a million is asked for
        assert few.weight == round(45 + 20 * math.log2(strength), 1)

    def test_it_is_held_as_long_as_the_longest_window_that_rings_too(self) -> None:
        done = seen(posts(96), before=past(negative=1, others=3))
        assert done.measured("negative_volume").hold == timedelta(hours=24)

    def test_below_what_its_window_asks_for_it_is_blue_and_held_as_long_as_that(self) -> None:
        done = seen(posts(60), before=past(negative=24))
        assert done.measured("negative_volume").weight == pytest.approx(45 * (60 - 24) / deviation(24) / 10)
        assert done.measured("negative_volume").hold == HOUR
        assert done.assessment.level is Level.BLUE

    def test_the_peak_of_this_hour_a_week_ago_is_remembered(self) -> None:
        """Three times the usual then: no more than that counts, and a surge must rise above it too."""
        state = past(negative=24)
        for column in (Column.VOLUME, Column.NEGATIVE):
            state.counts.add(NOW - 7 * DAY, column, 60)
        strength = (96 - 3 * 24) / deviation(3 * 24) / 5
        assert seen(posts(96), before=state).measured("negative_volume").weight == pytest.approx(45 * strength)

    def test_with_a_better_mood_than_usual_it_counts_for_less(self) -> None:
        """96 of 216 are negative where 4560 of 9600 were in the days before: 0.94 of the usual share."""
        state = past(negative=24, others=24)
        state.counts.add(NOW - 7 * DAY - 12 * HOUR, Column.VOLUME, 480)
        done = seen([*posts(96), *posts(120, "neutral")], before=state)
        strength = (96 - 24) / deviation(24) / 10
        less = 0.6 + 0.4 * (96 / 216 / (4560 / 9600) - 0.75) / 0.25
        assert done.measured("negative_volume").weight == pytest.approx((45 + 20 * math.log2(strength)) * less)
        assert done.names == ["negative_volume"]

    def test_where_nobody_spoke_before_the_mood_is_what_it_is(self) -> None:
        quiet = seen(posts(9), before=past(negative=0.002)).signal("negative_volume")
        praise = seen([*posts(9), *posts(40, "positive")], before=past(negative=0.002)).signal("negative_volume")
        assert quiet.weight == praise.weight

    def test_where_nobody_spoke_ill_before_no_praise_takes_anything_off(self) -> None:
        few = past()
        few.counts.add(NOW - 3 * DAY, Column.VOLUME, 6)
        alone = past()
        alone.counts.add(NOW - 3 * DAY, Column.VOLUME, 6)
        mixed = seen([*posts(9), *posts(36, "positive")], before=few)
        assert mixed.signal("negative_volume").weight == seen(posts(9), before=alone).signal("negative_volume").weight


class TestVolume:
    """More posts of any kind."""

    def test_a_surge_that_is_not_negative_is_blue_at_most(self) -> None:
        done = seen(posts(96, "neutral"), before=past(others=24))
        strength = (96 - 24) / deviation(24) / 10
        surge = done.signal("volume")
        assert (surge.value, surge.baseline) == (96, pytest.approx(24))
        assert surge.weight == round(0.5 * (45 + 20 * math.log2(strength)), 1) == 26.5
        assert surge.evidence == ()
        assert done.measured("volume").hold == HOUR
        assert (done.names, done.assessment.level) == (["volume"], Level.BLUE)

    def test_it_shows_the_negative_ones_among_them(self) -> None:
        done = seen([*posts(95, "neutral"), *posts(1)], before=past(others=24))
        assert done.signal("volume").evidence == ("neg000",)

    def test_of_volume_and_negative_volume_the_weightier_is_told(self) -> None:
        angry = seen([*posts(60), *posts(20, "neutral")], before=past(negative=12, others=12))
        praised = seen([*posts(30), *posts(150, "neutral")], before=past(negative=12, others=12))
        assert ("volume" in angry.names, "negative_volume" in angry.names) == (False, True)
        assert ("volume" in praised.names, "negative_volume" in praised.names) == (True, False)


class TestNegativeShare:
    """A larger part of the posts is negative, though there are no more of them."""

    def test_it_is_told_for_the_last_six_hours(self) -> None:
        day = [*posts(24, within=timedelta(hours=5)), *posts(26, "neutral", within=timedelta(hours=5))]
        early = [arrival(f"early{n:02}", NOW - timedelta(hours=8), f"early{n}", "neutral") for n in range(60)]
        done = seen([*early, *day], before=past(negative=2, others=8, until=DAY))
        share = done.measured("negative_share")
        z = (24 - 50 * 0.2) / math.sqrt(50 * 0.2 * 0.8)
        assert (share.value, share.baseline) == (0.48, pytest.approx(0.2))
        assert share.weight == pytest.approx(6 * (z - 3)) == pytest.approx(11.7, abs=0.01)
        assert share.evidence == ("neg000", "neg001", "neg002", "neg003", "neg004")
        assert share.hold == timedelta(hours=6)
        assert done.signal("negative_share").value == 0.48
        assert done.assessment.level in (None, Level.BLUE)

    def test_or_for_the_last_day_where_that_stands_out_more(self) -> None:
        day = [*posts(80, within=timedelta(hours=23)), *posts(120, "neutral", within=timedelta(hours=23))]
        share = seen(day, before=past(negative=2, others=8, until=DAY)).measured("negative_share")
        z = (80 - 200 * 0.2) / math.sqrt(200 * 0.2 * 0.8)
        assert (share.value, share.baseline, share.hold) == (0.4, pytest.approx(0.2), DAY)
        assert share.weight == pytest.approx(6 * (z - 3))

    def test_what_is_usual_is_the_share_of_the_days_before(self) -> None:
        """The negative among all of them, not the positive ones, and without the last day."""
        state = past(negative=2, others=8)
        for hour in range(30, 180):
            state.counts.add(NOW - timedelta(hours=hour), Column.POSITIVE, 5)
        for hour in range(3, 24):
            state.counts.add(NOW - timedelta(hours=hour), Column.NEGATIVE, 8)
        state.counts.add(NOW - 5 * DAY, Column.VOLUME, 120)
        day = [*posts(24, within=timedelta(hours=5)), *posts(26, "neutral", within=timedelta(hours=5))]
        assert seen(day, before=state).measured("negative_share").baseline == pytest.approx(336 / 1800)

    @pytest.mark.parametrize(("negative", "others", "told"), [(20, 0, True), (19, 0, False), (8, 42, False)])
    def test_it_takes_twenty_posts_and_a_share_that_has_grown(self, negative: int, others: int, told: bool) -> None:
        within = timedelta(hours=5)
        day = [*posts(negative, within=within), *posts(others, "neutral", within=within)]
        names = [each.name for each in seen(day, before=past(negative=2, others=8)).measures]
        assert ("negative_share" in names) is told

    @pytest.mark.parametrize(("days", "watched", "told"), [(8, 20, True), (8, 2, False), (0, 20, False)])
    def test_it_takes_days_to_compare_with(self, days: int, watched: int, told: bool) -> None:
        done = seen(posts(40, within=timedelta(hours=5)), before=past(others=8, days=days), watched=watched * DAY)
        assert ("negative_share" in [each.name for each in done.measures]) is told

    @pytest.mark.parametrize(("before", "told"), [(49, False), (50, True)])
    def test_it_takes_fifty_posts_in_those_days(self, before: int, told: bool) -> None:
        state = WatchState()
        state.counts.add(NOW - 3 * DAY, Column.VOLUME, before)
        done = seen(posts(40, within=timedelta(hours=5)), before=state)
        assert ("negative_share" in [each.name for each in done.measures]) is told


class TestSlowBurn:
    """A little more every day than usual, for days."""

    def burning(self, day_by_day: Sequence[float]) -> WatchState:
        """A topic with so many negative posts each day, the last one today."""
        state = WatchState()
        for ago, count in enumerate(reversed(day_by_day)):
            for column in (Column.VOLUME, Column.NEGATIVE, Column.LIVE, Column.LIVE_NEGATIVE):
                for hour in range(24):
                    state.counts.add(NOW - ago * DAY - timedelta(hours=hour + 0.5), column, count / 24)
        return state

    def test_it_is_told_with_the_days_mean(self) -> None:
        done = seen(posts(1), before=self.burning([8] * 15 + [16] * 6 + [15]), watched=22 * DAY)
        burn = done.measured("slow_burn")
        strength = 7 * (min((16 - 8) / deviation(8), 2) - 0.5) / 7
        assert (burn.value, burn.baseline) == (pytest.approx(16), pytest.approx(8))
        assert burn.weight == pytest.approx(30 * strength)
        assert burn.evidence == ("neg000",)
        assert burn.hold == DAY
        assert "slow_burn" in done.names

    @pytest.mark.parametrize(("days", "told"), [(10, True), (9, False)])
    def test_it_takes_a_week_and_three_days_before_it(self, days: int, told: bool) -> None:
        done = seen(before=self.burning([8] * 15 + [18] * 7), watched=days * DAY)
        assert ("slow_burn" in [each.name for each in done.measures]) is told

    @pytest.mark.parametrize(("today", "told"), [(5, False), (6, True)])
    def test_it_takes_six_posts_today(self, today: float, told: bool) -> None:
        done = seen(before=self.burning([1] * 15 + [18] * 6 + [today]), watched=22 * DAY)
        assert ("slow_burn" in [each.name for each in done.measures]) is told

    def test_no_more_than_four_weeks_are_remembered(self) -> None:
        done = seen(before=self.burning([8] * 20 + [16] * 7), watched=400 * DAY)
        assert done.measured("slow_burn").baseline == pytest.approx(8)


class TestDrop:
    """Far fewer than usual, which is no calm."""

    def test_it_is_told_and_is_no_level(self) -> None:
        done = seen(before=past(others=10, days=9, until=timedelta(hours=7)))
        drop = done.signal("drop")
        below = 60 / deviation(60) / 4
        assert (drop.value, drop.baseline, drop.evidence) == (0, pytest.approx(60), ())
        assert drop.weight == round(10 * below, 1) == 15.3
        assert (done.names, done.assessment.level) == (["drop"], None)

    def test_it_takes_days_to_compare_with(self) -> None:
        assert seen(before=past(others=10, until=timedelta(hours=7)), watched=3 * DAY).names == []
