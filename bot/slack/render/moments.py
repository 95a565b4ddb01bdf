"""Moments and small charts as Slack shows them. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from bot.i18n.speech import Speech
from bot.i18n.zones import written, written_clock

_BARS = "▁▂▃▄▅▆▇█"


def moment(at: datetime, speech: Speech) -> str:
    """*at* as a token that Slack shows in each reader's own time zone and language; *speech* has the zone of those to
    whom it is written out."""
    return f"<!date^{int(at.timestamp())}^{{date_short_pretty}} {{time}}|{written(at, speech.zone)}>"


def clock_time(at: datetime, speech: Speech) -> str:
    """The time of day alone, for moments of today."""
    return f"<!date^{int(at.timestamp())}^{{time}}|{written_clock(at, speech.zone)}>"


def recent(at: datetime, now: datetime, speech: Speech) -> str:
    """The time of day alone for what is less than twelve hours away, the day too for the rest."""
    return clock_time(at, speech) if abs(now - at) < timedelta(hours=12) else moment(at, speech)


def bars(values: Sequence[float]) -> str:
    """*values* as a row of bars, the highest one full; what is not zero never looks like zero."""
    top = max(values, default=0)
    if top <= 0:
        return _BARS[0] * len(values)
    return "".join(_BARS[0] if value <= 0 else _BARS[max(1, round(value / top * 7))] for value in values)
