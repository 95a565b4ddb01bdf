"""What a topic's history and its team teach: how strictly to count, and how far to trust each signal. Pure.

Nothing here sees the future: the caller gives bells and judgements of a time that is over. The methods are
counting and a Beta prior, because a team judges tens of bells a year: nothing cleverer converges on so little.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from statistics import median

from engine.tuning.tuning import Tally

GRID = (0.5, 0.7, 1.0, 1.4, 2.0, 2.8, 4.0)
"""The strictnesses that are tried, in steps of the square root of two."""

LEAST_DAYS = 14.0
"""A shorter history says too little of a weekly budget: the topic takes what others have learned."""

PRIOR_REAL, PRIOR_FALSE = 4.0, 1.0
"""Beta(4, 1): before anybody has judged a signal, four of five of its bells are taken for real."""

LEAST_TRUST = 0.3
LEAST_TRUST_IN_FACTS = 0.5
"""A death in an outlet reaches yellow however often another report of the kind was a false alarm."""

FACTS = frozenset({"gravity"})

BEFORE = timedelta(days=1)
"""A crisis begins before its incident: a bell up to so long before is the same one, heard earlier."""


class Ruling(StrEnum):
    """What people made of an incident. One that nobody took and that ended by itself is ``UNCONFIRMED``."""

    REAL = "real"
    FALSE = "false"
    UNCONFIRMED = "unconfirmed"
    OPEN = "open"  # not judged yet


@dataclass(frozen=True, kw_only=True, slots=True)
class PastIncident:
    """An incident as its team judged it: from *opened_at* to *ended_at*, with the *signals* that opened it."""

    opened_at: datetime
    ended_at: datetime
    ruling: Ruling
    signals: tuple[str, ...] = ()


def ruling_at(at: datetime, cases: Iterable[PastIncident]) -> Ruling:
    """What people made of the time *at* which a bell rings: the kindest judgement that covers it."""
    found = {each.ruling for each in cases if each.opened_at - BEFORE <= at <= each.ended_at}
    for ruling in (Ruling.REAL, Ruling.OPEN, Ruling.FALSE):
        if ruling in found:
            return ruling
    return Ruling.UNCONFIRMED


def unconfirmed(bells: Iterable[datetime], cases: Sequence[PastIncident]) -> int:
    """How many *bells* count against a budget: those of no incident that was real, or is still to be judged."""
    return sum(ruling_at(at, cases) in (Ruling.FALSE, Ruling.UNCONFIRMED) for at in bells)


def strictness_for(counts: Mapping[float, int], *, budget_per_week: float, days: float) -> float:
    """The smallest strictness from which on every stricter one keeps the budget too; the strictest if none does.

    *counts* are the bells that count, by strictness, in *days* days.
    """
    allowed = budget_per_week * days / 7
    chosen = max(counts)
    for strictness in sorted(counts, reverse=True):
        if counts[strictness] > allowed:
            break
        chosen = strictness
    return chosen


def from_others(learned: Sequence[float]) -> float:
    """The strictness of a topic with too little history: the median of what other topics *learned*, else 1."""
    return float(median(learned)) if learned else 1.0


def tallies(cases: Iterable[PastIncident]) -> dict[str, Tally]:
    """How often each signal was right and wrong. A bell is held against every signal that opened it."""
    real: Counter[str] = Counter()
    false: Counter[str] = Counter()
    for each in cases:
        if each.ruling is Ruling.REAL:
            real.update(each.signals)
        elif each.ruling is Ruling.FALSE:
            false.update(each.signals)
    return {name: Tally(real=real[name], false=false[name]) for name in sorted({*real, *false})}


def precision(found: Tally) -> float:
    """The share of a signal's bells that are real: the mean of the posterior under Beta(4, 1)."""
    return (PRIOR_REAL + found.real) / (PRIOR_REAL + PRIOR_FALSE + found.judged)


def trust(found: Tally, signal: str = "") -> float:
    """The part of its usual weight that *signal* keeps (0.3 to 1): its precision against the prior's."""
    least = LEAST_TRUST_IN_FACTS if signal in FACTS else LEAST_TRUST
    usual = PRIOR_REAL / (PRIOR_REAL + PRIOR_FALSE)
    return round(min(max(precision(found) / usual, least), 1.0), 3)
