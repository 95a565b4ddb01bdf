"""Incidents: changed under a lock, with their timeline and messages, and found again."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text

from bot.errors import Missing, StoreError
from bot.i18n.reasons import reason
from bot.i18n.remarks import remark
from bot.i18n.speech import Speech
from bot.records import ActKind, Decision, Incident, Status
from bot.store import Store
from engine.post import Level

NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.fixture
def incident(store: Store, build: Any) -> Incident:
    opened: Incident = build.opened(build.stored_topic())
    return opened


def test_change_writes_incident_timeline_and_messages(store: Store, build: Any, incident: Incident) -> None:
    """In one go, and the version grows by one."""

    def acknowledge(current: Incident) -> Decision:
        return Decision(
            incident=replace(current, status=Status.ACKNOWLEDGED, owner="U1", next_action_at=NOW + HOUR),
            acts=(build.act("k1", kind=ActKind.ACKNOWLEDGE, by="U1", at=NOW + HOUR, detail={"was": "开"}),),
            alerts=(build.alert("u1", payload={"step": 1}),),
        )

    changed = store.incidents.change(incident.id, acknowledge)
    assert (changed.status, changed.owner, changed.version) == (Status.ACKNOWLEDGED, "U1", 2)
    assert store.incidents.get(incident.id) == changed
    acts = store.incidents.timeline(incident.id)
    assert [(act.kind, act.by, act.detail) for act in acts[1:]] == [("acknowledge", "U1", {"was": "开"})]
    assert [(alert.key, alert.payload) for alert in store.alerts.owed(incident.id)] == [("u1", {"step": 1})]


OLD_REASONS = (
    '[{"name": "negative_volume", "value": 316.0, "baseline": 0.0, "weight": 45.2, '
    '"text": {"en": "316 negative posts in the last 24 hours; 4 in the 5 days before.", '
    '"zh": "过去 24 小时有 316 条负面帖子，此前 5 天共 4 条。"}, "evidence": ["7", "9"]}]'
)
OLD_NOTES = '[{"en": "1 of 3 sources is silent or failing: Daily.", "zh": "3 个来源中有 1 个中断或失效：Daily。"}]'
"""What version 0.1 wrote into these columns."""


def test_what_version_0_1_stored_is_shown_as_it_was_written(store: Store, incident: Incident) -> None:
    """The sentences are kept in both languages, and survive the next change of the incident."""
    with store._database.write() as session:
        session.execute(
            text("UPDATE tocsin_incident SET reasons = :reasons, notes = :notes WHERE id = :id"),
            {"reasons": OLD_REASONS, "notes": OLD_NOTES, "id": incident.id},
        )
    for _ in range(2):
        old = store.incidents.get(incident.id)
        [signal], [note] = old.reasons, old.notes
        assert (signal.name, signal.value, signal.evidence) == ("negative_volume", 316.0, ("7", "9"))
        assert reason(signal, Speech("en")) == "316 negative posts in the last 24 hours; 4 in the 5 days before."
        assert reason(signal, Speech("zh")) == "过去 24 小时有 316 条负面帖子，此前 5 天共 4 条。"
        assert remark(note, Speech("en")) == "1 of 3 sources is silent or failing: Daily."
        assert remark(note, Speech("zh")) == "3 个来源中有 1 个中断或失效：Daily。"
        store.incidents.change(incident.id, lambda current: Decision(incident=replace(current, owner="U1")))


def test_nothing_decided_changes_nothing(store: Store, incident: Incident) -> None:
    """Not even the version."""
    assert store.incidents.change(incident.id, lambda current: Decision()) == incident


def test_refusal_writes_nothing(store: Store, incident: Incident) -> None:
    """What decides may raise; the caller gets its exception."""

    def refuse(current: Incident) -> Decision:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        store.incidents.change(incident.id, refuse)
    assert store.incidents.get(incident.id) == incident


def test_note_alone_is_written(store: Store, build: Any, incident: Incident) -> None:
    """An act may leave the incident as it is."""
    note = build.act("n1", kind=ActKind.NOTE, by="U1")
    assert store.incidents.change(incident.id, lambda current: Decision(acts=(note,))) == incident
    assert store.incidents.timeline(incident.id)[-1] == note


def test_same_act_of_a_person_is_recorded_once(store: Store, build: Any, incident: Incident) -> None:
    """A click that Slack delivers twice escalates once, whatever is decided the second time."""

    def escalate(current: Incident) -> Decision:
        return Decision(
            incident=replace(current, step=current.step + 1),
            acts=(build.act("click-1", kind=ActKind.ESCALATE, by="U1"),),
            alerts=(build.alert(f"page:{current.step}"),),
        )

    first = store.incidents.change(incident.id, escalate)
    assert store.incidents.change(incident.id, escalate) == first
    assert len(store.incidents.timeline(incident.id)) == 2
    assert [alert.key for alert in store.alerts.owed()] == ["page:0"]


def test_repeated_keys_of_tocsin_do_not_stop_the_incident(store: Store, build: Any, incident: Incident) -> None:
    """The row and the message exist already; where the incident stands is written all the same."""
    for step in (1, 2):
        changed = store.incidents.change(
            incident.id,
            lambda current, step=step: Decision(
                incident=replace(current, step=step), acts=(build.act("paged"),), alerts=(build.alert("p"),)
            ),
        )
    assert changed.step == 2
    assert len(store.incidents.timeline(incident.id)) == 2
    assert len(store.alerts.owed()) == 1


def test_acts_without_a_key_may_repeat(store: Store, build: Any, incident: Incident) -> None:
    """No key, no claim to be the only one."""
    for _ in range(2):
        store.incidents.change(incident.id, lambda current: Decision(acts=(build.act(""),)))
    assert [act.key for act in store.incidents.timeline(incident.id)] == ["opened", "", ""]


def test_keys_are_each_incidents_own(store: Store, build: Any, incident: Incident) -> None:
    """Two incidents may owe a card under the same key."""
    other = build.opened(build.stored_topic("Borealis"), build.alert("card"))
    store.incidents.change(incident.id, lambda current: Decision(alerts=(build.alert("card"),)))
    assert sorted(alert.incident_id for alert in store.alerts.owed()) == [incident.id, other.id]


def test_unknown_incident_is_said(store: Store) -> None:
    """A number that is nobody's is a fault of the caller, with a sentence."""
    with pytest.raises(Missing, match="no incident 12"):
        store.incidents.change(12, lambda current: Decision())
    assert store.incidents.find(12) is None
    assert store.incidents.find(10**30) is None


def test_decision_about_another_incident_is_refused(store: Store, build: Any, incident: Incident) -> None:
    """It would write over what nobody has locked."""
    with pytest.raises(StoreError, match="belongs to the incident"):
        store.incidents.change(incident.id, lambda current: Decision(incident=replace(current, id=99)))


def test_open_are_the_gravest_first(store: Store, build: Any) -> None:
    """By level, then by score; closed ones are not among them, but among the recent."""
    cases = [("a", Level.YELLOW, 50), ("b", Level.RED, 80), ("c", Level.YELLOW, 60), ("d", Level.RED, 90)]
    ids = {
        name: build.opened(build.stored_topic(name), level=level, score=float(score), opened_at=NOW + HOUR * number).id
        for number, (name, level, score) in enumerate(cases)
    }
    store.incidents.change(
        ids["d"], lambda current: Decision(incident=replace(current, status=Status.FALSE_ALARM, closed_at=NOW))
    )
    assert [incident.topic for incident in store.incidents.open()] == ["b", "c", "a"]
    assert [incident.topic for incident in store.incidents.recent(3)] == ["d", "c", "b"]
    assert store.incidents.find(ids["d"]) == store.incidents.get(ids["d"])


def test_due_are_live_and_overdue(store: Store, build: Any) -> None:
    """The longest overdue first; nothing without a time, nothing that is closed."""
    times = {"a": NOW - HOUR, "b": NOW, "c": NOW + HOUR, "d": None, "e": NOW - 2 * HOUR, "f": NOW - 3 * HOUR}
    ids = {name: build.opened(build.stored_topic(name), next_action_at=at).id for name, at in times.items()}
    store.incidents.change(
        ids["f"], lambda current: Decision(incident=replace(current, status=Status.RESOLVED, closed_at=NOW))
    )
    assert store.incidents.due(NOW) == [ids["e"], ids["a"], ids["b"]]
    assert store.incidents.due(NOW, 1) == [ids["e"]]
