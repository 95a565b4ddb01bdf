"""A story that has become two: who leaves, what goes along, and that the id stays with what people saw."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from engine.post import SourceHealth, Topic
from engine.stories.splitting import split
from engine.stories.story import KEPT_TRACES, Story, begin
from engine.watch.state import WatchState
from engine.watch.watch import Arrival, update
from tests.engine.watch.readings import arrival

NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
TOPIC = Topic(name="Acme", query="acme", aliases=("acme",))
THEMES = np.random.default_rng(5).normal(size=(3, 256)) / 16


def about(theme: int, n: int, *, stray: float = 0.8) -> Arrival:
    rng = np.random.default_rng([theme, n])
    vector = THEMES[theme] + rng.normal(size=256) * stray / 16
    words = ("kettle fire kitchen", "水壶 召回 门店", "strike wages depot")[theme]
    at = NOW + timedelta(minutes=100 * theme + n)
    return arrival(f"{theme}-{n}", at, words, "negative", source=f"source {theme}", embedding=vector)


def story_of(*posts: Arrival) -> Story:
    story = begin("Acme", posts[0].post, at=posts[0].post.published)
    for each in posts:
        story.add(each.post, each.reading, Counter(each.post.text.split()), at=each.post.published, live=True)
    return story


def test_the_later_matter_leaves_and_the_id_stays_with_what_people_saw() -> None:
    posts = [about(0, n) for n in range(6)] + [about(1, n) for n in range(4)]
    story = story_of(*posts)
    before = (story.id, story.headline_id)
    left = split(story, "Acme")
    assert left is not None
    assert (story.id, story.headline_id) == before
    assert left.id != story.id
    assert (left.first_id, left.post_ids) == ("1-0", [f"1-{n}" for n in range(4)])
    assert (story.size, left.size) == (6, 4)
    assert (story.sources, left.sources) == ({"source 0": 6}, {"source 1": 4})
    assert set(story.words).isdisjoint(left.words)
    assert left.headline.startswith("水壶")
    assert [sum(row[0] for row in each.hours.values()) for each in (story, left)] == [6, 4]


def test_both_are_what_they_would_have_been_apart() -> None:
    mixed = story_of(*[about(0, n) for n in range(6)], *[about(1, n) for n in range(4)])
    left = split(mixed, "Acme")
    assert left is not None
    for part, alone in (
        (mixed, story_of(*[about(0, n) for n in range(6)])),
        (left, story_of(*[about(1, n) for n in range(4)])),
    ):
        assert part.centre is not None
        assert alone.centre is not None
        assert float(part.centre.astype(np.float32) @ alone.centre.astype(np.float32)) > 0.9
        assert (part.size, part.negative, part.post_ids) == (alone.size, alone.negative, alone.post_ids)


@pytest.mark.parametrize("strangers", [0, 1, 2])
def test_a_digression_does_not_split_a_story(strangers: int) -> None:
    story = story_of(*[about(0, n) for n in range(8)], *[about(1, n) for n in range(strangers)])
    assert split(story, "Acme") is None
    assert story.size == 8 + strangers


def test_one_matter_however_loosely_told_is_one_story() -> None:
    for stray in (0.3, 1.0, 1.3):
        assert split(story_of(*[about(0, n, stray=stray) for n in range(KEPT_TRACES)]), "Acme") is None


def test_a_story_reads_back_with_its_traces() -> None:
    story = story_of(*[about(0, n) for n in range(6)], *[about(1, n) for n in range(5)])
    again = Story.load(story.dump())
    assert again.traces == story.traces
    assert len(again.traces) == KEPT_TRACES
    left, also = split(story, "Acme"), split(again, "Acme")
    assert left is not None
    assert also is not None
    assert also.dump() == left.dump()


def test_the_watch_tells_which_posts_moved_and_their_proofs_follow() -> None:
    """A story that has swallowed another matter gives it back when it has grown."""
    state = WatchState()
    since, health = NOW - timedelta(days=1), SourceHealth(total=1)

    def watch(*arrivals: Arrival, now: datetime) -> dict[str, str]:
        done = update(state, arrivals, topic=TOPIC, now=now, watched_since=since, health=health)
        assert {story.id for story in done.absorbed.stories} >= set(done.absorbed.assigned.values())
        return dict(done.absorbed.assigned)

    watch(*[about(0, n) for n in range(5)], now=NOW + timedelta(minutes=10))
    [story] = state.stories.by_id.values()
    for n in range(4):  # as if they had been taken for the same
        each = about(1, n)
        story.add(each.post, each.reading, Counter(each.post.text.split()), at=each.post.published, live=True)
    moved = watch(about(0, 5), now=NOW + timedelta(minutes=300))
    assert moved.pop("0-5") == story.id
    assert set(moved) == {f"1-{n}" for n in range(4)}
    [left] = set(moved.values())
    assert left in state.stories.by_id
    assert left != story.id
    assert state.stories.by_id[story.id].size == 6
    assert watch(about(1, 9), now=NOW + timedelta(minutes=300))["1-9"] == left
