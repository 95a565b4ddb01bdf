"""A topic at one moment, as the measures need it, and the form in which they tell what they found."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from itertools import islice
from typing import TYPE_CHECKING

import numpy as np

from engine.post import Fact, Note
from engine.stories.story import Story
from engine.trend import BASELINE_DAYS, COVERAGE_DAYS
from engine.watch.baseline import Restart, restart
from engine.watch.counting import DAY, PER_DAY, begin
from engine.watch.expected import NOTHING_EXPECTED, Calendar
from engine.watch.state import Notable, WatchState
from engine.watch.windows import BUCKET, Column

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Table = NDArray[np.float64]

EVIDENCE = 5


@dataclass(frozen=True, kw_only=True, slots=True)
class Measured:
    """A signal before it is weighed against the others. *hold* is how long what raised it stays in its window,
    *window* that in which its *value* was counted."""

    name: str
    value: float
    baseline: float | None
    weight: float
    reason: Note
    evidence: tuple[str, ...] = ()
    hold: timedelta = DAY
    window: timedelta = DAY


@dataclass(frozen=True, kw_only=True)
class Snapshot:
    """A topic at one moment, as the measures need it.

    *counts* are those of eight days, shape (buckets, columns); *risks* those of all days that are remembered,
    shape (hours, 2 x risks); *covered* is how long the topic has been watched since its last *restart*, at most
    that span; *notables* are those of the last day, *stories* those they belong to, the gravest first; *calendar* holds
    the days that the team expects.
    """

    now: datetime
    state: WatchState
    counts: Table
    risks: Table
    covered: timedelta
    restart: Restart | None
    notables: tuple[Notable, ...]
    stories: tuple[Story, ...]
    calendar: Calendar = NOTHING_EXPECTED

    @cached_property
    def facts(self) -> tuple[Fact, ...]:
        """All that is known of its stories, the oldest first."""
        return self.state.facts.told(frozenset(story.id for story in self.stories))

    @cached_property
    def rows(self) -> NDArray[np.intp]:
        """The bucket of each of its notables, as a row of *counts*; outside of it for what is older or newer."""
        step = int(BUCKET.total_seconds())
        newest = len(self.counts) - 1 - int(self.now.timestamp() // step)
        return np.array([newest + int(each.at.timestamp() // step) for each in self.notables], np.intp)

    @cached_property
    def live_hours(self) -> tuple[list[str], NDArray[np.intp], NDArray[np.int64], Table]:
        """The live posts of every story in memory: the names of the stories, and for each hour of each its place among
        them, the hour and its live posts."""
        names, owners, when, live = list[str](), list[int](), list[int](), list[float]()
        for place, (name, story) in enumerate(self.state.stories.by_id.items()):
            names.append(name)
            owners += [place] * len(story.hours)
            when += story.hours
            live += [row[1] for row in story.hours.values()]
        return names, np.array(owners, np.intp), np.array(when, np.int64), np.array(live, np.float64)

    @property
    def has_baseline(self) -> bool:
        return self.covered >= timedelta(days=COVERAGE_DAYS)

    def column(self, column: Column, length: timedelta) -> Table:
        return self.counts[len(self.counts) - length // BUCKET :, column]

    def proofs(self, test: Callable[[Notable], bool], length: timedelta = DAY) -> tuple[str, ...]:
        since = begin(self.now, length)
        found = (each.post_id for each in self.notables if each.at >= since and test(each))
        return tuple(islice(found, EVIDENCE))


def look(
    state: WatchState, *, now: datetime, watched_since: datetime, calendar: Calendar = NOTHING_EXPECTED
) -> Snapshot:
    """The snapshot of *state* at *now*."""
    notables = tuple(each for each in state.recent(begin(now, DAY)) if each.at <= now)
    counts = state.counts.until(now, (BASELINE_DAYS + 1) * PER_DAY).astype(np.float64, order="F")  # columns are summed
    anew = restart(state.baseline, state.counts, now=now, recent=counts[:, Column.VOLUME])
    anew = anew if anew and watched_since < anew.since else None
    covered = now - (anew.since if anew else watched_since)
    return Snapshot(
        now=now,
        state=state,
        counts=counts,
        risks=state.risks.until(now).astype(np.float64),
        covered=min(max(covered, timedelta(0)), state.counts.reach(now)),
        restart=anew,
        notables=notables,
        stories=gravest(state, notables),
        calendar=calendar,
    )


def gravest(state: WatchState, notables: Iterable[Notable]) -> tuple[Story, ...]:
    """The stories of *notables*, those with the most weight of bad news first."""
    return tuple(story for story, _ in weighed(state, notables))


def weighed(state: WatchState, notables: Iterable[Notable]) -> list[tuple[Story, float]]:
    """The same stories, each with its weight of bad news."""
    heat: dict[str, float] = {}
    for each in notables:
        heat[each.story_id] = heat.get(each.story_id, 0.0) + each.weight
    known = [story_id for story_id in heat if story_id in state.stories.by_id]
    ranked = sorted(known, key=lambda story_id: (-heat[story_id], story_id))
    return [(state.stories.by_id[story_id], heat[story_id]) for story_id in ranked]
