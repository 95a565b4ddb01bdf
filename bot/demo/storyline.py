"""The story: what is said of Saltfern (盐蕨) on one Saturday, minute by minute, written by hand in both languages.

The lines stand in ``story/*.jsonl``: ``at`` is in minutes of the story, 0 when the demonstration begins; ``again``
lists those who repeat the line's text word for word.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from importlib import resources
from typing import Any

LANGUAGES = ("zh", "en")
PHASES = (
    "calm",
    "first_complaints",
    "surge",
    "grave_turn",
    "clumsy_answer",
    "recall_and_apology",
    "ebbing",
)
CHATTER = "chatter"
"""The phase of lines that have nothing to do with the story."""

BEGINS_AT = 2.0
"""The hour of the day, UTC, at which minute 0 is: ten in the morning in Port Alder and 临澜."""


@dataclass(frozen=True, kw_only=True)
class Line:
    """One post of the demonstration, *at* so many minutes from the story's beginning (negative: before it)."""

    id: str
    at: float
    phase: str
    feed: str
    author: str
    lang: str
    text: str
    title: str = ""
    reach: int | None = None

    def published(self, start: datetime) -> datetime:
        return start + timedelta(minutes=self.at)


def beginning(today: datetime) -> datetime:
    """The story's minute 0: ten o'clock, UTC+8, on the last Saturday that is wholly over before *today*."""
    day = today.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    saturday = day - timedelta(days=(day.weekday() - 5) % 7 or 7)
    return saturday + timedelta(hours=BEGINS_AT)


def load() -> tuple[Line, ...]:
    """All lines of the story and their copies, the earliest first."""
    found = [line for lang in LANGUAGES for line in _lines(lang)]
    return tuple(sorted(found, key=lambda line: (line.at, line.id)))


def ends_at(lines: Iterable[Line]) -> float:
    """The minute of the last line."""
    return max(line.at for line in lines)


def _lines(lang: str) -> Iterator[Line]:
    text = resources.files("bot.demo").joinpath(f"story/{lang}.jsonl").read_text(encoding="utf-8")
    for number, raw in enumerate(text.splitlines(), start=1):
        row = json.loads(raw)
        line = _line(row, id=f"{lang}-{number:03d}", lang=lang)
        yield line
        for copy, other in enumerate(row.get("again", ()), start=1):
            yield _copy(line, other, id=f"{line.id}-{copy}")


def _line(row: Mapping[str, Any], *, id: str, lang: str) -> Line:  # noqa: A002 - it is the field's name
    return Line(
        id=id,
        at=_within(row["at"], id),
        phase=row["phase"],
        feed=row["feed"],
        author=row["author"],
        lang=lang,
        text=row["text"],
        title=row.get("title", ""),
        reach=row.get("reach"),
    )


def _copy(line: Line, other: Mapping[str, Any], *, id: str) -> Line:  # noqa: A002 - it is the field's name
    """*line* as somebody repeats it: a headline goes into the text, as on a social network."""
    title = f"【{line.title}】" if line.lang == "zh" else f"{line.title}. "
    return Line(
        id=id,
        at=_within(other["at"], id),
        phase=line.phase,
        feed=other["feed"],
        author=other["author"],
        lang=line.lang,
        text=f"{title}{line.text}" if line.title else line.text,
    )


def _within(minute: int, id: str) -> float:  # noqa: A002 - it is the field's name
    """*minute* with seconds that follow from the id, so that no two posts come at the same moment."""
    return minute + zlib.crc32(id.encode()) % 58 / 60
