"""What people may ask of an incident: the written table of what each act makes of it, and why one is refused. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from bot.incidents.closing import REOPENABLE, is_grave
from bot.records import ActKind, Incident, Policy, Status
from engine.post import Level

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
    REASON = "reason"  # a grave matter is closed, or a level set, for no reason
    LIVE = "live"  # there is nothing to reopen
    LATE = "late"  # closed too long ago to be reopened
    MERGED = "merged"  # it goes on as another incident
    SAME = "same"  # the level, the policy or the incident is that already
    OTHER_TOPIC = "other_topic"  # matters of two topics are linked, not merged
    ONLY_STORY = "only_story"  # there is nothing to split off
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
        ActKind.REOPEN: Refused.LIVE,
        ActKind.SET_LEVEL: Status.OPEN,
        ActKind.USE_POLICY: Status.OPEN,
        ActKind.MERGE: Status.OPEN,  # carried out by bot.incidents.people.joining
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
        ActKind.MERGE: Status.ACKNOWLEDGED,  # carried out by bot.incidents.people.joining
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


def objection(incident: Incident, request: ActRequest, now: datetime) -> Refused | None:
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
