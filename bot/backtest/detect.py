"""``tocsin detect COUNTS.csv``: the trend detectors alone on a series of counts."""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TextIO

from bot.errors import LocalisedError
from bot.i18n.engine_faults import engine_fault
from engine.errors import EngineError
from engine.trend import COVERAGE_DAYS, Alarm, detect

CALM = "No alarm: nothing in this series stands out from the days before.\n"
TOO_SHORT = f"No alarm: of fewer than {COVERAGE_DAYS} days nobody can say what is usual.\n"


class CountsError(LocalisedError):
    """A file of counts that cannot be used."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Count:
    """One line of a series: *value* posts in the step that ends at *at*, of *total* if the file says so."""

    at: datetime
    value: float
    total: float | None = None


def read_counts(lines: Iterable[str]) -> Iterator[Count]:
    """The lines of a CSV with the columns ``timestamp,value`` or ``timestamp,value,total``.

    A time without a zone is UTC. Raises CountsError with the line and what is wrong with it.
    """
    rows = csv.reader(lines)
    header = [name.strip().casefold() for name in next(rows, [])]
    if header[:2] != ["timestamp", "value"]:
        raise CountsError("counts.columns")
    parts = header[2:3] == ["total"]
    last: Count | None = None
    zoned: bool | None = None
    for number, row in enumerate(rows, start=2):
        if not any(cell.strip() for cell in row):
            continue
        count = _count(row, number, parts=parts)
        if zoned is not None and zoned is not _has_zone(row[0]):
            raise CountsError("counts.zones", line=str(number))
        if last is not None and count.at < last.at:
            raise CountsError("counts.order", line=str(number), at=_short(count.at), last=_short(last.at))
        last, zoned = count, _has_zone(row[0])
        yield count


def _has_zone(cell: str) -> bool:
    return datetime.fromisoformat(cell.strip()).tzinfo is not None


def _short(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M:%S}Z"


def _count(row: list[str], number: int, *, parts: bool) -> Count:
    try:
        at, value = datetime.fromisoformat(row[0].strip()), float(row[1])
        at = at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
        total = float(row[2]) if parts else None
    except (ValueError, IndexError, OverflowError):
        raise CountsError("counts.no_count", line=str(number), row=",".join(row)) from None
    for cell, each in zip(row[1:], (value, total or 0.0), strict=False):
        if not 0 <= each < float("inf"):
            raise CountsError("counts.no_number", line=str(number), cell=cell.strip())
    return Count(at=at, value=value, total=total)


def run(
    path: Path,
    as_json: bool,
    *,
    budget: float | None = None,
    signals: Sequence[str] = (),
    out: TextIO | None = None,
) -> None:
    """Print one line for each alarm in the counts of *path*; raises CountsError if they cannot be used."""
    out = out or sys.stdout
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            counts = list(read_counts(file))
        if not counts:
            raise CountsError("counts.no_row")
        totals = [each.total for each in counts if each.total is not None]
        points = [(each.at, each.value) for each in counts]
        alarms = detect(points, budget=budget, signals=signals, totals=totals or None)
    except CountsError as error:
        raise CountsError("counts.in_file", path=path, why=error.text) from error
    except EngineError as error:
        raise CountsError("counts.in_file", path=path, why=engine_fault(error)) from error
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise CountsError("counts.unreadable", path=path, why=type(error).__name__) from error
    for alarm in alarms:
        out.write((_as_json(alarm) if as_json else _as_text(alarm)) + "\n")
    if not alarms and not as_json:
        known = counts[-1].at - counts[0].at >= timedelta(days=COVERAGE_DAYS)
        out.write(CALM if known else TOO_SHORT)


def _as_json(alarm: Alarm) -> str:
    at = alarm.at.isoformat().replace("+00:00", "Z")
    return json.dumps({"at": at, "signal": alarm.signal, "value": alarm.value, "baseline": round(alarm.baseline, 2)})


_TOLD = {
    "slow_burn": "{value:g} a day for days, where {baseline:g} are usual: a slow burn",
    "drop": "{value:g} in 6 hours, where {baseline:g} are usual: silence is not calm",
    "growth": "{value:g} in the last day, {baseline:g} of them an hour ago: it doubles within the hour",
    "share": "{value:.0%} in 6 hours, where {baseline:.0%} is usual",
    "tail": "{value:g} in an hour or less, where {baseline:.2g} are usual",
}


def _as_text(alarm: Alarm) -> str:
    known = _TOLD.get(alarm.signal, "{value:g} in {window}, where {baseline:g} is usual")
    window = alarm.signal.rpartition("_")[2]
    told = known.format(value=round(alarm.value, 2), baseline=round(alarm.baseline, 2), window=window)
    return f"{alarm.at:%Y-%m-%d %H:%M}Z  {alarm.signal:<11}  {told}"
