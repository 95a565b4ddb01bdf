"""A level that a person sets by hand, until a time: what was measured stands back for so long. Pure."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from bot.incidents.escalation import Because, restart, resume, watch_over
from bot.incidents.level_changes import told_of
from bot.records import Decision, Incident, Status
from engine.post import Level


def set_by_hand(incident: Incident, level: Level | None, *, by: str, until: datetime | None, now: datetime) -> Decision:
    """*incident* at *level* until *until*; None lets what is measured count again, from the next look on.

    What nobody owns is called out from the first step on where the level is graver than what people were told. Whoever
    owns it has been heard of.
    """
    if level is None:
        return Decision(incident=_heard(replace(incident, set_level=None, set_by="", set_until=None), now))
    held = replace(
        incident,
        level=level,
        peak=min(level, incident.peak),
        calm_since=None,
        set_level=level,
        set_by=by,
        set_until=until,
    )
    graver = incident.told is None or level.graver_than(incident.told)
    if graver and held.status is Status.OPEN and held.snoozed_until is None:
        return restart(told_of(held, level, now), because=Because.RAISED, now=now)
    if held.status is not Status.OPEN:
        return Decision(incident=_heard(held, now))
    return Decision(incident=resume(held, now=now))


def _heard(incident: Incident, now: datetime) -> Incident:
    return watch_over(incident, now=now) if incident.status is Status.ACKNOWLEDGED else incident
