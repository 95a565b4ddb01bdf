"""The outbox: each message is given to one notifier, the gravest first, none overtakes its card."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot.errors import Missing
from bot.records import AlertKind, Card, Decision, Incident
from bot.store import Store
from engine.post import Level

NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)


@pytest.fixture
def owe(store: Store, build: Any) -> Any:
    incidents: dict[str, Incident] = {}

    def owe(topic: str, key: str, target: str = "#a", level: Level = Level.YELLOW, **more: Any) -> int:
        if topic not in incidents:
            incidents[topic] = build.opened(build.stored_topic(topic))
        alert = build.alert(key, target=target, level=level, **more)
        store.incidents.change(incidents[topic].id, lambda current: Decision(alerts=(alert,)))
        return max(owed.id for owed in store.alerts.owed())

    return owe


def keys(store: Store, now: datetime = NOW, limit: int = 10, **more: Any) -> list[str]:
    return [alert.key for alert in store.alerts.claim(now, limit, **more)]


def test_gravest_is_first_and_a_target_gets_one_at_a_time(store: Store, owe: Any) -> None:
    """One message a second a channel begins with one message at a time."""
    owe("acme", "yellow")
    owe("borealis", "red", level=Level.RED)
    owe("acme", "elsewhere", target="#b")
    assert keys(store) == ["red", "elsewhere"]
    assert keys(store) == []


def test_limit_is_kept(store: Store, owe: Any) -> None:
    """The rest waits for the next tick."""
    for number in range(3):
        owe("acme", str(number), target=f"#{number}")
    assert [keys(store, limit=2), keys(store, limit=2)] == [["0", "1"], ["2"]]


def test_reply_waits_for_its_card(store: Store, owe: Any) -> None:
    """Even a graver one, and even while the card waits for another try; it makes its card graver."""
    card = owe("acme", "card")
    owe("acme", "worse", level=Level.RED)
    owe("borealis", "orange", level=Level.ORANGE)
    assert keys(store) == ["card"]
    store.alerts.retry(card, NOW + 30 * SECOND, "ratelimited")
    assert keys(store) == ["orange"]
    assert keys(store, NOW + 31 * SECOND) == []
    store.alerts.sent(2 + card, NOW)
    assert keys(store, NOW + 31 * SECOND) == ["card"]
    store.alerts.sent(card, NOW + 31 * SECOND)
    assert keys(store, NOW + 31 * SECOND) == ["worse"]


def test_nothing_is_sent_before_its_time(store: Store, owe: Any) -> None:
    """An alert may be owed for later."""
    owe("acme", "later", at=NOW + SECOND)
    assert keys(store) == []
    assert keys(store, NOW + SECOND) == ["later"]


def test_claim_of_the_dead_runs_out(store: Store, owe: Any) -> None:
    """And the next notifier knows that the message may be in Slack already."""
    owe("acme", "card")
    [first] = store.alerts.claim(NOW, 1, lease_s=60)
    assert first.attempts == 0
    assert keys(store, NOW + 59 * SECOND) == []
    [again] = store.alerts.claim(NOW + 60 * SECOND, 1, lease_s=60)
    assert (again.id, again.attempts) == (first.id, 1)


def test_sent_is_sent(store: Store, owe: Any) -> None:
    """It is owed no more, and its card is known."""
    key = owe("acme", "card")
    [alert] = store.alerts.claim(NOW, 1)
    card = Card(incident_id=alert.incident_id, channel="C1", ts="1.5", thread_ts="1.0")
    store.alerts.sent(key, NOW, card)
    store.alerts.sent(key, NOW, card)
    assert store.alerts.owed() == []
    assert keys(store, NOW + timedelta(days=1)) == []
    assert store.alerts.cards(alert.incident_id) == [card]


def test_retried_alert_says_how_often(store: Store, owe: Any) -> None:
    """It is due again at the time that was said."""
    key = owe("acme", "card")
    store.alerts.claim(NOW, 1)
    store.alerts.retry(key, NOW + 30 * SECOND, "ratelimited")
    assert keys(store, NOW + 29 * SECOND) == []
    [alert] = store.alerts.claim(NOW + 30 * SECOND, 1)
    assert alert.attempts == 1


def test_failed_is_given_up_and_lets_the_next_pass(store: Store, owe: Any) -> None:
    """An archived channel does not hold up what follows."""
    key = owe("acme", "card")
    owe("acme", "worse")
    store.alerts.claim(NOW, 1)
    store.alerts.failed(key, "is_archived")
    assert keys(store) == ["worse"]


def test_folded_alerts_are_said_by_another(store: Store, owe: Any) -> None:
    """What is sent already is not folded, nor is the one that says them."""
    ids = [owe("acme", str(number), kind=AlertKind.UPDATE) for number in range(4)]
    store.alerts.sent(ids[0], NOW)
    store.alerts.fold(ids, into=ids[3])
    assert [alert.id for alert in store.alerts.owed()] == [ids[3]]
    assert keys(store) == ["3"]


def test_owed_of_one_incident(store: Store, owe: Any) -> None:
    """In the order in which they came, claimed or not."""
    owe("acme", "a")
    owe("borealis", "b")
    owe("acme", "c")
    store.alerts.claim(NOW, 1)
    assert [alert.key for alert in store.alerts.owed()] == ["a", "b", "c"]
    [incident] = [one.id for one in store.incidents.open() if one.topic == "acme"]
    assert [alert.key for alert in store.alerts.owed(incident)] == ["a", "c"]


def test_unknown_alert_is_said(store: Store) -> None:
    """A fault of the caller, with a sentence."""
    with pytest.raises(Missing, match="no alert 3"):
        store.alerts.failed(3, "gone")


def test_event_is_first_once(store: Store) -> None:
    """Slack's repeats are known for a day."""
    assert [store.deduplication.first(event, NOW) for event in ("Ev1", "Ev1", "Ev2")] == [True, False, True]
    assert store.deduplication.first("Ev1", NOW + timedelta(hours=23)) is False
    assert store.deduplication.first("Ev1", NOW + timedelta(hours=25)) is True
