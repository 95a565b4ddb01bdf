"""How an incident ends, and how it goes on after all. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta

from bot.incidents.escalation import Because
from bot.incidents.facts import GATHERED
from bot.incidents.rows import noted, owed
from bot.records import TOCSIN, ActKind, AlertKind, Decision, Incident, Status
from engine.post import Level

REOPENABLE = timedelta(days=7)
"""For so long a closed incident can be opened again; after that a matter is a new one."""

LEADING = 5
"""Stories that stand for an incident when it is asked whether something is the same."""

MOST = 3
"""Live incidents of one topic; what comes beyond them joins."""

ASKED_AGAIN = timedelta(minutes=30)
"""What was closed at red and is red after so long is told once to who closed it."""

GRAVE = Level.ORANGE
"""From here on a close needs a reason and a confirmation."""


def lately(incidents: Iterable[Incident], now: datetime) -> list[Incident]:
    """Those of *incidents* that are live, and those that may be opened again."""
    return [each for each in incidents if each.closed_at is None or now - each.closed_at <= REOPENABLE]


def leading_stories(incidents: Iterable[Incident], now: datetime) -> set[str]:
    """The stories that are remembered for as long as an incident may go on with them."""
    return {story for each in lately(incidents, now) for story in each.stories[:LEADING]}


def is_grave(incident: Incident) -> bool:
    """True if *incident* stands at orange or red now."""
    return incident.calm_since is None and not incident.level > GRAVE


def closed(incident: Incident, status: Status, *, by: str, now: datetime) -> Incident:
    """*incident*, closed: nothing is due any more. What nobody was told yet is told if it goes on."""
    return replace(
        incident,
        status=status,
        closed_at=now,
        closed_by=by,
        snoozed_until=None,
        reminded_at=None,
        next_action_at=None,
        tell_at=None,
        set_level=None,
        set_by="",
        set_until=None,
    )


def live_again(incident: Incident, now: datetime) -> Incident:
    """A closed *incident* that goes on. How long it has been calm is counted anew: who opens it wants it open."""
    return replace(
        incident,
        status=Status.ACKNOWLEDGED if incident.owner else Status.OPEN,
        closed_at=None,
        closed_by="",
        reopened_at=now,
        warned_at=None,
        calm_since=now if incident.calm_since else None,
        tell_at=now + GATHERED if incident.untold else None,
    )


def warn(incident: Incident, level: Level | None, *, posts: int, now: datetime) -> Decision:
    """Tell, once, whoever closed a red *incident*, and the leads, that the topic is red still (*level*).

    *posts* against it came since the close.
    """
    if not _to_be_warned(incident, level, now):
        return Decision()
    told = replace(incident, warned_at=now)
    why = {"because": Because.STILL_RED.value, "by": incident.closed_by, "posts": posts}
    people = dict.fromkeys((incident.closed_by, *incident.policy.leads))
    return Decision(
        incident=told,
        acts=(noted(told, ActKind.STILL_RED, now, {**why, "targets": list(people)}),),
        alerts=tuple(owed(told, AlertKind.PAGE, now, why, target=person) for person in people),
    )


def _to_be_warned(incident: Incident, level: Level | None, now: datetime) -> bool:
    return (
        level is Level.RED
        and incident.level is Level.RED
        and incident.calm_since is None
        and incident.warned_at is None
        and incident.closed_by not in ("", TOCSIN)
        and incident.closed_at is not None
        and ASKED_AGAIN <= now - incident.closed_at <= 2 * ASKED_AGAIN
    )
