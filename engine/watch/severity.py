"""From measured signals to a score of 0-100 and a level. Pure arithmetic, with every number in sight.

Each signal has a weight, the score that it would reach alone. Signals of one family tell of one fact, so only
the strongest of them counts; families add up as independent evidence does. The score is monotone in every
weight. The numbers are a ladder of ours: no public standard exists.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from engine.post import Level, Sentiment, Standing

THRESHOLDS = {Level.BLUE: 25.0, Level.YELLOW: 45.0, Level.ORANGE: 65.0, Level.RED: 85.0}
RELIEF = 5.0
"""A level is over only when the score is this far below what the level asks for."""

LEAST_HOLD = timedelta(hours=3)

FAMILIES: Mapping[str, str] = {
    "volume": "counts",
    "negative_volume": "counts",
    "negative_share": "counts",
    "spread": "spread",
    "growth": "growth",
    "gravity": "facts",
    "board": "facts",
    "slow_burn": "counts",
    "drop": "silence",
}
SILENCE = "silence"
"""The family that adds to no other: that nothing is heard makes no matter more serious."""


SEVERITY: Mapping[str, float] = {
    "injury": 90, "violence": 75, "health": 75, "accident": 70, "disaster": 70, "data": 65, "conduct": 60,
    "legal": 55, "boycott": 55, "product": 50, "finance": 45, "labour": 45, "rumour": 30, "service": 10,
}  # fmt: skip
"""The score that a risk reaches when nobody doubts it. A late parcel is not a death."""

VOICE: Mapping[Standing, float] = {
    Standing.BOARD: 1.0,
    Standing.OUTLET: 1.0,
    Standing.SOCIAL: 0.35,
    Standing.COMMENT: 0.2,
}
"""How much one post of such a source proves: what an outlet prints was checked, a single post was not."""


MISREAD = 0.002
"""The share of posts in which the reader sees a risk that is not there."""


def surge_weight(strength: float, *, negative: bool) -> float:
    """The weight of a surge: yellow at its window's thresholds, orange at twice, and never red by itself.

    Posts that are not negative may be a success: alone they are blue at most.
    """
    grown = 45 * strength if strength < 1 else 45 + 20 * math.log2(strength)
    return min(grown, 75.0) if negative else min(0.5 * grown, 35.0)


def burst_weight(strength: float) -> float:
    """The weight of a burst on one story: yellow at its threshold, and never orange, since so few have spoken."""
    return min(surge_weight(strength, negative=True), 60.0)


def mood_weight(share: float) -> float:
    """What a surge of negative posts counts for where their share is so many times the usual one.

    All of it where the mood is no better than usual; less and less where it is, since then there is more of everything,
    as after a success. Then it takes a stronger surge for yellow, and no flood of praise ever hides one for good.
    """
    return 0.6 + 0.4 * min(max((share - 0.75) / 0.25, 0.0), 1.0)


def share_weight(z: float, excess: float) -> float:
    """The weight of a share of negative posts *z* deviations and *excess* (0-1) above the usual share.

    The mood has turned, but nobody has raised his voice: blue at most.
    """
    if excess < 0.15:
        return 0.0
    return min(max(6 * (z - 3), 0.0), 40.0)


def burn_weight(strength: float) -> float:
    """The weight of a slow burn: blue at its threshold, yellow when a whole week has been as loud as it counts."""
    return min(30.0 * strength, 45.0) if strength >= 0.5 else 0.0


def drop_weight(strength: float) -> float:
    """The weight of a drop: said from its threshold on, and never a level."""
    return min(10.0 * strength, 20.0) if strength >= 1 else 0.0


def spread_weight(sources: int, copies: int, negative_share: float) -> float:
    """The weight of a story that *sources* independent sources tell, and *copies* repeat word for word."""
    by_sources = 10 * math.log2(sources / 1.5) if sources >= 3 else 0.0
    by_copies = 5 * math.log2(copies / 2.5) if copies >= 5 else 0.0
    return min(max(by_sources, by_copies), 30.0) * negative_share


def growth_weight(hours: float | None, negative_share: float) -> float:
    """The weight of a story that doubles in *hours*."""
    if hours is None:
        return 0.0
    return min(20.0 / max(hours, 1.0), 20.0) * negative_share


def gravity_weight(risk: str, mass: float, *, usual: float, posts: float) -> float:
    """The weight of a *risk* of which the day holds *mass* sure reports where *usual* are usual.

    Twice the usual day is not news, and where many are usual it takes more to stand out; of a day's *posts*
    a few are always misread. Where nothing is usual, one report in an outlet reaches 63 % of the risk's
    severity, two 86 %.
    """
    excess = max(mass - 2 * usual - MISREAD * posts, 0.0) / (1 + math.sqrt(usual))
    return SEVERITY[risk] * (1 - math.exp(-excess))


def board_weight(titles: float, negative: float, *, usual: float, usual_negative: float) -> float:
    """The weight of *titles* on hot-search boards in a day, *negative* of them against the topic.

    A board shows a name rarely, and one title there has been seen by millions. Neutral titles alone are blue
    at most. A negative title is nearly yellow, and yellow when another title follows, of whatever tone: that
    is how a matter grows on a board. Twice the topic's usual day is not news.
    """
    titles = max(titles - 2 * usual, 0.0)
    negative = min(max(negative - 2 * usual_negative, 0.0), titles)
    mass = min(0.2 * titles, 1.2) + negative + 0.3 * min(negative, 1.0) * max(titles - 1, 0.0)
    return 95 * (1 - math.exp(-mass / 2.4))


def harm(sentiment: Sentiment) -> float:
    """How much of a risk that a post speaks of falls upon the topic, 0-1.

    News tells of the injured in a neutral tone, so that counts for half; what is said in the topic's favour, nothing.
    """
    return sentiment.negative + 0.5 * sentiment.neutral


def surely_negative(probability: float) -> float:
    """How much of a title counts as negative: nothing up to 0.2, all of it from 0.5."""
    return min(max((probability - 0.2) / 0.3, 0.0), 1.0)


def fuse(weights: Mapping[str, float]) -> tuple[float, dict[str, float]]:
    """The score of signals by name, and what each adds to it; the parts sum to the score."""
    strongest: dict[str, str] = {}
    for name in sorted(weights, key=lambda name: (FAMILIES[name] == SILENCE, -weights[name], name)):
        strongest.setdefault(FAMILIES[name], name)
    score, parts = 0.0, dict.fromkeys(weights, 0.0)
    for family, name in strongest.items():
        weight = min(max(weights[name], 0.0), 100.0)
        parts[name] = max(weight - score, 0.0) if family == SILENCE else (100 - score) * weight / 100
        score += parts[name]
    return score, parts


def level_of(score: float) -> Level | None:
    """The level that a score reaches; None below blue."""
    reached = [level for level, least in THRESHOLDS.items() if score >= least]
    return min(reached, default=None)


@dataclass(frozen=True, kw_only=True, slots=True)
class Held:
    """The level that a topic stands at, until it is proved to be over.

    *below_since* is the time from which on the score has been below it; *hold* how long it must stay there
    for the level to fall by one; *carriers* the sources that brought what the level rests on.
    """

    level: Level | None = None
    below_since: datetime | None = None
    hold: timedelta = LEAST_HOLD
    carriers: tuple[str, ...] = ()


def settle(held: Held, score: float, *, now: datetime, hold: timedelta, carriers: tuple[str, ...]) -> Held:
    """The level after *score*: it rises at once, and falls one step at a time.

    It falls when the score has been below it for as long as the window that raised it: what a day's window
    has seen is not over when the day's first post leaves the window.
    """
    reached = level_of(score)
    if reached is not None and (held.level is None or reached <= held.level):
        longest = hold if reached.graver_than(held.level) else max(hold, held.hold)
        return Held(level=reached, hold=longest, carriers=carriers)
    if held.level is None or score > THRESHOLDS[held.level] - RELIEF:
        return Held(level=held.level, hold=held.hold, carriers=held.carriers)
    since = held.below_since or now
    if now - since < held.hold:
        return Held(level=held.level, below_since=since, hold=held.hold, carriers=held.carriers)
    return _lower(held, reached, since + held.hold, now)


def _lower(held: Held, reached: Level | None, fell_at: datetime, now: datetime) -> Held:
    """One step down at *fell_at*, and further ones if the time since then is enough for them."""
    assert held.level is not None
    level = None if held.level is Level.BLUE else Level(held.level + 1)
    if level is None or level == reached:
        return Held(level=level, hold=held.hold, carriers=held.carriers)
    lower = Held(level=level, below_since=fell_at, hold=held.hold, carriers=held.carriers)
    return lower if now - fell_at < held.hold else _lower(lower, reached, fell_at + held.hold, now)
