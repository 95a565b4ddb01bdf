"""Days that a team expects for a topic: may this person enter them, do they make sense, and who did what."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Protocol, TypeVar

import structlog

from bot.config.schema import MOST_WHAT
from bot.desk.access import Access, BarredError
from bot.desk.refusals import Refusals
from bot.desk.team_time import TeamTime
from bot.errors import DeskError
from bot.records import AuditEntry, TopicRecord

if TYPE_CHECKING:
    from bot.store import Store
    from engine.watch.expected import ExpectedDays

    Expected = tuple[ExpectedDays, ...]

EXPECT, UNEXPECT = "expect_days", "remove_days"
KEPT = timedelta(days=400)
"""For how long a day that is over is remembered: a backtest looks at the past."""

MOST = 100
"""So many entries a topic can have: where everything is expected, nothing is."""

log = structlog.get_logger("tocsin.desk")


class NamesTopic(Protocol):
    @property
    def name(self) -> str: ...


Named = TypeVar("Named", bound=NamesTopic)


@dataclass(frozen=True, kw_only=True)
class DayEntering:
    """*access* says what the person may do. What was done and what was refused are in the audit trail."""

    store: Store
    time: TeamTime
    access: Access

    def meant(self, readings: Sequence[Named], find: Callable[[str], TopicRecord]) -> tuple[TopicRecord, Named]:
        """The first of *readings* whose topic there is. DeskError of the likeliest one if there is none."""
        faults: list[DeskError] = []
        for each in (readings[-1], *readings):  # all of it may be a topic's name
            try:
                return find(each.name), each
            except BarredError:
                raise
            except DeskError as error:
                faults.append(error)
        raise faults[1]

    def enter(self, record: TopicRecord, days: ExpectedDays, *, origin: Mapping[str, str]) -> TopicRecord:
        """Expect *days* of a topic; what the same person or another entered for the same days before is replaced."""
        self._check(days.by, EXPECT, origin)
        if not days.what:
            raise DeskError("expected.what_missing")
        if len(days.what) > MOST_WHAT:
            raise DeskError("expected.what_long", most=MOST_WHAT)
        oldest = self.time.today() - KEPT

        def entered(known: Expected) -> Expected:
            kept = [each for each in known if each.last >= oldest or not each.by]
            kept = [each for each in kept if not each.by or (each.first, each.last) != (days.first, days.last)]
            if len(kept) >= MOST:
                raise DeskError("expected.too_many", most=MOST)
            return (*kept, days)

        return self._changed(record, entered, by=days.by, deed=EXPECT, origin=origin)

    def remove(
        self, record: TopicRecord, days: tuple[date, date] | None, *, by: str, origin: Mapping[str, str]
    ) -> TopicRecord:
        """Expect nothing of *days* any more: what people entered for any of them goes."""
        self._check(by, UNEXPECT, origin)
        if days is None:
            raise DeskError("expected.which")

        def removed(known: Expected) -> Expected:
            met = [each for each in known if each.first <= days[1] and days[0] <= each.last]
            if not any(each.by for each in met):
                raise DeskError("expected.in_settings" if met else "expected.not_entered")
            return tuple(each for each in known if each not in met or not each.by)

        return self._changed(record, removed, by=by, deed=UNEXPECT, origin=origin)

    def _check(self, by: str, deed: str, origin: Mapping[str, str]) -> None:
        barred = self.access.configuring()
        if barred is not None:
            Refusals(self.store, self.time.clock).keep(barred, by=by, deed=deed, origin=origin)
            raise BarredError(barred)

    def _changed(
        self,
        record: TopicRecord,
        change: Callable[[Expected], Expected],
        *,
        by: str,
        deed: str,
        origin: Mapping[str, str],
    ) -> TopicRecord:
        changed = self.store.topics.expect(record.id, change)
        self.store.audit.add(AuditEntry(at=self.time.now(), by=by, deed=deed, about=record.topic.name, origin=origin))
        log.info(deed, topic=record.id, by=by)
        return changed
