"""The watch over one stream, as the service runs it: batches of posts, ``topic_turn.take_turn``.

One pass gives both what the shipped settings ring, and for every look the greatest strictness at which it would still
have been yellow. So what any strictness rings is known without another pass.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import numpy as np

from bot.bench.detection.score import Series
from bot.bench.detection.synthetic import SyntheticStream
from bot.bench.detection.synthetic_posts import START, PostWriter, moment
from bot.incidents.topic_turn import MemoryLedger, Verdict, restless, take_turn
from bot.records import ActKind, Policy, TopicRecord
from engine.post import Assessment, Level, SourceHealth, Topic
from engine.tuning.tuning import Tuning
from engine.watch import severity
from engine.watch.state import WatchState
from engine.watch.watch import Arrival

STRICTEST = 64.0
"""Signals that are not subdued ring at any strictness: they score this."""
LEAST = 1 / 16
RESTLESS = timedelta(minutes=30)
"""How often the clock looks while something is up and nothing is published."""
WARM_STEP = 360


@dataclass(frozen=True, kw_only=True)
class RecordingTuning(Tuning):
    """The default tuning, which also notes the weight that each signal had before it."""

    heard: dict[str, float] = field(default_factory=dict)

    def weigh(self, signal: str, weight: float) -> float:
        self.heard[signal] = weight
        return super().weigh(signal, weight)


@dataclass(frozen=True, kw_only=True)
class WatchAlarm:
    """An incident that was opened or raised to *level*."""

    at: datetime
    level: Level
    opened: bool
    assessment: Assessment


def score_at(weights: dict[str, float], strictness: float) -> float:
    """The score of signals that weigh *weights* by default, at *strictness*."""
    tuning = Tuning(strictness=strictness)
    return severity.fuse({name: tuning.weigh(name, weight) for name, weight in weights.items()})[0]


def critical_strictness(weights: dict[str, float], *, level: Level = Level.YELLOW) -> float:
    """The greatest strictness at which *weights* still reach *level*: 0 if none in [LEAST, STRICTEST] does."""
    wanted = severity.THRESHOLDS[level]
    if not weights or score_at(weights, LEAST) < wanted:
        return 0.0
    if score_at(weights, STRICTEST) >= wanted:
        return STRICTEST
    low, high = math.log(LEAST), math.log(STRICTEST)
    for _ in range(14):  # to a thousandth
        middle = (low + high) / 2
        low, high = (middle, high) if score_at(weights, math.exp(middle)) >= wanted else (low, middle)
    return math.exp(low)


RANG = (ActKind.OPENED, ActKind.RAISED, ActKind.REOPENED)


class WatchedTopic:
    """A topic under watch on a virtual clock, and what its incidents rang."""

    def __init__(self, topic: Topic, *, since: datetime, health: SourceHealth | None = None) -> None:
        self._record = TopicRecord(
            id=1, topic=topic, channel="#bench", policy="default", speak="en", budget_per_week=2.0, watched_since=since
        )
        self._health = health or SourceHealth()
        self._state, self._ledger = WatchState(), MemoryLedger()
        self.looked = since
        self.bells: list[WatchAlarm] = []
        self.critical: list[tuple[datetime, float]] = []

    @property
    def restless(self) -> bool:
        """True while something is up, so that the service would look without posts too."""
        return restless(self._ledger)

    def look(self, arrivals: Sequence[Arrival], now: datetime) -> Assessment:
        """Take *arrivals* in at *now*, and ring if the incident rules say so."""
        heard = RecordingTuning()
        self._ledger.tuning, self.looked = heard, now
        taken = take_turn(
            self._state,
            arrivals,
            [self._ledger],
            topic=self._record,
            policy=Policy(),
            health=self._health,
            now=now,
        )
        self.critical.append((now, critical_strictness(heard.heard)))
        self._note(taken.verdicts[0], now)
        return taken.verdicts[0].assessment

    def _note(self, verdict: Verdict, now: datetime) -> None:
        """Keep what rang: an incident that was opened or raised to yellow or graver."""
        for change in verdict.changes:
            if Level.YELLOW.graver_than(change.incident.level):
                continue
            for act in change.acts:
                if act.kind in RANG:
                    opened = act.kind is not ActKind.RAISED
                    self.bells.append(
                        WatchAlarm(at=now, level=change.incident.level, opened=opened, assessment=verdict.assessment)
                    )

    def wait_until(self, now: datetime) -> None:
        """Let the clock run to *now*, looking every RESTLESS while something is up."""
        while self.looked + RESTLESS < now and self.restless:
            self.look([], self.looked + RESTLESS)


@dataclass(frozen=True, kw_only=True, eq=False)
class WatchRun:
    """What the watch made of a stream: critical strictness along it, and the bells of the shipped settings."""

    series: Series
    shipped: Series


def run(stream: SyntheticStream) -> WatchRun:
    """One pass over *stream*: the history in large batches, then a look at the end of each minute that has posts."""
    writer = PostWriter(stream.brand)
    watched = WatchedTopic(writer.topic, since=START, health=SourceHealth(total=1))
    for end, rows in _batches(stream):
        now = moment(end)
        watched.wait_until(now)
        watched.look([writer.arrival(stream, row) for row in rows], now)
    return WatchRun(
        series=series_of(watched.critical, after=stream.warm),
        shipped=series_of([(bell.at, 1.0) for bell in watched.bells], after=stream.warm),
    )


def series_of(scored: Iterable[tuple[datetime, float]], *, after: float = 0.0) -> Series:
    """Scored times as a series in minutes from START, without those up to *after*."""
    rows = [((at - START) / timedelta(minutes=1), score) for at, score in scored]
    kept = np.array([row for row in rows if row[0] > after], np.float64).reshape(-1, 2)
    return Series(times=kept[:, 0], scores=kept[:, 1])


def _batches(stream: SyntheticStream) -> Iterator[tuple[int, range]]:
    """The end of each batch in minutes and its rows: six hours each in the history, then single minutes."""
    minute = stream.at.astype(np.int64)
    end = np.where(minute < stream.warm, (minute // WARM_STEP + 1) * WARM_STEP, minute + 1)
    cuts = np.flatnonzero(np.diff(end, prepend=-1, append=-1))
    for start, stop in zip(cuts[:-1].tolist(), cuts[1:].tolist(), strict=True):
        yield int(end[start]), range(start, stop)
