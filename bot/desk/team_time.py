"""What time it is for the team: the clock, its time zone, and when its day begins."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, tzinfo

from bot.infra.clock import Clock


@dataclass(frozen=True, kw_only=True)
class TeamTime:
    clock: Clock
    zone: tzinfo
    morning: time

    def now(self) -> datetime:
        return self.clock.now()

    def today(self) -> date:
        return self.now().astimezone(self.zone).date()
