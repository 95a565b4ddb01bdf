"""What people said of the engine's readings is kept once a person, and stands above what was read."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot.errors import Missing
from bot.records import Correction, Decision, Incident, Match, Status, TopicRecord
from bot.store import Store
from engine.post import Polarity, Sentiment

NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)


@pytest.fixture
def topic(build: Any) -> TopicRecord:
    made: TopicRecord = build.stored_topic()
    return made


def opened(store: Store, build: Any, topic: TopicRecord, matches: list[Match]) -> Incident:
    """An incident whose evidence is *matches*, all read as negative but the last."""
    readings = [(match, build.reading(match.post.id)) for match in matches[:-1]]
    calm = build.reading(matches[-1].post.id, sentiment=Sentiment(negative=0.1, neutral=0.8, positive=0.1))
    with store.turn(topic.id, NOW) as turn:
        evidence = tuple(match.post.id for match in matches)
        turn.keep([*readings, (matches[-1], calm)], build.update())
        turn.write(Decision(incident=build.incident(topic, evidence=evidence), acts=(build.act("opened"),)))
    return store.incidents.open()[0]


def verdict(incident: Incident, post_id: str, polarity: Polarity | None, by: str = "U1", **more: Any) -> Correction:
    made = Correction(
        topic_id=incident.topic_id, post_id=post_id, by=by, polarity=polarity, at=NOW, incident_id=incident.id
    )
    return replace(made, **more)


def say(store: Store, made: Correction) -> bool:
    """Whether *made* was new."""
    with store.turn(made.topic_id, made.at) as turn:
        turn.incident(made.incident_id)
        return turn.overrule(made) is not None


def test_the_same_word_twice_is_one_word(store: Store, build: Any, topic: TopicRecord) -> None:
    """Another word of the same person replaces it, and is what everybody sees."""
    matches = build.matched(topic, 2)
    incident = opened(store, build, topic, matches)
    post = matches[0].post.id
    assert say(store, verdict(incident, post, Polarity.NEUTRAL))
    assert not say(store, verdict(incident, post, Polarity.NEUTRAL))
    assert say(store, verdict(incident, post, Polarity.POSITIVE, at=NOW + timedelta(hours=1)))
    [judged] = store.corrections.judged()
    assert (judged.post.id, judged.topic.name, judged.polarity, judged.by) == (post, "Acme", Polarity.POSITIVE, "U1")
    shown = store.posts.read_as(topic.id, [post])[post]
    assert (shown.reading.sentiment.label, shown.said_by) == (Polarity.POSITIVE, "U1")


def test_what_is_not_about_the_topic_is_read_no_more_until_somebody_says_otherwise(
    store: Store, build: Any, topic: TopicRecord
) -> None:
    matches = build.matched(topic, 2)
    incident = opened(store, build, topic, matches)
    post = matches[0].post.id

    def read() -> list[str]:
        found = store.posts.read(topic.id, since=NOW - timedelta(days=3), until=NOW + timedelta(days=1))
        return sorted(each.post.id for each in found)

    assert say(store, verdict(incident, post, None))
    assert (read(), store.corrections.judged()) == ([matches[1].post.id], [])
    assert [
        match.post.id for match, _ in store.history.read(topic.id, since=NOW - timedelta(days=3), until=NOW)
    ] == read()
    assert say(store, verdict(incident, post, Polarity.NEGATIVE, "U2"))
    assert read() == [matches[0].post.id, matches[1].post.id]


def test_the_word_of_one_does_not_keep_another_from_the_last_word(store: Store, build: Any, topic: TopicRecord) -> None:
    matches = build.matched(topic, 2)
    incident = opened(store, build, topic, matches)
    post = matches[0].post.id
    assert say(store, verdict(incident, post, Polarity.NEUTRAL, "U1"))
    assert say(store, verdict(incident, post, Polarity.POSITIVE, "U2"))
    assert say(store, verdict(incident, post, Polarity.NEUTRAL, "U1"))
    assert store.posts.read_as(topic.id, [post])[post].reading.sentiment.label is Polarity.NEUTRAL


def test_a_word_on_a_text_holds_for_all_its_copies(store: Store, build: Any, topic: TopicRecord) -> None:
    """Whichever of them it is said of."""
    text = "Acme toasters burn in three kitchens of the same street, the fire brigade says"
    matches = build.matched(topic, texts=[text, text, "", text])
    incident = opened(store, build, topic, matches[:3])
    first, second, third, later = (match.post.id for match in matches)
    for said_of in (first, second):
        assert say(store, verdict(incident, said_of, Polarity.POSITIVE, by=said_of))
        read = store.posts.read_as(topic.id, [first, second, third])
        assert [(read[each].reading.sentiment.label, read[each].said_by) for each in (first, second)] == [
            (Polarity.POSITIVE, said_of)
        ] * 2
        assert read[third].reading.sentiment.label is Polarity.NEUTRAL
    with store.turn(topic.id, NOW) as turn:  # a copy that comes later is what people said it is
        pairs = [(matches[3], build.reading(later))]
        [(_, heard)] = turn.as_said(pairs)
        assert heard.sentiment.label is Polarity.POSITIVE
        turn.keep(pairs, build.update())
    assert store.posts.read_as(topic.id, [later])[later].said_by == second


def test_a_copy_of_what_is_not_about_the_topic_is_not_either(store: Store, build: Any, topic: TopicRecord) -> None:
    text = "The acme of bread: a baker in Bath tells how he bakes it, and why it takes a day"
    matches = build.matched(topic, texts=[text, "", text])
    incident = opened(store, build, topic, matches[:2])
    assert say(store, verdict(incident, matches[0].post.id, None))
    later = matches[2].post.id
    with store.turn(topic.id, NOW) as turn:
        pairs = [(matches[2], build.reading(later))]
        assert turn.as_said(pairs) == []
        turn.keep(pairs, build.update())
    assert not store.posts.read_as(topic.id, [later])[later].about


def test_everybody_has_a_word(store: Store, build: Any, topic: TopicRecord) -> None:
    matches = build.matched(topic, 2)
    incident = opened(store, build, topic, matches)
    for by in ("U1", "U2"):
        say(store, verdict(incident, matches[0].post.id, Polarity.NEUTRAL, by))
    assert [judged.by for judged in store.corrections.judged()] == ["U1", "U2"]


def test_a_post_that_is_not_there_is_refused(store: Store, build: Any, topic: TopicRecord) -> None:
    incident = opened(store, build, topic, build.matched(topic, 2))
    with pytest.raises(Missing):
        say(store, verdict(incident, "999", Polarity.NEUTRAL))
    with pytest.raises(Missing):
        say(store, verdict(incident, "1", Polarity.NEUTRAL, incident_id=99))
    assert store.corrections.judged() == []


def test_the_negative_evidence_of_false_alarms_is_found(store: Store, build: Any, topic: TopicRecord) -> None:
    """Not that of incidents that were real, and not the evidence that was read as neutral."""
    matches = build.matched(topic, 3)
    incident = opened(store, build, topic, matches)
    assert store.corrections.false_alarms() == []
    store.incidents.change(
        incident.id, lambda now: Decision(incident=replace(now, status=Status.FALSE_ALARM, closed_by="U1"))
    )
    found = store.corrections.false_alarms()
    assert [judged.post.id for judged in found] == [match.post.id for match in matches[:-1]]
    assert {judged.by for judged in found} == {""}
