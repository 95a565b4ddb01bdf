"""The rows that a decision writes: what is owed, and what is noted on the timeline. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from bot.records import TOCSIN, Act, ActKind, Alert, AlertKind, Decision, Incident
from engine.post import Assessment

Payload = Mapping[str, Any]


def owed(
    incident: Incident,
    kind: AlertKind,
    now: datetime,
    payload: Payload | None = None,
    *,
    target: str = "",
    key: str = "",
) -> Alert:
    """A message owed about *incident*, to its channel unless *target* says otherwise.

    The key names the decision (an incident at a version is decided over once) and what of it this is:
    computed twice it is the same, and no other decision can have it. What changes no incident brings a *key*.
    """
    target = target or incident.channel
    return Alert(
        key=key or f"{_name(incident)}.{incident.version}.{kind}.{target}",
        kind=kind,
        target=target,
        level=incident.level,
        at=now,
        payload=payload or {},
        incident_id=incident.id,
    )


def noted(incident: Incident, kind: ActKind, now: datetime, detail: Payload | None = None) -> Act:
    """A row of the timeline about what Tocsin did by itself."""
    key = f"{_name(incident)}.{incident.version}.{kind}"
    return Act(kind=kind, at=now, by=TOCSIN, detail=detail or {}, key=key)


def _name(incident: Incident) -> str:
    """What tells an incident from every other one, before it has a number too."""
    if incident.id:
        return f"i{incident.id}"
    return f"t{incident.topic_id}@{incident.opened_at:%Y%m%dT%H%M%S.%fZ}"


def account(assessment: Assessment) -> dict[str, object]:
    """What the timeline keeps of *assessment*: the numbers, and the signals that carried it; never a post's text."""
    return {"score": assessment.score, "signals": [each.name for each in assessment.signals if each.weight > 0]}


def with_rows(decision: Decision, *, acts: Iterable[Act] = (), alerts: Iterable[Alert] = ()) -> Decision:
    """*decision*, and before its own rows those of what led to it."""
    return replace(decision, acts=(*acts, *decision.acts), alerts=(*alerts, *decision.alerts))
