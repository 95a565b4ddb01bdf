"""What the team writes below a card, or pins, becomes a note on the incident's record. Decides over nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

import structlog

from bot.incidents.acts import overheard
from bot.incidents.closing import REOPENABLE
from bot.infra.clock import Clock
from bot.records import Act, ActKind, Incident

if TYPE_CHECKING:
    from bot.store import Store

log = structlog.get_logger("tocsin.desk")


class TeamNotes:
    def __init__(self, store: Store, clock: Clock) -> None:
        self._store, self._clock = store, clock

    def under(self, channel: str, thread_ts: str) -> Incident | None:
        """The incident whose card begins this thread; None for any other thread."""
        cards = self._store.alerts.cards_in(channel, thread_ts) if thread_ts else []
        return self.alive(cards[0].incident_id) if cards else None

    def beside(self, channel: str) -> Incident | None:
        """The incident that *channel* is busy with: the last one that is open there, else one that can be reopened."""
        numbers = dict.fromkeys(card.incident_id for card in self._store.alerts.cards_in(channel))
        found = [one for number in list(numbers)[:LOOKED_AT] if (one := self.alive(number)) is not None]
        live = [one for one in found if not one.status.closed]
        now = self._clock.now()
        late = [one for one in found if one.closed_at is not None and now - one.closed_at <= REOPENABLE]
        return next(iter([*live, *late]), None)

    def write(
        self,
        incident: Incident,
        *,
        by: str,
        detail: Mapping[str, Any],
        key: str,
        at: datetime | None = None,
        pinned_by: str = "",
    ) -> None:
        """Put what *by* wrote on the record, as of now where no moment is given; once, however often it is brought."""
        now = self._clock.now()
        detail = {**detail, "pinned_by": pinned_by} if pinned_by else detail
        note = Act(kind=ActKind.NOTE, at=at or now, by=by, detail=detail, key=key)
        self._store.incidents.change(
            incident.id, lambda current: overheard(current, note, pinned_by=pinned_by, now=now)
        )
        log.info("team_note", incident=incident.id, pinned=bool(pinned_by))

    def alive(self, number: int) -> Incident | None:
        """The incident of this number, or the one that it became part of."""
        found = self._store.incidents.get(number)
        for _ in range(LOOKED_AT):
            if found is None or not found.merged_into:
                break
            found = self._store.incidents.get(found.merged_into)
        return found


LOOKED_AT = 10
"""So many incidents of a channel, the latest, are asked whether they are open."""
