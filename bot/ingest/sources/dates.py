"""Read the dates that sources write: RFC 3339 and 2822, Unix times, and how Chinese sites say them."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, tzinfo
from email.utils import parsedate_to_datetime

from bot.i18n.zones import zone_named
from bot.ingest.sources.errors import FormatError

_EARLIEST = datetime(1995, 1, 1, tzinfo=UTC)  # before there were feeds: an empty field written as a date
_LONGEST = 100  # characters of a date
_UNITS = {
    "秒": 1, "second": 1, "sec": 1, "分": 60, "minute": 60, "min": 60, "小时": 3600, "小時": 3600,
    "hour": 3600, "hr": 3600, "天": 86400, "日": 86400, "day": 86400, "周": 604800, "week": 604800,
}  # fmt: skip
_AGO = re.compile(rf"(\d{{1,4}}|an?) ?({'|'.join(_UNITS)})[a-z钟鐘]*\s*(?:之?前|ago)")
_CLOCK = r"[ T,，]*(?:(\d{1,2})[:：时時](\d{1,2})(?:[:：分](\d{1,2}))?)?"
_DAY_WORD = re.compile(r"(今天|昨天|前天|today|yesterday)" + _CLOCK)
_FULL = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?" + _CLOCK + r"[\d.分秒 ]*")
_NO_YEAR = re.compile(r"(\d{1,2})[-/.月](\d{1,2})日?" + _CLOCK + "[分秒]?")
_WEIBO = "%a %b %d %H:%M:%S %z %Y"  # Wed Sep 10 20:37:00 +0800 2025: Weibo and the old Twitter


def zone(name: str) -> tzinfo:
    """The time zone *name*, UTC for an empty one. Raises ``FormatError``."""
    try:
        return zone_named(name)
    except ValueError as error:
        raise FormatError("source.bad_timezone", zone=name) from error


def parse(value: object, *, now: datetime, zone: tzinfo = UTC) -> datetime | None:
    """The moment that *value* means, in UTC; None if it means none.

    *zone* is where a date without an offset was written, *now* what "3 minutes ago" counts from.
    """
    try:
        found = _moment(value, now.astimezone(zone), zone)
        found = found.astimezone(UTC) if found is not None else None
    except (ValueError, OverflowError, OSError, TypeError):
        return None
    return found if found is not None and found >= _EARLIEST else None


def _moment(value: object, now: datetime, zone: tzinfo) -> datetime | None:
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, datetime):
        return value if value.tzinfo else value.replace(tzinfo=zone)
    if isinstance(value, int | float):
        return _unix(float(value))
    text = str(value).strip() if not isinstance(value, str) or len(value) <= _LONGEST else ""
    if re.fullmatch(r"\d{9,19}(\.\d+)?", text):
        return _unix(float(text))
    for read in (_iso, _mail, _weibo):
        if (found := _attempt(read, text)) is not None:
            return found if found.tzinfo else found.replace(tzinfo=zone)
    return _spoken(text.lower(), now)


def _attempt(read: Callable[[str], datetime], text: str) -> datetime | None:
    try:
        return read(text)
    except (ValueError, TypeError, IndexError):
        return None


def _unix(number: float) -> datetime:
    """Seconds, milli-, micro- or nanoseconds since 1970: seconds stay below 10^11 until the year 5138."""
    for _ in range(3):
        number = number / 1000 if abs(number) >= 1e11 else number
    return datetime.fromtimestamp(number, UTC)


def _iso(text: str) -> datetime:
    if not re.match(r"\d{4}-?\d\d-?\d\d", text):
        raise ValueError(text)
    return datetime.fromisoformat(text.replace(" +", "+").removesuffix(" UTC"))


def _mail(text: str) -> datetime:
    return parsedate_to_datetime(text)


def _weibo(text: str) -> datetime:
    return datetime.strptime(text, _WEIBO)  # noqa: DTZ007 - the format holds %z


def _spoken(text: str, now: datetime) -> datetime | None:
    if text in ("刚刚", "剛剛", "刚才", "just now", "now"):
        return now
    if found := _AGO.fullmatch(text):
        count = int(found[1]) if found[1].isdigit() else 1
        return now - timedelta(seconds=count * _UNITS[found[2]])
    if found := _DAY_WORD.fullmatch(text):
        back = {"昨天": 1, "yesterday": 1, "前天": 2}.get(found[1], 0)
        return _at(now - timedelta(days=back), found.groups()[1:])
    if found := _FULL.fullmatch(text):
        day = now.replace(year=int(found[1]), month=int(found[2]), day=int(found[3]))
        return _at(day, found.groups()[3:])
    if found := _NO_YEAR.fullmatch(text):
        day = _at(now.replace(month=int(found[1]), day=int(found[2])), found.groups()[2:])
        return day if day <= now + timedelta(days=1) else day.replace(year=day.year - 1)
    return None


def _at(day: datetime, clock: tuple[str | None, ...]) -> datetime:
    hour, minute, second = (int(part or 0) for part in clock)
    return day.replace(hour=hour, minute=minute, second=second, microsecond=0)
