"""Times as they are written out: in somebody's time zone, and saying which. Pure.

The zone is told by its distance from UTC: an abbreviation such as CST means Chicago to some and Shanghai to others.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo


def zone_named(name: str) -> tzinfo:
    """The time zone of an IANA name, UTC for an empty one. Raises ValueError for what is none."""
    try:
        return ZoneInfo(name) if name else UTC
    except (OSError, ValueError, KeyError) as error:
        raise ValueError(name) from error


def written(at: datetime, zone: tzinfo) -> str:
    """``2026-03-29 14:05 UTC+2``."""
    return f"{at.astimezone(zone):%Y-%m-%d %H:%M} {offset(at, zone)}"


def written_clock(at: datetime, zone: tzinfo) -> str:
    """``14:05 UTC+2``."""
    return f"{at.astimezone(zone):%H:%M} {offset(at, zone)}"


def offset(at: datetime, zone: tzinfo) -> str:
    """How far *zone* is from UTC at that moment: ``UTC``, ``UTC+8``, ``UTC-3:30``."""
    ahead = at.astimezone(zone).utcoffset() or timedelta()
    hours, minutes = divmod(abs(ahead) // timedelta(minutes=1), 60)
    if not hours and not minutes:
        return "UTC"
    return f"UTC{'-' if ahead < timedelta() else '+'}{hours}" + (f":{minutes:02}" if minutes else "")
