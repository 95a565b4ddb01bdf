"""What would have rung: a topic's history through the production path, under one setting or several side by side.

Computes; prints and draws nothing. Nobody acts in a backtest: each incident ends by itself, so a setting is judged
by its bells alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from bot.backtest.replay import TURN, IncidentChange, Replay
from bot.errors import LocalisedError
from bot.incidents.topic_turn import LOOK_EVERY
from bot.records import Match, Policy, TopicRecord
from engine.post import LATE, Level, Polarity, Reading, Signal
from engine.tuning.tuning import DEFAULT, Tuning
from engine.tuning.tuning_from_history import PastIncident, Ruling, ruling_at
from engine.watch.watch import Arrival

if TYPE_CHECKING:
    from bot.store import Store

HOUR, WEEK = timedelta(hours=1), timedelta(days=7)
WARM_UP = timedelta(days=8)
"""What is read before the first day that counts, so that it has a baseline."""

MOST_DAYS = 90
USUAL_DAYS = 28
MOST_POSTS = 50_000
"""A busier topic is looked at over fewer days."""


class NothingToTestError(LocalisedError):
    """The topic was not watched in the time that is asked for."""


@dataclass(frozen=True, kw_only=True)
class BacktestAlarm:
    """An alert that would have rung. *ruling* is what people made of that time, None where nobody was asked."""

    at: datetime
    event: str  # opened | raised | reopened
    level: Level
    score: float
    incident: int
    headline: str
    reasons: tuple[Signal, ...]
    ruling: Ruling | None = None


@dataclass(frozen=True, kw_only=True)
class SettingResult:
    """What one setting would have rung, in time order."""

    tuning: Tuning
    bells: tuple[BacktestAlarm, ...]

    @property
    def incidents(self) -> int:
        return len({bell.incident for bell in self.bells})

    @property
    def unconfirmed(self) -> int:
        """Bells that nobody took for real, as far as people were asked."""
        return sum(bell.ruling in (Ruling.FALSE, Ruling.UNCONFIRMED) for bell in self.bells)


@dataclass(frozen=True, kw_only=True)
class Backtest:
    """The *trials* over the same posts. *volume* and *negative* count them by the hour from *since* on."""

    topic: str
    since: datetime
    until: datetime
    posts: int
    volume: tuple[int, ...]
    negative: tuple[int, ...]
    trials: tuple[SettingResult, ...]
    budget_per_week: float
    judged: bool = False  # whether people's judgements were at hand
    has_baseline: bool = True  # whether there was a baseline on the first day that counts

    @property
    def weeks(self) -> float:
        return (self.until - self.since) / WEEK

    def a_week(self, trial: SettingResult) -> float:
        """What *trial* would have cost, in alerts a week; of less than a week, what it brought."""
        return len(trial.bells) / max(self.weeks, 1.0)


@dataclass(frozen=True, kw_only=True)
class BacktestRequest:
    """What is to be tested: *tunings* over the time from *since* to *until*."""

    record: TopicRecord
    policy: Policy
    tunings: tuple[Tuning, ...]
    since: datetime
    until: datetime
    turn: timedelta = TURN
    step: timedelta = LOOK_EVERY


@dataclass
class Counts:
    """Posts by the hour from *since* on, counted while they pass."""

    since: datetime
    until: datetime
    posts: int = 0
    volume: list[int] = field(default_factory=list)
    negative: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        hours = max(-(-(self.until - self.since) // HOUR), 1)
        self.volume, self.negative = [0] * hours, [0] * hours

    def passing(self, arrivals: Iterable[Arrival]) -> Iterator[Arrival]:
        for arrival in arrivals:
            if self.since <= arrival.post.published <= self.until:
                hour = min((arrival.post.published - self.since) // HOUR, len(self.volume) - 1)
                self.posts += 1
                self.volume[hour] += 1
                self.negative[hour] += arrival.reading.sentiment.label is Polarity.NEGATIVE
            yield arrival


def backtest(
    asked: BacktestRequest, arrivals: Iterable[Arrival], *, cases: Sequence[PastIncident] | None = None
) -> Backtest:
    """Replay *arrivals*, in the order of their publication, under each tuning; count what rings from since on.

    *cases* are the topic's real incidents, None if there are none to compare with.
    """
    counts = Counts(asked.since, asked.until)
    replay = Replay(
        asked.record,
        counts.passing(arrivals),
        policy=asked.policy,
        tunings=asked.tunings,
        turn=asked.turn,
        step=asked.step,
    )
    bells: list[list[BacktestAlarm]] = [[] for _ in asked.tunings]
    for number, change in replay.run(asked.until):
        if change.at >= asked.since and _rings(change, asked.policy):
            bells[number].append(_bell(change, cases))
    return Backtest(
        topic=asked.record.topic.name,
        since=asked.since,
        until=asked.until,
        posts=counts.posts,
        volume=tuple(counts.volume),
        negative=tuple(counts.negative),
        trials=tuple(SettingResult(tuning=t, bells=tuple(rung)) for t, rung in zip(asked.tunings, bells, strict=True)),
        budget_per_week=asked.record.budget_per_week,
        judged=cases is not None,
        has_baseline=asked.since - asked.record.watched_since >= timedelta(days=3),
    )


def _rings(change: IncidentChange, policy: Policy) -> bool:
    return change.event in ("opened", "raised", "reopened") and change.level <= policy.opens_at


def _bell(change: IncidentChange, cases: Sequence[PastIncident] | None) -> BacktestAlarm:
    return BacktestAlarm(
        at=change.at,
        event=change.event,
        level=Level(change.level),
        score=change.assessment.score,
        incident=change.incident,
        headline=change.assessment.headline,
        reasons=change.assessment.signals,
        ruling=None if cases is None else ruling_at(change.at, cases),
    )


def as_heard(pairs: Iterable[tuple[Match, Reading]]) -> Iterator[Arrival]:
    """Stored posts as they arrived. History that was brought in later is heard when it was written: what would
    have rung is asked, had it been watched then."""
    for match, reading in pairs:
        post = match.post
        if match.quiet and post.seen is not None and post.seen - post.published > LATE:
            post = replace(post, seen=post.published)
        yield Arrival(post=post, reading=reading)


def over_history(store: Store, asked: BacktestRequest) -> Backtest:
    """The backtest of stored history. Raises TocsinError if there is none."""
    begin = asked.since - WARM_UP
    newest = store.history.nth_newest(asked.record.id, MOST_POSTS, until=asked.until)
    if newest is not None and newest > begin:
        begin = newest
        asked = replace(asked, since=max(asked.since, min(begin + WARM_UP, asked.until - timedelta(days=1))))
    covered = max(asked.record.watched_since, begin)
    asked = replace(asked, since=max(asked.since, covered), record=replace(asked.record, watched_since=covered))
    if asked.since >= asked.until:
        raise NothingToTestError("history.nothing", topic=asked.record.topic.name)
    cases = store.history.cases(asked.until, since=begin - WARM_UP, topic_id=asked.record.id)
    pairs = store.history.read(asked.record.id, since=begin, until=asked.until)
    return backtest(asked, as_heard(pairs), cases=cases.get(asked.record.id, []))


def ask(
    record: TopicRecord, policy: Policy, *, now: datetime, days: float, tunings: Sequence[Tuning] = ()
) -> BacktestRequest:
    """A backtest of the last *days* before *now*. Raises TocsinError if that is no span to look at."""
    if not 1 <= days <= MOST_DAYS:
        raise LocalisedError("sorry.backtest_days", most=MOST_DAYS)
    return BacktestRequest(
        record=record,
        policy=policy,
        tunings=tuple(tunings) or (DEFAULT,),
        since=now - timedelta(days=days),
        until=now,
    )
