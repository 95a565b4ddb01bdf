"""Times that are written out say in which time zone they are."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from bot.i18n.zones import written, written_clock


@pytest.mark.parametrize(
    ("utc", "zone", "told"),
    [
        ("2026-03-29T00:59", "Europe/Berlin", "2026-03-29 01:59 UTC+1"),
        ("2026-03-29T01:00", "Europe/Berlin", "2026-03-29 03:00 UTC+2"),
        ("2026-10-25T00:30", "Europe/Berlin", "2026-10-25 02:30 UTC+2"),
        ("2026-10-25T01:30", "Europe/Berlin", "2026-10-25 02:30 UTC+1"),
        ("2026-01-05T20:00", "Asia/Shanghai", "2026-01-06 04:00 UTC+8"),
        ("2026-01-05T20:00", "America/St_Johns", "2026-01-05 16:30 UTC-3:30"),
        ("2026-01-05T20:00", "UTC", "2026-01-05 20:00 UTC"),
    ],
)
def test_the_day_the_time_and_the_distance_from_utc(utc: str, zone: str, told: str) -> None:
    at = datetime.fromisoformat(utc).replace(tzinfo=UTC)
    assert written(at, ZoneInfo(zone)) == told
    assert written_clock(at, ZoneInfo(zone)) == told.partition(" ")[2]
