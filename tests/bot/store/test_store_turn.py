"""A turn: what a worker does to a topic alone, all of it or nothing."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from bot.errors import Missing, StoreError
from bot.incidents.closing import MOST
from bot.records import Decision, Ref, Status
from bot.store import Store
from bot.store.schema.incident_tables import IncidentRow
from engine.post import Assessment, Entity, Level
from engine.watch.severity import Held

NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
DAY = timedelta(days=1)


def read_all(store: Store, topic_id: int, **how: Any) -> list[Any]:
    return store.posts.read(topic_id, since=NOW - DAY, until=NOW + DAY, **how)


def test_readings_come_back(store: Store, build: Any) -> None:
    """Sentiment, risks and entities exactly, the embedding within half precision."""
    topic = build.stored_topic()
    [match] = build.matched(topic, 1)
    embedding = np.random.default_rng(1).normal(size=384).astype(np.float32)
    embedding /= np.linalg.norm(embedding)
    reading = build.reading(
        match.post.id,
        lang="zh",
        risks={"product": 0.1 + 0.2, "legal": 1e-9},
        entities=(Entity(start=0, end=2, type="organisation", text="西贝", score=0.9),),
        embedding=embedding,
    )
    with store.turn(topic.id, NOW) as turn:
        assert turn.topic == topic
        turn.keep([(match, reading)], build.update(assigned={match.post.id: "s1"}))
    [found] = read_all(store, topic.id)
    assert (found.post, found.story) == (match.post, "s1")
    assert found.reading.embedding.dtype == np.float32
    assert found.reading.embedding == pytest.approx(embedding, abs=1e-3)
    exact = {"embedding": None}
    assert vars_of(replace(found.reading, **exact)) == vars_of(replace(reading, **exact))


def vars_of(reading: Any) -> dict[str, Any]:
    return {name: getattr(reading, name) for name in reading.__slots__}


def test_read_posts_are_not_pending(store: Store, build: Any) -> None:
    """A second delivery of the same reference finds nothing to do."""
    topic = build.stored_topic()
    matches = build.matched(topic, 3)
    refs = [Ref(match.post.id, topic.id) for match in matches]
    with store.turn(topic.id, NOW) as turn:
        assert turn.unread(matches) == matches
        turn.keep([(matches[0], build.reading(matches[0].post.id))], build.update())
    assert store.posts.pending(refs) == matches[1:]
    with store.turn(topic.id, NOW) as turn:
        assert turn.unread(matches) == matches[1:]


def test_matches_of_other_topics_are_not_this_turns(store: Store, build: Any) -> None:
    """A worker may hand over its whole batch."""
    acme, borealis = build.stored_topic("Acme"), build.stored_topic("Borealis")
    [match] = build.matched(acme, 1)
    with store.turn(borealis.id, NOW) as turn:
        assert turn.unread([match]) == []


def test_fault_in_a_turn_leaves_nothing(store: Store, build: Any) -> None:
    """Readings, state, incident and alerts are one."""
    topic = build.stored_topic()
    matches = build.matched(topic, 2)
    pairs = [(match, build.reading(match.post.id)) for match in matches]
    decision = Decision(incident=build.incident(topic), acts=(build.act("a"),), alerts=(build.alert("b"),))

    def broken() -> None:
        with store.turn(topic.id, NOW) as turn:
            turn.keep(pairs, build.update(stories=(build.story("s"),)))
            turn.write(decision)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        broken()
    assert read_all(store, topic.id) == []
    assert store.incidents.recent() == []
    assert store.alerts.owed() == []
    with store.turn(topic.id, NOW) as turn:
        assert turn.unread(matches) == matches
        assert turn.incidents == ()


def test_turn_on_nothing_is_said(store: Store) -> None:
    """A topic that is not there is a fault of the caller, with a sentence."""
    with pytest.raises(Missing, match="no topic 4"), store.turn(4, NOW):
        pass


def test_incident_is_opened_with_its_rows(store: Store, build: Any) -> None:
    """It gets its number, its timeline and its owed messages in the same moment."""
    topic = build.stored_topic()
    stored = build.opened(topic, build.alert("card"), build.alert("page", target="U1"))
    assert (stored.id > 0, stored.version) == (True, 1)
    assert replace(stored, id=0, version=0) == build.incident(topic)
    assert store.incidents.get(stored.id) == stored
    assert [act.key for act in store.incidents.timeline(stored.id)] == ["opened"]
    assert [(alert.key, alert.incident_id) for alert in store.alerts.owed()] == [
        ("card", stored.id),
        ("page", stored.id),
    ]


def test_turn_sees_the_live_incidents_and_those_closed_in_the_last_seven_days(store: Store, build: Any) -> None:
    topic = build.stored_topic()
    stored = build.opened(topic)
    with store.turn(topic.id, NOW) as turn:
        assert turn.incidents == (stored,)
        turn.keep([], build.update())
        turn.write(Decision(incident=replace(stored, status=Status.RESOLVED, closed_at=NOW)))
    with store.turn(topic.id, NOW + timedelta(days=7)) as turn:
        assert [each.id for each in turn.incidents] == [stored.id]
    with store.turn(topic.id, NOW + timedelta(days=7, seconds=1)) as turn:
        assert turn.incidents == ()
    with store.turn(topic.id, NOW) as turn:
        turn.keep([], build.update())
        second = turn.write(Decision(incident=replace(build.incident(topic), opened_at=NOW + timedelta(seconds=1))))
        assert second is not None
        assert [each.id for each in turn.incidents] == [stored.id, second.id]


def test_more_than_three_live_incidents_of_a_topic_are_refused(store: Store, build: Any) -> None:
    """Whatever the core decides, the database allows so many, each in its slot."""
    topic = build.stored_topic()
    for _ in range(MOST):
        last = build.opened(topic)
    with pytest.raises(StoreError, match="3 open incidents already"):
        build.opened(topic)
    store.incidents.change(last.id, lambda now: Decision(incident=replace(now, status=Status.RESOLVED, closed_at=NOW)))
    build.opened(topic)
    with pytest.raises(StoreError, match="3 open incidents already"):
        store.incidents.change(last.id, lambda now: Decision(incident=replace(now, status=Status.OPEN, closed_at=None)))


def test_the_last_fence_is_the_database(store: Store, build: Any) -> None:
    """Two writers who both saw a free slot: the second is refused."""
    from sqlalchemy.exc import IntegrityError

    topic = build.stored_topic()
    build.opened(topic)
    other = build.opened(topic)

    def taken() -> None:
        with store._database.write() as session:
            session.get_one(IncidentRow, other.id).slot = 0

    with pytest.raises(IntegrityError):
        taken()


def test_state_and_stories_are_handed_to_the_next_turn(
    store: Store, build: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The payload as it was dumped, and the stories of the last 7 days, the oldest first."""
    from engine.watch.watch import WatchState

    loaded: list[tuple[bytes | None, list[bytes]]] = []
    monkeypatch.setattr(
        WatchState, "load", staticmethod(lambda payload, stories: loaded.append((payload, list(stories))))
    )
    topic = build.stored_topic()
    stories = tuple(
        build.story(key, last_at=NOW - timedelta(days=days)) for key, days in (("new", 0), ("old", 8), ("mid", 6))
    )
    with store.turn(topic.id, NOW) as turn:
        assert turn.state is None
        turn.state = type("State", (), {"dump": lambda self: b"\0state"})()
        turn.keep([], build.update(stories=stories))
    with store.turn(topic.id, NOW) as turn:
        assert turn.state is None
    store.topics.state(topic.id)
    assert loaded == [(None, []), (b"\0state", [b"mid", b"new"]), (b"\0state", [b"mid", b"new"])]


def test_story_grows_under_its_id(store: Store, build: Any) -> None:
    """A touched story is written over, and an earlier post may move to it."""
    topic = build.stored_topic()
    [match] = build.matched(topic, 1)
    key = match.post.id
    with store.turn(topic.id, NOW) as turn:
        update = build.update(stories=(build.story("s1"),), assigned={key: "s1"})
        turn.keep([(match, build.reading(key))], update)
    with store.turn(topic.id, NOW) as turn:
        turn.state = SimpleNamespace(dump=lambda: b"")  # what such a story was dumped as cannot be loaded
        turn.keep([], build.update(stories=(build.story("s1", size=2),), assigned={key: "s2"}))
    assert [post.post.id for post in read_all(store, topic.id, story="s2")] == [key]
    assert read_all(store, topic.id, story="s1") == []


def test_topics_with_a_level_or_incident_are_assessed_without_posts(store: Store, build: Any) -> None:
    """A level must be able to fall; a paused topic without an incident is left alone."""
    quiet, levelled, incident, paused = (build.stored_topic(name) for name in ("a", "b", "c", "d"))
    for topic in (levelled, paused):
        with store.turn(topic.id, NOW) as turn:
            blue = Assessment(at=NOW, level=Level.BLUE, score=20)
            turn.keep([], build.update(assessment=blue))
    with store.turn(quiet.id, NOW) as turn:
        turn.keep([], build.update())
    build.opened(incident)
    store.topics.pause(paused.id)
    assert store.incidents.ids_to_assess(NOW) == [levelled.id, incident.id]
    assert store.incidents.ids_to_assess(NOW - timedelta(seconds=1)) == [], "they had a turn after that"


def test_loudest_are_originals_by_reach_and_copies(store: Store, build: Any) -> None:
    """The newest first otherwise; the end of the time is outside."""
    topic, source = build.stored_topic(), build.stored_source()
    texts = [("small", "one", None), ("big", "two", 1000), ("copied", "three", None), ("copy", "three", 5000)]
    posts = [
        build.post(key, text, reach=reach, matches=(topic.id,), published=NOW - timedelta(hours=hours))
        for hours, (key, text, reach) in enumerate(texts)
    ]
    store.posts.add(source, posts, NOW)
    matches = store.posts.pending(store.posts.unpublished(NOW + DAY, 10))
    with store.turn(topic.id, NOW) as turn:
        pairs = [(match, build.reading(match.post.id)) for match in matches]
        turn.keep(pairs, build.update())
    assert [one.post.text for one in read_all(store, topic.id)] == ["one", "two", "three", "three"]
    assert [one.post.text for one in read_all(store, topic.id, loudest=True)] == ["two", "three", "one"]
    assert [one.post.text for one in read_all(store, topic.id, limit=1)] == ["one"]
    early = store.posts.read(topic.id, since=NOW - DAY, until=NOW)
    assert [one.post.text for one in early] == ["two", "three", "three"]


def test_real_watch_state_survives_between_turns(store: Store, build: Any) -> None:
    """What one worker saw, the next one goes on from: stories keep their ids, and the views see both."""
    from engine.watch import watch

    topic = build.stored_topic()
    embedding = np.eye(1, 384, 5, dtype=np.float32)[0]
    dumped: list[bytes] = []

    def take(name: str, now: datetime) -> Any:
        matches = build.matched(topic, 4, source=name)
        pairs = [(match, build.reading(match.post.id, embedding=embedding)) for match in matches]
        with store.turn(topic.id, now) as turn:
            arrivals = [watch.Arrival(post=match.post, reading=reading) for match, reading in pairs]
            known = {
                "topic": topic.topic,
                "now": now,
                "watched_since": topic.watched_since,
                "health": store.sources.health(now),
            }
            update = watch.update(turn.state, arrivals, **known)
            turn.keep(pairs, update)
            dumped.append(turn.state.dump())
        return update

    first = take("a", NOW)
    second = take("b", NOW + timedelta(minutes=5))
    stories = first.absorbed.stories + second.absorbed.stories
    assert set(second.absorbed.assigned.values()) <= {story.id for story in stories}
    seen = store.topics.state(topic.id)
    assert seen.dump() == dumped[-1]
    stories = {one.story for one in read_all(store, topic.id)}
    assert stories == set(first.absorbed.assigned.values()) | set(second.absorbed.assigned.values())


def test_the_stories_that_an_incident_may_go_on_with_outlive_the_others(store: Store, build: Any) -> None:
    """A week without posts forgets a story, but not that of an incident that was closed less than a week ago."""
    from engine.watch import watch

    topic = build.stored_topic()
    stored = build.opened(topic)
    vectors = np.eye(2, 384, 5, dtype=np.float32)
    pairs = [
        (match, build.reading(match.post.id, embedding=vectors[n])) for n, match in enumerate(build.matched(topic, 2))
    ]
    with store.turn(topic.id, NOW) as turn:
        arrivals = [watch.Arrival(post=match.post, reading=reading) for match, reading in pairs]
        absorbed = watch.absorb(turn.state, arrivals, topic=topic.topic, now=NOW)
        turn.keep(pairs, watch.Update(absorbed=absorbed, assessment=Assessment(at=NOW, level=None, score=0)))
        told, other = (absorbed.assigned[match.post.id] for match, _ in pairs)
        assert told != other
        done = replace(stored, stories=(told,), status=Status.RESOLVED, closed_at=NOW + 2 * DAY)
        turn.write(Decision(incident=done))
    for days, remembered in ((6, {told, other}), (8, {told}), (9.1, set())):
        with store.turn(topic.id, NOW + days * DAY) as turn:
            assert set(turn.state.stories.by_id) == remembered


def test_what_an_incident_counts_from_and_is_held_at_is_kept(store: Store, build: Any) -> None:
    topic = build.stored_topic()
    stored = build.opened(topic)
    held = Held(level=Level.ORANGE, below_since=NOW, hold=timedelta(hours=6))
    with store.turn(topic.id, NOW) as turn:
        turn.keep([], build.update())
        turn.write(Decision(incident=replace(stored, counted_from=NOW, held=held, split=True)))
    found = store.incidents.get(stored.id)
    assert found is not None
    assert (found.counted_from, found.held, found.split) == (NOW, held, True)
