"""Which posts are one story: neighbours stay apart, languages meet, like stories become one, and ids stay."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from engine.post import SourceHealth, Topic
from engine.stories.live_stories import Changes, Stories
from engine.stories.similarity import MERGED, excess, joining, of_story
from engine.stories.story import Story, begin
from engine.text.keywords import Vocabulary
from engine.watch.state import WatchState
from engine.watch.watch import Arrival, Update, update
from tests.engine.watch.readings import arrival

NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
TOPIC = Topic(name="Acme", query="acme", aliases=("acme",))
DIMENSIONS = 256
RNG = np.random.default_rng(1003)  # no seed of `about`: [3, 0] is the same as 3
THEMES = RNG.normal(size=(40, DIMENSIONS)) / DIMENSIONS**0.5
SPEECH = {"en": RNG.normal(size=DIMENSIONS) / DIMENSIONS**0.5, "zh": RNG.normal(size=DIMENSIONS) / DIMENSIONS**0.5}


def about(theme: int, n: int, lang: str = "en", *, stray: float = 0.8, minutes: float = 0) -> Arrival:
    """Post *n* about a theme; posts of one language have much in common, as those of one topic do."""
    rng = np.random.default_rng([theme, n])
    vector = THEMES[theme] + 0.7 * SPEECH[lang] + rng.normal(size=DIMENSIONS) * stray / DIMENSIONS**0.5
    made = arrival(f"{theme}-{n}", NOW + timedelta(minutes=minutes), f"{lang}{theme}", "negative", embedding=vector)
    return Arrival(post=replace(made.post, lang=lang), reading=replace(made.reading, lang=lang))


def watch(state: WatchState, arrivals: Iterable[Arrival], now: datetime = NOW + timedelta(hours=12)) -> Update:
    since, health = NOW - timedelta(days=1), SourceHealth(total=1)
    return update(state, list(arrivals), topic=TOPIC, now=now, watched_since=since, health=health)


def mixed(themes: int, posts: int) -> list[Arrival]:
    return [
        about(theme, n, ("en", "zh")[n % 2], minutes=themes * n + theme)
        for n in range(posts)
        for theme in range(themes)
    ]


def final(updates: Iterable[Update]) -> dict[str, str]:
    """The story of each post after all *updates*, as the store has it."""
    found: dict[str, str] = {}
    for each in updates:
        found |= each.absorbed.assigned
        found = {post: each.absorbed.merged.get(story, story) for post, story in found.items()}
    return found


def test_a_story_does_not_swallow_its_neighbours() -> None:
    done = watch(WatchState(), mixed(40, 8))
    themes: dict[str, list[str]] = defaultdict(list)
    for post, story in done.absorbed.assigned.items():
        themes[story].append(post.partition("-")[0])
    strangers = sum(len(found) - max(Counter(found).values()) for found in themes.values())
    assert strangers < 0.02 * len(done.absorbed.assigned)
    assert max(len(found) for found in themes.values()) <= 12


def test_posts_of_both_languages_are_one_story() -> None:
    done = watch(WatchState(), mixed(40, 8))
    late = {post: story for post, story in done.absorbed.assigned.items() if int(post.partition("-")[2]) >= 4}
    both = [late[f"{theme}-{n}"] == late[f"{theme}-{n + 1}"] for theme in range(40) for n in (4, 6)]
    assert sum(both) / len(both) > 0.9


def test_the_same_posts_make_the_same_stories() -> None:
    posts = mixed(8, 10)
    one, other = WatchState(), WatchState()
    forwards, backwards = watch(one, posts), watch(other, reversed(posts))
    assert forwards.absorbed.assigned == backwards.absorbed.assigned
    assert one.dump() == other.dump()


def test_stories_are_the_same_when_they_are_stored_between_two_batches() -> None:
    posts = mixed(8, 10)
    at_once = WatchState()
    whole = watch(at_once, posts)
    state, parts = WatchState(), []
    for start in range(0, len(posts), 16):
        parts.append(watch(state, posts[start : start + 16], now=posts[min(start + 15, len(posts) - 1)].post.published))
        state = WatchState.load(state.dump(), [story.dump() for story in state.stories.by_id.values()])
    assert final(parts) == whole.absorbed.assigned
    assert {story.id: story.size for story in state.stories.by_id.values()} == {
        story.id: story.size for story in at_once.stories.by_id.values()
    }


class Pair:
    """Two stories that were begun apart and turn out to be one: an earlier and a later one."""

    def __init__(self) -> None:
        self.stories, self.vocabulary = Stories(), Vocabulary()
        self.earlier, self.later = self._story(1, 0), self._story(2, 60)

    def _story(self, first: int, minutes: float) -> Story:
        stories = Stories()
        for n in range(first, 9, 2):
            each = about(0, n, minutes=minutes + n)
            stories.assign(
                "Acme",
                each.post,
                each.reading,
                Counter(),
                vocabulary=self.vocabulary,
                at=each.post.published,
                live=True,
                changes=Changes(),
            )
        [story] = stories.by_id.values()
        self.stories._put(story)
        return story


def test_of_two_like_stories_the_earlier_stays() -> None:
    pair = Pair()
    assert excess(of_story(pair.earlier, pair.vocabulary), pair.later, MERGED) > 0
    sizes = pair.earlier.size + pair.later.size
    changes = Changes()
    kept = pair.stories.merge(pair.later, pair.earlier, pair.vocabulary, changes)
    assert kept is pair.earlier
    assert (kept.size, list(pair.stories.by_id)) == (sizes, [kept.id])
    assert changes.merged == {pair.later.id: kept.id}
    assert set(pair.later.post_ids) <= set(kept.post_ids)
    assert kept.last_at == pair.later.last_at


def test_the_story_that_people_were_told_of_stays() -> None:
    pair = Pair()
    first_at, first_id = pair.earlier.first_at, pair.earlier.first_id
    kept = pair.stories.merge(pair.earlier, pair.later, pair.vocabulary, Changes(named=(pair.later.id,)))
    assert kept is pair.later
    assert (kept.first_at, kept.first_id) == (first_at, first_id)


@pytest.mark.parametrize("named", [0, 1, 2])
def test_a_story_that_grows_finds_its_like_unless_people_were_told_of_both(named: int) -> None:
    pair = Pair()
    changes = Changes(named=(pair.earlier.id, pair.later.id)[2 - named :])
    pair.stories.novelty = 0.0
    for n in range(20, 30):
        each = about(0, n, minutes=90 + n)
        pair.stories.assign(
            "Acme",
            each.post,
            each.reading,
            Counter(),
            vocabulary=pair.vocabulary,
            at=each.post.published,
            live=True,
            changes=changes,
        )
    assert len(pair.stories.by_id) == (2 if named == 2 else 1)
    assert (pair.later.id in pair.stories.by_id) == (named > 0)


def test_posts_and_proofs_go_with_a_story_that_became_one_with_another() -> None:
    """Two stories that drift together: what was said of the one is then said of the other."""
    state, updates = WatchState(), []
    apart, minutes = 1.0, 0
    for n in range(40):
        for side in (-1, 1):
            minutes += 1
            vector = THEMES[0] + side * apart * 1.2 * THEMES[1]
            post = arrival(
                f"{n}{side:+}", NOW + timedelta(minutes=minutes), f"remark {side} {n}", "negative", embedding=vector
            )
            updates.append(watch(state, [post], now=post.post.published))
        apart *= 0.9
    merged = {gone: kept for each in updates for gone, kept in each.absorbed.merged.items()}
    assert merged
    assert set(merged).isdisjoint(state.stories.by_id)
    assert {each.story_id for each in state.notables} <= set(state.stories.by_id)
    assert set(final(updates).values()) == set(state.stories.by_id)
    assert sum(story.size for story in state.stories.by_id.values()) == 80


def test_a_topic_of_single_posts_asks_for_more() -> None:
    assert joining(1.0).together > joining(0.0).together
    stories, vocabulary = Stories(), Vocabulary()
    for theme in range(30):
        each = about(theme, 0)
        stories.assign(
            "Acme", each.post, each.reading, Counter(), vocabulary=vocabulary, at=NOW, live=True, changes=Changes()
        )
        vocabulary.add([])
    assert stories.novelty > 0.7
    assert len(stories.by_id) == 30


def test_a_large_story_is_not_merged_as_easily_as_a_small_one() -> None:
    assert MERGED.raised(1) == 0
    assert MERGED.raised(32) > MERGED.raised(2) > 0
    assert MERGED.raised(10_000) == MERGED.raised(64)


def test_copies_are_shown_once() -> None:
    story = begin("Acme", about(0, 0).post, at=NOW)
    for n, copy_of in enumerate([None, "0-0", "0-0", None]):
        each = about(0, n)
        story.add(replace(each.post, copy_of=copy_of), each.reading, {}, at=NOW, live=True)
    assert story.post_ids == ["0-0", "0-3"]
    assert (story.size, story.copies) == (4, 2)
