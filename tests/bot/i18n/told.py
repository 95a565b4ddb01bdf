"""One example of every reason and every remark that the engine can make. No test itself."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from engine.post import Level, Note, Signal, SourceHealth
from engine.trend import WINDOWS, Burn, Burst, Surge, Window
from engine.tuning.tuning import Tally, distrust
from engine.watch import reasons, remarks
from engine.watch.baseline import Restart, Why
from engine.watch.expected import ExpectedDays

AT = datetime(2026, 3, 2, 8, tzinfo=UTC)
HOUR, DAY = WINDOWS[1], WINDOWS[3]


def surge(
    value: float, usual: float, before: float, *, window: Window = DAY, days: float = 5.0, busy: int = 5
) -> Surge:
    return Surge(
        window=window, value=value, usual=usual, highest=usual + 3, strength=1.0, before=before, days=days, busy=busy
    )


def restart(why: Why, days: float = 6) -> Note:
    return remarks.new_baseline(Restart(since=AT, why=why, silent=timedelta(days=days)))


REASONS: tuple[Note, ...] = (
    reasons.surge(surge(316, 0, 4), value=316, usual=0.8, negative=True),
    reasons.surge(surge(536, 235, 1200), value=536, usual=235, negative=True),
    reasons.burst(Burst(value=5, length=timedelta(minutes=12), usual=0.1, strength=1.2)),
    reasons.share(0.62, 0.11, 340, timedelta(hours=6)),
    reasons.slow_burn(Burn(value=34.4, usual=12, days=6, strength=1.2), a_day=34.4),
    reasons.drop(3, 60),
    reasons.spread(9, 30),
    reasons.spread(60, 50, 41),
    reasons.growth(2.0, 40),
    reasons.gravity("health", 3, 0.5),
    reasons.board(6, 2, 0.2),
)

SALE = ExpectedDays(first=date(2026, 12, 11), last=date(2026, 12, 13), what="sale", by="U1")

REMARKS: tuple[Note, ...] = (
    remarks.expected(SALE),
    remarks.expected(replace(SALE, last=SALE.first, by="")),
    remarks.no_baseline(timedelta(hours=48)),
    restart(Why.QUERY),
    restart(Why.SILENCE),
    restart(Why.SILENCE, days=0),
    restart(Why.CLOCK),
    remarks.recounted(AT),
    remarks.stale(SourceHealth(total=3, silent=("Daily",))),
    remarks.late(300),
    remarks.silence(60),
    remarks.still(Level.ORANGE, 40, frozen=False),
    remarks.still(Level.ORANGE, 40, frozen=True),
    distrust("volume", 0.5, Tally(false=5)),
)


def signal(reason: Note) -> Signal:
    return Signal(name="volume", value=1, baseline=None, weight=10, reason=reason)
