"""Days as people write them: ``2026-12-12``, ``2026-12-11..2026-12-13``, ``2026年12月11日至2026年12月13日``. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta

from bot.config.errors import SettingValueError

LONGEST = timedelta(days=62)
"""More days in a row than this are no exception any more."""

YEARS = range(2000, 2101)
DAY = re.compile(r"(?<!\d)(\d{4})(?:([-/.])(\d{1,2})\2(\d{1,2})|年(\d{1,2})月(\d{1,2})[日号]?)(?!\d)")
_TO = re.compile(r"\s*(?:\.{2,3}|…|~|～|—+|–|-|至|到|(?:to|until)\s)\s*", re.IGNORECASE)

Word = Callable[[str], tuple[date | None, str]]
"""Finds the day at the head of a text that is named by a word, and what follows it."""


def parse(given: object) -> tuple[date, date]:
    """The first and the last day that *given* names, a text or what YAML made of one. SettingValueError if none."""
    text = str(given).strip()
    days, rest = leading(text)
    if days is None or rest:
        raise SettingValueError("days.unknown", text=text)
    return days


def leading(text: str, word: Word | None = None) -> tuple[tuple[date, date] | None, str]:
    """The first and the last day at the head of *text*, None if none stand there, and what follows them.

    SettingValueError for days that there are not.

    >>> leading("2026-12-11..2026-12-13 campaign")
    ((datetime.date(2026, 12, 11), datetime.date(2026, 12, 13)), 'campaign')
    """
    first, rest = _one(text, word)
    if first is None:
        return None, text
    to = _TO.match(rest)
    last, after = _one(rest[to.end() :], word) if to else (None, "")
    if to and last is None and rest[to.end() :][:1].isdecimal():
        raise SettingValueError("days.unknown", text=text[:60])
    if last is None:
        last, after = first, rest
    if last < first:
        raise SettingValueError("days.backwards", first=first, last=last)
    if last - first >= LONGEST:
        raise SettingValueError("days.too_long", most=LONGEST.days)
    return (first, last), after.strip()


def _one(text: str, word: Word | None) -> tuple[date | None, str]:
    found = DAY.match(text)
    if found is None:
        return word(text) if word else (None, text)
    year, month, day = (int(part) for part in (found[1], found[3] or found[5], found[4] or found[6]))
    try:
        if year not in YEARS:
            raise ValueError(year)
        return date(year, month, day), text[found.end() :]
    except ValueError:
        raise SettingValueError("days.no_day", text=found[0]) from None
