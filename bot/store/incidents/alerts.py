"""The messages owed to Slack: an outbox from which several notifiers may take, each message by one."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta

from sqlalchemy import Select, select, update
from sqlalchemy.orm import Session
from sqlmodel import col

from bot.errors import Missing
from bot.infra.clock import SKEW, come
from bot.records import Alert, AlertKind, Card, ToldAlert
from bot.store.database import Database
from bot.store.incidents.decisions import alert_of
from bot.store.schema.incident_tables import OUTSTANDING, AlertRow, CardRow
from engine.post import Level

LONGEST_WAIT = timedelta(minutes=15)
"""No try of a message is put off for longer."""

OWED, CLAIMED, SENT, FAILED, FOLDED = "owed", "claimed", "sent", "failed", "folded"


class Alerts:
    def __init__(self, database: Database) -> None:
        self._database = database

    def claim(
        self,
        now: datetime,
        limit: int = 10,
        lease_s: float = 60,
        *,
        besides: Collection[AlertKind] = (),
        resting: Collection[str] = (),
    ) -> list[Alert]:
        """Take alerts to deliver, for *lease_s* seconds, after which they may be claimed by another.

        The gravest first, at most one a target at a time, and those of one incident to one target in the
        order in which they came: a reply must not overtake its card. ``attempts`` of what is returned says
        how often it was claimed before: more than 0 means that the message may be in Slack already.
        *besides* are kinds that are left alone, *resting* the targets that nothing may be sent to just now.
        """
        with self._database.write(alone="alerts") as session:
            _free_expired(session, now, lease_s)
            rows = [row for row in session.scalars(_outstanding()) if row.kind not in besides]
            return _claimed([row for row in choose(rows, now) if row.target not in resting][:limit], now, lease_s)

    def claim_redraws(self, now: datetime, lease_s: float = 60, *, urgent: bool = False) -> list[Alert]:
        """Take all redraws that are owed of one incident: one drawing says what all of them say.

        Those that a person brought about go first, then the gravest. *urgent*: no others are wanted.
        """
        with self._database.write(alone="alerts") as session:
            _free_expired(session, now, lease_s)
            rows = [row for row in session.scalars(_outstanding()) if row.kind == AlertKind.UPDATE]
            return _claimed(choose_redraws(rows, now, urgent=urgent), now, lease_s)

    def renew(self, alerts: Iterable[Alert], until: datetime) -> set[int]:
        """Hold *alerts*, as they were claimed, until then; the ids of those that nobody else has taken meanwhile."""
        held: set[int] = set()
        with self._database.write(durable=False) as session:
            for alert in alerts:
                row = session.get(AlertRow, alert.id, with_for_update=True)
                if row is not None and _holds(row, alert):
                    row.claimed_until = until
                    held.add(alert.id)
        return held

    def release(self, alerts: Iterable[Alert], due_at: datetime) -> None:
        """*alerts* were claimed and not tried: they are owed as before, from *due_at* on."""
        with self._database.write() as session:
            for alert in alerts:
                row = session.get(AlertRow, alert.id, with_for_update=True)
                if row is not None and _holds(row, alert):
                    row.state, row.claimed_until, row.attempts, row.due_at = OWED, None, alert.attempts, due_at

    def sent(self, alert_id: int, now: datetime, *cards: Card | None) -> None:
        """The message is in Slack; *cards* are those that will be drawn again."""
        with self._database.write() as session:
            _settle(session, alert_id, SENT).sent_at = now
            for card in cards:
                if card is not None:
                    session.merge(_card_row(card))

    def retry(self, alert_id: int, due_at: datetime, error: str, *, tried: Alert | None = None) -> None:
        """It did not work; try again at *due_at*. *tried* is the alert as it was claimed, with what is known now
        of its tries; if somebody else has claimed it meanwhile, it is theirs."""
        with self._database.write() as session:
            row = session.get(AlertRow, alert_id, with_for_update=True)
            if tried is not None and (row is None or not _holds(row, tried)):
                return
            row = _settle(session, alert_id, OWED)
            row.due_at, row.error = due_at, error
            if tried is not None:
                row.failures, row.failing_since = tried.failures, tried.failing_since
                row.route, row.resorted = tried.route, tried.resorted

    def failed(self, alert_id: int, error: str) -> None:
        """It will never work this way."""
        with self._database.write() as session:
            _settle(session, alert_id, FAILED).error = error

    def fold(self, ids: Iterable[int], into: int) -> None:
        """Those of *ids* that are still owed are said by the alert *into*, and need no message themselves."""
        with self._database.write() as session:
            session.execute(
                update(AlertRow)
                .where(col(AlertRow.id).in_(list(ids)), col(AlertRow.id) != into)
                .where(col(AlertRow.state).in_([OWED, CLAIMED]))
                .values(state=FOLDED, folded_into=into, claimed_until=None)
            )

    def owed(self, incident_id: int | None = None) -> list[Alert]:
        """What is not delivered yet, claimed or not, in the order in which it came."""
        query = _outstanding()
        if incident_id is not None:
            query = query.where(col(AlertRow.incident_id) == incident_id)
        with self._database.read() as session:
            return [alert_of(row) for row in session.scalars(query)]

    def cards(self, incident_id: int) -> list[Card]:
        """The messages of an incident that are drawn again when it changes, the oldest first."""
        query = select(CardRow).where(col(CardRow.incident_id) == incident_id).order_by(col(CardRow.ts))
        with self._database.read() as session:
            return [_card(row) for row in session.scalars(query)]

    def cards_in(self, channel: str, ts: str = "") -> list[Card]:
        """The cards, of whatever incidents, that stand in *channel*, the newest first; with *ts* the one that is it."""
        query = select(CardRow).where(col(CardRow.channel) == channel, col(CardRow.thread_ts) == "")
        if ts:
            query = query.where(col(CardRow.ts) == ts)
        with self._database.read() as session:
            return [_card(row) for row in session.scalars(query.order_by(col(CardRow.ts).desc()))]

    def told(self, incident_id: int) -> list[ToldAlert]:
        """Every message that an incident ever owed, in order, and what became of it; redraws are none."""
        query = select(AlertRow).where(
            col(AlertRow.incident_id) == incident_id, col(AlertRow.kind) != AlertKind.UPDATE.value
        )
        with self._database.read() as session:
            return [
                ToldAlert(alert=alert_of(row), state=row.state, sent_at=row.sent_at, error=row.error)
                for row in session.scalars(query.order_by(col(AlertRow.id)))
            ]

    def paged(self, target: str, incidents: Sequence[int], since: datetime, level: Level) -> bool:
        """True if *target* was paged about one of *incidents* since a moment, at *level* or a graver one."""
        query = select(col(AlertRow.id)).where(
            col(AlertRow.incident_id).in_(incidents), col(AlertRow.target) == target, col(AlertRow.sent_at) >= since,
            col(AlertRow.kind) == AlertKind.PAGE.value, col(AlertRow.state) == SENT, col(AlertRow.level) <= level.value,
        )  # fmt: skip
        with self._database.read() as session:
            return session.scalar(query.limit(1)) is not None

    def drawn(self, card: Card) -> None:
        """*card* shows what its ``drawn`` and ``settled`` say."""
        with self._database.write(durable=False) as session:
            session.merge(_card_row(card))


def choose(outstanding: Sequence[AlertRow], now: datetime) -> list[AlertRow]:
    """The alerts that may be sent now, the gravest first. Pure; *outstanding* are all, as they came.

    Each incident queues at each target: only the head of a queue may go, as grave as the gravest behind it.
    """
    heads: dict[tuple[str, int], AlertRow] = {}
    weight: dict[tuple[str, int], int] = {}
    for row in outstanding:
        queue = (row.target, row.incident_id)
        heads.setdefault(queue, row)
        weight[queue] = min(weight.get(queue, row.level), row.level)
    busy = {row.target for row in outstanding if row.state == CLAIMED}
    chosen: list[AlertRow] = []
    for queue in sorted(heads, key=lambda queue: (weight[queue], heads[queue].id)):
        row = heads[queue]
        if row.target not in busy and _due(row, now):
            busy.add(row.target)
            chosen.append(row)
    return chosen


def choose_redraws(outstanding: Sequence[AlertRow], now: datetime, *, urgent: bool) -> list[AlertRow]:
    """The redraws of the incident whose turn it is, all of them; none if no turn has come. Pure."""
    waiting: dict[int, list[AlertRow]] = {}
    for row in outstanding:
        waiting.setdefault(row.incident_id, []).append(row)
    due = [
        rows
        for rows in waiting.values()
        if all(row.state == OWED for row in rows)
        and any(_due(row, now) and (_by_person(row) or not urgent) for row in rows)
    ]
    return min(due, key=_turn, default=[])


def _turn(rows: Sequence[AlertRow]) -> tuple[bool, int, int]:
    return not any(map(_by_person, rows)), min(row.level for row in rows), rows[0].id


def _by_person(row: AlertRow) -> bool:
    return "by" in row.payload


def _due(row: AlertRow, now: datetime) -> bool:
    return come(row.due_at, now, LONGEST_WAIT if row.attempts else timedelta())


def _claimed(rows: Iterable[AlertRow], now: datetime, lease_s: float) -> list[Alert]:
    claimed = [(alert_of(row), row) for row in rows]
    for _, row in claimed:
        row.state, row.attempts = CLAIMED, row.attempts + 1
        row.claimed_until = now + timedelta(seconds=lease_s)
    return [alert for alert, _ in claimed]


def _holds(row: AlertRow, alert: Alert) -> bool:
    """True if *row* is still claimed as it was when *alert* was given to its claimer."""
    return row.state == CLAIMED and row.attempts == alert.attempts + 1


def _free_expired(session: Session, now: datetime, lease_s: float) -> None:
    """What the dead have claimed is owed again, and what was claimed until a time that nobody can have meant."""
    until = col(AlertRow.claimed_until)
    gone = (until <= now) | (until > now + timedelta(seconds=lease_s) + SKEW)
    session.execute(update(AlertRow).where(col(AlertRow.state) == CLAIMED, gone).values(state=OWED, claimed_until=None))


_CARD = ("incident_id", "channel", "ts", "thread_ts", "drawn", "settled", "page")


def _card(row: CardRow) -> Card:
    return Card(**{name: getattr(row, name) for name in _CARD})


def _card_row(card: Card) -> CardRow:
    return CardRow(**{name: getattr(card, name) for name in _CARD})


def _outstanding() -> Select[AlertRow]:
    return select(AlertRow).where(OUTSTANDING).order_by(col(AlertRow.id))


def _settle(session: Session, alert_id: int, state: str) -> AlertRow:
    row = session.get(AlertRow, alert_id, with_for_update=True)
    if row is None:
        raise Missing("alert", alert_id)
    row.state, row.claimed_until = state, None
    return row
