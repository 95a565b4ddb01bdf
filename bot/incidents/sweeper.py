"""The sweep: asks for the incidents whose moment has come, and does what they wait for.

No timer exists, so none can be lost: what a stopped service missed is done by the first sweep after it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import structlog

from bot.errors import StoreError
from bot.incidents.lifecycle import sweep
from bot.infra.clock import Clock
from bot.infra.error_trail import log_unexpected
from bot.records import Decision, Incident

if TYPE_CHECKING:
    from bot.store import Store

LIMIT = 100
"""Incidents a tick; the rest waits for the next one."""

log = structlog.get_logger("tocsin.sweeper")


class Sweeper:
    """Any number may run: an incident is changed under its lock, and the second finds nothing due."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store, self._clock = store, clock

    def tick(self) -> int:
        """Do what is due now; how many incidents were changed. Raises StoreError."""
        now = self._clock.now()
        return sum(self._sweep(number) for number in self._store.incidents.due(now, LIMIT))

    def _sweep(self, number: int) -> bool:
        made: list[Decision] = []

        def decide(incident: Incident) -> Decision:
            made.append(sweep(incident, now=self._clock.now()))
            return made[-1]

        try:
            self._store.incidents.change(number, decide)
        except StoreError:
            raise
        except Exception as error:  # a fault in one incident must not stop the others
            log_unexpected(log.error, "incident_not_swept", error, incident=number)
            return False
        for act in made[-1].acts:
            log.info("incident_" + act.kind.value, incident=number)
        return made[-1].incident is not None
