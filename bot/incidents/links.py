"""Incidents of two topics that are about the same happening: which they are, and what is noted of it. Pure."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta

from bot.incidents.rows import owed
from bot.records import TOCSIN, Act, ActKind, AlertKind, Decision, Incident

BEFORE_IT_OPENED = timedelta(days=1)
"""What was said on the day before an incident opened may be what it is about."""

FEWEST, SHARE = 3, 0.3
"""Two incidents are about one happening where their stories share so many texts, and such a share of the smaller."""

PAGED_ONCE = timedelta(minutes=30)
"""Who was paged about a happening is not paged about it as another topic's incident for so long."""


def same_happening(mine: Collection[str | int], theirs: Collection[str | int]) -> bool:
    """True if the texts of two incidents' stories, copies counted as what they copy, are those of one happening."""
    shared = len(set(mine) & set(theirs))
    return shared >= FEWEST and shared >= SHARE * min(len(set(mine)), len(set(theirs)))


def linked(incident: Incident, other: Incident, *, now: datetime) -> Decision:
    """What is noted on *incident*, whose cards are to name *other*."""
    key = f"linked.{other.id}"
    act = Act(kind=ActKind.LINKED, at=now, by=TOCSIN, detail={"incident": other.id}, key=key)
    return Decision(acts=(act,), alerts=(owed(incident, AlertKind.UPDATE, now, key=f"{key}.{incident.id}"),))


def links(timeline: Collection[Act]) -> tuple[int, ...]:
    """The incidents that a *timeline* says are about the same happening, in the order in which it was noticed."""
    return tuple(dict.fromkeys(int(act.detail["incident"]) for act in timeline if act.kind is ActKind.LINKED))
