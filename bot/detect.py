"""``tocsin detect COUNTS.csv``: the trend detectors alone on a series of counts."""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TextIO

from bot.errors import TocsinError
from engine.errors import EngineError
from engine.trend import Alarm, detect


class CountsError(TocsinError):
    """A file of counts that cannot be read; says the line."""


def read_counts(lines: Iterable[str]) -> Iterator[tuple[datetime, float]]:
    """The points of a CSV with the columns ``timestamp,value``; a time without a zone is UTC.

    Raises CountsError with the line and what is wrong with it.
    """
    rows = csv.reader(lines)
    header = [name.strip().casefold() for name in next(rows, [])]
    if header[:2] != ["timestamp", "value"]:
        raise CountsError("Line 1: the file must begin with the columns “timestamp,value”.")
    for number, row in enumerate(rows, start=2):
        if row:
            yield _point(row, number)


def _point(row: list[str], number: int) -> tuple[datetime, float]:
    try:
        at, value = datetime.fromisoformat(row[0].strip()), float(row[1])
    except (ValueError, IndexError):
        raise CountsError(f"Line {number}: “{','.join(row)}” is not a time and a count.") from None
    if not 0 <= value < float("inf"):
        raise CountsError(f"Line {number}: a count is a number from zero up, not “{row[1].strip()}”.")
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC), value


def run(path: Path, as_json: bool, *, out: TextIO | None = None) -> int:
    """Print one line for each alarm in the counts of *path*; the exit status, 1 if they cannot be read."""
    out = out or sys.stdout
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            alarms = detect(read_counts(file))
    except (CountsError, EngineError) as error:
        return _refuse(f"{path}: {error}")
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        return _refuse(f"{path} cannot be read as a CSV file of counts ({type(error).__name__}).")
    for alarm in alarms:
        out.write((_as_json(alarm) if as_json else _as_text(alarm)) + "\n")
    if not alarms and not as_json:
        out.write("No alarm: nothing in this series stands out from its last seven days.\n")
    return 0


def _as_json(alarm: Alarm) -> str:
    at = alarm.at.isoformat().replace("+00:00", "Z")
    return json.dumps({"at": at, "signal": alarm.signal, "value": alarm.value, "baseline": round(alarm.baseline, 2)})


def _as_text(alarm: Alarm) -> str:
    window = alarm.signal.removeprefix("surge_")
    return f"{alarm.at:%Y-%m-%d %H:%M}Z  {alarm.value:g} in {window}, where {alarm.baseline:g} is usual"


def _refuse(sentence: str) -> int:
    sys.stderr.write(sentence + "\n")
    return 1
