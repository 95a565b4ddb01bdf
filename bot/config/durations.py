"""Spans of time as people write them: ``90s``, ``15m``, ``2h``, ``1d``, ``1h30m``, ``15 分钟``, ``2小时``."""

from __future__ import annotations

import re
from datetime import timedelta

from bot.config.errors import SettingValueError

_UNITS = {
    "s": 1, "sec": 1, "second": 1, "秒": 1, "秒钟": 1,
    "m": 60, "min": 60, "minute": 60, "分": 60, "分钟": 60,
    "h": 3600, "hr": 3600, "hour": 3600, "时": 3600, "小时": 3600, "个小时": 3600,
    "d": 86400, "day": 86400, "天": 86400, "日": 86400,
    "w": 604800, "week": 604800, "周": 604800,
}  # fmt: skip
_PART = re.compile(r"(\d{1,6}(?:\.\d{1,3})?)\s*([a-z]+|[一-鿿]+)\s*")


def parse(text: str) -> timedelta:
    """The span that *text* names; SettingValueError, a ValueError, if it names none.

    >>> parse("1h30m")
    datetime.timedelta(seconds=5400)
    """
    wanted = text.strip().casefold()
    if wanted == "0":
        return timedelta()
    seconds, position = 0.0, 0
    while position < len(wanted):
        part = _PART.match(wanted, position)
        unit = _unit(part.group(2)) if part else None
        if part is None or unit is None:
            raise SettingValueError("settings.span.unknown", text=text)
        seconds += float(part.group(1)) * unit
        position = part.end()
    if not wanted:
        raise SettingValueError("settings.span.missing")
    return timedelta(seconds=seconds)


def _unit(word: str) -> int | None:
    return _UNITS.get(word) or _UNITS.get(word.removesuffix("s"))
