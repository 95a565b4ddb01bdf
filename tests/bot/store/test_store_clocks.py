"""A clock that ran ahead and was set right: what was written meanwhile delays nothing by more than a minute."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot.records import Decision, PolicyStep, Status, TakenClick
from bot.store import Store

NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
AHEAD = NOW + timedelta(days=2)
MINUTE = timedelta(minutes=1)


@pytest.fixture
def owed(store: Store, build: Any) -> int:
    """An alert that was owed by a clock two days ahead."""
    incident = build.opened(build.stored_topic())
    alert = build.alert("card", at=AHEAD)
    store.incidents.change(incident.id, lambda current: Decision(alerts=(alert,)))
    return int(store.alerts.owed()[0].id)


def test_an_alert_that_is_owed_for_the_day_after_tomorrow_is_due(store: Store, owed: int) -> None:
    assert [alert.id for alert in store.alerts.claim(NOW)] == [owed]


def test_an_alert_that_waits_for_another_try_two_days_ahead_is_due(store: Store, owed: int) -> None:
    store.alerts.claim(AHEAD)
    store.alerts.retry(owed, AHEAD + 5 * MINUTE, "ratelimited")
    assert [alert.id for alert in store.alerts.claim(NOW)] == [owed]


def test_a_wait_that_could_have_been_set_now_is_believed(store: Store, owed: int) -> None:
    store.alerts.claim(NOW)
    store.alerts.retry(owed, NOW + 10 * MINUTE, "ratelimited")
    assert store.alerts.claim(NOW + MINUTE) == []


def test_a_claim_of_the_day_after_tomorrow_holds_nobody_up(store: Store, owed: int) -> None:
    store.alerts.claim(AHEAD)
    assert [alert.id for alert in store.alerts.claim(NOW)] == [owed]


def test_a_claim_by_a_machine_whose_clock_goes_a_little_before_is_respected(store: Store, owed: int) -> None:
    store.alerts.claim(NOW + MINUTE / 2)
    assert store.alerts.claim(NOW) == []


def test_a_source_that_was_polled_in_the_future_is_due(store: Store, build: Any) -> None:
    source = build.stored_source()
    store.sources.record(replace(source, last_poll_at=AHEAD, next_poll_at=AHEAD + 5 * MINUTE))
    assert [one.id for one in store.sources.due(NOW, 10)] == [source.id]
    store.sources.record(replace(source, last_poll_at=NOW, next_poll_at=NOW + timedelta(days=1)))
    assert store.sources.due(NOW, 10) == []


def test_an_incident_whose_next_action_nobody_can_have_meant_is_due(store: Store, build: Any) -> None:
    policy = replace(build.incident(build.topic()).policy, steps=(PolicyStep(after_minutes=15, notify=("topic",)),))
    late = build.opened(build.stored_topic(), policy=policy, next_action_at=AHEAD + 15 * MINUTE)
    build.opened(build.stored_topic("Other"), policy=policy, next_action_at=NOW + 15 * MINUTE)
    assert store.incidents.due(NOW) == [late.id]


def test_a_snooze_that_was_set_two_days_ahead_is_over(store: Store, build: Any) -> None:
    snoozed = {"snoozed_until": AHEAD + 60 * MINUTE, "next_action_at": AHEAD + 60 * MINUTE, "last_act_at": AHEAD}
    late = build.opened(build.stored_topic(), **snoozed)
    meant = {name: at - timedelta(days=2) for name, at in snoozed.items()}
    build.opened(build.stored_topic("Other"), **meant, status=Status.ACKNOWLEDGED)
    assert store.incidents.due(NOW) == [late.id]


def test_a_rest_that_slack_wanted_two_days_ahead_is_over(store: Store) -> None:
    store.pace.hold("chat.update", AHEAD + 10 * MINUTE)
    assert store.pace.take("chat.update", NOW, most=1, window=60) == 0
    assert store.pace.take("chat.update", NOW + MINUTE / 60, most=1, window=60) == 59
    store.pace.hold("chat.update", NOW + 10 * MINUTE)
    assert store.pace.take("chat.update", NOW + MINUTE, most=1, window=60) == 9 * 60
    assert store.pace.held("chat.", NOW) == 1


def test_calls_of_the_future_do_not_count(store: Store) -> None:
    assert store.pace.take("chat.update", AHEAD, most=1, window=60) == 0
    assert store.pace.take("chat.update", NOW, most=1, window=60) == 0


def test_a_click_that_was_taken_two_days_ahead_is_done(store: Store) -> None:
    kept = store.clicks.take(TakenClick(work="click", asked={"event": "e"}, at=AHEAD), "e")
    assert kept is not None
    assert [one.id for one in store.clicks.claim(NOW)] == [kept.id]


def test_a_match_that_was_stored_in_the_future_goes_to_the_stream(store: Store, build: Any) -> None:
    topic = build.stored_topic()
    store.posts.add(build.stored_source(), [build.post("a", matches=(topic.id,))], AHEAD)
    assert len(store.posts.unpublished(NOW - MINUTE, 10)) == 1


def test_a_topic_that_was_looked_at_in_the_future_is_looked_at(store: Store, build: Any) -> None:
    topic = build.stored_topic()
    build.opened(topic)  # whose turn was at NOW
    assert store.incidents.ids_to_assess(NOW - timedelta(days=2)) == [topic.id]
    assert store.incidents.ids_to_assess(NOW - 5 * MINUTE) == []
