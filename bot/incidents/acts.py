"""What people do to an incident: what becomes of it, the row of the timeline, and the line in the thread.

Pure, like bot.incidents.lifecycle, which is where others import this from.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from bot.incidents.closing import closed, live_again
from bot.incidents.escalation import Because, escalate, restart, watch_over
from bot.incidents.people.hand_set import set_by_hand
from bot.incidents.rows import owed
from bot.incidents.transitions import DOUBLE_CLICK, TRANSITIONS, ActRequest, Refusal, Refused, objection, refusal
from bot.records import Act, ActKind, Alert, AlertKind, Decision, Incident, Status


def act(incident: Incident, request: ActRequest, *, now: datetime) -> Decision | Refusal:
    """Do what a person asks for, or say why not. Raises ValueError for kinds that only Tocsin writes."""
    outcome = TRANSITIONS[incident.status].get(request.kind)
    if outcome is None:
        raise ValueError(f"{request.kind} is not an act of a person")
    if isinstance(outcome, Refused) and not _answers_reminder(incident, request):
        return refusal(incident, request, outcome)
    why = objection(incident, request, now)
    if why is not None:
        return refusal(incident, request, why)
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
    return refusal(incident, request, Refused.STALE)


def overheard(incident: Incident, note: Act, *, pinned_by: str = "", now: datetime) -> Decision:
    """*note*, which its writer put below the card, on the record; no line in the thread repeats it.

    An owner who writes there, or pins what others wrote, is heard of.
    """
    if incident.status is not Status.ACKNOWLEDGED or incident.owner not in (note.by, pinned_by):
        return Decision(acts=(note,))
    heard = _watched(replace(incident, last_act_at=now), now)
    told = owed(heard, AlertKind.UPDATE, now, {"by": incident.owner})
    return Decision(incident=heard, acts=(note,), alerts=(told,))


def _answers_reminder(incident: Incident, request: ActRequest) -> bool:
    return (
        incident.status is Status.ACKNOWLEDGED
        and request.kind is ActKind.ACKNOWLEDGE
        and request.by == incident.owner
        and incident.reminded_at is not None
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
    changed = replace(incident, policy=request.policy, step=0, rounds=0)
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
            owed(decision.incident, AlertKind.UPDATE, now, {"by": request.by}),
            *([] if _answers_reminder(incident, request) else [_line(decision.incident, request, detail, now)]),
            *decision.alerts,
        ),
    )


def _line(incident: Incident, request: ActRequest, detail: Mapping[str, object], now: datetime) -> Alert:
    """What the thread is told of an act."""
    return owed(incident, AlertKind.ACT, now, {"act": request.kind.value, "by": request.by, **detail})
