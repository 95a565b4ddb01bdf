"""Why a signal worries: what its sentence needs, as a code and numbers. The words are made by whoever shows them.

Every number comes from ``engine.watch.counting`` and is told with its window. Where little or nothing is usual no
multiple is told: three hundred times nearly nothing means nothing.
"""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum

from engine.post import Note
from engine.trend import Burn, Burst, Surge


class ReasonCode(StrEnum):
    """The sentences that signals have."""

    SURGE_COUNTS = "surge.counts"
    SURGE_MULTIPLE = "surge.multiple"
    BURST = "burst"
    SHARE = "share"
    SLOW_BURN = "slow_burn"
    DROP = "drop"
    SPREAD = "spread"
    GROWTH = "growth"
    GRAVITY = "gravity"
    BOARD = "board"


MULTIPLES_FROM = 10.0
"""Fewer posts than this in a window are too few for a multiple to mean anything."""

MULTIPLES_DAYS, MULTIPLES_SHARE = 3, 2 / 3
"""Fewer days of traffic than this, or a smaller share of the days watched, are no habit to take a multiple of: the
counts themselves are told."""


def minutes(length: timedelta) -> int:
    """A length of time in whole minutes."""
    return round(length / timedelta(minutes=1))


def surge(found: Surge, *, value: int, usual: float, negative: bool) -> Note:
    """Many posts, or many negative ones, in a window that holds *value* of them where *usual* are usual."""
    habit = max(MULTIPLES_DAYS, MULTIPLES_SHARE * found.days)
    counts = usual < MULTIPLES_FROM or found.busy < habit
    return Note(
        code=ReasonCode.SURGE_COUNTS if counts else ReasonCode.SURGE_MULTIPLE,
        values={
            "posts": "negative" if negative else "all",
            "value": value,
            "minutes": minutes(found.window.length),
            "usual": usual,
        },
    )


def burst(found: Burst) -> Note:
    """Several speak against the topic on one matter, at once."""
    return Note(
        code=ReasonCode.BURST, values={"value": found.value, "minutes": minutes(found.length), "usual": found.usual}
    )


def share(value: float, usual: float, posts: int, length: timedelta) -> Note:
    """A larger part of the posts is negative than usual."""
    return Note(
        code=ReasonCode.SHARE, values={"share": value, "usual": usual, "posts": posts, "minutes": minutes(length)}
    )


def slow_burn(found: Burn, *, a_day: float) -> Note:
    """A little more than usual, for days."""
    return Note(
        code=ReasonCode.SLOW_BURN, values={"a_day": round(a_day), "usual": round(found.usual), "days": found.days}
    )


def drop(value: int, usual: float) -> Note:
    """Far fewer posts than usual in the last six hours."""
    return Note(code=ReasonCode.DROP, values={"value": value, "usual": usual})


def spread(sources: int, copies: int, outlets: int = 0) -> Note:
    """One story is told in many places since it began, one text of it in so many *outlets*."""
    return Note(code=ReasonCode.SPREAD, values={"sources": sources, "copies": copies, "outlets": outlets})


def growth(hours: float, posts: int) -> Note:
    """One story doubles quickly; it has so many *posts* since it began."""
    return Note(code=ReasonCode.GROWTH, values={"minutes": max(round(60 * hours), 1), "posts": posts})


def gravity(risk: str, posts: int, usual: float | None) -> Note:
    """Original posts speak of something grave; *usual* is how many sure reports a day brings, None if unknown.

    No *posts*: several hint at it, and none is sure.
    """
    return Note(code=ReasonCode.GRAVITY, values={"risk": risk, "posts": posts, "usual": usual})


def board(titles: int, negative: int, usual: float | None) -> Note:
    """Titles on hot-search boards, where *usual* are usual in a day, None if unknown."""
    return Note(code=ReasonCode.BOARD, values={"titles": titles, "negative": negative, "usual": usual})
