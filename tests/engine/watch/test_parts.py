"""Parts of a topic: what was said since a time, and what belongs to some stories, measured as if no more was told."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import numpy as np
import pytest

from engine.post import RISKS, Standing
from engine.watch.parts import of_stories, since
from engine.watch.signals import look, measure
from engine.watch.snapshot import Snapshot
from engine.watch.watch import Arrival, WatchState, absorb
from engine.watch.windows import BUCKET, Column
from tests.engine.watch.looking import ACME, DAY, NOW, past
from tests.engine.watch.readings import arrival

LIVE = [Column.LIVE, Column.LIVE_NEGATIVE, Column.LIVE_TITLES, Column.LIVE_NEGATIVE_TITLES]
INJURY = RISKS.index("injury")
FIRE, PRICE = [1.0, 0.0, 0.0], [0.0, 1.0, 0.0]
WORDS = {"fire": "kitchen kettle burned flames smoke", "price": "price doubled expensive greedy shelf"}


def at(minutes_ago: float) -> datetime:
    return NOW - timedelta(minutes=minutes_ago)


def posts(about: str, ages: Sequence[float], label: str = "negative", **more: object) -> list[Arrival]:
    vector = FIRE if about == "fire" else PRICE
    return [
        arrival(f"{about}-{label}-{age}", at(age), f"acme {WORDS[about]}", label, embedding=vector, **more)  # type: ignore[arg-type]
        for age in ages
    ]


def titles(about: str, ages: Sequence[float]) -> list[Arrival]:
    return [
        arrival(
            f"{about}-title-{age}", at(age), f"acme {WORDS[about]}", "negative",
            embedding=FIRE if about == "fire" else PRICE, standing=Standing.BOARD, source="board",
        )
        for age in ages
    ]  # fmt: skip


def reports(about: str, ages: Sequence[float]) -> list[Arrival]:
    return posts(about, ages, standing=Standing.OUTLET, source="Reuters", risks={"injury": 0.9})


def snapshot(arrivals: Sequence[Arrival], *, before: WatchState | None = None, now: datetime = NOW) -> Snapshot:
    state = before or WatchState()
    for each in sorted(arrivals, key=lambda each: each.post.published):
        absorb(state, [each], topic=ACME, now=each.post.published)
    absorb(state, [], topic=ACME, now=now)
    return look(state, now=now, watched_since=now - 20 * DAY)


def story_of(seen: Snapshot, about: str) -> set[str]:
    return {each.story_id for each in seen.notables if each.post_id.startswith(about)}


def live(seen: Snapshot, column: Column) -> float:
    return float(seen.counts[:, column].sum())


def weights(seen: Snapshot) -> dict[str, float]:
    return {each.name: each.weight for each in measure(seen)}


class TestSince:
    def test_only_what_came_later_may_raise_a_level(self) -> None:
        seen = snapshot([*posts("price", [200, 150, 100]), *posts("price", [40, 20], "neutral"), *posts("price", [10])])
        later = since(seen, at(60))
        assert [live(later, column) for column in LIVE[:2]] == [3, 1]
        assert {each.post_id for each in later.notables} == {"price-negative-10"}

    def test_what_is_usual_stays(self) -> None:
        seen = snapshot(posts("price", [200, 100, 10]), before=past(negative=1, others=4))
        later = since(seen, at(60))
        kept = [Column.VOLUME, Column.NEGATIVE, Column.TITLES]
        np.testing.assert_array_equal(later.counts[:, kept], seen.counts[:, kept])
        np.testing.assert_array_equal(later.risks[:, : len(RISKS)], seen.risks[:, : len(RISKS)])
        assert (later.covered, later.now, later.state) == (seen.covered, seen.now, seen.state)

    def test_titles_of_before_are_gone_too(self) -> None:
        later = since(snapshot(titles("price", [90, 30])), at(60))
        assert live(later, Column.LIVE_TITLES) == 1

    @pytest.mark.parametrize(("minutes", "left"), [(5, 0), (61, 0.5), (300, 1)])
    def test_a_risk_counts_by_the_share_of_its_posts_that_came_later(self, minutes: float, left: float) -> None:
        """Of the hour of the close, too: two reports an hour ago, one on each side of it."""
        seen = snapshot(reports("fire", [62, 60.5]), now=NOW - timedelta(minutes=1))
        whole = seen.risks[:, len(RISKS) + INJURY].sum()
        assert since(seen, at(minutes)).risks[:, len(RISKS) + INJURY].sum() == pytest.approx(left * whole)

    def test_a_moment_beyond_memory_changes_nothing(self) -> None:
        seen = snapshot([*posts("price", [200, 100, 10]), *reports("fire", [30])])
        later = since(seen, NOW - 40 * DAY)
        np.testing.assert_array_equal(later.counts, seen.counts)
        np.testing.assert_array_equal(later.risks, seen.risks)
        assert (later.notables, later.stories) == (seen.notables, seen.stories)
        assert weights(later) == weights(seen)

    def test_now_leaves_nothing(self) -> None:
        seen = snapshot([*posts("price", [20, 15, 10, 5]), *reports("fire", [4]), *titles("fire", [3])])
        assert measure(since(seen, NOW)) == []

    def test_a_story_is_as_fast_and_as_wide_as_it_is_since(self) -> None:
        wide = [
            arrival(f"price-{n}", at(200 - n), "acme price", "negative", embedding=PRICE, source=f"source {n}")
            for n in range(12)
        ]  # fmt: skip
        seen = snapshot([*wide, *posts("price", [10, 5])])
        assert "spread" in weights(seen)
        (story,) = since(seen, at(60)).stories
        assert story.sources == {"forum": 2}
        assert "spread" not in weights(since(seen, at(60)))
        assert seen.stories[0].sources != story.sources  # what is remembered is not touched

    def test_the_slow_burn_of_weeks_ends_with_a_close(self) -> None:
        state = past(negative=2, others=2, days=7, until=timedelta(0), live=True)
        for bucket in range(7 * 288, 24 * 288):
            state.counts.add(NOW - bucket * BUCKET, Column.VOLUME, 2 / 12)
            state.counts.add(NOW - bucket * BUCKET, Column.NEGATIVE, 0.5 / 12)
        seen = look(state, now=NOW, watched_since=NOW - 24 * DAY)
        assert "slow_burn" in weights(seen)
        assert "slow_burn" not in weights(since(seen, NOW - timedelta(hours=8)))


class TestOfStories:
    def test_posts_are_shared_out_between_the_stories_they_tell(self) -> None:
        seen = snapshot([*posts("price", [50, 40, 30]), *posts("fire", [35, 25])])
        fire, price = (of_stories(seen, story_of(seen, about)) for about in ("fire", "price"))
        assert (live(fire, Column.LIVE_NEGATIVE), live(price, Column.LIVE_NEGATIVE)) == (2, 3)
        assert live(fire, Column.LIVE) + live(price, Column.LIVE) == pytest.approx(live(seen, Column.LIVE))
        assert {each.post_id[:4] for each in fire.notables} == {"fire"}
        assert [each.id for each in fire.stories] == list(story_of(seen, "fire"))

    def test_in_one_bucket_they_are_shared_out_by_their_number(self) -> None:
        seen = snapshot([*posts("price", [2, 1.5, 1]), *posts("fire", [0.5])])
        assert live(of_stories(seen, story_of(seen, "fire")), Column.LIVE_NEGATIVE) == pytest.approx(1)

    def test_a_risk_is_that_of_the_story_that_tells_it(self) -> None:
        seen = snapshot([*posts("price", [50, 40, 30, 20]), *reports("fire", [25, 15])])
        assert "gravity" in weights(of_stories(seen, story_of(seen, "fire")))
        assert "gravity" not in weights(of_stories(seen, story_of(seen, "price")))

    def test_a_title_on_a_board_is_that_of_its_story(self) -> None:
        seen = snapshot([*titles("fire", [40, 20]), *posts("price", [30, 10])])
        assert live(of_stories(seen, story_of(seen, "price")), Column.LIVE_TITLES) == 0
        assert live(of_stories(seen, story_of(seen, "fire")), Column.LIVE_TITLES) == 2

    def test_all_stories_are_the_whole(self) -> None:
        seen = snapshot([*posts("price", [50, 40, 30]), *reports("fire", [35, 25]), *titles("fire", [20])])
        whole = of_stories(seen, set(seen.state.stories.by_id))
        np.testing.assert_allclose(whole.counts, seen.counts)
        assert weights(whole) == pytest.approx(weights(seen))

    def test_no_story_is_nothing(self) -> None:
        seen = snapshot([*posts("price", [50, 40, 30]), *reports("fire", [35, 25])])
        assert measure(of_stories(seen, set())) == []

    def test_what_is_usual_is_that_of_the_topic(self) -> None:
        seen = snapshot(posts("price", [50, 40]), before=past(negative=1, others=4))
        part = of_stories(seen, set())
        np.testing.assert_array_equal(part.counts[:, Column.NEGATIVE], seen.counts[:, Column.NEGATIVE])

    def test_a_part_of_a_part_is_what_both_leave(self) -> None:
        seen = snapshot([*posts("price", [50, 10]), *posts("fire", [45, 20, 5])])
        both = since(of_stories(seen, story_of(seen, "fire")), at(30))
        assert {each.post_id for each in both.notables} == {"fire-negative-20", "fire-negative-5"}
        assert live(both, Column.LIVE_NEGATIVE) == 2
