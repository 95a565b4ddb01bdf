"""What people do to an incident: the written table of what each act makes of it, and who was first otherwise.

Pure, like bot.incidents.lifecycle, which is where others import this from.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from bot.incidents.escalation import Because, escalate, owed, watch_over
from bot.records import Act, ActKind, AlertKind, Decision, Incident, Status

LONGEST_SNOOZE = timedelta(days=7)
"""No snooze lasts longer: a matter that sleeps for ever is a matter that nobody owns."""

DOUBLE_CLICK = timedelta(seconds=10)
"""Who escalates from one card twice within so long has clicked twice."""


class Refused(StrEnum):
    """Why an act was not done."""

    CLOSED = "closed"  # the incident was closed before, by ``by`` at ``at``
    OWNED = "owned"  # it is ``by``'s since ``at``
    NOBODY = "nobody"  # assigned to no one
    SPAN = "span"  # a snooze of no time, or of more than LONGEST_SNOOZE
    EMPTY = "empty"  # a note without text
    STALE = "stale"  # it was done before and undone since: the card that was clicked is out of date


TRANSITIONS: Mapping[Status, Mapping[ActKind, Status | Refused]] = {
    Status.OPEN: {
        ActKind.ACKNOWLEDGE: Status.ACKNOWLEDGED,
        ActKind.ASSIGN: Status.ACKNOWLEDGED,
        ActKind.ESCALATE: Status.OPEN,
        ActKind.SNOOZE: Status.OPEN,
        ActKind.RESOLVE: Status.RESOLVED,
        ActKind.FALSE_ALARM: Status.FALSE_ALARM,
        ActKind.NOTE: Status.OPEN,
    },
    Status.ACKNOWLEDGED: {
        ActKind.ACKNOWLEDGE: Refused.OWNED,  # but its owner may answer a reminder so
        ActKind.ASSIGN: Status.ACKNOWLEDGED,
        ActKind.ESCALATE: Status.ACKNOWLEDGED,
        ActKind.SNOOZE: Status.ACKNOWLEDGED,
        ActKind.RESOLVE: Status.RESOLVED,
        ActKind.FALSE_ALARM: Status.FALSE_ALARM,
        ActKind.NOTE: Status.ACKNOWLEDGED,
    },
    Status.RESOLVED: {
        ActKind.ACKNOWLEDGE: Refused.CLOSED,
        ActKind.ASSIGN: Refused.CLOSED,
        ActKind.ESCALATE: Refused.CLOSED,
        ActKind.SNOOZE: Refused.CLOSED,
        ActKind.RESOLVE: Refused.CLOSED,
        ActKind.FALSE_ALARM: Refused.CLOSED,
        ActKind.NOTE: Status.RESOLVED,  # a review may add to the record
    },
    Status.FALSE_ALARM: {
        ActKind.ACKNOWLEDGE: Refused.CLOSED,
        ActKind.ASSIGN: Refused.CLOSED,
        ActKind.ESCALATE: Refused.CLOSED,
        ActKind.SNOOZE: Refused.CLOSED,
        ActKind.RESOLVE: Refused.CLOSED,
        ActKind.FALSE_ALARM: Refused.CLOSED,
        ActKind.NOTE: Status.FALSE_ALARM,
    },
}
"""What each act of a person makes of an incident in each status, or why it is refused."""


@dataclass(frozen=True, kw_only=True)
class ActRequest:
    """What a person asks for. *by* and *to* are Slack user ids; *key* is the same when Slack repeats itself.

    *to* is for an assignment, *minutes* for a snooze, *text* for a note, or the reason of another act.
    """

    kind: ActKind
    by: str
    key: str
    to: str = ""
    minutes: float = 0.0
    text: str = ""


@dataclass(frozen=True, kw_only=True)
class Refusal:
    """An act that was not done, *why*, and who was first (*by*, *at*) where somebody was."""

    why: Refused
    kind: ActKind
    incident_id: int
    status: Status
    by: str = ""
    at: datetime | None = None


def act(incident: Incident, request: ActRequest, *, now: datetime) -> Decision | Refusal:
    """Do what a person asks for, or say why not. Raises ValueError for kinds that only Tocsin writes."""
    outcome = TRANSITIONS[incident.status].get(request.kind)
    if outcome is None:
        raise ValueError(f"{request.kind} is not an act of a person")
    if isinstance(outcome, Refused) and not _answers_reminder(incident, request):
        return _refusal(incident, request, outcome)
    objection = _objection(incident, request)
    if objection is not None:
        return _refusal(incident, request, objection)
    status = incident.status if isinstance(outcome, Refused) else outcome
    return _recorded(incident, request, _done(incident, request, status, now), now)


def stands(incident: Incident, request: ActRequest, *, done: Act, now: datetime) -> bool:
    """True if *request*, which was *done* before, still holds for *incident*: to do it again would change nothing."""
    match request.kind:
        case ActKind.ESCALATE:
            return now - done.at <= DOUBLE_CLICK
        case ActKind.ACKNOWLEDGE:
            return incident.status is Status.ACKNOWLEDGED and incident.owner == request.by
        case ActKind.RESOLVE | ActKind.FALSE_ALARM:
            return incident.status.closed and incident.closed_by == request.by
    return True


def outdated(incident: Incident, request: ActRequest) -> Refusal:
    """The answer to a click on a card that shows *incident* as it is no more."""
    return _refusal(incident, request, Refused.STALE)


def _answers_reminder(incident: Incident, request: ActRequest) -> bool:
    return (
        incident.status is Status.ACKNOWLEDGED
        and request.kind is ActKind.ACKNOWLEDGE
        and request.by == incident.owner
        and incident.reminded_at is not None
    )


def _objection(incident: Incident, request: ActRequest) -> Refused | None:
    """Why *request* makes no sense, whatever the table says."""
    match request.kind:
        case ActKind.ASSIGN if not request.to:
            return Refused.NOBODY
        case ActKind.ASSIGN if request.to == incident.owner:
            return Refused.OWNED
        case ActKind.SNOOZE if not 0 < request.minutes <= LONGEST_SNOOZE / timedelta(minutes=1):
            return Refused.SPAN
        case ActKind.NOTE if not request.text.strip():
            return Refused.EMPTY
    return None


def _refusal(incident: Incident, request: ActRequest, why: Refused) -> Refusal:
    first: tuple[str, datetime | None] = ("", None)
    if why is Refused.CLOSED:
        first = (incident.closed_by, incident.closed_at)
    elif why is Refused.OWNED:
        first = (incident.owner, incident.acknowledged_at)
    return Refusal(
        why=why,
        kind=request.kind,
        incident_id=incident.id,
        status=incident.status,
        by=first[0],
        at=first[1],
    )


def _done(incident: Incident, request: ActRequest, status: Status, now: datetime) -> Decision:
    """*incident* in its new *status*, with the pages that the act itself brings."""
    if request.kind is ActKind.NOTE and status.closed:
        return Decision(incident=incident)
    heard = replace(incident, status=status, last_act_at=now)
    match request.kind:
        case ActKind.ACKNOWLEDGE | ActKind.ASSIGN:
            return _given(heard, request, now)
        case ActKind.SNOOZE:
            until = now + timedelta(minutes=request.minutes)
            return Decision(incident=replace(heard, snoozed_until=until, next_action_at=until, reminded_at=None))
        case ActKind.ESCALATE:
            return escalate(_watched(replace(heard, snoozed_until=None), now), now=now, by=request.by)
        case ActKind.RESOLVE | ActKind.FALSE_ALARM:
            return Decision(incident=closed(heard, status, by=request.by, now=now))
    return Decision(incident=_watched(heard, now))


def _given(incident: Incident, request: ActRequest, now: datetime) -> Decision:
    """*incident* with a new owner, who is told if it was somebody else's idea."""
    owner = request.to if request.kind is ActKind.ASSIGN else request.by
    owned = replace(
        incident,
        owner=owner,
        acknowledged_by=request.by,
        acknowledged_at=incident.acknowledged_at if owner == incident.owner else now,
        snoozed_until=None,
    )
    owned = watch_over(owned, now=now)
    if owner == request.by:
        return Decision(incident=owned)
    because = {"because": Because.ASSIGNED.value, "by": request.by}
    told = owed(owned, AlertKind.PAGE, now, because, target=owner)
    return Decision(incident=owned, alerts=(told,))


def _watched(incident: Incident, now: datetime) -> Incident:
    return watch_over(incident, now=now) if incident.status is Status.ACKNOWLEDGED else incident


def closed(incident: Incident, status: Status, *, by: str, now: datetime) -> Incident:
    """*incident*, closed: nothing is due any more."""
    return replace(
        incident,
        status=status,
        closed_at=now,
        closed_by=by,
        snoozed_until=None,
        reminded_at=None,
        next_action_at=None,
    )


def _recorded(incident: Incident, request: ActRequest, decision: Decision, now: datetime) -> Decision:
    """*decision* with the row of the timeline and the card drawn again."""
    assert decision.incident is not None
    detail: dict[str, object] = {}
    if request.kind is ActKind.ASSIGN:
        detail |= {"to": request.to}
    if request.kind is ActKind.SNOOZE:
        detail |= {"minutes": request.minutes}
    if request.text.strip():
        detail |= {"text": request.text.strip()}
    row = Act(kind=request.kind, at=now, by=request.by, detail=detail, key=request.key)
    return Decision(
        incident=decision.incident,
        acts=(row, *decision.acts),
        alerts=(owed(decision.incident, AlertKind.UPDATE, now, {"by": request.by}), *decision.alerts),
    )
