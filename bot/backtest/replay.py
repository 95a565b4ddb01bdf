"""``tocsin replay``: stored posts through the production path on a virtual clock.

The same matcher, reader, watch and incident rules as the service; only the store is missing, since nothing has to
survive. A post is seen at its own time and never before: the tape hands out nothing that is later than the clock.
Several settings can be replayed side by side: what is measured is the same, what it means to each is its own.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import chain, islice
from pathlib import Path
from typing import Any

import typer

from bot.backtest.replay_source import ReplaySource, ceiled
from bot.errors import LocalisedError
from bot.incidents.lifecycle import decide, sweep
from bot.infra.clock import VirtualClock
from bot.records import ActKind, Decision, Incident, Policy, TopicRecord
from bot.work.worker import PostReader
from engine.post import Assessment, Post, SourceHealth, Topic
from engine.query.query import Query, parse
from engine.watch import watch
from engine.watch.severity import Held
from engine.watch.signals import measure
from engine.watch.snapshot import Measured, Snapshot, look
from engine.watch.standing import standing_of
from engine.watch.tuning import DEFAULT, Tuning

TURN = timedelta(minutes=1)
"""How often the clock ticks: what arrives between two ticks is taken in together, as a worker would."""
STEP = timedelta(minutes=5)
"""How often a topic that is not calm is looked at while nothing arrives: levels fall without posts too."""
AT_ONCE = 256

EVENTS = {
    ActKind.OPENED: "opened",
    ActKind.RAISED: "raised",
    ActKind.LOWERED: "lowered",
    ActKind.RESOLVE: "resolved",
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
                    "text": signal.text["en"],
                    "text_zh": signal.text["zh"],
                }
                for signal in self.assessment.signals
            ],
            "notes": [note["en"] for note in self.assessment.notes],
            "evidence": list(self.assessment.evidence),
        }


class Track:
    """One setting's level and incident."""

    def __init__(self, record: TopicRecord, policy: Policy, tuning: Tuning) -> None:
        self._record, self._policy, self._tuning = record, policy, tuning
        self._incident: Incident | None = None
        self._held = Held()
        self._numbers = 0

    @property
    def named(self) -> tuple[str, ...]:
        """The stories that people would have been told of: their ids stay, as in the service."""
        return self._incident.stories if self._incident is not None else ()

    @property
    def restless(self) -> bool:
        """True while the topic must be looked at without posts, as the service does."""
        live = self._incident is not None and not self._incident.status.closed
        return live or self._held.level is not None

    def look(self, scene: Snapshot, measures: Sequence[Measured]) -> Iterator[IncidentChange]:
        """Judge the *scene*, and let the incident follow."""
        assessment, self._held = watch.judge(
            scene, measures, before=self._held, health=SourceHealth(), tuning=self._tuning
        )
        now = scene.now
        decision = decide(self._incident, assessment, topic=self._record, policy=self._policy, now=now)
        yield from self._apply(decision, assessment, now)
        if self._incident is not None:
            yield from self._apply(sweep(self._incident, now=now), assessment, now)

    def _apply(self, decision: Decision, assessment: Assessment, now: datetime) -> Iterator[IncidentChange]:
        if decision.incident is None:
            return
        incident = decision.incident
        if incident.id == 0:
            self._numbers += 1
            incident = replace(incident, id=self._numbers)
        self._incident = replace(incident, version=incident.version + 1)
        for act in decision.acts:
            if act.kind in EVENTS:
                yield IncidentChange(
                    at=now,
                    topic=incident.topic,
                    incident=incident.id,
                    event=EVENTS[act.kind],
                    assessment=assessment,
                    level=int(incident.level),
                )


class Replay:
    """One topic's watch and incidents over what is on a tape, under each of *tunings*, without a store.

    *turn* is how often the clock ticks, *step* how often a topic that is not calm is looked at while nothing
    arrives. ``run`` yields the changes with the number of their tuning, in time order.
    """

    def __init__(
        self,
        record: TopicRecord,
        arrivals: Iterable[watch.Arrival],
        *,
        policy: Policy | None = None,
        tunings: Sequence[Tuning] = (DEFAULT,),
        turn: timedelta = TURN,
        step: timedelta = STEP,
    ) -> None:
        self._record, self._turn, self._step = record, turn, step
        self._clock = VirtualClock(record.watched_since)
        self._tape = ReplaySource(arrivals, self._clock)
        self._tracks = [Track(record, policy or Policy(), tuning) for tuning in tunings]
        self._state = watch.WatchState.load(None, ())

    def run(self, until: datetime | None = None) -> Iterator[tuple[int, IncidentChange]]:
        """Let the clock run to *until*, else to the last arrival."""
        while (at := self._next(until)) is not None:
            self._clock.set(max(at, self._clock.now()))
            yield from self._look(self._tape.arrived())

    def _next(self, until: datetime | None) -> datetime | None:
        """The next moment at which something is to be done; None if there is none, or not before *until*."""
        arrival = self._tape.next_at()
        if arrival is None and until is None:
            return None
        moments = [ceiled(arrival, self._turn)] if arrival is not None else []
        if any(track.restless for track in self._tracks):
            moments.append(self._clock.now() + self._step)
        at = min(moments, default=None)
        return None if at is None or (until is not None and at > until) else at

    def _look(self, arrivals: Sequence[watch.Arrival]) -> Iterator[tuple[int, IncidentChange]]:
        record, now = self._record, self._clock.now()
        self._state.stories.named = tuple(dict.fromkeys(name for track in self._tracks for name in track.named))
        watch.absorb(self._state, arrivals, topic=record.topic, now=now)
        scene = look(self._state, now=now, watched_since=record.watched_since)
        measures = measure(scene)
        for number, track in enumerate(self._tracks):
            if arrivals or track.restless:
                for change in track.look(scene, measures):
                    yield number, change


def watched(topic: Topic, since: datetime) -> TopicRecord:
    """A record for a topic that no store knows."""
    return TopicRecord(
        id=1, topic=topic, channel="#replay", policy="default", speak="en", budget_per_week=2.0, watched_since=since
    )


def read_posts(path: Path) -> Iterator[Post]:
    """Posts of a JSONL file; raises LocalisedError with the line of one that is none."""
    if not path.is_file():
        raise LocalisedError("history.no_file", path=path)
    with path.open(encoding="utf-8") as lines:
        for number, line in enumerate(lines, 1):
            if line.strip():
                yield _post(line, path, number)


def _post(line: str, path: Path, number: int) -> Post:
    try:
        row = json.loads(line)
        published = moment(row["published"])
        text, post_id = str(row["text"]), str(row["id"])
    except (ValueError, KeyError, TypeError) as error:
        raise LocalisedError("history.no_post", path=path, line=str(number)) from error
    source = str(row.get("source") or "")
    return Post(
        id=post_id,
        published=published,
        seen=published,
        text=text,
        title=str(row.get("title") or ""),
        url=str(row.get("url") or ""),
        author=str(row.get("author") or ""),
        source=source,
        standing=standing_of(source),
        lang=str(row.get("lang") or ""),
        reach=row.get("reach") if isinstance(row.get("reach"), int) else None,
    )


def moment(text: str) -> datetime:
    """An RFC 3339 time, aware and UTC; one without a zone is UTC."""
    at = datetime.fromisoformat(text)
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)


def replay(
    posts: Iterable[Post],
    topic: Topic,
    reader: PostReader,
    *,
    until: datetime | None = None,
    tuning: Tuning = DEFAULT,
) -> Iterator[IncidentChange]:
    """Changes of the incidents of *topic* over *posts*, which must be in time order."""
    query: Query = parse(topic.query)
    rest = iter(posts)
    first = next(rest, None)
    if first is None:
        return
    reel = OrderedPosts(chain([first], rest), until)
    caught = (post for post in reel if query.matches(post))
    running = Replay(watched(topic, first.published), read(caught, topic, reader), tunings=(tuning,))
    yield from (change for _, change in running.run(until))
    yield from (change for _, change in running.run(until or reel.last))


class OrderedPosts:
    """Posts in time order up to *until*, and the time of the *last* one that was unrolled."""

    def __init__(self, posts: Iterable[Post], until: datetime | None = None) -> None:
        self._posts, self._until = posts, until
        self.last: datetime | None = None

    def __iter__(self) -> Iterator[Post]:
        for post in self._posts:
            if self._until is not None and post.published > self._until:
                return
            if self.last is not None and post.published < self.last:
                raise LocalisedError("history.out_of_order", post=post.id)
            self.last = post.published
            yield post


def read(posts: Iterable[Post], topic: Topic, reader: PostReader) -> Iterator[watch.Arrival]:
    """*posts* with their readings, AT_ONCE in a pass of the encoder."""
    rest = iter(posts)
    while batch := list(islice(rest, AT_ONCE)):
        readings = reader.read([(post, topic) for post in batch])
        yield from (watch.Arrival(post=post, reading=found) for post, found in zip(batch, readings, strict=True))


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
) -> None:
    """Print one line a change; *readings* is where readings are kept for the next time."""
    from bot.backtest.reading_cache import remembering

    try:
        start, end = (moment(text) if text else None for text in (since, until))
    except ValueError as error:
        raise LocalisedError("history.times", why=error) from error
    about = Topic(name=topic, query=query, aliases=aliases or (topic,))
    parse(query)
    for change in replay(read_posts(path), about, remembering(readings), until=end):
        if start is None or change.at >= start:
            typer.echo(json.dumps(change.as_dict(), ensure_ascii=False) if as_json else _sentence(change))


def _sentence(change: IncidentChange) -> str:
    why = "; ".join(signal.text["en"] for signal in islice(change.assessment.signals, 3))
    return f"{change.at:%Y-%m-%d %H:%M}Z  {change.event:<8} level {change.level}  {why}"
