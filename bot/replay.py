"""``tocsin replay``: stored posts through the production path on a virtual clock.

The same matcher, reader, watch and incident rules as the service; only the store is missing, since nothing has to
survive. A post is seen at its own time and never before: reading ahead of the clock is impossible.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any

import typer

from bot.errors import TocsinError
from bot.incidents import decide, sweep
from bot.records import ActKind, Decision, Incident, Policy, TopicRecord
from bot.worker import Reader
from engine import watch
from engine.outlets import standing_of
from engine.post import Assessment, Post, SourceHealth, Topic
from engine.query import Query, parse

STEP = timedelta(minutes=5)
"""How often the clock looks while nothing is published: levels fall and incidents end without posts."""
AT_ONCE = 256

EVENTS = {
    ActKind.OPENED: "opened",
    ActKind.RAISED: "raised",
    ActKind.LOWERED: "lowered",
    ActKind.RESOLVE: "resolved",
}


@dataclass(frozen=True, kw_only=True)
class Change:
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


class Replay:
    """One topic's watch and incidents over posts in time order, without a store."""

    def __init__(self, topic: Topic, reader: Reader, *, start: datetime, policy: Policy | None = None) -> None:
        self._record = TopicRecord(
            id=1, topic=topic, channel="#replay", policy="default", speak="en", budget_per_week=2.0, watched_since=start
        )
        self._reader, self._policy = reader, policy or Policy()
        self._state = watch.WatchState.load(None, ())
        self._incident: Incident | None = None
        self._numbers = 0
        self._looked = start

    def take(self, posts: Sequence[Post]) -> Iterator[Change]:
        """Bring *posts*, which match the topic and are in time order, in at their own times."""
        readings = self._reader.read([(post, self._record.topic) for post in posts])
        for post, reading in zip(posts, readings, strict=True):
            yield from self.wait_until(post.published)
            yield from self._look([watch.Arrival(post=post, reading=reading)], post.published)

    def wait_until(self, now: datetime) -> Iterator[Change]:
        """Let the clock run to *now*, looking every STEP while the topic is not calm."""
        while self._looked + STEP < now and self._restless():
            yield from self._look([], self._looked + STEP)
        self._looked = max(self._looked, now)

    def _restless(self) -> bool:
        return self._incident is not None and not self._incident.status.closed

    def _look(self, arrivals: Sequence[watch.Arrival], now: datetime) -> Iterator[Change]:
        self._looked = now
        update = watch.update(
            self._state,
            arrivals,
            topic=self._record.topic,
            now=now,
            watched_since=self._record.watched_since,
            health=SourceHealth(),
        )
        self._state = update.state
        decision = decide(self._incident, update.assessment, topic=self._record, policy=self._policy, now=now)
        yield from self._apply(decision, update.assessment, now)
        if self._incident is not None:
            yield from self._apply(sweep(self._incident, now=now), update.assessment, now)

    def _apply(self, decision: Decision, assessment: Assessment, now: datetime) -> Iterator[Change]:
        if decision.incident is None:
            return
        incident = decision.incident
        if incident.id == 0:
            self._numbers += 1
            incident = replace(incident, id=self._numbers)
        self._incident = replace(incident, version=incident.version + 1)
        for act in decision.acts:
            if act.kind in EVENTS:
                yield Change(
                    at=now,
                    topic=incident.topic,
                    incident=incident.id,
                    event=EVENTS[act.kind],
                    assessment=assessment,
                    level=int(incident.level),
                )


def read_posts(path: Path) -> Iterator[Post]:
    """Posts of a JSONL file; raises TocsinError with the line of one that is none."""
    if not path.is_file():
        raise TocsinError(f"There is no file {path}.")
    with path.open(encoding="utf-8") as lines:
        for number, line in enumerate(lines, 1):
            if line.strip():
                yield _post(line, f"{path}: line {number}")


def _post(line: str, place: str) -> Post:
    try:
        row = json.loads(line)
        published = moment(row["published"])
        text, number = str(row["text"]), str(row["id"])
    except (ValueError, KeyError, TypeError) as error:
        raise TocsinError(f"{place} is no post: it needs id, published (RFC 3339) and text.") from error
    source = str(row.get("source") or "")
    return Post(
        id=number,
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


def replay(posts: Iterable[Post], topic: Topic, reader: Reader, *, until: datetime | None = None) -> Iterator[Change]:
    """Changes of the incidents of *topic* over *posts*, which must be in time order."""
    query: Query = parse(topic.query)
    running: Replay | None = None
    caught: list[Post] = []
    last: datetime | None = None
    for post in posts:
        if until is not None and post.published > until:
            break
        if last is not None and post.published < last:
            raise TocsinError(f"The post {post.id} is out of order: sort the file by published.")
        last = post.published
        running = running or Replay(topic, reader, start=post.published)
        if query.matches(post):
            caught.append(post)
            if len(caught) == AT_ONCE:
                yield from running.take(caught)
                caught = []
    if running is not None and last is not None:
        yield from running.take(caught)
        yield from running.wait_until(until or last)


def run(path: Path, *, topic: str, query: str, aliases: tuple[str, ...], since: str, until: str, as_json: bool) -> None:
    """Print one line a change."""
    from engine.model.reader import Reader as ModelReader

    try:
        start, end = (moment(text) if text else None for text in (since, until))
    except ValueError as error:
        raise TocsinError(f"--since and --until are times like 2025-09-10T12:00:00Z ({error}).") from error
    watched = Topic(name=topic, query=query, aliases=aliases or (topic,))
    parse(query)
    for change in replay(read_posts(path), watched, ModelReader.open(), until=end):
        if start is None or change.at >= start:
            typer.echo(json.dumps(change.as_dict(), ensure_ascii=False) if as_json else _sentence(change))


def _sentence(change: Change) -> str:
    why = "; ".join(signal.text["en"] for signal in islice(change.assessment.signals, 3))
    return f"{change.at:%Y-%m-%d %H:%M}Z  {change.event:<8} level {change.level}  {why}"
