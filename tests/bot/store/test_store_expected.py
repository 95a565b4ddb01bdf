"""Days that a team expects for a topic: kept whole, on both databases, beside what the settings say."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from bot.errors import DeskError, Missing
from bot.records import TopicRecord
from bot.store import Store
from engine.watch.expected import ExpectedDays

NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
SALE = ExpectedDays(first=date(2026, 12, 11), last=date(2026, 12, 13), what="双十二 “12.12” \U0001f6d2", by="U1")
FAIR = ExpectedDays(first=date(2026, 5, 1), last=date(2026, 5, 1), what="fair")


def entered(store: Store, record: TopicRecord, days: ExpectedDays) -> TopicRecord:
    return store.topics.expect(record.id, lambda known: (*known, days))


def test_a_topic_expects_nothing_at_first(store: Store, build: Any) -> None:
    [topic] = store.topics.sync([build.topic()], NOW)
    assert topic.expected == ()


def test_a_day_comes_back_as_it_was_entered(store: Store, build: Any) -> None:
    """Days, words in any script, and who said so."""
    [topic] = store.topics.sync([build.topic()], NOW)
    assert entered(store, topic, SALE).expected == (SALE,)
    found = store.topics.get(topic.id)
    assert found is not None
    assert found.expected == (SALE,)


def test_a_turn_of_the_topic_knows_it_at_once(store: Store, build: Any) -> None:
    [topic] = store.topics.sync([build.topic()], NOW)
    entered(store, topic, SALE)
    with store.turn(topic.id, NOW) as turn:
        assert turn.topic.expected == (SALE,)


def test_the_file_rules_over_its_own_days_and_leaves_peoples_alone(store: Store, build: Any) -> None:
    """At each start, and when the topic has another name."""
    [topic] = store.topics.sync([build.topic("Acme", expected=(FAIR,))], NOW)
    entered(store, topic, SALE)
    store.topics.sync([build.topic("Acme", expected=(FAIR,))], NOW)
    assert store.topics.all()[0].expected == (FAIR, SALE)
    store.topics.sync([build.topic("Acme Ltd", was=("Acme",))], NOW)
    assert [(one.topic.name, one.expected) for one in store.topics.all()] == [("Acme Ltd", (SALE,))]


def test_a_refused_change_leaves_the_days_as_they_were(store: Store, build: Any) -> None:
    [topic] = store.topics.sync([build.topic()], NOW)
    entered(store, topic, SALE)

    def refuse(_: tuple[ExpectedDays, ...]) -> tuple[ExpectedDays, ...]:
        raise DeskError("expected.too_many", most=1)

    with pytest.raises(DeskError):
        store.topics.expect(topic.id, refuse)
    assert store.topics.all()[0].expected == (SALE,)


def test_a_topic_that_is_not_there_is_said_to_be_missing(store: Store) -> None:
    with pytest.raises(Missing):
        store.topics.expect(99, lambda known: known)
