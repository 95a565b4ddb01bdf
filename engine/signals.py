"""Measures a topic: each signal with its number, its baseline, the posts that prove it, and its weight.

Reads the state and the time, changes nothing. What the weights add up to is said in ``engine.severity``.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import TYPE_CHECKING

import numpy as np

from engine import reasons, severity
from engine.post import RISKS
from engine.state import Notable, WatchState
from engine.story import Story
from engine.trend import (
    BASELINE_DAYS,
    COVERAGE_DAYS,
    WINDOWS,
    Surge,
    binomial_z,
    doubling_hours,
    surge,
)
from engine.windows import BUCKET, HOUR, SPAN, Column

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Table = NDArray[np.float64]

DAY = timedelta(days=1)
PER_DAY = DAY // BUCKET
EVIDENCE = 5
LEAST_WEIGHT = 3.0
"""A signal that adds less is not worth a sentence."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Measured:
    """A signal before it is weighed against the others. *hold* is how long what raised it stays in its window."""

    name: str
    value: float
    baseline: float | None
    weight: float
    text: reasons.Sentence
    evidence: tuple[str, ...] = ()
    hold: timedelta = DAY


@dataclass(frozen=True, kw_only=True)
class Scene:
    """A topic at one moment, as the measures need it.

    *counts* are those of eight days, shape (buckets, columns); *covered* is how long the topic has been
    watched, at most the span that is remembered; *notables* are those of the last day, *stories* those they
    belong to, the gravest first.
    """

    now: datetime
    state: WatchState
    counts: Table
    covered: timedelta
    notables: tuple[Notable, ...]
    stories: tuple[Story, ...]

    @property
    def has_baseline(self) -> bool:
        return self.covered >= timedelta(days=COVERAGE_DAYS)

    def column(self, column: Column, length: timedelta) -> Table:
        return self.counts[len(self.counts) - length // BUCKET :, column]

    def proofs(self, test: Callable[[Notable], bool], length: timedelta = DAY) -> tuple[str, ...]:
        since = self.now - length
        found = (each.post_id for each in self.notables if each.at > since and test(each))
        return tuple(islice(found, EVIDENCE))


def look(state: WatchState, *, now: datetime, watched_since: datetime) -> Scene:
    """The scene of *state* at *now*."""
    notables = tuple(each for each in state.recent(now, DAY) if each.at <= now)
    return Scene(
        now=now,
        state=state,
        counts=state.counts.until(now, (BASELINE_DAYS + 1) * PER_DAY).astype(np.float64),
        covered=min(max(now - watched_since, timedelta(0)), SPAN),
        notables=notables,
        stories=gravest(state, notables),
    )


def gravest(state: WatchState, notables: Iterable[Notable]) -> tuple[Story, ...]:
    """The stories of *notables*, those with the most weight of bad news first."""
    heat: dict[str, float] = {}
    for each in notables:
        heat[each.story_id] = heat.get(each.story_id, 0.0) + each.weight
    known = [story_id for story_id in heat if story_id in state.stories.by_id]
    ranked = sorted(known, key=lambda story_id: (-heat[story_id], story_id))
    return tuple(state.stories.by_id[story_id] for story_id in ranked)


def measure(scene: Scene) -> list[Measured]:
    """Every signal that says something, unordered."""
    found = [
        *_surges(scene),
        _share(scene),
        *(_spread(story, scene) for story in scene.stories[:3]),
        *(_growth(story, scene) for story in scene.stories[:3]),
        _gravity(scene),
        _board(scene),
    ]
    strongest: dict[str, Measured] = {}
    for each in found:
        if each is not None and each.weight >= LEAST_WEIGHT:
            known = strongest.get(each.name)
            if known is None or each.weight > known.weight:
                strongest[each.name] = each
    if "volume" in strongest and "negative_volume" in strongest:
        least = min("volume", "negative_volume", key=lambda name: strongest[name].weight)
        del strongest[least]  # the one says all that the other does
    return list(strongest.values())


def _surges(scene: Scene) -> list[Measured | None]:
    return [
        _surge(scene, "volume", Column.LIVE, Column.VOLUME),
        _surge(scene, "negative_volume", Column.LIVE_NEGATIVE, Column.NEGATIVE),
    ]


def _surge(scene: Scene, name: str, live: Column, counted: Column) -> Measured | None:
    length = timedelta(days=BASELINE_DAYS + 1)
    found: list[Surge] = []
    for window in WINDOWS:
        seen = surge(
            scene.column(live, length),
            scene.column(counted, length),
            window,
            step=BUCKET,
            covered=scene.covered // BUCKET,
        )
        if seen is not None:
            found.append(seen)
    if not found:
        return None
    best = max(found, key=lambda each: each.strength)
    negative = name == "negative_volume"
    return Measured(
        name=name,
        value=best.value,
        baseline=best.usual,
        weight=severity.surge_weight(best.strength, negative=negative),
        text=reasons.surge(best, negative=negative),
        evidence=scene.proofs(lambda each: each.negative, best.window.length),
        hold=best.window.length,
    )


def _share(scene: Scene) -> Measured | None:
    """The share of negative posts in the last 6 or 24 hours, whichever stands out more."""
    if not scene.has_baseline:
        return None
    before = scene.counts[:-PER_DAY]
    posts = float(before[:, Column.VOLUME].sum())
    if posts < 50:
        return None
    usual = float(before[:, Column.NEGATIVE].sum()) / posts
    found = [_share_of(scene, usual, length) for length in (timedelta(hours=6), DAY)]
    return max((each for each in found if each), key=lambda each: each.weight, default=None)


def _share_of(scene: Scene, usual: float, length: timedelta) -> Measured | None:
    posts = float(scene.column(Column.LIVE, length).sum())
    negative = float(scene.column(Column.LIVE_NEGATIVE, length).sum())
    if posts < 20:
        return None
    value = negative / posts
    return Measured(
        name="negative_share",
        value=value,
        baseline=usual,
        weight=severity.share_weight(binomial_z(negative, posts, usual), value - usual),
        text=reasons.share(value, usual, posts, length),
        evidence=scene.proofs(lambda each: each.negative, length),
        hold=length,
    )


def _spread(story: Story, scene: Scene) -> Measured | None:
    copies = sum(row[2] for row in story.recent(scene.now, 24))
    weight = severity.spread_weight(len(story.sources), copies, story.negative_share)
    if weight < LEAST_WEIGHT:
        return None
    return Measured(
        name="spread",
        value=len(story.sources),
        baseline=1.0,
        weight=weight,
        text=reasons.spread(len(story.sources), copies),
        evidence=_of_story(story, scene),
    )


def _growth(story: Story, scene: Scene) -> Measured | None:
    rows = story.recent(scene.now, 24)
    hours = doubling_hours([row[1] for row in rows])
    weight = severity.growth_weight(hours, story.negative_share)
    if hours is None or weight < LEAST_WEIGHT:
        return None
    return Measured(
        name="growth",
        value=hours,
        baseline=None,
        weight=weight,
        text=reasons.growth(hours, sum(row[1] for row in rows)),
        evidence=_of_story(story, scene),
        hold=timedelta(hours=6),
    )


def _of_story(story: Story, scene: Scene) -> tuple[str, ...]:
    return scene.proofs(lambda each: each.story_id == story.id) or tuple(story.post_ids[-EVIDENCE:])


def usual_day(days: Table) -> Table:
    """What a usual day brings, by column, from *days* of shape (days, columns): the mean of the calmer three
    quarters, so that an earlier crisis does not make the next one look ordinary."""
    if not len(days):
        return np.zeros(days.shape[1])
    calm = max(math.ceil(0.75 * len(days)), 1)
    return np.asarray(np.sort(days, axis=0)[:calm].mean(axis=0))


def _days_before(scene: Scene, table: Table, per_day: int) -> Table:
    """The sums of the whole days that were watched before the last one, shape (days, columns)."""
    days = int(scene.covered / DAY) - 1 if scene.has_baseline else 0
    before = table[len(table) - (days + 1) * per_day : len(table) - per_day]
    return np.asarray(before.reshape(days, per_day, table.shape[1]).sum(axis=1))


def _gravity(scene: Scene) -> Measured | None:
    """The risk that weighs most in what the last day's posts say."""
    table = scene.state.risks.until(scene.now).astype(np.float64)
    live = table[-(DAY // HOUR) :, len(RISKS) :].sum(axis=0)
    if not live.any():
        return None
    usual = usual_day(_days_before(scene, table[:, : len(RISKS)], DAY // HOUR))
    read = float(scene.column(Column.LIVE, DAY).sum())
    weights = [
        severity.gravity_weight(risk, float(live[n]), usual=float(usual[n]), posts=read) for n, risk in enumerate(RISKS)
    ]
    worst = int(np.argmax(weights))
    risk = RISKS[worst]
    posts = max(sum(risk in each.risks for each in scene.notables), 1)
    in_posts = float(usual[worst]) * posts / float(live[worst]) if scene.has_baseline and live[worst] else None
    return Measured(
        name="gravity",
        value=posts,
        baseline=in_posts,
        weight=weights[worst],
        text=reasons.gravity(risk, posts, in_posts),
        evidence=scene.proofs(lambda each: risk in each.risks),
    )


def _board(scene: Scene) -> Measured | None:
    """Titles on hot-search boards in the last day."""
    titles = float(scene.column(Column.LIVE_TITLES, DAY).sum())
    if not titles:
        return None
    surely = float(scene.column(Column.LIVE_NEGATIVE_TITLES, DAY).sum())
    both = scene.state.counts.until(scene.now)[:, [Column.TITLES, Column.NEGATIVE_TITLES]]
    days = _days_before(scene, both.astype(np.float64), PER_DAY)
    usual, usual_negative = usual_day(days)
    negative = sum(each.title and each.negative for each in scene.notables)
    return Measured(
        name="board",
        value=titles,
        baseline=float(usual) if scene.has_baseline else None,
        weight=severity.board_weight(titles, surely, usual=usual, usual_negative=usual_negative),
        text=reasons.board(round(titles), negative, round(float(days[:, 0].sum())), len(days)),
        evidence=scene.proofs(lambda each: each.title),
    )
