"""What would have to change for the next level up or down, found by asking the measures themselves.

The snapshot is drawn once more with posts added to its last minutes, or taken from its last day, until the score
crosses the line: so the numbers are those at which the level really moves, not those of a second formula.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from engine.post import RISKS, Level, Note, NoteValue, Standing
from engine.tuning.tuning import DEFAULT, Tuning
from engine.watch import counting, severity
from engine.watch.counting import PER_DAY
from engine.watch.expected import NOTHING_EXPECTED, Calendar
from engine.watch.reasons import minutes
from engine.watch.severity import Held
from engine.watch.signals import measure
from engine.watch.snapshot import Measured, Snapshot, look
from engine.watch.state import WatchState
from engine.watch.windows import Column

if TYPE_CHECKING:
    from engine.watch.snapshot import Table

MOST_POSTS, MOST_TITLES, MOST_REPORTS = 1 << 14, 12, 3
"""What is not reached with so many is not offered as a way."""

SURE = 0.9
"""How sure the reader is of a plain report."""

POSTS = (Column.VOLUME, Column.NEGATIVE, Column.LIVE, Column.LIVE_NEGATIVE)
TITLES = (Column.VOLUME, Column.NEGATIVE, *range(Column.TITLES, Column.LIVE_NEGATIVE_TITLES + 1))
LIVE = (Column.LIVE, Column.LIVE_NEGATIVE)

Score = Callable[[Snapshot], float]


class WayUp(StrEnum):
    """What would lift the level."""

    POSTS = "posts"
    REPORT = "report"
    TITLES = "titles"


class WayDown(StrEnum):
    """When the level would fall."""

    WAIT = "wait"
    AGE = "age"
    FEWER = "fewer"


@dataclass(frozen=True, kw_only=True, slots=True)
class Rise:
    """*to* is reached with so many points more (*missing*); each of *ways* would bring them. Their codes are WayUp."""

    to: Level
    missing: int
    ways: tuple[Note, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Fall:
    """The level falls to *to* (None = calm) *when* that holds. Its code is a WayDown."""

    to: Level | None
    when: Note


WhatIf = Rise | Fall


def what_if(
    state: WatchState,
    *,
    now: datetime,
    watched_since: datetime,
    tuning: Tuning = DEFAULT,
    calendar: Calendar = NOTHING_EXPECTED,
) -> tuple[WhatIf, ...]:
    """How the level that *state* holds would rise, and how it would fall. Changes nothing."""
    snapshot = look(state, now=now, watched_since=watched_since, calendar=calendar)

    def score(changed: Snapshot) -> float:
        return severity.fuse({each.name: tuning.weigh(each.name, each.weight) for each in measure(changed)})[0]

    measures, held = measure(snapshot), state.held
    found = (_rise(snapshot, held.level, score), _fall(snapshot, held, score, measures))
    return tuple(answer for answer in found if answer is not None)


def _rise(snapshot: Snapshot, level: Level | None, score: Score) -> Rise | None:
    """What would lift the level by one; None at red."""
    if level is Level.RED:
        return None
    above = Level.BLUE if level is None else Level(level - 1)
    asked = severity.THRESHOLDS[above]
    missing = math.ceil(asked - score(snapshot))
    ways = tuple(way for find in (_posts, _report, _titles) if (way := find(snapshot, asked, score)))
    return Rise(to=above, missing=missing, ways=ways) if missing > 0 and ways else None


def _posts(snapshot: Snapshot, asked: float, score: Score) -> Note | None:
    count = _fewest(MOST_POSTS, lambda n: score(_with_posts(snapshot, n)) >= asked)
    return None if count is None else Note(code=WayUp.POSTS, values={"posts": count})


def _report(snapshot: Snapshot, asked: float, score: Score) -> Note | None:
    """The mildest matter of which a report in an outlet is enough, or several if one never is."""
    mildest = sorted(RISKS, key=lambda risk: severity.SEVERITY[risk])
    for reports in range(1, MOST_REPORTS + 1):
        for risk in mildest:
            if score(_with_reports(snapshot, risk, reports)) >= asked:
                return Note(code=WayUp.REPORT, values={"outlets": reports, "risk": risk})
    return None


def _titles(snapshot: Snapshot, asked: float, score: Score) -> Note | None:
    count = _fewest(MOST_TITLES, lambda n: score(_with_titles(snapshot, n)) >= asked)
    return None if count is None else Note(code=WayUp.TITLES, values={"titles": count})


def _fall(snapshot: Snapshot, held: Held, score: Score, measures: Sequence[Measured]) -> Fall | None:
    """What would lower the level by one; None while there is none."""
    if held.level is None:
        return None
    line = severity.THRESHOLDS[held.level] - severity.RELIEF
    when = _wait(held, snapshot.now) if score(snapshot) <= line else _less(snapshot, line, score, measures, held.hold)
    return Fall(to=None if held.level is Level.BLUE else Level(held.level + 1), when=when)


def _wait(held: Held, now: datetime) -> Note:
    """The score is low enough: how long it still has to stay there."""
    left = held.hold - (now - (held.below_since or now))
    return Note(code=WayDown.WAIT, values={"minutes": max(minutes(left), 1)})


def _less(snapshot: Snapshot, line: float, score: Score, measures: Sequence[Measured], hold: timedelta) -> Note:
    """How few posts would be few enough, or what must grow old where posts alone do not carry the level."""
    stays: Mapping[str, NoteValue] = {"below": round(line), "minutes": minutes(hold)}
    counted = next((each for each in measures if each.name in ("negative_volume", "volume")), None)
    if counted is None or score(_with_part(snapshot, 0.0)) > line:
        return Note(code=WayDown.AGE, values=stays)
    part = _most(lambda share: score(_with_part(snapshot, share)) <= line)
    negative = counted.name == "negative_volume"
    now = counting.count(snapshot, Column.NEGATIVE if negative else Column.VOLUME, counted.window)
    few: Mapping[str, NoteValue] = {
        "posts": "negative" if negative else "all",
        "most": math.floor(now * part),
        "within": minutes(counted.window),
        "value": now,
    }
    return Note(code=WayDown.FEWER, values={**stays, **few})


def _fewest(most: int, enough: Callable[[int], bool]) -> int | None:
    """The smallest n from 1 to *most* for which *enough* is true, by bisection; None if it never is."""
    high = 1
    while not enough(high):
        if high >= most:
            return None
        high = min(2 * high, most)
    low = high // 2
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if enough(middle) else (middle, high)
    return high


def _most(few: Callable[[float], bool]) -> float:
    """The largest share (0-1) of the posts at which *few* still holds; it holds at 0."""
    low, high = 0.0, 1.0
    for _ in range(8):
        middle = (low + high) / 2
        low, high = (middle, high) if few(middle) else (low, middle)
    return low


def _with_posts(snapshot: Snapshot, count: int) -> Snapshot:
    """*snapshot* with so many more negative posts in its last five minutes."""
    return replace(snapshot, counts=_added(snapshot.counts, POSTS, count))


def _with_titles(snapshot: Snapshot, count: int) -> Snapshot:
    return replace(snapshot, counts=_added(snapshot.counts, TITLES, count))


def _with_reports(snapshot: Snapshot, risk: str, count: int) -> Snapshot:
    """*snapshot* with so many outlets that report a *risk* in its last hour."""
    mass, place = count * SURE * SURE * severity.VOICE[Standing.OUTLET], RISKS.index(risk)
    risks = _added(snapshot.risks, (place, len(RISKS) + place), mass)
    return replace(_with_posts(snapshot, count), risks=risks)


def _with_part(snapshot: Snapshot, share: float) -> Snapshot:
    """*snapshot* with only a *share* (0-1) of what may ring in its last day."""
    counts = snapshot.counts.copy()
    counts[-PER_DAY:, LIVE] *= share
    return replace(snapshot, counts=counts)


def _added(table: Table, columns: Sequence[int], amount: float) -> Table:
    changed = table.copy()
    changed[-1, list(columns)] += amount
    return changed
