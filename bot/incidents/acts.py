"""What people do to an incident: the written table of what each act makes of it, and who was first otherwise.

Pure, like bot.incidents.lifecycle, which is where others import this from.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum

from bot.incidents.closing import REOPENABLE, closed, is_grave, live_again
from bot.incidents.escalation import Because, escalate, restart, watch_over
from bot.incidents.hand_set import set_by_hand
from bot.incidents.rows import owed
from bot.records import Act, ActKind, Alert, AlertKind, Decision, Incident, Policy, Status
from engine.post import Level

LONGEST_SNOOZE = timedelta(days=7)
"""No snooze lasts longer: a matter that sleeps for ever is a matter that nobody owns."""


class Refused(StrEnum):
    """Why an act was not done."""

    CLOSED = "closed"  # the incident was closed before, by ``by`` at ``at``
    OWNED = "owned"  # it is ``by``'s since ``at``
    NOBODY = "nobody"  # assigned to no one
    SPAN = "span"  # a snooze of no time, or of more than LONGEST_SNOOZE
    EMPTY = "empty"  # a note without text
    REASON = "reason"  # a grave matter is closed, or a level set, for no reason
    LIVE = "live"  # there is nothing to reopen
    LATE = "late"  # closed too long ago to be reopened
    MERGED = "merged"  # it goes on as another incident
    SAME = "same"  # the level, the policy or the incident is that already
    OTHER_TOPIC = "other_topic"  # matters of two topics are linked, not merged
    ONLY_STORY = "only_story"  # there is nothing to split off


TRANSITIONS: Mapping[Status, Mapping[ActKind, Status | Refused]] = {
    Status.OPEN: {
        ActKind.ACKNOWLEDGE: Status.ACKNOWLEDGED,
        ActKind.ASSIGN: Status.ACKNOWLEDGED,
        ActKind.ESCALATE: Status.OPEN,
        ActKind.SNOOZE: Status.OPEN,
        ActKind.RESOLVE: Status.RESOLVED,
        ActKind.FALSE_ALARM: Status.FALSE_ALARM,
        ActKind.NOTE: Status.OPEN,
        ActKind.REOPEN: Refused.LIVE,
        ActKind.SET_LEVEL: Status.OPEN,
        ActKind.USE_POLICY: Status.OPEN,
        ActKind.MERGE: Status.OPEN,  # carried out by bot.incidents.joining
        ActKind.SPLIT: Status.OPEN,
    },
    Status.ACKNOWLEDGED: {
        ActKind.ACKNOWLEDGE: Refused.OWNED,  # but its owner may answer a reminder so
        ActKind.ASSIGN: Status.ACKNOWLEDGED,
        ActKind.ESCALATE: Status.ACKNOWLEDGED,
        ActKind.SNOOZE: Status.ACKNOWLEDGED,
        ActKind.RESOLVE: Status.RESOLVED,
        ActKind.FALSE_ALARM: Status.FALSE_ALARM,
        ActKind.NOTE: Status.ACKNOWLEDGED,
        ActKind.REOPEN: Refused.LIVE,
        ActKind.SET_LEVEL: Status.ACKNOWLEDGED,
        ActKind.USE_POLICY: Status.ACKNOWLEDGED,
        ActKind.MERGE: Status.ACKNOWLEDGED,  # carried out by bot.incidents.joining
        ActKind.SPLIT: Status.ACKNOWLEDGED,
    },
    Status.RESOLVED: {
        ActKind.ACKNOWLEDGE: Refused.CLOSED,
        ActKind.ASSIGN: Refused.CLOSED,
        ActKind.ESCALATE: Refused.CLOSED,
        ActKind.SNOOZE: Refused.CLOSED,
        ActKind.RESOLVE: Refused.CLOSED,
        ActKind.FALSE_ALARM: Refused.CLOSED,
        ActKind.REOPEN: Status.OPEN,
        ActKind.SET_LEVEL: Refused.CLOSED,
        ActKind.USE_POLICY: Refused.CLOSED,
        ActKind.MERGE: Refused.CLOSED,
        ActKind.SPLIT: Refused.CLOSED,
        ActKind.NOTE: Status.RESOLVED,  # a review may add to the record
    },
    Status.FALSE_ALARM: {
        ActKind.ACKNOWLEDGE: Refused.CLOSED,
        ActKind.ASSIGN: Refused.CLOSED,
        ActKind.ESCALATE: Refused.CLOSED,
        ActKind.SNOOZE: Refused.CLOSED,
        ActKind.RESOLVE: Refused.CLOSED,
        ActKind.FALSE_ALARM: Refused.CLOSED,
        ActKind.REOPEN: Status.OPEN,
        ActKind.SET_LEVEL: Refused.CLOSED,
        ActKind.USE_POLICY: Refused.CLOSED,
        ActKind.MERGE: Refused.CLOSED,
        ActKind.SPLIT: Refused.CLOSED,
        ActKind.NOTE: Status.FALSE_ALARM,
    },
}
"""What each act of a person makes of an incident in each status, or why it is refused."""


@dataclass(frozen=True, kw_only=True)
class ActRequest:
    """What a person asks for. *by* and *to* are Slack user ids; *key* is the same when Slack repeats itself.

    *to* is for an assignment, *minutes* for a snooze or a level, *level* for one that is set by hand (None: no more),
    *policy* for another policy, *other* for the incident to merge into, *story* for the one to split off, *text* for a
    note, or the reason of another act. *origin* says from where it came; *unchecked* that nobody could say in time
    whether the person may.
    """

    kind: ActKind
    by: str
    key: str
    to: str = ""
    minutes: float = 0.0
    text: str = ""
    level: Level | None = None
    policy: Policy | None = None
    other: int = 0
    story: str = ""
    origin: Mapping[str, str] = field(default_factory=dict)
    unchecked: bool = False


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
        return refusal(incident, request, outcome)
    objection = _objection(incident, request, now)
    if objection is not None:
        return refusal(incident, request, objection)
    status = incident.status if isinstance(outcome, Refused) else outcome
    return _recorded(incident, request, _done(incident, request, status, now), now)


def _answers_reminder(incident: Incident, request: ActRequest) -> bool:
    return (
        incident.status is Status.ACKNOWLEDGED
        and request.kind is ActKind.ACKNOWLEDGE
        and request.by == incident.owner
        and incident.reminded_at is not None
    )


def _objection(incident: Incident, request: ActRequest, now: datetime) -> Refused | None:
    """Why *request* makes no sense, whatever the table says."""
    reasons = [why for test, why in _OBJECTIONS.get(request.kind, ()) if test(incident, request, now)]
    return reasons[0] if reasons else None


def _no_span(incident: Incident, request: ActRequest, now: datetime) -> bool:
    return not 0 < request.minutes <= LONGEST_SNOOZE / timedelta(minutes=1)


def _no_text(incident: Incident, request: ActRequest, now: datetime) -> bool:
    return not request.text.strip()


def _no_reason(incident: Incident, request: ActRequest, now: datetime) -> bool:
    return is_grave(incident) and not request.text.strip()


def _too_late(incident: Incident, request: ActRequest, now: datetime) -> bool:
    return incident.closed_at is None or now - incident.closed_at > REOPENABLE


_OBJECTIONS: Mapping[ActKind, tuple[tuple[Callable[[Incident, ActRequest, datetime], bool], Refused], ...]] = {
    ActKind.ASSIGN: (
        (lambda incident, request, now: not request.to, Refused.NOBODY),
        (lambda incident, request, now: request.to == incident.owner, Refused.OWNED),
    ),
    ActKind.SNOOZE: ((_no_span, Refused.SPAN),),
    ActKind.NOTE: ((_no_text, Refused.EMPTY),),
    ActKind.RESOLVE: ((_no_reason, Refused.REASON),),
    ActKind.FALSE_ALARM: ((_no_reason, Refused.REASON),),
    ActKind.SET_LEVEL: (
        (lambda incident, request, now: request.level is None and incident.set_level is None, Refused.SAME),
        (
            lambda incident, request, now: request.level is not None and _no_span(incident, request, now),
            Refused.SPAN,
        ),
        (lambda incident, request, now: request.level is not None and _no_text(incident, request, now), Refused.REASON),
    ),
    ActKind.USE_POLICY: ((lambda incident, request, now: request.policy in (None, incident.policy), Refused.SAME),),
    ActKind.REOPEN: (
        (lambda incident, request, now: incident.merged_into > 0, Refused.MERGED),
        (_too_late, Refused.LATE),
    ),
}


def refusal(incident: Incident, request: ActRequest, why: Refused) -> Refusal:
    """That *request* is not done to *incident*, and who was first."""
    first: tuple[str, datetime | None] = ("", None)
    if why in (Refused.CLOSED, Refused.LATE):
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
    if request.kind in (ActKind.RESOLVE, ActKind.FALSE_ALARM):
        return Decision(incident=closed(heard, status, by=request.by, now=now))
    work = _WORK.get(request.kind)
    return work(heard, request, now) if work else Decision(incident=_watched(heard, now))


def _snoozed(incident: Incident, request: ActRequest, now: datetime) -> Decision:
    until = now + timedelta(minutes=request.minutes)
    return Decision(incident=replace(incident, snoozed_until=until, next_action_at=until, reminded_at=None))


def _escalated(incident: Incident, request: ActRequest, now: datetime) -> Decision:
    return escalate(_watched(replace(incident, snoozed_until=None), now), now=now, by=request.by)


def _set(incident: Incident, request: ActRequest, now: datetime) -> Decision:
    until = None if request.level is None else now + timedelta(minutes=request.minutes)
    return set_by_hand(incident, request.level, by=request.by, until=until, now=now)


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


def _reopened(incident: Incident, request: ActRequest, now: datetime) -> Decision:
    """*incident* goes on as it was: with its owner, or with the first step of its policy."""
    again = live_again(incident, now)
    if again.status is Status.ACKNOWLEDGED:
        return Decision(incident=watch_over(again, now=now))
    return restart(again, because=Because.REOPENED, now=now)


def _under_policy(incident: Incident, request: ActRequest, now: datetime) -> Decision:
    """*incident* under another policy: who is told next goes by that, from its first step on."""
    assert request.policy is not None
    changed = replace(incident, policy=request.policy)
    if changed.status is Status.ACKNOWLEDGED or changed.snoozed_until is not None:
        return Decision(incident=watch_over(changed, now=now))
    return restart(changed, because=Because.POLICY, now=now)


_WORK: Mapping[ActKind, Callable[[Incident, ActRequest, datetime], Decision]] = {
    ActKind.ACKNOWLEDGE: _given,
    ActKind.ASSIGN: _given,
    ActKind.SNOOZE: _snoozed,
    ActKind.ESCALATE: _escalated,
    ActKind.REOPEN: _reopened,
    ActKind.SET_LEVEL: _set,
    ActKind.USE_POLICY: _under_policy,
}


def _recorded(incident: Incident, request: ActRequest, decision: Decision, now: datetime) -> Decision:
    """*decision* with the row of the timeline, its line in the thread, and the card drawn again."""
    assert decision.incident is not None
    detail: dict[str, object] = {}
    if request.kind is ActKind.ASSIGN:
        detail |= {"to": request.to}
    if request.kind is ActKind.SNOOZE:
        detail |= {"minutes": request.minutes}
    if request.kind is ActKind.SET_LEVEL:
        detail |= {"level": request.level and request.level.value, "minutes": request.minutes}
    if request.policy is not None:
        detail |= {"policy": request.policy.name}
    if request.text.strip():
        detail |= {"text": request.text.strip()}
    if request.origin:
        detail |= {"origin": dict(request.origin)}
    if request.unchecked:
        detail |= {"unchecked": True}
    row = Act(kind=request.kind, at=now, by=request.by, detail=detail, key=request.key)
    return Decision(
        incident=decision.incident,
        acts=(row, *decision.acts),
        alerts=(
            owed(decision.incident, AlertKind.UPDATE, now),
            *([] if _answers_reminder(incident, request) else [_line(decision.incident, request, detail, now)]),
            *decision.alerts,
        ),
    )


def _line(incident: Incident, request: ActRequest, detail: Mapping[str, object], now: datetime) -> Alert:
    """What the thread is told of an act."""
    return owed(incident, AlertKind.ACT, now, {"act": request.kind.value, "by": request.by, **detail})
