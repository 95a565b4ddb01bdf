"""What people asked for and is not done yet: kept before Slack is answered, so that no crash loses it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from bot.infra.clock import Clock
from bot.records import TakenClick

if TYPE_CHECKING:
    from bot.store import Store


class TakenClicks:
    def __init__(self, store: Store, clock: Clock) -> None:
        self._store, self._clock = store, clock

    def take(
        self, work: str, asked: Mapping[str, str], details: Mapping[str, Any], *, wanted: Callable[[], bool]
    ) -> TakenClick | None:
        """Keep it; None if Slack sent the same before, or if nobody *wanted* it any more when it was to be written."""
        click = TakenClick(work=work, asked=asked, details=details, at=self._clock.now())
        return self._store.clicks.take(click, asked["event"], wanted)

    def left(self) -> list[TakenClick]:
        """What was taken, and whoever took it did not do it: the process died, or the database was away."""
        return self._store.clicks.claim(self._clock.now())

    def done(self, click: TakenClick) -> None:
        """It is done: nothing is left of it."""
        self._store.clicks.done(click.id)
