"""What people say of posts is counted at once: as if the post had been read so, or had never come."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.overview.summary import TopicSummary, summary
from engine.post import Level, Polarity, SourceHealth, Standing, Topic
from engine.watch.correction import Recount, correct
from engine.watch.counting import PER_DAY
from engine.watch.watch import Arrival, WatchState, absorb, update
from tests.engine.watch.readings import arrival, sentiment
from tests.engine.watch.test_counting import arrivals

NOW = datetime(2026, 3, 2, 8, 3, tzinfo=UTC)
WATCHED = NOW - timedelta(days=20)
HEALTH = SourceHealth(total=3)
ACME = Topic(name="Acme", query="acme", aliases=("Acme",))


def absorbed(posts: list[Arrival]) -> tuple[WatchState, dict[str, str]]:
    state = WatchState()
    done = absorb(state, posts, topic=ACME, now=NOW)
    return state, dict(done.assigned)


def told(state: WatchState) -> TopicSummary:
    return summary(state, topic=ACME, now=NOW, watched_since=WATCHED, health=HEALTH)


def said(one: Arrival, polarity: str) -> Arrival:
    return replace(one, reading=replace(one.reading, sentiment=sentiment(polarity, sure=1.0)))


def recount(before: Arrival, after: Arrival | None, stories: dict[str, str]) -> Recount:
    return Recount(
        post=before.post,
        story_id=stories[before.post.id],
        before=before.reading,
        after=after.reading if after else None,
        quiet=before.quiet,
    )


def assert_same_counts(one: WatchState, other: WatchState) -> None:
    for mine, theirs in ((one.counts, other.counts), (one.risks, other.risks)):
        np.testing.assert_allclose(mine.until(NOW, 9 * PER_DAY), theirs.until(NOW, 9 * PER_DAY), atol=1e-5)
    proofs = [sorted((each.post_id, each.weight, each.negative) for each in state.notables) for state in (one, other)]
    assert proofs[0] == proofs[1]


@settings(max_examples=25)
@given(posts=arrivals(), seed=st.integers(0, 99), polarity=st.sampled_from([*Polarity]))
def test_a_corrected_tone_counts_as_if_it_had_been_read_so(posts: list[Arrival], seed: int, polarity: Polarity) -> None:
    chosen = random.Random(seed).choice(posts)
    after = said(chosen, polarity)
    state, stories = absorbed(posts)
    correct(state, [recount(chosen, after, stories)], topic=ACME)
    read_so, _ = absorbed([after if one is chosen else one for one in posts])
    assert_same_counts(state, read_so)
    mine, theirs = told(state), told(read_so)
    assert (mine.posts, mine.negative, mine.positive) == (theirs.posts, theirs.negative, theirs.positive)
    assert mine.score == pytest.approx(theirs.score, abs=0.2)
    if story := state.stories.by_id.get(stories[chosen.post.id]):  # it may be forgotten meanwhile
        of_it = [after if one is chosen else one for one in posts if stories[one.post.id] == story.id]
        assert story.negative == sum(one.reading.sentiment.label is Polarity.NEGATIVE for one in of_it)


@settings(max_examples=25)
@given(posts=arrivals(), seed=st.integers(0, 99))
def test_a_post_that_is_not_about_the_topic_counts_as_if_it_had_never_come(posts: list[Arrival], seed: int) -> None:
    chosen = random.Random(seed).choice(posts)
    state, stories = absorbed(posts)
    changed, back = correct(state, [recount(chosen, None, stories)], topic=ACME)
    assert not back
    without = [one for one in posts if one is not chosen]
    assert_same_counts(state, absorbed(without)[0])
    for story in changed:  # none, where it was forgotten meanwhile
        of_it = [one for one in without if stories[one.post.id] == story.id]
        assert (story.size, story.id in state.stories.by_id) == (len(of_it), bool(of_it))
        assert chosen.post.id not in [trace.post_id for trace in story.traces]
    assert np.isfinite(state.stories._rows).all()


def test_taking_a_word_back_counts_the_post_again() -> None:
    posts = [arrival(f"p{n}", NOW, "Acme burns", "negative", embedding=[1, 0, 0]) for n in range(5)]
    state, stories = absorbed(posts)
    first = told(state)
    correct(state, [recount(posts[4], None, stories)], topic=ACME)
    assert told(state).negative == 4
    out = Recount(post=posts[4].post, story_id=stories["p4"], before=None, after=posts[4].reading)
    _, back = correct(state, [out], topic=ACME)
    absorb(state, back, topic=ACME, now=NOW)
    assert (told(state).negative, told(state).stories[0].size) == (5, 5)
    assert told(state).score == first.score


def test_the_level_follows_a_correction() -> None:
    report = arrival(
        "r", NOW, "Acme hurt a child", "negative", standing=Standing.OUTLET, risks={"injury": 0.95}, embedding=[1, 0, 0]
    )
    state = WatchState()
    done = update(state, [report], topic=ACME, now=NOW, watched_since=WATCHED, health=HEALTH)
    assert done.assessment.level is Level.YELLOW
    correct(state, [recount(report, said(report, "positive"), {"r": done.absorbed.assigned["r"]})], topic=ACME)
    assert told(state).score < 5
    assert told(state).assessment.evidence == ()


def test_a_headline_that_is_not_about_the_topic_gives_way() -> None:
    posts = [arrival(f"p{n}", NOW, f"Acme burns {n}", "negative", embedding=[1, 0, 0.1 * n]) for n in range(4)]
    state, stories = absorbed(posts)
    [story] = state.stories.by_id.values()
    wrong = next(one for one in posts if one.post.id == story.headline_id)
    correct(state, [recount(wrong, None, stories)], topic=ACME)
    assert story.headline_id != wrong.post.id
    assert story.headline != wrong.post.text
