"""What is on record of a topic: its posts with their readings, and what people made of its incidents."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, select
from sqlalchemy.orm import Session
from sqlmodel import col

from bot.records import TOCSIN, Act, ActKind, Match
from bot.store.database import Database
from bot.store.incidents.decisions import act_of
from bot.store.posts.readings import ABOUT
from bot.store.rows import post_of, reading_of
from bot.store.schema.incident_tables import ActRow, IncidentRow
from bot.store.schema.tables import MatchRow, PostRow, ReadingRow, SourceRow
from engine.post import Reading
from engine.tuning.tuning_from_history import PastIncident, Ruling

PAGE = 500
TAKEN = (ActKind.ACKNOWLEDGE, ActKind.ASSIGN)
ENDED = (ActKind.RESOLVE, ActKind.FALSE_ALARM)


class History:
    def __init__(self, database: Database) -> None:
        self._database = database

    def read(self, topic_id: int, *, since: datetime, until: datetime) -> Iterator[tuple[Match, Reading]]:
        """The read posts of a topic that were published from *since* and seen by *until*, as they were published.

        Page by page: posts that are stored meanwhile may come too, if they are seen by *until*.
        """
        after: tuple[datetime, int] | None = None
        while True:
            with self._database.read() as session:
                rows = list(session.execute(_page(topic_id, since, until, after)))
            yield from map(_pair, rows)
            if len(rows) < PAGE:
                return
            after = (rows[-1][0].published, rows[-1][0].post_id)

    def nth_newest(self, topic_id: int, number: int, *, until: datetime) -> datetime | None:
        """When the *number*-th newest read post of a topic was published; None if there are fewer."""
        query = (
            select(col(ReadingRow.published))
            .where(col(ReadingRow.topic_id) == topic_id, col(ReadingRow.published) <= until)
            .order_by(col(ReadingRow.published).desc())
            .offset(number - 1)
            .limit(1)
        )
        with self._database.read() as session:
            return session.scalar(query)

    def cases(self, now: datetime, *, since: datetime, topic_id: int | None = None) -> dict[int, list[PastIncident]]:
        """What people had made by *now* of the incidents that were opened from *since* on, by topic."""
        query = select(col(IncidentRow.id), col(IncidentRow.topic_id)).where(
            col(IncidentRow.opened_at) >= since, col(IncidentRow.opened_at) <= now
        )
        if topic_id is not None:
            query = query.where(col(IncidentRow.topic_id) == topic_id)
        found: defaultdict[int, list[PastIncident]] = defaultdict(list)
        with self._database.read() as session:
            topics = {row.id: row.topic_id for row in session.execute(query)}
            acts = _acts(session, list(topics), now)
        for incident_id in sorted(topics):
            case = case_of(acts[incident_id], now)
            if case is not None:
                found[topics[incident_id]].append(case)
        return found


def pages(session: Session, topic_id: int, since: datetime, until: datetime) -> Iterator[list[tuple[Match, Reading]]]:
    """The same posts page by page, none of them empty, in a transaction that is under way."""
    after: tuple[datetime, int] | None = None
    while rows := list(session.execute(_page(topic_id, since, until, after))):
        yield [_pair(row) for row in rows]
        after = (rows[-1][0].published, rows[-1][0].post_id)


def _pair(row: Row[ReadingRow, PostRow, str, str, bool]) -> tuple[Match, Reading]:
    reading, post, source, standing, quiet = row
    match = Match(post=post_of(post, source, standing), topic_id=reading.topic_id, quiet=quiet)
    return match, reading_of(reading)


def case_of(acts: Sequence[Act], now: datetime) -> PastIncident | None:
    """What the *acts* of an incident say of it at *now*; None if it was not opened by then."""
    opened = next((act for act in acts if act.kind is ActKind.OPENED), None)
    if opened is None:
        return None
    ended = next((act for act in reversed(acts) if act.kind in ENDED), None)
    return PastIncident(
        opened_at=opened.at,
        ended_at=ended.at if ended else now,
        ruling=_ruling(acts, ended),
        signals=_names(opened.detail.get("signals")),
    )


def _ruling(acts: Iterable[Act], ended: Act | None) -> Ruling:
    """Somebody's word closes the matter; one that ended by itself was real if somebody had taken it."""
    if ended is None:
        return Ruling.OPEN
    if ended.kind is ActKind.FALSE_ALARM:
        return Ruling.FALSE
    taken = ended.by != TOCSIN or any(act.kind in TAKEN for act in acts)
    return Ruling.REAL if taken else Ruling.UNCONFIRMED


def _names(signals: Any) -> tuple[str, ...]:
    return tuple(map(str, signals)) if isinstance(signals, list | tuple) else ()


def _acts(session: Session, incidents: Sequence[int], now: datetime) -> defaultdict[int, list[Act]]:
    found: defaultdict[int, list[Act]] = defaultdict(list)
    query = select(ActRow).where(col(ActRow.incident_id).in_(incidents), col(ActRow.at) <= now)
    for row in session.scalars(query.order_by(col(ActRow.at), col(ActRow.id))):
        found[row.incident_id].append(act_of(row))
    return found


def _page(
    topic_id: int, since: datetime, until: datetime, after: tuple[datetime, int] | None
) -> Select[ReadingRow, PostRow, str, str, bool]:
    query = (
        select(ReadingRow, PostRow, col(SourceRow.name), col(SourceRow.standing), col(MatchRow.quiet))
        .join(PostRow, col(PostRow.id) == col(ReadingRow.post_id))
        .join(SourceRow, col(SourceRow.id) == col(PostRow.source_id))
        .join(
            MatchRow,
            (col(MatchRow.topic_id) == col(ReadingRow.topic_id)) & (col(MatchRow.post_id) == col(ReadingRow.post_id)),
        )
        .where(col(ReadingRow.topic_id) == topic_id, ABOUT)
        .where(col(ReadingRow.published) >= since, col(ReadingRow.published) <= until, col(PostRow.seen) <= until)
        .order_by(col(ReadingRow.published), col(ReadingRow.post_id))
        .limit(PAGE)
    )
    if after is not None:
        at, post_id = after
        same = (col(ReadingRow.published) == at) & (col(ReadingRow.post_id) > post_id)
        query = query.where((col(ReadingRow.published) > at) | same)
    return query
