"""What becomes of an incident whose level changes: who must hear of it, and who has heard it already. Pure.

Levels swing. A rise is told when it is graver than what was told lately, or when the matter had been calm for long, or
when the last word is old; every other one is drawn on the card, and what was under way goes on.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from bot.incidents.escalation import Because, disowned, due, restart, resume, watch_over
from bot.incidents.rows import account, noted, owed, with_rows
from bot.records import Act, ActKind, AlertKind, Decision, Incident, Status
from engine.post import Assessment, Level

TOLD_FOR = timedelta(hours=8)
"""For so long nobody is told of a level that he was told of before."""

NEW_WAVE = timedelta(hours=3)
"""What was calm for so long and rises again is told, whatever was told before."""

MUCH_WORSE = 2
"""Levels by which a matter must rise to be taken from its owner, unless it turns red."""


def moved(incident: Incident, fresh: Incident, assessment: Assessment, before: Level | None, now: datetime) -> Decision:
    """The level is another one than *before* (None = calm). *fresh* is *incident* with what *assessment* found."""
    level = assessment.level
    after = replace(
        fresh,
        level=level or Level.BLUE,
        peak=min(level or incident.peak, incident.peak),
        calm_since=now if level is None else None,
    )
    span: dict[str, object] = {"from": before and before.value, "to": level and level.value}
    graver = level is not None and level.graver_than(before)
    acts = [noted(after, ActKind.RAISED if graver else ActKind.LOWERED, now, {**span, **account(assessment)})]
    alerts = [owed(after, AlertKind.UPDATE, now)]
    if level is None or not graver or incident.policy.opens_at.graver_than(level):
        quiet = after if due(after) else replace(after, next_action_at=None)
        return Decision(incident=quiet, acts=tuple(acts), alerts=tuple(alerts))
    if not _is_news(incident, level, now):
        return Decision(incident=resume(after, now=now), acts=tuple(acts), alerts=tuple(alerts))
    alerts.append(owed(after, AlertKind.WORSE, now, {"owner": incident.owner, **span}))
    return with_rows(_worse(incident, told_of(after, level, now), now), acts=acts, alerts=alerts)


def told_of(incident: Incident, level: Level, now: datetime) -> Incident:
    """*incident*, of whose *level* people are told now."""
    return replace(incident, told=level, told_at=now)


def _is_news(incident: Incident, level: Level, now: datetime) -> bool:
    """True if a rise to *level* must be told."""
    if incident.told is None or incident.told_at is None or level.graver_than(incident.told):
        return True
    if _calm_for_long(incident, now):
        return True
    return now - incident.told_at >= TOLD_FOR and incident.snoozed_until is None  # who sleeps has heard of it


def _calm_for_long(incident: Incident, now: datetime) -> bool:
    return incident.calm_since is not None and now - incident.calm_since >= NEW_WAVE


def _worse(incident: Incident, after: Incident, now: datetime) -> Decision:
    """Who must hear of it: the owner; the whole policy, if there is none or it got much worse."""
    awake = replace(after, snoozed_until=None)
    acts: list[Act] = []
    if incident.snoozed_until is not None:
        acts.append(noted(awake, ActKind.SNOOZE_ENDED, now, {"because": Because.RAISED.value}))
    if awake.status is Status.OPEN:
        return with_rows(_called_again(incident, awake, now), acts=acts)
    if _outgrown(incident, awake.level):
        detail = {"owner": incident.owner, "because": Because.RAISED.value}
        acts.append(noted(awake, ActKind.UNACKNOWLEDGED, now, detail))
        again = restart(disowned(awake), because=Because.RAISED, now=now, also=[incident.owner])
        return with_rows(again, acts=acts)
    told = owed(awake, AlertKind.PAGE, now, {"because": Because.RAISED.value}, target=incident.owner)
    return Decision(incident=watch_over(awake, now=now), acts=tuple(acts), alerts=(told,))


def _called_again(incident: Incident, awake: Incident, now: datetime) -> Decision:
    """What nobody owns is called out from the first step on, if it is graver than what was told, or a new wave."""
    graver = incident.told is None or awake.level.graver_than(incident.told)
    if graver or _calm_for_long(incident, now):
        return restart(awake, because=Because.RAISED, now=now)
    return Decision(incident=resume(awake, now=now))


def _outgrown(incident: Incident, level: Level) -> bool:
    """True if the matter is no longer what its owner took: red as never before, or two levels above what was told."""
    if level is Level.RED and level.graver_than(incident.peak):
        return True
    known = incident.told or incident.level
    return known.value - level.value >= MUCH_WORSE
