"""Spans of time as people write them, in both languages: ``2h``, ``1h30m``, ``two and a half hours``, ``半天``."""

from __future__ import annotations

import re
from datetime import timedelta

from bot.config.errors import SettingValueError

LONGEST_TEXT = 200
"""Of a longer text only so many characters are looked at."""

_UNITS = {
    "s": 1, "sec": 1, "second": 1, "秒": 1, "秒钟": 1,
    "m": 60, "min": 60, "minute": 60, "分": 60, "分钟": 60, "刻钟": 900,
    "h": 3600, "hr": 3600, "hour": 3600, "时": 3600, "小时": 3600, "钟头": 3600, "钟": 3600,
    "d": 86400, "day": 86400, "天": 86400, "日": 86400,
    "w": 604800, "week": 604800, "周": 604800, "星期": 604800, "礼拜": 604800,
}  # fmt: skip
_WORDS = ("", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
_HAN = "零一二三四五六七八九"

NUMBER = rf"(?:\d{{1,6}}(?:\.\d{{1,3}})?|(?:an?|{'|'.join(_WORDS[1:])})(?![a-z])|[{_HAN}十两]{{1,3}})"
_SHORT = "|".join(word for word in _UNITS if word.isascii())
_LONG = "|".join(sorted((word for word in _UNITS if not word.isascii()), key=len, reverse=True))
_UNIT = rf"(?P<unit>(?:{_SHORT})s?(?![a-z])|个?(?:{_LONG}))"
_HALF_AFTER = rf"(?P<after>\s+and\s+a\s+half(?![a-z])|半(?!\s*个?(?:{_LONG})))?"
_PARTS = (
    re.compile(rf"(?:(?:a\s+)?half\s+(?:an?\s+)?|半\s*){_UNIT}", re.IGNORECASE),
    re.compile(rf"(?P<n>{NUMBER})(?P<after>\s+and\s+a\s+half\s+|\s*个?半\s*){_UNIT}", re.IGNORECASE),
    re.compile(rf"(?P<n>{NUMBER})\s*{_UNIT}{_HALF_AFTER}", re.IGNORECASE),
)
_BETWEEN = re.compile(r"\s*(?:,|and\s|又|零)?\s*", re.IGNORECASE)
_BARE_MINUTES = re.compile(r"(\d{1,2})(?!\w)")
_ENDS = re.compile(r"\s|$|[,.;:!，。；：！、—–-]")


def parse(text: str) -> timedelta:
    """The span that *text* names; SettingValueError, a ValueError, if it names none.

    >>> parse("1h30m")
    datetime.timedelta(seconds=5400)
    """
    wanted = text.strip()
    if not wanted:
        raise SettingValueError("settings.span.missing")
    span, rest = (timedelta(), "") if wanted == "0" else leading(wanted)
    if span is None or rest:
        raise SettingValueError("settings.span.unknown", text=text)
    return span


def leading(text: str) -> tuple[timedelta | None, str]:
    """The span at the head of *text*, None if none stands there, and what follows it.

    >>> leading("two hours, then we see")
    (datetime.timedelta(seconds=7200), ', then we see')
    """
    looked_at = text[:LONGEST_TEXT]
    seconds, end, start = 0.0, 0, 0
    while found := _part(looked_at, start):
        size, length, unit = found
        seconds, end = seconds + size, start + length
        minutes = _BARE_MINUTES.match(looked_at, end) if unit == _UNITS["h"] else None  # 2h30
        if minutes:
            seconds, end = seconds + 60 * int(minutes[1]), minutes.end()
        between = _BETWEEN.match(looked_at, end)
        start = between.end() if between else end
    return (timedelta(seconds=seconds), text[end:].rstrip()) if end and ends_at(text, end) else (None, text)


def ends_at(text: str, position: int) -> bool:
    """True if a word of *text* ends there: what follows is no part of it."""
    return bool(_ENDS.match(text, position))


def number(word: str) -> float:
    """A number as ``NUMBER`` finds it, in digits, English or Chinese."""
    folded = word.casefold()
    if folded[0].isdecimal():
        return float(folded)
    if folded.isascii():
        return _WORDS.index(folded) if folded in _WORDS else 1
    tens, ten, ones = folded.replace("两", "二").rpartition("十")
    return (_digit(tens or "一") * 10 if ten else 0) + _digit(ones)


def _digit(word: str) -> int:
    """The value of Chinese digits in a row; 0 for none."""
    value = 0
    for character in word.replace("十", ""):
        value = 10 * value + _HAN.index(character)
    return value


def _part(text: str, start: int) -> tuple[float, int, int] | None:
    """The seconds, the length and the unit's seconds of a number with its unit that begins at *start*."""
    for pattern in _PARTS:
        found = pattern.match(text, start)
        if found:
            given = found.groupdict()
            unit = given["unit"].casefold().removeprefix("个")
            seconds = _UNITS.get(unit) or _UNITS[unit.removesuffix("s")]
            size = (number(given["n"]) if given.get("n") else 0.0) + (
                0.5 if given.get("after") or "n" not in given else 0.0
            )
            return size * seconds, found.end() - start, seconds
    return None
