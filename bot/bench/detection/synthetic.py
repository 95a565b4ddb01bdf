"""Invented brands whose crises are known to the minute: what is said of them, and when it turns.

Traffic is negative-binomial (a Poisson count whose rate is drawn from a gamma distribution every hour) with a daily
and a weekly rhythm. Two posts of one theme resemble each other in words and embedding. The reader errs: a share of
negative posts is read otherwise, a share of the others is read as negative. Everything follows from the seed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from engine.post import RISKS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Numbers = NDArray[np.float64]
    Whole = NDArray[np.int64]
    Flags = NDArray[np.bool_]

PER_DAY = 1440
GROWTHS = (1.5, 2.0, 3.0, 5.0, 8.0, 12.0, 20.0)
"""How many times the usual traffic a crisis brings at its height."""
RISES = (0.0, 10.0, 30.0)
"""Minutes from the first post of a crisis to its height."""

HEARD, IMAGINED = 0.82, 0.06
"""The share of negative posts that the reader reads as negative, and of the others that it reads so as well."""
WORDED, LOOSELY = 0.4, 0.03
"""The share of negative posts that use a word of a list of crisis words, and of the others that do."""
COPIED = 0.12
CRISIS_RISKS = ("health", "product", "data", "legal", "labour", "conduct", "boycott")
EVERYDAY = 24  # themes that are spoken of at any time
UNRISKY = -1


@dataclass(frozen=True, kw_only=True)
class SyntheticBrand:
    """A brand with *per_day* posts on a usual day, a share *negative* (0-1) of them against it."""

    name: str
    seed: int
    per_day: float
    negative: float = 0.2
    lang: str = "en"


@dataclass(frozen=True, kw_only=True)
class PlannedSurge:
    """More posts than usual: *growth* times as many at the height, which comes *rise* minutes after *onset* and
    lasts *hours*; then they fade within a few hours. Times are minutes from the stream's start.

    *negative* is the share (0-1) of its posts that are against the brand; *crisis* is False for a success.
    """

    onset: float
    growth: float
    rise: float
    hours: float
    negative: float
    crisis: bool = True
    risk: str = ""

    @property
    def end(self) -> float:
        return self.onset + self.rise + 60 * self.hours


@dataclass(frozen=True, kw_only=True, eq=False)
class SyntheticStream:
    """A brand's posts in time order, one row a post.

    *at* is in minutes from the stream's start, *theme* numbers what a post is about, *first* is the row that a copy
    repeats (-1: none), *risk* the place in RISKS (-1: none). *negative* and *positive* are what the reader made of a
    post, *sure* (0-1) how sure it was, *worded* that it has a word of a list of crisis words. The first *warm* minutes
    are history for the baseline: no surge begins in them and nothing is scored.
    """

    brand: SyntheticBrand
    minutes: int
    warm: int
    surges: tuple[PlannedSurge, ...]
    at: Numbers
    theme: Whole
    negative: Flags
    positive: Flags
    worded: Flags
    risk: Whole
    first: Whole
    sure: Numbers

    @property
    def crises(self) -> tuple[PlannedSurge, ...]:
        return tuple(surge for surge in self.surges if surge.crisis)

    def counts(self, which: Flags | None = None) -> Numbers:
        """Posts in each minute, shape (minutes,); of those *which* are meant, or of all."""
        at = self.at if which is None else self.at[which]
        return np.bincount(at.astype(np.int64), minlength=self.minutes).astype(np.float64)[: self.minutes]


def rhythm(minutes: int) -> Numbers:
    """How busy each minute is, 1 on average over a week: quiet nights, slow week-ends."""
    at = np.arange(minutes)
    day = 1 + 0.7 * np.sin(2 * np.pi * (at / PER_DAY - 9 / 24))
    weekend = (at // PER_DAY) % 7 >= 5
    return np.asarray(day * np.where(weekend, 0.78, 1.088))


def shape(surge: PlannedSurge, minutes: int) -> Numbers:
    """How much of *surge* is on in each minute, 0-1."""
    since = np.arange(minutes) + 0.5 - surge.onset
    rising = np.clip(since / max(surge.rise, 1.0), 0, 1)
    fading = np.exp(-np.clip(since - surge.rise - 60 * surge.hours, 0, None) / 90)
    return np.asarray(np.where(since > 0, rising * fading, 0.0))


def plan(rng: np.random.Generator, growths: Sequence[float], *, days: int, warm: int) -> tuple[PlannedSurge, ...]:
    """About one success a week, and a crisis of each of *growths*, evenly apart and in random order."""
    scored = days - warm
    found = [_success(rng, (warm + rng.uniform(7 * week, min(7 * week + 6, scored - 0.6))) * PER_DAY)
             for week in range(max(scored // 7, 1))]  # fmt: skip
    for place, growth in enumerate(rng.permutation(growths)):
        share = scored / len(growths)
        onset = warm + share * place + rng.uniform(0.05 * share, 0.4 * share)
        found.append(_crisis(rng, float(growth), float(onset) * PER_DAY))
    return tuple(sorted(found, key=lambda surge: surge.onset))


def _success(rng: np.random.Generator, onset: float) -> PlannedSurge:
    return PlannedSurge(
        onset=onset,
        growth=float(rng.uniform(3, 10)),
        rise=20.0,
        hours=float(rng.uniform(2, 6)),
        negative=float(rng.uniform(0.03, 0.1)),
        crisis=False,
    )


def _crisis(rng: np.random.Generator, growth: float, onset: float) -> PlannedSurge:
    return PlannedSurge(
        onset=onset,
        growth=growth,
        rise=float(rng.choice(RISES)),
        hours=float(rng.uniform(3, 10)),
        negative=float(rng.uniform(0.55, 0.95)),
        risk=str(rng.choice(CRISIS_RISKS)) if rng.random() < 0.5 else "",
    )


def generate(brand: SyntheticBrand, growths: Sequence[float] = (), *, days: int, warm: int) -> SyntheticStream:
    """*days* of *brand*, the first *warm* of them history, with what ``plan`` puts into the rest."""
    rng = np.random.default_rng(brand.seed)
    minutes = days * PER_DAY
    surges = plan(rng, growths, days=days, warm=warm)
    usual = brand.per_day / PER_DAY * rhythm(minutes)
    ragged = np.repeat(rng.gamma(8.0, 1 / 8.0, days * 24), 60) * np.repeat(rng.lognormal(-0.01, 0.15, days), PER_DAY)
    mood = np.repeat(np.clip(brand.negative * rng.lognormal(-0.03, 0.25, days * 24), 0, 0.9), 60)
    parts = [_everyday(rng, usual * ragged, mood)]
    parts += [_surging(rng, surge, usual, EVERYDAY + 7 * days + n) for n, surge in enumerate(surges)]
    return _stream(rng, brand, parts, surges, minutes=minutes, warm=warm * PER_DAY)


@dataclass(frozen=True, kw_only=True, eq=False)
class _Part:
    """Posts of one origin, unordered, as in Stream, before anybody read them."""

    at: Numbers
    theme: Whole
    hostile: Flags
    risk: Whole


def _spread(rng: np.random.Generator, rate: Numbers) -> Numbers:
    """Times in minutes of a Poisson process of *rate* posts a minute."""
    counts = rng.poisson(rate)
    return np.asarray(np.repeat(np.arange(len(rate)), counts) + rng.random(int(counts.sum())))


def _everyday(rng: np.random.Generator, rate: Numbers, mood: Numbers) -> _Part:
    """What is always said: EVERYDAY themes, one of them replaced every few hours, the first the most popular."""
    at = _spread(rng, rate)
    hostile = rng.random(len(at)) < mood[at.astype(np.int64)]
    popular = 1 / np.arange(1, EVERYDAY + 1)
    slot = rng.choice(EVERYDAY, len(at), p=popular / popular.sum())
    theme = slot + EVERYDAY * ((at / PER_DAY + slot / EVERYDAY).astype(np.int64) // 3)
    risk = np.where(rng.random(len(at)) < 0.002, rng.integers(0, 14, len(at)), UNRISKY)
    risk = np.where(hostile & (rng.random(len(at)) < 0.1), RISKS.index("service"), risk)
    return _Part(at=at, theme=theme, hostile=hostile, risk=risk)


def _surging(rng: np.random.Generator, surge: PlannedSurge, usual: Numbers, theme: int) -> _Part:
    at = _spread(rng, (surge.growth - 1) * usual * shape(surge, len(usual)))
    hostile = rng.random(len(at)) < surge.negative
    told = hostile & (rng.random(len(at)) < 0.5) & bool(surge.risk)
    risk = np.where(told, RISKS.index(surge.risk) if surge.risk else UNRISKY, UNRISKY)
    return _Part(at=at, theme=np.full(len(at), theme), hostile=hostile, risk=risk)


def _stream(
    rng: np.random.Generator,
    brand: SyntheticBrand,
    parts: list[_Part],
    surges: tuple[PlannedSurge, ...],
    *,
    minutes: int,
    warm: int,
) -> SyntheticStream:
    at = np.concatenate([part.at for part in parts])
    order = np.argsort(at, kind="stable")
    theme = np.concatenate([part.theme for part in parts])[order]
    hostile = np.concatenate([part.hostile for part in parts])[order]
    chance = rng.random(len(at))
    negative = np.where(hostile, chance < HEARD, chance < IMAGINED)
    return SyntheticStream(
        brand=brand,
        minutes=minutes,
        warm=warm,
        surges=surges,
        at=at[order],
        theme=theme,
        negative=negative,
        positive=~negative & (rng.random(len(at)) < 0.25),
        worded=rng.random(len(at)) < np.where(hostile, WORDED, LOOSELY),
        risk=np.concatenate([part.risk for part in parts])[order],
        first=_copies(rng, theme),
        sure=rng.uniform(0.55, 0.98, len(at)),
    )


def _copies(rng: np.random.Generator, theme: Whole) -> Whole:
    """For each post the row that it repeats word for word: the latest original of its theme, -1 for most."""
    first = np.full(len(theme), -1)
    latest: dict[int, int] = {}
    copied = rng.random(len(theme)) < COPIED
    for row, about in enumerate(theme.tolist()):
        if copied[row] and about in latest:
            first[row] = latest[about]
        else:
            latest[about] = row
    return first
