"""What this process has claimed, held while it is under way: nobody else may take a message that we still work on."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import TYPE_CHECKING

from bot.infra.clock import Clock
from bot.records import Alert

if TYPE_CHECKING:
    from bot.store.incidents.alerts import Alerts

LEASE_S = 60.0
"""A claim is lost after so long without a sign of life: three times what one call of Slack may take."""


class ClaimLostError(Exception):
    """Somebody else delivers the alert by now: leave it to them."""


class Claims:
    """For one thread. ``keep`` is called before every call of Slack."""

    def __init__(self, alerts: Alerts, clock: Clock, *, lease: float = LEASE_S) -> None:
        self._alerts, self._clock, self.lease = alerts, clock, lease
        self._held: dict[int, Alert] = {}
        self._renewed_at = clock.now()
        self._current: frozenset[int] = frozenset()

    def take(self, claimed: Iterable[Alert]) -> None:
        """These were claimed just now, and nothing else is under way."""
        self._held, self._renewed_at = {alert.id: alert for alert in claimed}, self._clock.now()

    def begin(self, alerts: Iterable[Alert]) -> None:
        """From now on *alerts* are worked on."""
        self._current = frozenset(alert.id for alert in alerts)

    def end(self) -> None:
        """What was worked on is settled."""
        for alert_id in self._current:
            self._held.pop(alert_id, None)
        self._current = frozenset()

    def keep(self) -> None:
        """Renew the claims when a quarter of their time is over. Raises ClaimLostError."""
        now = self._clock.now()
        if abs(now - self._renewed_at) >= timedelta(seconds=self.lease / 4):
            ours = self._alerts.renew(self._held.values(), now + timedelta(seconds=self.lease))
            self._held = {key: alert for key, alert in self._held.items() if key in ours}
            self._renewed_at = now
        if not self._current <= set(self._held):
            raise ClaimLostError
