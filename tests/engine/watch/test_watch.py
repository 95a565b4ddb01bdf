"""The watch over a topic: what rings, what does not, and that it remembers."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.overview.summary import summary
from engine.post import Assessment, Level, Note, SourceHealth, Standing, Topic
from engine.watch.state import KEPT_NOTABLES, StateError
from engine.watch.watch import Arrival, Update, WatchState, update
from engine.watch.windows import Column
from tests.engine.watch.readings import arrival

NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
LONG_AGO = NOW - timedelta(days=20)
ACME = Topic(name="Acme", query="acme", aliases=("Acme",))
WELL = SourceHealth(total=3)


def watch(
    state: WatchState,
    arrivals: Sequence[Arrival] = (),
    *,
    now: datetime = NOW,
    since: datetime = LONG_AGO,
    health: SourceHealth = WELL,
) -> Update:
    return update(state, arrivals, topic=ACME, now=now, watched_since=since, health=health)


def many(count: int, at: datetime = NOW, label: str = "negative", **more: Any) -> list[Arrival]:
    """Posts of the last minutes before *at*, each about something else."""
    stamp = int(at.timestamp())
    return [
        arrival(f"{stamp}-{label}-{n}", at - timedelta(seconds=n), f"{label}{stamp}x{n}", label, **more)
        for n in range(count)
    ]


def weeks(per_hour: int = 4, days: int = 8, label: str = "neutral") -> list[Arrival]:
    """Quiet history up to two hours before NOW."""
    begin = NOW - timedelta(days=days)
    return [
        arrival(f"old-{hour}-{n}", begin + timedelta(hours=hour, minutes=n), f"old{hour}x{n}", label, quiet=True)
        for hour in range(24 * days - 2)
        for n in range(per_hour)
    ]


def names(assessment: Assessment) -> set[str]:
    return {signal.name for signal in assessment.signals}


class TestLevels:
    def test_nothing_is_nothing(self) -> None:
        done = watch(WatchState()).assessment
        assert (done.level, done.score, done.signals, done.stories, done.notes) == (None, 0, (), (), ())

    def test_a_surge_of_complaints_rings(self) -> None:
        done = watch(WatchState(), many(60)).assessment
        assert done.level is not None
        assert done.level <= Level.YELLOW
        assert "negative_volume" in names(done)
        assert done.evidence
        assert done.stories

    def test_the_same_number_of_posts_is_calm_where_it_is_usual(self) -> None:
        state = WatchState()
        watch(state, weeks(per_hour=12, days=4, label="negative"))
        assert watch(state, many(8)).assessment.level is None

    def test_a_surge_of_praise_is_blue_at_most(self) -> None:
        assert watch(WatchState(), many(200, label="positive")).assessment.level in (None, Level.BLUE)

    def test_an_outlet_that_reports_injuries_rings_without_volume(self) -> None:
        report = arrival(
            "1", NOW, "Two hurt at Acme", "negative", standing=Standing.OUTLET, risks={"injury": 0.95}, sure=0.95
        )
        done = watch(WatchState(), [report]).assessment
        assert done.level is Level.YELLOW
        assert done.signals[0].name == "gravity"
        assert done.signals[0].evidence == ("1",)

    def test_a_neutral_title_is_blue_at_most_and_a_second_negative_one_yellow(self) -> None:
        state = WatchState()
        title = arrival("1", NOW, "Acme 发布会", standing=Standing.BOARD)
        assert watch(state, [title]).assessment.level in (None, Level.BLUE)
        later = NOW + timedelta(hours=3)
        worse = arrival("2", later, "Acme 被吐槽", "negative", standing=Standing.BOARD)
        done = watch(state, [worse], now=later).assessment
        assert done.level is Level.YELLOW
        assert set(done.evidence) == {"1", "2"}

    def test_titles_more_than_a_day_apart_do_not_add_up(self) -> None:
        state, later = WatchState(), NOW + timedelta(hours=30)
        watch(state, [arrival("1", NOW, "Acme 道歉", "negative", standing=Standing.BOARD)])
        done = watch(state, [arrival("2", later, "Acme 又道歉", "negative", standing=Standing.BOARD)], now=later)
        assert done.assessment.level is Level.BLUE

    def test_a_story_told_by_many_sources_says_so(self) -> None:
        text = "Acme kettle burns down a kitchen"
        posts = [arrival(str(n), NOW, text, "negative", source=f"paper {n}") for n in range(8)]
        done = watch(WatchState(), posts).assessment
        assert {"spread", "growth"} <= names(done)

    def test_the_gravest_story_gives_the_headline(self) -> None:
        posts = [
            *many(12, label="neutral"),
            arrival("grave", NOW, "Acme kettle hurts three", "negative", risks={"injury": 0.9}),
        ]
        assert watch(WatchState(), posts).assessment.headline == "Acme kettle hurts three"


class TestSlowAndSilent:
    def burning(self, per_day: int) -> WatchState:
        """Three weeks of eight negative posts a day, and then six days of *per_day*."""
        state = WatchState()
        for day in range(-21, 0):
            end = NOW + timedelta(days=day + 1)
            count = per_day if day >= -6 else 8
            posts = [
                arrival(f"{day}-{n}", end - timedelta(minutes=1 + 1400 * n // count), f"bad{day}x{n}", "negative")
                for n in range(count)
            ]
            watch(state, posts, now=end, since=NOW - timedelta(days=21))
        return state

    def test_a_slow_burn_is_told_though_no_day_rings(self) -> None:
        done = watch(self.burning(18), since=NOW - timedelta(days=21)).assessment
        said = next(signal for signal in done.signals if signal.name == "slow_burn")
        assert said.reason == Note(code="slow_burn", values={"a_day": 18, "usual": 8, "days": 6})
        assert said.evidence
        assert done.level is not None

    def test_ordinary_days_are_none(self) -> None:
        assert "slow_burn" not in names(watch(self.burning(9), since=NOW - timedelta(days=21)).assessment)

    def test_a_drop_is_told_and_makes_nothing_more_serious(self) -> None:
        state = WatchState()
        watch(state, weeks(per_hour=20))
        done = watch(state, now=NOW + timedelta(hours=5)).assessment
        assert "drop" in names(done)
        assert done.level is None

    def test_a_few_complaints_within_minutes_ring_where_none_are_usual(self) -> None:
        state = WatchState()
        watch(state, weeks(per_hour=2))
        done = watch(state, many(9)).assessment
        assert done.level is Level.YELLOW
        said = next(signal for signal in done.signals if signal.name == "negative_volume").reason
        assert (said.code, said.number("value"), said.text("posts")) == ("surge.counts", 9, "negative")


class TestWhatNeverRings:
    def test_history(self) -> None:
        done = watch(WatchState(), many(300, quiet=True))
        assert done.assessment.level is None
        assert len(done.absorbed.assigned) == 300

    def test_a_month_that_arrives_at_once(self) -> None:
        late = [
            arrival(str(n), NOW - timedelta(hours=7 + n / 20), "Acme is late", "negative", seen=NOW) for n in range(300)
        ]
        done = watch(WatchState(), late).assessment
        assert done.level is None
        assert Note(code="late", values={"posts": 300}) in done.notes

    def test_copies_of_one_author(self) -> None:
        first = arrival("0", NOW, "Acme is bad", "negative", author="x")
        copies = [arrival(str(n), NOW, "Acme is bad", "negative", author="x", copy_of="0") for n in range(1, 300)]
        assert watch(WatchState(), [first, *copies]).assessment.level is None

    def test_a_post_of_a_year_ago(self) -> None:
        old = arrival("1", NOW - timedelta(days=365), "Acme", "negative", risks={"injury": 1.0}, seen=NOW)
        assert watch(WatchState(), [old]).assessment.score == 0

    def test_an_ordinary_week(self) -> None:
        state, draw = WatchState(), np.random.default_rng(3)
        for hour in range(24 * 9):
            now = NOW + timedelta(hours=hour)
            posts = many(int(draw.poisson(3)), now, "negative") + many(int(draw.poisson(5)), now, "neutral")
            done = watch(state, posts, now=now, since=NOW).assessment
            assert done.level in (None, Level.BLUE)


class TestHonesty:
    def test_a_new_topic_has_no_baseline_and_says_so(self) -> None:
        done = watch(WatchState(), many(60), since=NOW - timedelta(days=2)).assessment
        assert done.level in (None, Level.BLUE)
        assert "volume" not in " ".join(names(done))
        assert Note(code="no_baseline", values={"hours": 48}) in done.notes

    def test_two_weeks_of_silence_are_a_baseline(self) -> None:
        assert not watch(WatchState(), many(60)).assessment.notes

    def test_tiny_baselines_are_said_in_counts_never_in_multiples(self) -> None:
        state = WatchState()
        watch(state, [arrival(f"old{n}", NOW - timedelta(days=n), "old", "negative", quiet=True) for n in (2, 3, 4)])
        done = watch(state, many(316), since=NOW - timedelta(days=6)).assessment
        said = next(signal for signal in done.signals if signal.name == "negative_volume").reason
        assert said.code == "surge.counts"
        assert (said.number("value"), said.number("usual"), said.number("minutes")) == (316, 1, 15)
        assert "surge.multiple" not in [signal.reason.code for signal in done.signals]

    def test_silent_sources_are_named(self) -> None:
        done = watch(WatchState(), health=SourceHealth(total=3, silent=("Daily",))).assessment
        assert done.notes == (Note(code="stale", values={"silent": 1, "total": 3, "names": ("Daily",)}),)

    def test_silence_is_not_calm(self) -> None:
        state = WatchState()
        watch(state, weeks(per_hour=10))
        done = watch(state, now=NOW + timedelta(hours=8)).assessment
        assert "silence" in [note.code for note in done.notes]

    def test_the_weights_add_up_to_the_score(self) -> None:
        state = WatchState()
        watch(state, weeks())
        done = watch(state, many(40)).assessment
        assert sum(signal.weight for signal in done.signals) == pytest.approx(done.score, abs=0.5)


class TestFalling:
    def alarmed(self) -> WatchState:
        state = WatchState()
        assert watch(state, many(40, source="Daily")).assessment.level is Level.ORANGE
        return state

    def test_a_level_falls_slowly_and_in_the_end_altogether(self) -> None:
        state = self.alarmed()
        levels = [watch(state, now=NOW + timedelta(hours=hours)).assessment.level for hours in range(1, 120, 2)]
        assert levels[0] is Level.ORANGE
        assert levels[-1] is None
        seen = list(dict.fromkeys(levels))
        assert seen == [Level.ORANGE, Level.YELLOW, Level.BLUE, None]

    def test_it_says_that_it_is_held(self) -> None:
        done = watch(self.alarmed(), now=NOW + timedelta(hours=25)).assessment
        [note] = [note for note in done.notes if note.code == "held.fallen"]
        assert note.values == {"level": "orange", "score": round(done.score)}

    def test_it_never_falls_while_what_carried_it_is_missing(self) -> None:
        state, gone = self.alarmed(), SourceHealth(total=3, silent=("Daily",))
        for hours in range(1, 200, 5):
            done = watch(state, now=NOW + timedelta(hours=hours), health=gone).assessment
            assert done.level is Level.ORANGE
        assert Note(code="held.missing", values={"level": "orange"}) in done.notes

    def test_a_clock_that_jumps_back_does_no_harm(self) -> None:
        state = self.alarmed()
        assert watch(state, now=NOW - timedelta(days=2)).assessment.level is Level.ORANGE
        assert watch(state, many(5, label="neutral")).assessment.level is Level.ORANGE


class TestMemory:
    def test_posts_that_prove_nothing_are_not_kept(self) -> None:
        state = WatchState()
        watch(state, many(2000))
        assert len(state.notables) <= 2 * KEPT_NOTABLES

    def test_an_unknown_payload_is_refused(self) -> None:
        with pytest.raises(StateError, match="another version"):
            WatchState.load(b"\x80\x04something else", [])

    def test_a_topic_that_nobody_watched_is_empty(self) -> None:
        assert WatchState.load(None, []).stories.by_id == {}

    def test_a_dump_is_small(self) -> None:
        state = WatchState()
        watch(state, weeks())
        watch(state, many(300))
        assert len(state.dump()) < 60_000


WORDS = ["kettle", "fire", "parcel", "late", "refund", "strike", "水壶", "起火", "快递", "道歉"]


@st.composite
def batches(draw: st.DrawFn) -> list[Arrival]:
    count = draw(st.integers(1, 25))
    found = []
    for n in range(count):
        text = " ".join(draw(st.lists(st.sampled_from(WORDS), min_size=1, max_size=5)))
        axis = draw(st.one_of(st.none(), st.integers(0, 3)))
        vector = None if axis is None else np.eye(8)[axis] + 0.05 * n * np.eye(8)[5]
        found.append(
            arrival(
                f"p{n}",
                NOW - timedelta(minutes=draw(st.integers(0, 60 * 40))),
                text,
                draw(st.sampled_from(["negative", "neutral", "positive"])),
                source=draw(st.sampled_from(["a", "b", "c"])),
                standing=draw(st.sampled_from(list(Standing))),
                risks={"product": 0.8} if draw(st.booleans()) else None,
                embedding=vector,
                quiet=draw(st.booleans()),
            )
        )
    return found


def known(state: WatchState) -> Any:
    """All that a state knows, in a form that can be compared; the level it holds apart."""
    stories = sorted(story.dump() for story in state.stories.by_id.values())
    notables = sorted(state.notables, key=lambda each: each.post_id)
    counts = state.counts.until(NOW).tobytes(), state.risks.until(NOW).tobytes()
    return stories, notables, counts, state.vocabulary.seen.tobytes(), state.vocabulary.posts


@settings(max_examples=40)
@given(batch=batches(), chance=st.randoms(use_true_random=False))
def test_the_order_inside_a_batch_changes_nothing(batch: list[Arrival], chance: Any) -> None:
    shuffled = batch.copy()
    chance.shuffle(shuffled)
    one, other = WatchState(), WatchState()
    first, second = watch(one, batch), watch(other, shuffled)
    assert first.assessment == second.assessment
    assert first.absorbed.assigned == second.absorbed.assigned
    assert known(one) == known(other)


def placed(updates: Sequence[Update]) -> dict[str, str]:
    """The story of each post after all *updates*."""
    found: dict[str, str] = {}
    for done in updates:
        found = {
            post: done.absorbed.merged.get(story, story) for post, story in {**found, **done.absorbed.assigned}.items()
        }
    return found


@settings(max_examples=40)
@given(batch=batches(), size=st.integers(1, 7))
def test_a_replay_in_batches_equals_one_by_one(batch: list[Arrival], size: int) -> None:
    ordered = sorted(batch, key=lambda each: (each.post.published, each.post.id))
    one, other = WatchState(), WatchState()
    singly = [watch(one, [each]) for each in ordered]
    together = [watch(other, ordered[n : n + size]) for n in range(0, len(ordered), size)]
    assert known(one) == known(other)
    assert placed(singly) == placed(together)
    last, also = singly[-1].assessment, together[-1].assessment
    assert (last.score, last.signals, last.stories) == (also.score, also.signals, also.stories)


@settings(max_examples=40)
@given(batch=batches(), cut=st.integers(0, 25))
def test_a_restart_changes_nothing(batch: list[Arrival], cut: int) -> None:
    before, after = batch[:cut], batch[cut:]
    steady = WatchState()
    watch(steady, before)
    stories = [story.dump() for story in steady.stories.by_id.values()]
    restarted = WatchState.load(steady.dump(), stories)
    assert known(restarted) == known(steady)
    assert watch(restarted, after).assessment == watch(steady, after).assessment
    assert known(restarted) == known(steady)
    assert restarted.held == steady.held


class TestSummary:
    def test_the_day_in_numbers(self) -> None:
        state = WatchState()
        watch(state, weeks(per_hour=4))
        watch(state, [*many(10), *many(5, label="positive")])
        shown = summary(state, topic=ACME, now=NOW, watched_since=LONG_AGO, health=WELL)
        assert (shown.posts, shown.negative, shown.positive) == (21 * 4 + 15, 10, 5)
        assert shown.neutral == 21 * 4
        assert shown.usual_posts == pytest.approx(96, abs=5)
        assert len(shown.hours) == 24
        assert shown.hours[-1].negative == 10
        assert sum(hour.volume for hour in shown.hours) == shown.posts
        assert shown.hours[-1].at == NOW + timedelta(minutes=5) - timedelta(hours=1)

    def test_a_new_topic_has_nothing_usual(self) -> None:
        shown = summary(WatchState(), topic=ACME, now=NOW, watched_since=NOW, health=WELL)
        assert (shown.usual_posts, shown.usual_negative, shown.level) == (None, None, None)
        assert shown.notes[0].code == "no_baseline"

    def test_stories_stand_by_size_with_their_words(self) -> None:
        state = WatchState()
        fire = [arrival(f"f{n}", NOW, "kettle fire in a kitchen", "negative", source=f"s{n}") for n in range(4)]
        watch(state, [*fire, arrival("p", NOW, "parcel lost")])
        shown = summary(state, topic=ACME, now=NOW, watched_since=LONG_AGO, health=WELL)
        assert [story.size for story in shown.stories] == [4, 1]
        assert {"kettle", "fire"} <= set(shown.stories[0].words)
        assert shown.stories[0].sources == 4

    def test_a_story_tells_how_it_began_and_how_it_grows(self) -> None:
        state = WatchState()
        ago = [timedelta(hours=5), *[timedelta(hours=2)] * 3, *[timedelta()] * 8]
        fire = [arrival(f"f{n}", NOW - gap, "kettle fire in a kitchen", "negative") for n, gap in enumerate(ago)]
        watch(state, [*fire, arrival("p", NOW, "parcel lost")])
        grows, lies = summary(state, topic=ACME, now=NOW, watched_since=LONG_AGO, health=WELL).stories
        assert grows.first_id == "f0"
        assert grows.doubling_hours == pytest.approx(1 / np.log2(3))  # 4 an hour ago, 12 now
        assert lies.doubling_hours is None

    def test_looking_changes_nothing(self) -> None:
        state = WatchState()
        watch(state, many(40))
        before, held = known(state), state.held
        summary(state, topic=ACME, now=NOW + timedelta(days=3), watched_since=LONG_AGO, health=WELL)
        assert known(state) == before
        assert state.held == held
        assert state.counts.until(NOW)[:, Column.VOLUME].sum() == 40
