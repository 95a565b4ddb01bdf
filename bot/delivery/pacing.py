"""How fast Slack may be called: within its limits for all processes together, and not at all where it wants a rest.

Slack counts each method of a workspace by itself, and posts by conversation too. Nothing here waits: who may not call
now is told for how long, and does something else meanwhile.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import TYPE_CHECKING

import structlog

from bot.infra.clock import Clock

if TYPE_CHECKING:
    from bot.store.pace import Pace

POST, UPDATE = "chat.postMessage", "chat.update"
MINUTE_S = 60.0
A_MINUTE: Mapping[str, int] = {
    UPDATE: 48, "conversations.replies": 48, "conversations.history": 48, "conversations.open": 48,
    "conversations.info": 48, "conversations.join": 48,
}  # fmt: skip
"""Calls a minute: a little below the 50 of Slack's tier 3, since not every call takes equally long to get there."""

FOR_PEOPLE = 8
"""So many of them are kept for what a person has just done."""

log = structlog.get_logger("tocsin.notifier")


class PacedError(Exception):
    """The call was not made, or Slack refused it as one too many: try again in *wait* seconds. Nothing was posted."""

    def __init__(self, kind: str, wait: float) -> None:
        super().__init__()
        self.kind, self.wait = kind, wait


class Pacing:
    """*spacing* is the seconds between two messages into one conversation. Safe in threads."""

    def __init__(self, pace: Pace, clock: Clock, *, spacing: float = 1.0) -> None:
        self._pace, self._clock, self.spacing = pace, clock, spacing

    def take(self, method: str, channel: str = "", *, urgent: bool = False) -> None:
        """Count a call that is made now. Raises PacedError if it may not be made."""
        if method == POST:
            self._may(POST, 0, MINUTE_S)
            self._may(f"{POST} {channel}", 1 if self.spacing else 0, self.spacing)
        elif method in A_MINUTE:
            self._may(method, A_MINUTE[method] - (0 if urgent else FOR_PEOPLE), MINUTE_S)

    def refused(self, method: str, channel: str, wait: float) -> None:
        """Slack wants no such call for *wait* seconds.

        Of posts it does not say whether it means the conversation or all of them: when a second one is refused while
        the first still rests, all of them rest.
        """
        until = self._clock.now() + timedelta(seconds=wait)
        kinds = [method]
        if method == POST:
            others = self._pace.held(f"{POST} ", self._clock.now())
            kinds = [f"{POST} {channel}", *([POST] if others else [])]
        for kind in kinds:
            self._pace.hold(kind, until)
        log.warning("slack_wants_a_rest", kinds=kinds, seconds=wait)

    def _may(self, kind: str, most: int, window: float) -> None:
        wait = self._pace.take(kind, self._clock.now(), most=most, window=window)
        if wait:
            raise PacedError(kind, wait)
