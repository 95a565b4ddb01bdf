"""What follows when somebody may not: it is kept, somebody who could is asked, what was taken unchecked is undone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import structlog

from bot.incidents.people import permissions
from bot.incidents.people.permissions import Barrier, NotAllowed, Right
from bot.infra.clock import Clock
from bot.records import ActKind, AuditEntry, Decision, Incident

if TYPE_CHECKING:
    from bot.store import Store

log = structlog.get_logger("tocsin.desk")


class Refusals:
    def __init__(self, store: Store, clock: Clock) -> None:
        self._store, self._clock = store, clock

    def keep(
        self, barred: NotAllowed, *, by: str, deed: str, origin: Mapping[str, str], incident: Incident | None = None
    ) -> None:
        """Write down that *by* may not do *deed*: on the incident's timeline, or without one in the audit trail.

        The same person and deed count once in ten minutes.
        """
        now = self._clock.now()
        timeline = self._store.incidents.timeline(incident.id) if incident else ()
        row = permissions.refused(timeline, barred, by=by, deed=deed, origin=origin, now=now)
        log.info("refused", incident=incident.id if incident else 0, deed=deed, why=barred.why.value, by=by)
        if row is None:
            return
        if incident is not None:
            self._store.incidents.change(incident.id, lambda _: Decision(acts=(row,)))
        else:
            self._store.audit.add(
                AuditEntry(at=now, by=by, deed=deed, outcome=barred.why.value, origin=origin, key=row.key)
            )

    def turn_away(self, why: Barrier, *, by: str, deed: str, number: int, origin: Mapping[str, str]) -> NotAllowed:
        """Keep that somebody was turned away at the door; *number* 0 is the only open incident, if *deed* is an act."""
        kind = next((one for one in ActKind if one.value == deed), None)
        barred = NotAllowed(why=why, right=permissions.right_of(kind) if kind else Right.VIEW)
        incident = self._store.incidents.find(number) if number else None
        if kind is not None and not number:
            open_ones = self._store.incidents.open()
            incident = open_ones[0] if len(open_ones) == 1 else None
        self.keep(barred, by=by, deed=deed, origin=origin, incident=incident)
        return barred

    def ask(self, incident: Incident, *, by: str, to: str, kind: ActKind, origin: Mapping[str, str]) -> bool:
        """Owe *to* a message that *by* asks for an act of *kind*; False if that was asked a moment ago."""
        now = self._clock.now()
        timeline = self._store.incidents.timeline(incident.id)
        asked = permissions.ask(incident, timeline, by=by, to=to, kind=kind, origin=origin, now=now)
        if asked is not None:
            self._store.incidents.change(incident.id, lambda _: asked)
        return asked is not None

    def take_back(self, incident: Incident, barred: NotAllowed, *, by: str) -> None:
        """Undo an acknowledgement that was taken unchecked and should not have been."""
        now = self._clock.now()
        self._store.incidents.change(
            incident.id, lambda current: permissions.take_back(current, barred, by=by, now=now)
        )
        log.info("taken_back", incident=incident.id, why=barred.why.value, by=by)
