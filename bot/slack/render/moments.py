"""Moments and small charts as Slack shows them. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

_BARS = "▁▂▃▄▅▆▇█"


def moment(at: datetime) -> str:
    """*at* as a token that Slack shows in each reader's own time zone and language."""
    stamp = int(at.timestamp())
    return f"<!date^{stamp}^{{date_short_pretty}} {{time}}|{at.astimezone(UTC):%Y-%m-%d %H:%M} UTC>"


def clock_time(at: datetime) -> str:
    """The time of day alone, for moments of today."""
    return f"<!date^{int(at.timestamp())}^{{time}}|{at.astimezone(UTC):%H:%M} UTC>"


def recent(at: datetime, now: datetime) -> str:
    """The time of day alone for what is less than twelve hours away, the day too for the rest."""
    return clock_time(at) if abs(now - at) < timedelta(hours=12) else moment(at)


def bars(values: Sequence[float]) -> str:
    """*values* as a row of bars, the highest one full; what is not zero never looks like zero."""
    top = max(values, default=0)
    if top <= 0:
        return _BARS[0] * len(values)
    return "".join(_BARS[0] if value <= 0 else _BARS[max(1, round(value / top * 7))] for value in values)
