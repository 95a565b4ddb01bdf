"""What people say of posts that the watch has taken in: one was read wrong, or is not about the topic.

The state afterwards counts as if the post had been read so from the beginning, or had never come: counts, risks,
proofs, facts and stories. What it taught of words and of the topic's centre stays.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from engine.post import Polarity, Post, Reading, Topic
from engine.stories.correction import restate, take_out
from engine.stories.story import Story
from engine.watch.state import WatchState
from engine.watch.watch import Arrival, content, count, is_late, is_live, note, see
from engine.watch.windows import Column


@dataclass(frozen=True, kw_only=True, slots=True)
class Recount:
    """A post of the story *story_id* as it was counted (*before*) and as it is to be counted (*after*), of which None
    is not at all. *quiet*: it was history."""

    post: Post
    story_id: str
    before: Reading | None
    after: Reading | None
    quiet: bool = False


def correct(state: WatchState, recounts: Sequence[Recount], *, topic: Topic) -> tuple[tuple[Story, ...], list[Arrival]]:
    """Let *state* (which is changed) follow *recounts*: the stories that changed, of which those of no size are gone,
    and the posts that are to be taken in (again)."""
    touched: dict[str, Story] = {}
    back: list[Arrival] = []
    for each in recounts:
        if each.before is not None:
            story = _taken_back(state, each, topic)
            touched |= {story.id: story} if story else {}
        elif each.after is not None:
            back.append(Arrival(post=each.post, reading=each.after, quiet=each.quiet))
    return tuple(touched.values()), back


def _taken_back(state: WatchState, change: Recount, topic: Topic) -> Story | None:
    post, before, after = change.post, change.before, change.after
    assert before is not None
    arrival = Arrival(post=post, reading=before, quiet=change.quiet)
    at, seen = post.published, post.seen or post.published
    live = is_live(arrival, seen)
    story = state.stories.by_id.get(change.story_id)
    count(state, arrival, at=at, live=live, times=-1)
    state.notables = [each for each in state.notables if each.post_id != post.id]
    state.facts.seen = [each for each in state.facts.seen if each.post_id != post.id]
    if after is not None:
        read = Arrival(post=post, reading=after, quiet=change.quiet)
        count(state, read, at=at, live=live)
        if live:
            note(state, post, after, change.story_id, at)
        see(state, read, change.story_id, topic, at=at, live=live, now=seen)
    elif is_late(post, seen) and not change.quiet:
        state.counts.add(seen, Column.LATE, -1)
    if story is None:
        return None
    if after is None:
        take_out(story, post, before, content(post, before, topic), live=live)
    elif _negative(before) is not _negative(after):
        restate(story, post, after, live=live)
    state.stories.restated(story, state.vocabulary)
    return story


def _negative(reading: Reading) -> bool:
    return reading.sentiment.label is Polarity.NEGATIVE
