"""Stories that became one, and a watch that another version of Tocsin left behind."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np

from bot.store import Store
from bot.store.schema.tables import StoryRow, TopicStateRow
from engine.post import SourceHealth
from engine.watch import watch

NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)


def stories(store: Store, topic_id: int) -> dict[str, str]:
    """The story of each read post of a topic."""
    found = store.posts.read(topic_id, since=NOW - timedelta(days=1), until=NOW + timedelta(days=1), limit=100)
    return {each.post.id: each.story for each in found}


def test_posts_go_with_a_story_that_became_one_with_another(store: Store, build: Any) -> None:
    topic, other = build.stored_topic(), build.stored_topic("Other")
    matches = build.matched(topic, 2)
    [foreign] = [match for match in build.matched(other, 1) if match.topic_id == other.id]
    for record, match, story in ((topic, matches[0], "later"), (other, foreign, "later")):
        with store.turn(record.id, NOW) as turn:
            changes = build.update(assigned={match.post.id: story}, stories=(build.story(story),))
            turn.keep([(match, build.reading(match.post.id))], changes)
    with store.turn(topic.id, NOW) as turn:
        changes = build.update(
            assigned={matches[1].post.id: "earlier"}, stories=(build.story("earlier"),), merged={"later": "earlier"}
        )
        turn.keep([(matches[1], build.reading(matches[1].post.id))], changes)
    assert set(stories(store, topic.id).values()) == {"earlier"}
    assert stories(store, other.id) == {foreign.post.id: "later"}
    with store._database.read() as session:
        assert session.get(StoryRow, (topic.id, "later")) is None
        assert session.get(StoryRow, (other.id, "later")) is not None


def test_another_version_s_watch_is_made_anew_from_the_readings(store: Store, build: Any) -> None:
    """The windows, the stories and the posts in them are there again, and the next turn goes on from them."""
    topic = build.stored_topic()
    matches = build.matched(topic, 6)
    axes = np.eye(16, dtype=np.float32)
    pairs = [(match, build.reading(match.post.id, embedding=axes[n // 3])) for n, match in enumerate(matches)]
    with store.turn(topic.id, NOW) as turn:
        update = watch.update(
            turn.state,
            [watch.Arrival(post=match.post, reading=reading) for match, reading in pairs],
            topic=topic.topic,
            now=NOW,
            watched_since=NOW,
            health=SourceHealth(total=1),
        )
        turn.keep(pairs, update)
    before = stories(store, topic.id)
    with store._database.write() as session:
        row = session.get(TopicStateRow, topic.id)
        assert row is not None
        row.payload = b"OLD!" + row.payload[4:]
    assert store.topics.state(topic.id).stories.by_id == {}
    with store.turn(topic.id, NOW) as turn:
        assert {story.id: story.size for story in turn.state.stories.by_id.values()} == {
            story: list(before.values()).count(story) for story in before.values()
        }
        assert turn.state.vocabulary.posts == 6
        again = watch.update(
            turn.state, [], topic=topic.topic, now=NOW, watched_since=NOW, health=SourceHealth(total=1)
        )
        turn.keep([], again)
    assert stories(store, topic.id) == before
    assert len(store.topics.state(topic.id).stories.by_id) == len(set(before.values()))
