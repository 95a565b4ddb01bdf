"""What an incident waits for, done when its moment has come. Pure."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from bot.incidents.escalation import Because, Due, come_due, disowned, due, page, reminded, restart, watch_over
from bot.incidents.facts import LONGEST_UNTOLD, tell
from bot.incidents.rows import noted, owed, with_rows
from bot.infra.clock import come
from bot.records import ActKind, AlertKind, Decision, Incident, Status


def sweep(incident: Incident, *, now: datetime) -> Decision:
    """Do what *incident* waits for, if its moment has come: first who must act, then what is new."""
    if incident.next_action_at is not None and come_due(incident, now):
        return _act_on(replace(incident, next_action_at=min(now, incident.next_action_at)), now)
    if incident.tell_at is not None and come(incident.tell_at, now, LONGEST_UNTOLD):
        return tell(incident, now=now)
    return Decision()


def _act_on(incident: Incident, now: datetime) -> Decision:
    match due(incident):
        case Due.WAKE:
            return _wake(incident, now)
        case Due.PAGE | Due.REPEAT:
            return with_rows(page(incident, now=now), alerts=[owed(incident, AlertKind.UPDATE, now)])
        case Due.REMIND:
            return _remind(incident, now)
        case Due.UNACKNOWLEDGE:
            return _unacknowledge(incident, now)
        case None:
            return Decision()


def _wake(incident: Incident, now: datetime) -> Decision:
    because = Because.SNOOZE_ENDED
    why = {"because": because.value}
    awake = replace(incident, snoozed_until=None)
    acts = [noted(awake, ActKind.SNOOZE_ENDED, now)]
    alerts = [owed(awake, AlertKind.UPDATE, now), owed(awake, AlertKind.NOTICE, now, why)]
    if awake.status is Status.OPEN:
        return with_rows(restart(awake, because=because, now=now), acts=acts, alerts=alerts)
    return Decision(incident=watch_over(awake, now=now), acts=tuple(acts), alerts=tuple(alerts))


def _remind(incident: Incident, now: datetime) -> Decision:
    asked = reminded(incident, now=now)
    owner = {"owner": incident.owner}
    return Decision(
        incident=asked,
        acts=(noted(asked, ActKind.REMINDED, now, owner),),
        alerts=(owed(asked, AlertKind.REMINDER, now, owner),),
    )


def _unacknowledge(incident: Incident, now: datetime) -> Decision:
    because = Because.UNACKNOWLEDGED
    free = disowned(incident)
    why = {"because": because.value, "owner": incident.owner}
    acts = [noted(free, ActKind.UNACKNOWLEDGED, now, why)]
    alerts = [owed(free, AlertKind.UPDATE, now), owed(free, AlertKind.NOTICE, now, why)]
    return with_rows(restart(free, because=because, now=now), acts=acts, alerts=alerts)
