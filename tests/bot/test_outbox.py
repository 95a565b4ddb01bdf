"""Which owed messages are still worth sending, and which one message can say."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.delivery.outbox import moot, parcel
from bot.incidents.escalation import Because
from bot.records import Alert, AlertKind, Status
from engine.post import Level
from tests.bot.slack.slack_samples import NOW, incident, taken


def alert(number: int, kind: AlertKind, target: str = "C0PR", **payload: object) -> Alert:
    return Alert(
        id=number,
        key=str(number),
        kind=kind,
        target=target,
        level=Level.ORANGE,
        at=NOW,
        payload=payload,
        incident_id=12,
    )


def page(because: Because, target: str = "U0LEAD") -> Alert:
    return alert(1, AlertKind.PAGE, target, because=because.value)


@pytest.mark.parametrize("kind", [AlertKind.CARD, AlertKind.UPDATE])
@pytest.mark.parametrize("status", Status)
def test_a_card_and_its_updates_are_always_worth_it(kind: AlertKind, status: Status) -> None:
    assert not moot(alert(1, kind), incident(status=status), NOW)


@pytest.mark.parametrize("because", [Because.OPENED, Because.RAISED, Because.UNANSWERED, Because.UNACKNOWLEDGED])
def test_nobody_is_paged_for_what_somebody_owns(because: Because) -> None:
    assert not moot(page(because), incident(), NOW)
    assert moot(page(because), taken(), NOW)


def test_the_owner_is_told_that_it_got_worse() -> None:
    assert not moot(page(Because.RAISED, "U0ADA"), taken(), NOW)


def test_nobody_is_paged_for_what_sleeps() -> None:
    asleep = incident(snoozed_until=NOW + timedelta(hours=1))
    assert moot(page(Because.UNANSWERED), asleep, NOW)
    assert not moot(page(Because.UNANSWERED), asleep, NOW + timedelta(hours=2))


def test_an_escalation_is_told_although_somebody_owns_it() -> None:
    assert not moot(page(Because.ESCALATED), taken(), NOW)


def test_an_assignment_that_was_passed_on_is_not_told() -> None:
    assert not moot(page(Because.ASSIGNED, "U0ADA"), taken(), NOW)
    assert moot(page(Because.ASSIGNED, "U0BO"), taken(), NOW)


def test_a_reminder_that_was_answered_is_not_sent() -> None:
    assert moot(alert(1, AlertKind.REMINDER), taken(), NOW)
    assert moot(alert(1, AlertKind.REMINDER), incident(), NOW)


def test_of_a_closed_incident_only_its_standing_down_is_told() -> None:
    closed = incident(status=Status.RESOLVED)
    assert moot(alert(1, AlertKind.WORSE), closed, NOW)
    assert moot(page(Because.ESCALATED), closed, NOW)
    assert moot(alert(1, AlertKind.NOTICE, because=Because.SNOOZE_ENDED.value), closed, NOW)
    assert not moot(alert(1, AlertKind.NOTICE, because=Because.STOOD_DOWN.value), closed, NOW)


def test_a_first_card_says_all_that_waits_behind_it() -> None:
    kinds = (AlertKind.UPDATE, AlertKind.WORSE, AlertKind.UPDATE, AlertKind.PAGE)
    waiting = [alert(n, kind) for n, kind in enumerate(kinds, 2)]
    assert parcel(alert(1, AlertKind.CARD), waiting, posted=False).folded == (2, 3, 4, 5)


def test_a_card_says_nothing_for_another_conversation() -> None:
    other = alert(2, AlertKind.PAGE, "U0LEAD")
    assert parcel(alert(1, AlertKind.CARD), [other], posted=False).folded == ()


def test_where_a_card_stands_already_only_the_same_kind_folds() -> None:
    waiting = [alert(2, AlertKind.WORSE), alert(3, AlertKind.UPDATE), alert(4, AlertKind.UPDATE)]
    assert parcel(alert(1, AlertKind.UPDATE), waiting, posted=True).folded == (3, 4)


def test_a_call_keeps_where_it_rose_from_and_says_where_it_stands() -> None:
    first = alert(1, AlertKind.WORSE, **{"from": 3, "to": 2})
    made = parcel(first, [alert(2, AlertKind.WORSE, **{"from": 2, "to": 1})], posted=True)
    assert made.alert.payload == {"from": 3, "to": 1}
    assert made.alert.id == 1
    assert made.folded == (2,)
