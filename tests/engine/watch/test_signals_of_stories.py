"""Each signal of stories, facts and boards, by its name, end to end: posts go in, and the assessment holds that signal
with its number, what is usual, what it weighs and the posts that prove it."""

from __future__ import annotations

import math
from datetime import timedelta
from typing import Any, ClassVar

import pytest

from engine.post import RISKS, Standing
from engine.watch.watch import Arrival, WatchState
from engine.watch.windows import HOUR, Column
from tests.engine.watch.looking import DAY, FIRE, NOW, past, posts, replace_source, seen, story, story_copies
from tests.engine.watch.readings import arrival

BURST_USUAL = 0.1
"""What one story is expected to bring in minutes, at least."""


def graver(count: int) -> list[Arrival]:
    """So many reports of injuries, each about something else, some hours old."""
    hurt: dict[str, Any] = {"standing": Standing.OUTLET, "risks": {"injury": 0.9}}
    at = NOW - timedelta(hours=5)
    return [
        arrival(f"g{n}", at, f"g{n} hurt", "negative", embedding=[0] * (n + 1) + [1] + [0] * (3 - n), **hurt)
        for n in range(count)
    ]


class TestBurst:
    """Several people against the topic on one matter, within minutes: told as negative volume."""

    def test_few_are_enough(self) -> None:
        done = seen(story([5, 4, 3, 2, 1]), before=past(negative=1, others=3))
        burst = done.signal("negative_volume")
        assert (burst.value, burst.baseline, burst.weight) == (5, BURST_USUAL, 46.6)
        assert burst.evidence == ("fire00", "fire01", "fire02", "fire03", "fire04")
        assert done.measured("negative_volume").hold == HOUR

    def test_it_is_never_orange(self) -> None:
        done = seen(story([9, 8, 7, 6, 5, 4, 3, 2, 1]), before=past(negative=1, others=3))
        assert done.measured("negative_volume").weight == 60
        assert done.signal("negative_volume").value == 9

    def test_its_proofs_are_those_of_the_story(self) -> None:
        other = [arrival("other", NOW, "lost parcel", "negative", embedding=[0, 1, 0], sure=0.99)]
        done = seen([*other, *story([5, 4, 3, 2, 1])], before=past(negative=1, others=3))
        assert done.signal("negative_volume").evidence == ("fire00", "fire01", "fire02", "fire03", "fire04")

    @pytest.mark.parametrize(("count", "told"), [(0, True), (2, True), (3, False)])
    def test_the_three_gravest_stories_are_looked_at(self, count: int, told: bool) -> None:
        done = seen([*graver(count), *story([4, 3, 2, 1])], before=past(negative=1, others=3))
        usual = [each.baseline for each in done.measures if each.name == "negative_volume"]
        assert (usual == [BURST_USUAL]) is told

    def test_one_voice_is_no_burst(self) -> None:
        one = story([5, 4, 3, 2, 1], author="the same")
        done = seen(one, before=past(negative=1, others=3))
        assert done.signal("negative_volume").baseline == pytest.approx(1 / 6)  # that of ten minutes, not of a story

    def test_a_story_that_is_as_loud_every_hour_does_not_burst(self) -> None:
        state = past(negative=1, others=3)
        early = [
            arrival(f"early{n:02}", NOW - timedelta(hours=3, minutes=3 * n), FIRE, "negative", embedding=[1, 0, 0])
            for n in range(40)
        ]
        seen(early, before=state, now=NOW - timedelta(hours=2))
        fresh = seen(story([50, 40, 30, 20, 10]), before=state)
        assert all(each.value != 5 for each in fresh.measures if each.name == "negative_volume")


class TestSpread:
    """One story in many places."""

    def test_it_counts_independent_sources(self) -> None:
        fires = [replace_source(each, f"paper {n}") for n, each in enumerate(story([900, 600, 300]))]
        done = seen(fires)
        spread = done.signal("spread")
        assert (spread.value, spread.baseline, spread.weight) == (3, 1, 10)
        assert spread.evidence == ("fire00", "fire01", "fire02")
        assert done.measured("spread").hold == DAY
        assert done.names == ["spread"]

    def test_it_counts_copies_by_others(self) -> None:
        fires = [*story([300]), *story_copies(10)]
        spread = seen(fires).signal("spread")
        assert (spread.value, spread.weight) == (1, 10)

    def test_copies_of_yesterday_count_no_more(self) -> None:
        state = WatchState()
        seen([*story([300, 10]), *story_copies(10)], before=state)
        assert "spread" in seen(before=state, now=NOW + 21 * HOUR).names
        assert "spread" not in seen(before=state, now=NOW + 22 * HOUR).names

    @pytest.mark.parametrize(("count", "told"), [(2, True), (3, False)])
    def test_only_the_three_gravest_stories_are_looked_at(self, count: int, told: bool) -> None:
        fires = [replace_source(each, f"paper {n}") for n, each in enumerate(story([900, 600, 300]))]
        assert ("spread" in seen([*graver(count), *fires]).names) is told

    def test_a_neutral_story_may_go_as_far_as_it_likes(self) -> None:
        fires = [replace_source(each, f"paper {n}") for n, each in enumerate(story([900, 600, 300], "neutral"))]
        assert seen(fires).names == []


class TestGrowth:
    """One story doubles."""

    LATER = NOW + timedelta(minutes=30)

    def test_it_is_told_in_hours(self) -> None:
        """Four in the hour before, eight in this one."""
        done = seen(story([45, 40, 35, 31, *range(-2, -10, -1)]), now=self.LATER)
        growth = done.signal("growth")
        assert (growth.value, growth.baseline) == (pytest.approx(1 / math.log2(12 / 4)), None)
        assert done.measured("growth").weight == 20
        assert done.measured("growth").hold == timedelta(hours=6)
        assert growth.evidence == ("fire00", "fire01", "fire02", "fire03", "fire04")

    def test_the_slower_the_less_it_weighs(self) -> None:
        """Four earlier in the day, four more within six hours."""
        growth = seen(story([600, 590, 580, 570, 250, 210, 170, 130]), now=self.LATER).measured("growth")
        assert (growth.value, growth.weight) == (6, pytest.approx(20 / 6))

    @pytest.mark.parametrize(("count", "told"), [(2, True), (3, False)])
    def test_only_the_three_gravest_stories_are_looked_at(self, count: int, told: bool) -> None:
        fires = story([45, 40, 35, 31, -2, -3, -4, -5], standing=Standing.COMMENT)
        assert ("growth" in seen([*graver(count), *fires], now=self.LATER).names) is told

    def test_praise_may_grow(self) -> None:
        assert "growth" not in seen(story([45, 40, 35, 31, *range(-2, -10, -1)], "positive"), now=self.LATER).names


class TestGravity:
    """What is said is grave, however few say it."""

    REPORT: ClassVar[dict[str, Any]] = {"standing": Standing.OUTLET, "sure": 0.9}

    def test_a_single_report_is_told_with_the_risk_it_tells_of(self) -> None:
        report = arrival("1", NOW, "Two hurt at Acme", "negative", risks={"injury": 0.9}, **self.REPORT)
        done = seen([report, *posts(2, "neutral")])
        mass = 0.9 * (0.9 + 0.5 * 0.05)
        gravity = done.signal("gravity")
        assert (gravity.value, gravity.baseline, gravity.evidence) == (1, 0, ("1",))
        assert gravity.weight == round(90 * (1 - math.exp(-mass + 3 * 0.002)), 1) == 50.6
        assert done.measured("gravity").hold == DAY
        assert done.names == ["gravity"]

    def test_the_risk_that_weighs_most_is_told_with_its_own_posts(self) -> None:
        hurt = arrival("hurt", NOW, "hurt", "negative", risks={"injury": 0.9}, **self.REPORT)
        late = [arrival(f"late{n}", NOW, f"late {n}", "negative", risks={"service": 0.9}) for n in range(3)]
        gravity = seen([*late, hurt]).signal("gravity")
        assert (gravity.value, gravity.evidence) == (1, ("hurt",))

    def test_what_is_usual_is_said_in_posts(self) -> None:
        """Three posts of half the mass of one each, where a usual day brings a mass of half a post."""
        state = WatchState()
        for day in range(1, 9):
            state.risks.add(NOW - day * DAY - HOUR, RISKS.index("legal"), 0.2)
        reports = [
            arrival(f"{n}", NOW, f"court {n}", "negative", risks={"legal": 0.8}, **self.REPORT) for n in range(3)
        ]
        gravity = seen(reports, before=state, watched=9 * DAY).signal("gravity")
        assert (gravity.value, gravity.baseline) == (3, pytest.approx(0.2 / (0.8 * 0.925)))

    def test_a_risk_that_nobody_is_sure_of_is_no_post_that_speaks_of_it(self) -> None:
        unsure = arrival("1", NOW, "hurt?", "negative", risks={"injury": 0.45}, **self.REPORT)
        gravity = seen([unsure]).signal("gravity")
        assert (gravity.value, gravity.evidence) == (0, ())

    def test_without_a_baseline_nothing_is_usual(self) -> None:
        report = arrival("1", NOW, "Two hurt at Acme", "negative", risks={"injury": 0.9}, **self.REPORT)
        assert seen([report], watched=DAY).signal("gravity").baseline is None

    def test_what_was_said_a_day_ago_is_over(self) -> None:
        state = WatchState()
        seen([arrival("1", NOW, "hurt", "negative", risks={"injury": 0.9}, **self.REPORT)], before=state)
        assert "gravity" in seen(before=state, now=NOW + timedelta(hours=23)).names
        assert "gravity" not in seen(before=state, now=NOW + timedelta(hours=24)).names


class TestBoard:
    """Titles on hot-search boards."""

    def title(self, id_: str, label: str = "neutral", hours: float = 0, sure: float = 0.9) -> Arrival:
        at = NOW - timedelta(hours=hours)
        return arrival(id_, at, f"Acme title {id_}", label, standing=Standing.BOARD, sure=sure)

    def test_titles_are_counted_and_the_negative_ones_weigh_most(self) -> None:
        done = seen([self.title("1"), self.title("2", "negative", hours=1)])
        board = done.signal("board")
        assert (board.value, board.baseline, board.evidence) == (2, 0, ("2", "1"))
        assert board.weight == round(95 * (1 - math.exp(-1.7 / 2.4)), 1) == 48.2
        assert done.measured("board").hold == DAY
        assert done.names == ["board"]

    def test_a_title_of_which_the_reader_is_unsure_weighs_less(self) -> None:
        weight = seen([self.title("1", "negative", sure=0.4)]).signal("board").weight
        assert weight == round(95 * (1 - math.exp(-(0.2 + 2 / 3) / 2.4)), 1)

    def test_what_is_usual_is_the_mean_of_the_calmer_days(self) -> None:
        """Of eight days with 0, 1, 2 … 7 titles the six calmest: 2.5 a day, and half of them negative."""
        state = WatchState()
        for day in range(8):
            at = NOW - (day + 1) * DAY - HOUR
            state.counts.add(at, Column.TITLES, day)
            state.counts.add(at, Column.NEGATIVE_TITLES, day / 2)
        many = [self.title(f"{n}", "negative" if n < 5 else "neutral", hours=n / 10) for n in range(12)]
        board = seen(many, before=state, watched=9 * DAY).signal("board")
        titles, negative = 12 - 2 * 2.5, 5 - 2 * 1.25
        mass = 1.2 + negative + 0.3 * (titles - 1)
        assert (board.value, board.baseline) == (12, 2.5)
        assert board.weight == round(95 * (1 - math.exp(-mass / 2.4)), 1)

    def test_without_a_baseline_nothing_is_usual(self) -> None:
        assert seen([self.title("1", "negative")], watched=DAY).signal("board").baseline is None

    def test_titles_of_a_day_ago_are_over(self) -> None:
        state = WatchState()
        seen([self.title("1", "negative")], before=state)
        assert "board" not in seen(before=state, now=NOW + DAY).names
