"""What a person typed after ``/opinion expect``: a topic, days, and what is expected on them. Pure.

A topic's name may hold a day (Black Friday, 今日头条), so that a text has several readings: whoever knows the topics
chooses. A day that is written out goes before one that is named by a word.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import partial

from bot.config import days
from bot.config.errors import SettingValueError
from bot.errors import DeskError
from bot.slack import ends
from bot.slack.render.escape import quoted

_REMOVE = re.compile(r"\s*(?:remove|delete|cancel|取消|删除|撤销|移除)\s*$", re.IGNORECASE)
_AROUND = "\"'“”‘’「」『』《》 "
_BREAK = re.compile(r"[\s\"”’」』》]+")


@dataclass(frozen=True, kw_only=True)
class Expect:
    """The command, not read yet: which day today is, and which topics there are, is not known here."""

    typed: str


@dataclass(frozen=True, kw_only=True)
class TypedDays:
    """One reading of what was typed. Without *days* the list of the topic is asked for."""

    name: str
    days: tuple[date, date] | None = None
    what: str = ""
    remove: bool = False


def readings(text: str, today: date) -> tuple[TypedDays, ...]:
    """All that *text* may mean on *today*, the likeliest first. DeskError for days that there are not."""
    try:
        dated = [each for place in _places(text) if (each := _reading(text, place, today)) is not None]
    except SettingValueError as error:
        values = {name: quoted(str(value), 60) for name, value in error.text.values.items()}
        raise DeskError(error.code, **values) from error
    return (*dated, _listed(text))


def _places(text: str) -> Iterator[int]:
    """Where a day may begin: behind a name."""
    yield from (found.start() for found in days.DAY.finditer(text))
    yield from (found.end() for found in _BREAK.finditer(text))


def _reading(text: str, place: int, today: date) -> TypedDays | None:
    found, rest = days.leading(text[place:], partial(_word, today=today))
    name = _REMOVE.sub("", text[:place])
    if found is None or not name.strip(_AROUND):
        return None
    what = rest.strip(_AROUND + ":：,，")
    return TypedDays(name=name.strip(_AROUND), days=found, what=what, remove=name != text[:place])


def _word(text: str, *, today: date) -> tuple[date | None, str]:
    end, rest = ends.day(text)
    return (ends.dated(end, today), rest) if end else (None, text)


def _listed(text: str) -> TypedDays:
    name = _REMOVE.sub("", text)
    return TypedDays(name=name.strip(_AROUND), remove=name != text)
