"""Measures a topic: each signal with its number, its baseline, the posts that prove it, and its weight.

Reads the state and the time, changes nothing. What the weights add up to is said in ``engine.watch.severity``.
"""

from __future__ import annotations

import math
from datetime import timedelta
from typing import TYPE_CHECKING

import numpy as np

from engine.post import RISKS
from engine.stories.story import Story
from engine.stories.syndication import widest
from engine.trend import (
    BASELINE_DAYS,
    BURN_DAYS,
    COVERAGE_DAYS,
    FEWEST,
    MEMORY_DAYS,
    WINDOWS,
    binomial_z,
    burst,
    daily,
    drop,
    slow_burn,
    surge,
    tail,
)
from engine.watch import counting, reasons, severity
from engine.watch.counting import DAY, PER_DAY
from engine.watch.expected import unexplained
from engine.watch.snapshot import Measured, Snapshot, gravest, look
from engine.watch.windows import BUCKET, HOUR, Column

if TYPE_CHECKING:
    from engine.watch.snapshot import Table

__all__ = ["Measured", "Snapshot", "gravest", "look", "measure", "usual_day"]

HOURS_6 = timedelta(hours=6)
LEAST_WEIGHT = 3.0
"""A signal that adds less is not worth a sentence."""


def measure(snapshot: Snapshot) -> list[Measured]:
    """Every signal that says something, unordered. Fresh originals ring; what is told of them counts every post."""
    found = [
        *_surges(snapshot),
        *(_burst(story, snapshot) for story in snapshot.stories[:3]),
        _share(snapshot),
        *(_spread(story, snapshot) for story in snapshot.stories[:3]),
        *(_growth(story, snapshot) for story in snapshot.stories[:3]),
        _gravity(snapshot),
        _board(snapshot),
        _burn(snapshot),
        _drop(snapshot),
    ]
    strongest: dict[str, Measured] = {}
    for each in unexplained([each for each in found if each is not None], snapshot):
        if each.weight >= LEAST_WEIGHT:
            known = strongest.get(each.name)
            if known is None or each.weight > known.weight:
                strongest[each.name] = each
    if "volume" in strongest and "negative_volume" in strongest:
        least = min("volume", "negative_volume", key=lambda name: strongest[name].weight)
        del strongest[least]  # the one says all that the other does
    return list(strongest.values())


def _surges(snapshot: Snapshot) -> list[Measured | None]:
    return [
        _surge(snapshot, counting.as_ordinary(snapshot), "volume", Column.LIVE, Column.VOLUME),
        _surge(snapshot, snapshot.counts, "negative_volume", Column.LIVE_NEGATIVE, Column.NEGATIVE),
    ]


def _surge(snapshot: Snapshot, counts: Table, name: str, live: Column, counted: Column) -> Measured | None:
    covered, fresh, before = snapshot.covered // BUCKET, counts[:, live], counts[:, counted]
    by_now = np.cumsum(fresh[::-1])
    some = [each for each in WINDOWS if by_now[each.length // BUCKET - 1] >= 2 * FEWEST]  # fewer never stand out
    found = [seen for each in some if (seen := surge(fresh, before, each, step=BUCKET, covered=covered)) is not None]
    few = tail(fresh, before, step=BUCKET, covered=covered)
    if few is not None:
        found.append(few)
    best = max(found, key=lambda each: each.strength, default=None)
    if best is None or best.strength <= 0:
        return None
    negative = name == "negative_volume"
    mood = _mood(snapshot, best.window.length) if negative else 1.0
    value = counting.count(snapshot, counted, best.window.length)
    usual = counting.usual(snapshot, counted, best.window.length) or 0.0
    return Measured(
        name=name,
        value=value,
        baseline=usual,
        weight=severity.surge_weight(best.strength, negative=negative) * severity.mood_weight(mood),
        reason=reasons.surge(best, value=value, usual=usual, negative=negative),
        evidence=snapshot.proofs(lambda each: each.negative, best.window.length),
        hold=max(each.window.length for each in found if each is best or each.strength >= 1),
        window=best.window.length,
    )


def _mood(snapshot: Snapshot, length: timedelta) -> float:
    """The share of negative posts in the last *length*, as a multiple of what was usual before; 1 if nothing was."""
    counted = snapshot.counts[: -(length // BUCKET), [Column.VOLUME, Column.NEGATIVE]].sum(axis=0)
    posts = max(float(snapshot.column(Column.LIVE, length).sum()), 1.0)
    if counted[0] < FEWEST:
        return 1.0
    share = float(snapshot.column(Column.LIVE_NEGATIVE, length).sum()) / posts
    return share * float(counted[0]) / max(float(counted[1]), 1.0)


def _burst(story: Story, snapshot: Snapshot) -> Measured | None:
    """Several speak against the topic on one matter, at once."""
    found = burst(
        story.voiced(snapshot.now),
        snapshot.column(Column.NEGATIVE, timedelta(days=BASELINE_DAYS + 1)),
        own=story.negative_rate(snapshot.now),
        step=BUCKET,
        covered=snapshot.covered // BUCKET,
    )
    if found is None:
        return None
    return Measured(
        name="negative_volume",
        value=found.value,
        baseline=found.usual,
        weight=severity.burst_weight(found.strength),
        reason=reasons.burst(found),
        evidence=_of_story(story, snapshot),
        hold=timedelta(hours=1),
        window=timedelta(hours=1),
    )


def _share(snapshot: Snapshot) -> Measured | None:
    """The share of negative posts in the last 6 or 24 hours, whichever stands out more."""
    usual = counting.usual_share(snapshot)
    if usual is None:
        return None
    found = [_share_of(snapshot, usual, length) for length in (timedelta(hours=6), DAY)]
    return max((each for each in found if each), key=lambda each: each.weight, default=None)


def _share_of(snapshot: Snapshot, usual: float, length: timedelta) -> Measured | None:
    live = float(snapshot.column(Column.LIVE, length).sum())
    negative = float(snapshot.column(Column.LIVE_NEGATIVE, length).sum())
    value = counting.share(snapshot, length)
    if live < 20 or value <= usual:
        return None
    return Measured(
        name="negative_share",
        value=value,
        baseline=usual,
        weight=severity.share_weight(binomial_z(negative, live, usual), negative / live - usual),
        reason=reasons.share(value, usual, counting.count(snapshot, Column.VOLUME, length), length),
        evidence=snapshot.proofs(lambda each: each.negative, length),
        hold=length,
        window=length,
    )


def _burn(snapshot: Snapshot) -> Measured | None:
    """Negative posts, day after day a little more than usual."""
    days = min(snapshot.covered // DAY, MEMORY_DAYS)
    if days < BURN_DAYS + COVERAGE_DAYS or snapshot.column(Column.LIVE_NEGATIVE, DAY).sum() < 2 * FEWEST:
        return None
    table = snapshot.state.counts.until(snapshot.now, days * PER_DAY).astype(np.float64)
    latest = min(len(table), len(snapshot.counts))
    table[-latest:, Column.LIVE_NEGATIVE] = snapshot.counts[-latest:, Column.LIVE_NEGATIVE]  # a part may count less
    live, counted = (daily(table[:, column], BUCKET, days) for column in (Column.LIVE_NEGATIVE, Column.NEGATIVE))
    found = slow_burn(live, counted)
    if found is None:
        return None
    a_day = float(counted[-found.days :].mean())
    return Measured(
        name="slow_burn",
        value=a_day,
        baseline=found.usual,
        weight=severity.burn_weight(found.strength),
        reason=reasons.slow_burn(found, a_day=a_day),
        evidence=snapshot.proofs(lambda each: each.negative),
    )


def _drop(snapshot: Snapshot) -> Measured | None:
    """Far fewer posts than usual: told, because it is no calm, though it makes nothing more serious."""
    found = drop(counting.as_ordinary(snapshot)[:, Column.VOLUME], step=BUCKET, covered=snapshot.covered // BUCKET)
    if found is None:
        return None
    value, usual = counting.count(snapshot, Column.VOLUME, HOURS_6), counting.usual(snapshot, Column.VOLUME, HOURS_6)
    return Measured(
        name="drop",
        value=value,
        baseline=usual,
        weight=severity.drop_weight(found.strength),
        reason=reasons.drop(value, usual or 0.0),
    )


def _spread(story: Story, snapshot: Snapshot) -> Measured | None:
    copies = sum(row[2] for row in story.recent(snapshot.now, 24))
    weight = severity.spread_weight(len(story.sources), copies, story.negative_share)
    if weight < LEAST_WEIGHT:
        return None
    return Measured(
        name="spread",
        value=len(story.sources),
        baseline=1.0,
        weight=weight,
        reason=reasons.spread(len(story.sources), story.copies, widest(story.texts)),
        evidence=_of_story(story, snapshot),
    )


def _growth(story: Story, snapshot: Snapshot) -> Measured | None:
    hours = story.doubling_hours(snapshot.now)
    weight = severity.growth_weight(hours, story.negative_share)
    if hours is None or weight < LEAST_WEIGHT:
        return None
    return Measured(
        name="growth",
        value=hours,
        baseline=None,
        weight=weight,
        reason=reasons.growth(hours, story.size),
        evidence=_of_story(story, snapshot),
        hold=timedelta(hours=6),
    )


def _of_story(story: Story, snapshot: Snapshot) -> tuple[str, ...]:
    return snapshot.proofs(lambda each: each.story_id == story.id)


def usual_day(days: Table) -> Table:
    """What a usual day brings, by column, from *days* of shape (days, columns): the mean of the calmer three
    quarters, so that an earlier crisis does not make the next one look ordinary."""
    if not len(days):
        return np.zeros(days.shape[1])
    calm = max(math.ceil(0.75 * len(days)), 1)
    return np.asarray(np.sort(days, axis=0)[:calm].mean(axis=0))


def _days_before(snapshot: Snapshot, table: Table, per_day: int) -> Table:
    """The sums of the whole days that were watched before the last one, shape (days, columns)."""
    days = int(snapshot.covered / DAY) - 1 if snapshot.has_baseline else 0
    before = table[len(table) - (days + 1) * per_day : len(table) - per_day]
    return np.asarray(before.reshape(days, per_day, table.shape[1]).sum(axis=1))


def _gravity(snapshot: Snapshot) -> Measured | None:
    """The risk that weighs most in what the last day's posts say."""
    table = snapshot.risks
    live = table[-(DAY // HOUR) :, len(RISKS) :].sum(axis=0)
    if not live.any():
        return None
    usual = usual_day(_days_before(snapshot, table[:, : len(RISKS)], DAY // HOUR))
    read = float(snapshot.column(Column.LIVE, DAY).sum())
    weights = [
        severity.gravity_weight(risk, float(live[n]), usual=float(usual[n]), posts=read) for n, risk in enumerate(RISKS)
    ]
    worst = int(np.argmax(weights))
    risk = RISKS[worst]
    posts = sum(risk in each.risks for each in snapshot.notables)
    in_posts = float(usual[worst]) * posts / float(live[worst]) if snapshot.has_baseline and live[worst] else None
    return Measured(
        name="gravity",
        value=posts,
        baseline=in_posts,
        weight=weights[worst],
        reason=reasons.gravity(risk, posts, in_posts),
        evidence=snapshot.proofs(lambda each: risk in each.risks),
    )


def _board(snapshot: Snapshot) -> Measured | None:
    """Titles on hot-search boards in the last day."""
    titles = float(snapshot.column(Column.LIVE_TITLES, DAY).sum())
    if not titles:
        return None
    surely = float(snapshot.column(Column.LIVE_NEGATIVE_TITLES, DAY).sum())
    both = snapshot.state.counts.until(snapshot.now)[:, [Column.TITLES, Column.NEGATIVE_TITLES]]
    days = _days_before(snapshot, both.astype(np.float64), PER_DAY)
    usual, usual_negative = usual_day(days)
    shown = [each.negative for each in snapshot.notables if each.title]
    return Measured(
        name="board",
        value=len(shown),
        baseline=float(usual) if snapshot.has_baseline else None,
        weight=severity.board_weight(titles, surely, usual=usual, usual_negative=usual_negative),
        reason=reasons.board(len(shown), sum(shown), float(usual) if snapshot.has_baseline else None),
        evidence=snapshot.proofs(lambda each: each.title),
    )
