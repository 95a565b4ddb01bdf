"""``tocsin replay``: stored posts through the production path on a virtual clock.

The same matcher, reader, watch and incident rules as the service; only the store is missing, since nothing has to
survive. A post is seen at its own time and never before: the source hands out nothing that is later than the clock.
Several settings can be replayed side by side: what is measured is the same, what it means to each is its own.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import chain, islice
from pathlib import Path
from typing import Any

import typer

from bot.backtest.post_file import OrderedPosts, caught, moment, read, read_posts
from bot.backtest.replay_source import ReplaySource, ceiled
from bot.config import days
from bot.errors import LocalisedError
from bot.i18n.reasons import reason
from bot.i18n.remarks import remark
from bot.i18n.speech import Speech
from bot.incidents.topic_turn import LOOK_EVERY, MemoryLedger, Verdict, restless, take_turn
from bot.infra.clock import VirtualClock
from bot.ports import PostReader
from bot.records import ActKind, Policy, TopicRecord
from engine.post import Assessment, Post, SourceHealth, Topic
from engine.query.query import Query, parse
from engine.tuning.tuning import DEFAULT, Tuning
from engine.watch.expected import ExpectedDays
from engine.watch.state import WatchState
from engine.watch.watch import Arrival

TURN = timedelta(minutes=1)
"""How often the clock ticks: what arrives between two ticks is taken in together, as a worker would."""
AT_ONCE = 256

ENGLISH, CHINESE = Speech("en"), Speech("zh")
"""The languages of a replay's lines, which other programs read: they do not follow a reader."""

EVENTS = {
    ActKind.OPENED: "opened",
    ActKind.RAISED: "raised",
    ActKind.LOWERED: "lowered",
    ActKind.RESOLVE: "resolved",
    ActKind.REOPENED: "reopened",
    ActKind.FACT: "fact",
}


@dataclass(frozen=True, kw_only=True)
class IncidentChange:
    """One line of a replay: what happened to the incident, and the assessment that made it happen."""

    at: datetime
    topic: str
    incident: int
    event: str
    assessment: Assessment
    level: int

    def as_dict(self) -> dict[str, Any]:
        return {
            "at": self.at.astimezone(UTC).isoformat().replace("+00:00", "Z"),
            "topic": self.topic,
            "incident": self.incident,
            "event": self.event,
            "level": self.level,
            "score": round(self.assessment.score, 1),
            "reasons": [
                {
                    "signal": signal.name,
                    "value": signal.value,
                    "baseline": signal.baseline,
                    "text": reason(signal, ENGLISH),
                    "text_zh": reason(signal, CHINESE),
                }
                for signal in self.assessment.signals
            ],
            "notes": [remark(note, ENGLISH) for note in self.assessment.notes],
            "evidence": list(self.assessment.evidence),
        }


class Replay:
    """One topic's watch and incidents over what is on a replay source, under each of *tunings*, without a store.

    *turn* is how often the clock ticks, *step* how often a topic that is not calm is looked at while nothing
    arrives. ``run`` yields the changes with the number of their tuning, in time order.
    """

    def __init__(
        self,
        record: TopicRecord,
        arrivals: Iterable[Arrival],
        *,
        policy: Policy | None = None,
        tunings: Sequence[Tuning] = (DEFAULT,),
        turn: timedelta = TURN,
        step: timedelta = LOOK_EVERY,
    ) -> None:
        self._record, self._turn, self._step = record, turn, step
        self._clock = VirtualClock(record.watched_since)
        self._source = ReplaySource(arrivals, self._clock)
        self._policy = policy or Policy()
        self._ledgers = [MemoryLedger(tuning) for tuning in tunings]
        self._state = WatchState()

    def run(self, until: datetime | None = None) -> Iterator[tuple[int, IncidentChange]]:
        """Let the clock run to *until*, else to the last arrival."""
        while (at := self._next(until)) is not None:
            self._clock.set(max(at, self._clock.now()))
            yield from self._look(self._source.arrived())

    def _next(self, until: datetime | None) -> datetime | None:
        """The next moment at which something is to be done; None if there is none, or not before *until*."""
        arrival = self._source.next_at()
        if arrival is None and until is None:
            return None
        moments = [ceiled(arrival, self._turn)] if arrival is not None else []
        if any(restless(ledger) for ledger in self._ledgers):
            moments.append(self._clock.now() + self._step)
        at = min(moments, default=None)
        return None if at is None or (until is not None and at > until) else at

    def _look(self, arrivals: Sequence[Arrival]) -> Iterator[tuple[int, IncidentChange]]:
        looked = [number for number, ledger in enumerate(self._ledgers) if arrivals or restless(ledger)]
        taken = take_turn(
            self._state,
            arrivals,
            [self._ledgers[number] for number in looked],
            topic=self._record,
            policy=self._policy,
            health=SourceHealth(),
            now=self._clock.now(),
        )
        for number, verdict in zip(looked, taken.verdicts, strict=True):
            for change in _changes(verdict, self._clock.now()):
                yield number, change


def _changes(verdict: Verdict, now: datetime) -> Iterator[IncidentChange]:
    for change in verdict.changes:
        for act in change.acts:
            if act.kind in EVENTS:
                yield IncidentChange(
                    at=now,
                    topic=change.incident.topic,
                    incident=change.incident.id,
                    event=EVENTS[act.kind],
                    assessment=verdict.assessment,
                    level=int(change.incident.level),
                )


def watched(topic: Topic, since: datetime) -> TopicRecord:
    """A record for a topic that no store knows."""
    return TopicRecord(
        id=1, topic=topic, channel="#replay", policy="default", speak="en", budget_per_week=2.0, watched_since=since
    )


def replay(
    posts: Iterable[Post],
    topic: Topic,
    reader: PostReader,
    *,
    until: datetime | None = None,
    tuning: Tuning = DEFAULT,
    expected: tuple[ExpectedDays, ...] = (),
) -> Iterator[IncidentChange]:
    """Changes of the incidents of *topic* over *posts*, which must be in time order; *expected* are days in UTC."""
    query: Query = parse(topic.query)
    rest = iter(posts)
    first = next(rest, None)
    if first is None:
        return
    reel = OrderedPosts(chain([first], rest), until)
    record = dataclasses.replace(watched(topic, first.published), expected=expected)
    running = Replay(record, read(caught(reel, query), topic, reader), tunings=(tuning,))
    yield from (change for _, change in running.run(until))
    yield from (change for _, change in running.run(until or reel.last))


def run(
    path: Path,
    *,
    topic: str,
    query: str,
    aliases: tuple[str, ...],
    since: str,
    until: str,
    as_json: bool,
    readings: Path | None = None,
    expect: tuple[str, ...] = (),
) -> None:
    """Print one line a change; *readings* is where readings are kept for the next time."""
    from bot.backtest.reading_cache import remembering

    try:
        start, end = (moment(text) if text else None for text in (since, until))
    except ValueError as error:
        raise LocalisedError("history.times", why=error) from error
    about = Topic(name=topic, query=query, aliases=aliases or (topic,))
    parse(query)
    expected = tuple(_expected(each) for each in expect)
    for change in replay(read_posts(path), about, remembering(readings), until=end, expected=expected):
        if start is None or change.at >= start:
            typer.echo(json.dumps(change.as_dict(), ensure_ascii=False) if as_json else _sentence(change))


def _expected(text: str) -> ExpectedDays:
    """Days, and what is expected on them: ``2026-12-11..2026-12-13 campaign``. LocalisedError if there are none."""
    found, what = days.leading(text.strip())
    if found is None:
        raise LocalisedError("days.unknown", text=text)
    return ExpectedDays(first=found[0], last=found[1], what=what)


def _sentence(change: IncidentChange) -> str:
    why = "; ".join(reason(signal, ENGLISH) for signal in islice(change.assessment.signals, 3))
    return f"{change.at:%Y-%m-%d %H:%M}Z  {change.event:<8} level {change.level}  {why}"
