"""Dates as sources write them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from bot.ingest.sources import FormatError, dates

NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
SHANGHAI = ZoneInfo("Asia/Shanghai")
NOON = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)  # noon in Shanghai


@pytest.mark.parametrize(
    "value",
    [
        "2026-03-02T12:00:00+08:00", "2026-03-02T04:00:00Z", "2026-03-02 12:00:00 +0800", "2026-03-02 12:00",
        "2026-03-02T12:00:00.000", "2026/3/2 12:00", "2026年3月2日 12:00", "2026年03月02日12时00分", "2026.3.2 12:00",
        "3月2日 12:00", "03-02 12:00", "今天 12:00", "今天12:00", "today 12:00",
        "Mon, 02 Mar 2026 12:00:00 +0800", "Mon, 2 Mar 2026 04:00:00 GMT", "Mon Mar 02 12:00:00 +0800 2026",
        1772424000, 1772424000.0, "1772424000", 1772424000000, "1772424000000000", NOON,
        "4小时前", "4 hours ago", "240分钟前", "4小時之前",
    ],
)  # fmt: skip
def test_the_same_noon_in_every_writing(value: Any) -> None:
    """RFC 3339 and 2822, Unix times, and what Chinese sites write; without an offset, the source's zone counts."""
    assert dates.parse(value, now=NOW, zone=SHANGHAI) == NOON


@pytest.mark.parametrize(
    ("value", "back"),
    [
        ("刚刚", timedelta()),
        ("3分钟前", timedelta(minutes=3)),
        ("30秒前", timedelta(seconds=30)),
        ("an hour ago", timedelta(hours=1)),
        ("2天前", timedelta(days=2)),
        ("just now", timedelta()),
    ],
)
def test_how_long_ago(value: str, back: timedelta) -> None:
    assert dates.parse(value, now=NOW) == NOW - back


def test_yesterday_and_a_day_without_a_year() -> None:
    """A day that would lie ahead is last year's."""
    assert dates.parse("昨天 23:30", now=NOW, zone=SHANGHAI) == datetime(2026, 3, 1, 15, 30, tzinfo=UTC)
    assert dates.parse("12-31 08:00", now=NOW, zone=SHANGHAI) == datetime(2025, 12, 31, 0, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    "value",
    [None, "", "soon", True, [], {}, 0, "0001-01-01T00:00:00Z", "1970-01-01", "2026-13-45", float("nan"), float("inf"),
     10**400, "9" * 400, "2月30日", "Mon, 99 Foo 2026", "25:61"],
)  # fmt: skip
def test_what_means_no_moment_is_none(value: Any) -> None:
    """Missing, absurd and empty dates are no dates, and never an exception."""
    assert dates.parse(value, now=NOW) is None


def test_an_unknown_zone_is_said() -> None:
    with pytest.raises(FormatError, match="Mars/Base is not a time zone"):
        dates.zone("Mars/Base")
    assert dates.zone("") is UTC
