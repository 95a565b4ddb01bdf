"""Which of the messages owed are still worth sending, and which are said by another one. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from bot.incidents.escalation import Because
from bot.records import Alert, AlertKind, Incident, Status

_SAID_BY_A_CARD = (AlertKind.UPDATE, AlertKind.WORSE, AlertKind.PAGE, AlertKind.NOTICE, AlertKind.REMINDER)
_FOR_THE_OPEN = (
    Because.OPENED, Because.RAISED, Because.UNANSWERED, Because.UNACKNOWLEDGED, Because.SNOOZE_ENDED,
)  # fmt: skip
"""Why people are paged about an incident that nobody owns: once somebody does, they can sleep."""


@dataclass(frozen=True, kw_only=True)
class OwedMessage:
    """One message: the alert that it is sent for, and the ids of those that it says as well."""

    alert: Alert
    folded: tuple[int, ...] = ()


def moot(alert: Alert, incident: Incident, now: datetime) -> bool:
    """True if nobody needs *alert* any more, as *incident* stands now."""
    because = alert.payload.get("because")
    match alert.kind:
        case AlertKind.CARD | AlertKind.UPDATE | AlertKind.ACT:
            return False
        case AlertKind.WORSE | AlertKind.FACT:
            return incident.status.closed
        case AlertKind.REMINDER:
            return incident.status is not Status.ACKNOWLEDGED or incident.reminded_at is None
        case AlertKind.NOTICE:
            return incident.status.closed and because != Because.STOOD_DOWN
        case AlertKind.PAGE:
            return _page_is_moot(alert, incident, now)


def parcel(alert: Alert, owed: Sequence[Alert], *, posted: bool) -> OwedMessage:
    """*alert* with those of *owed*, its incident's other messages, that one message to its target can say.

    A message is drawn from the database when it is sent, so the newest of a kind says what all say; only where
    it rose from is taken from the oldest. *posted*: a card of the incident stands in Slack already.
    """
    others = [one for one in owed if one.id > alert.id and one.target == alert.target]
    if alert.kind is AlertKind.CARD and not posted:
        return OwedMessage(alert=alert, folded=tuple(one.id for one in others if one.kind in _SAID_BY_A_CARD))
    same = [one for one in others if one.kind is alert.kind]
    if not same or alert.kind is AlertKind.ACT:  # what each person did is a line of its own
        return OwedMessage(alert=alert)
    payload = {**same[-1].payload}
    if alert.kind is AlertKind.FACT:
        payload["facts"] = [key for one in (alert, *same) for key in one.payload.get("facts", ())]
    if alert.kind is AlertKind.WORSE and "from" in alert.payload:
        payload["from"] = alert.payload["from"]
    return OwedMessage(alert=replace(alert, payload=payload), folded=tuple(one.id for one in same))


def _page_is_moot(alert: Alert, incident: Incident, now: datetime) -> bool:
    because = alert.payload.get("because")
    if incident.status.closed:
        return True
    if because == Because.ASSIGNED:
        return alert.target != incident.owner
    if because not in _FOR_THE_OPEN or alert.target == incident.owner:
        return False
    asleep = incident.snoozed_until is not None and incident.snoozed_until > now
    return incident.status is not Status.OPEN or asleep
