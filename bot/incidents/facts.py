"""Which news is told, and when. Pure.

Each fact is told once. Facts that come close together are one message, and messages keep a distance that shrinks
with the level. What was known when an incident opened stands on its card and is no news.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from bot.incidents.rows import noted, owed
from bot.records import ActKind, AlertKind, Decision, Incident
from engine.post import Fact, FactKind, Level

GATHERED = timedelta(minutes=10)
"""Facts that become known within so long of the first are told with it."""

APART = {Level.RED: timedelta(minutes=15), Level.ORANGE: timedelta(minutes=30)}
APART_MILDER = timedelta(hours=1)
"""Between two messages: at most four an hour at red, two at orange, one below."""

LONGEST_UNTOLD = APART_MILDER + GATHERED
"""No fact waits longer: a moment that lies further ahead was set by a clock that ran ahead."""

KEPT = 200
QUIET = timedelta(hours=2)
"""For so long nothing new was known while people go on talking: that is news, once."""

STILL_MANY = 10
"""Posts an hour below which nobody needs to be told that there is no news."""


def learned(incident: Incident, facts: Sequence[Fact], *, now: datetime, level: Level | None = None) -> Incident:
    """*incident* with those of *facts* that belong to its stories, as they stand now.

    Those that it did not know will be told, and those that were a rumour and are confirmed; how soon goes by the
    *level* that it stands at from now on, its own where none is given.
    """
    new, before = _unknown(incident, facts), {fact.key: fact for fact in incident.facts}
    now_sure = [fact.key for fact in facts if fact.key in before and _confirmed(before[fact.key], fact)]
    incident = _refreshed(incident, facts)
    if not new and not now_sure:
        return incident
    apart = APART.get(level or incident.level, APART_MILDER)
    earliest = max(now + GATHERED, incident.facts_told_at + apart if incident.facts_told_at else now)
    return replace(
        _with(incident, new),
        untold=tuple(dict.fromkeys((*incident.untold, *now_sure, *(fact.key for fact in new)))),
        tell_at=min(incident.tell_at or earliest, earliest),  # what waits at yellow need not wait so long at red
    )


def known_from_the_start(incident: Incident, facts: Sequence[Fact]) -> Incident:
    """*incident*, which is just opened, with what its card tells already."""
    return _with(incident, _unknown(incident, facts))


def no_news(incident: Incident, posts: int, *, now: datetime) -> Fact | None:
    """That nothing new is known while *posts* came in the last hour; None if that is not so, or was said."""
    if incident.level > Level.ORANGE or incident.untold or posts < STILL_MANY or incident.calm_since is not None:
        return None
    news = [fact for fact in incident.facts if fact.kind is not FactKind.QUIET]
    last = max([incident.opened_at, incident.told_at or incident.opened_at, *(fact.at for fact in news)])
    key = f"quiet.{last:%Y%m%dT%H%M}"
    if now - last < QUIET or any(fact.key == key for fact in incident.facts):
        return None
    values = {"posts": posts, "minutes": (now - last) / timedelta(minutes=1)}
    story = incident.stories[0] if incident.stories else ""
    return Fact(key=key, kind=FactKind.QUIET, at=now, story=story, values=values)


def tell(incident: Incident, *, now: datetime) -> Decision:
    """Tell what nobody was told yet, in one message."""
    if not incident.untold:
        return Decision(incident=replace(incident, tell_at=None))
    told = replace(incident, untold=(), tell_at=None, facts_told_at=now)
    news = {"facts": list(incident.untold)}
    return Decision(
        incident=told,
        acts=(noted(told, ActKind.FACT, now, {**news, "level": told.level.value}),),
        alerts=(owed(told, AlertKind.FACT, now, news),),
    )


def _unknown(incident: Incident, facts: Sequence[Fact]) -> list[Fact]:
    known, mine = {fact.key for fact in incident.facts}, set(incident.stories)
    # What fell out of a full list was known once, and is older than all that stayed.
    oldest = incident.facts[0].at if len(incident.facts) >= KEPT else None
    new = [fact for fact in facts if fact.key not in known and fact.story in mine]
    return [fact for fact in new if oldest is None or fact.at > oldest]


def _refreshed(incident: Incident, facts: Sequence[Fact]) -> Incident:
    """*incident* with the newest version of what it knows: how many say so by now, and who else."""
    newest = {fact.key: fact for fact in facts}
    fresh = tuple(newest.get(fact.key, fact) for fact in incident.facts)
    return incident if fresh == incident.facts else replace(incident, facts=fresh)


def _confirmed(before: Fact, fact: Fact) -> bool:
    """True if what was told as a rumour is confirmed now."""
    return before.values.get("confirmed") is False and fact.values.get("confirmed") is True


def _with(incident: Incident, new: Sequence[Fact]) -> Incident:
    return replace(incident, facts=(*incident.facts, *new)[-KEPT:])
