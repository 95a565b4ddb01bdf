"""Days that a team expects: what they explain rings nothing by itself, and nothing else is muted."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from engine.post import Assessment, Level, SourceHealth, Standing
from engine.watch.expected import Calendar, ExpectedDays
from engine.watch.remarks import RemarkCode
from engine.watch.severity import Held
from engine.watch.signals import look, measure
from engine.watch.watch import Arrival, WatchState, absorb, judge
from engine.watch.windows import BUCKET, HOUR, Column
from tests.engine.watch.looking import ACME, DAY, NOW, past, posts, story
from tests.engine.watch.readings import arrival

TODAY = NOW.date()
SALE = ExpectedDays(first=TODAY, last=TODAY, what="campaign", by="U1")
TO_COME = ExpectedDays(first=TODAY + 5 * DAY, last=TODAY + 6 * DAY, what="launch")


def assessed(
    arrivals: Sequence[Arrival] = (),
    *days: ExpectedDays,
    before: WatchState | None = None,
    now: datetime = NOW,
    zone: str = "UTC",
) -> Assessment:
    """How Acme stands at *now* after *arrivals*, where *days* are expected."""
    state, since = before or WatchState(), now - 20 * DAY
    absorb(state, arrivals, topic=ACME, now=now)
    snapshot = look(state, now=now, watched_since=since, calendar=Calendar(days=days, zone=ZoneInfo(zone)))
    return judge(snapshot, measure(snapshot), before=Held(), health=SourceHealth(total=3))[0]


def names(found: Assessment) -> list[str]:
    return [each.name for each in found.signals]


class TestOnTheDay:
    """The number of posts is explained."""

    def test_many_posts_ring_nothing(self) -> None:
        many = posts(300, "positive")
        assert names(assessed(many, before=past(others=24))) == ["volume"]
        calm = assessed(many, SALE, before=past(others=24))
        assert (names(calm), calm.level, calm.score) == ([], None, 0)

    def test_a_silence_rings_nothing(self) -> None:
        quiet = past(others=24, until=timedelta(hours=6))
        assert names(assessed(before=quiet)) == ["drop"]
        assert names(assessed((), SALE, before=past(others=24, until=timedelta(hours=6)))) == []

    def test_growth_alone_rings_nothing(self) -> None:
        """Neutral and negative posts about one thing, twice as many each hour: half of it is against nobody."""
        fires = [*story([45, 40], "negative"), *_others([35, 31, *range(-2, -10, -1)])]
        later = NOW + timedelta(minutes=15)
        assert "growth" in names(assessed(fires, now=later))
        assert names(assessed(fires, SALE, now=later)) == []

    def test_several_days_last_to_the_end_of_the_last_one(self) -> None:
        days = ExpectedDays(first=TODAY - 2 * DAY, last=TODAY, what="sale")
        assert names(assessed(posts(300, "positive"), days, before=past(others=24))) == []

    def test_another_day_is_a_day_like_any_other(self) -> None:
        many = posts(300, "positive")
        assert names(assessed(many, TO_COME, before=past(others=24))) == ["volume"]
        assert not _told(assessed(many, TO_COME, before=past(others=24)))

    @pytest.mark.parametrize(("zone", "rings"), [("Asia/Shanghai", False), ("Pacific/Honolulu", True)])
    def test_it_begins_and_ends_at_the_teams_midnight(self, zone: str, rings: bool) -> None:
        """At 08:00 UTC it is the same day in Shanghai, and the evening before in Honolulu."""
        found = assessed(posts(300, "positive"), SALE, before=past(others=24), zone=zone)
        assert ("volume" in names(found)) is rings

    def test_a_day_on_which_the_clocks_change_has_23_hours(self) -> None:
        change = date(2026, 3, 29)
        calendar = Calendar(
            days=(ExpectedDays(first=change, last=change, what="fair"),), zone=ZoneInfo("Europe/Berlin")
        )
        ((begin, end),) = calendar.spans
        assert end - begin == 23 * 3600
        hours = [datetime(2026, 3, 28, 20, tzinfo=UTC) + n * HOUR for n in range(30)]
        assert [calendar.on(each) is not None for each in hours] == [begin <= each.timestamp() < end for each in hours]

    def test_it_is_said_what_is_expected_and_who_entered_it(self) -> None:
        (note,) = _told(assessed(posts(300, "positive"), SALE, before=past(others=24)))
        assert dict(note.values) == {
            "first": TODAY.isoformat(), "last": TODAY.isoformat(), "what": "campaign", "by": "U1",
        }  # fmt: skip


class TestNothingElseIsMuted:
    """What is said against the topic weighs on an expected day what it weighs on any other."""

    def test_negative_posts_ring(self) -> None:
        bad = posts(96)
        expected = assessed(bad, SALE, before=past(negative=24))
        assert expected.level is assessed(bad, before=past(negative=24)).level is Level.YELLOW

    def test_negative_posts_are_not_hidden_by_the_volume_that_says_the_same(self) -> None:
        """On another day the stronger of the two is told, here the volume."""
        mixed = [*posts(33), *posts(300, "positive")]
        usual = {"negative": 8, "others": 24}
        assert "negative_volume" not in names(assessed(mixed, before=past(**usual)))
        assert "negative_volume" in names(assessed(mixed, SALE, before=past(**usual)))

    @pytest.mark.parametrize("risk", ["injury", "legal", "product"])
    def test_one_grave_report_weighs_the_same(self, risk: str) -> None:
        report = [arrival("g", NOW, "word", "negative", risks={risk: 0.95}, standing=Standing.OUTLET)]
        expected, usual = (assessed(report, *days, before=past(others=24)) for days in ((SALE,), ()))
        (one,), (other,) = ([each for each in found.signals if each.name == "gravity"] for found in (expected, usual))
        assert one == other

    def test_a_grave_story_that_grows_is_as_grave_as_ever(self) -> None:
        later = NOW + timedelta(minutes=15)
        fires = story([45, 40, 35, 31, *range(-2, -10, -1)], risks={"injury": 0.9})
        expected, usual = (assessed(fires, *days, now=later) for days in ((SALE,), ()))
        assert {"growth", "gravity"} <= set(names(expected))
        assert (expected.level, expected.score) == (usual.level, usual.score)

    def test_facts_are_told(self) -> None:
        fires = [
            arrival("f", NOW, "Acme kettle fire: 3 people killed, police said", "negative", standing=Standing.OUTLET,
                    risks={"injury": 0.95})
        ]  # fmt: skip
        expected, usual = (assessed(fires, *days) for days in ((SALE,), ()))
        assert expected.facts == usual.facts != ()


class TestAfterwards:
    """The day counts as an ordinary one in all that follows."""

    def day_before(self, factor: float) -> WatchState:
        """24 posts an hour, and *factor* times as many on the whole day before."""
        state = past(others=24, until=BUCKET, live=True)
        midnight = datetime.combine(TODAY, datetime.min.time(), UTC)
        for bucket in range(int(DAY / BUCKET)):
            for column in (Column.VOLUME, Column.LIVE):
                state.counts.add(midnight - (bucket + 1) * BUCKET, column, 2 * (factor - 1))
        return state

    def test_its_last_posts_ring_nothing_on_the_morning_after(self) -> None:
        yesterday = ExpectedDays(first=TODAY - DAY, last=TODAY - DAY, what="sale")
        assert names(assessed(before=self.day_before(20))) == ["volume"]
        assert names(assessed((), yesterday, before=self.day_before(20))) == []

    def test_a_surge_on_the_morning_after_rings(self) -> None:
        yesterday = ExpectedDays(first=TODAY - DAY, last=TODAY - DAY, what="sale")
        many = posts(300, "positive")
        assert names(assessed(many, yesterday, before=self.day_before(20))) == ["volume"]

    def test_the_calm_after_days_of_it_is_no_silence(self) -> None:
        """A week's fair is over: what is usual comes back, a twelfth of what was said there."""
        fair = ExpectedDays(first=TODAY - 7 * DAY, last=TODAY - DAY, what="fair")
        assert names(assessed(before=self.fair())) == ["drop"]
        assert names(assessed((), fair, before=self.fair())) == []

    def fair(self) -> WatchState:
        state = past(others=20, until=BUCKET)
        midnight = datetime.combine(TODAY, datetime.min.time(), UTC)
        for bucket in range(int(7 * DAY / BUCKET)):
            state.counts.add(midnight - (bucket + 1) * BUCKET, Column.VOLUME, 20)
        return state


def _others(ages: Sequence[float]) -> list[Arrival]:
    """Neutral posts about the same fire, so many minutes old."""
    return [
        arrival(f"calm{n:02}", NOW - timedelta(minutes=age), "Acme kettle burns a kitchen down", "neutral",
                embedding=[1, 0, 0])
        for n, age in enumerate(ages)
    ]  # fmt: skip


def _told(found: Assessment) -> list:  # type: ignore[type-arg]
    return [note for note in found.notes if note.code == RemarkCode.EXPECTED]
