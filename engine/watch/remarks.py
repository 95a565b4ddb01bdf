"""Honest remarks beside an assessment: what is not known, and why a level stands as it does. They change no score.

Their numbers are rounded as far as people are told them, so that a remark is a new one only when it says another thing.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum

from engine.post import Level, Note, NoteValue, SourceHealth
from engine.trend import COVERAGE_DAYS
from engine.watch import counting, severity
from engine.watch.baseline import Restart, Why
from engine.watch.counting import DAY
from engine.watch.expected import ExpectedDays
from engine.watch.severity import Held
from engine.watch.snapshot import Snapshot
from engine.watch.windows import Column


class RemarkCode(StrEnum):
    """The remarks that an assessment may hold, but for those of the tuning."""

    EXPECTED = "expected"
    NO_BASELINE = "no_baseline"
    NEW_QUERY = "new_baseline.query"
    NEW_AFTER_SILENCE = "new_baseline.silence"
    NEW_AFTER_WEEKS = "new_baseline.weeks"
    NEW_CLOCK = "new_baseline.clock"
    RECOUNTED = "recounted"
    STALE = "stale"
    LATE = "late"
    SILENCE = "silence"
    HELD = "held.fallen"
    FROZEN = "held.missing"


SHOWN_SOURCES = 5
"""So many silent sources are named."""

LATE_POSTS = 10
"""Fewer late posts are not worth a remark."""

SILENT, LEAST_USUAL = timedelta(hours=6), 20
"""No post for so long is a silence, where at least so many are usual."""


def silent_usual(snapshot: Snapshot) -> float | None:
    """How many posts six hours usually bring at this time of day, if there were none at all now; else None."""
    if counting.count(snapshot, Column.VOLUME, SILENT):
        return None
    usual = counting.usual(snapshot, Column.VOLUME, SILENT)
    return usual if usual is not None and usual >= LEAST_USUAL else None


def _on_baseline(snapshot: Snapshot) -> Note | None:
    """What there is to say of the baseline: that there is none yet, or that it is a new one."""
    changed_at = snapshot.state.baseline.changed_at
    if snapshot.has_baseline:
        anew = changed_at is not None and timedelta(0) <= snapshot.now - changed_at < timedelta(days=COVERAGE_DAYS)
        return recounted(changed_at) if anew and changed_at else None
    return new_baseline(snapshot.restart) if snapshot.restart else no_baseline(snapshot.covered)


def remarks(snapshot: Snapshot, score: float, held: Held, *, frozen: bool, health: SourceHealth) -> tuple[Note, ...]:
    """What there is to say beside the signals, where *held* stands after a *score*; it changes no score."""
    late_posts = round(float(snapshot.column(Column.LATE, DAY).sum()))
    usual = silent_usual(snapshot)
    reached = severity.level_of(score)
    today = snapshot.calendar.on(snapshot.now)
    found = [
        None if today is None else expected(today),
        _on_baseline(snapshot),
        stale(health) if health.silent else None,
        None if usual is None else silence(usual),
        late(late_posts) if late_posts >= LATE_POSTS else None,
        still(held.level, score, frozen=frozen) if held.level is not None and held.level.graver_than(reached) else None,
    ]
    return tuple(note for note in found if note is not None)


def expected(days: ExpectedDays) -> Note:
    """The team expects more posts today, or fewer."""
    values = {"first": days.first.isoformat(), "last": days.last.isoformat(), "what": days.what, "by": days.by}
    return Note(code=RemarkCode.EXPECTED, values=values)


def no_baseline(watched: timedelta) -> Note:
    """The topic has not been watched for long enough."""
    return Note(code=RemarkCode.NO_BASELINE, values={"hours": max(round(watched / timedelta(hours=1)), 1)})


def new_baseline(restart: Restart) -> Note:
    """The counts of before cannot be compared with those of now."""
    values: Mapping[str, NoteValue] = {"since": restart.since.isoformat()}
    if restart.why is Why.SILENCE and restart.silent:
        days = max(round(restart.silent / timedelta(days=1)), 1)
        return Note(code=RemarkCode.NEW_AFTER_SILENCE, values={**values, "days": days})
    codes = {Why.QUERY: RemarkCode.NEW_QUERY, Why.SILENCE: RemarkCode.NEW_AFTER_WEEKS, Why.CLOCK: RemarkCode.NEW_CLOCK}
    return Note(code=codes[restart.why], values=values)


def recounted(at: datetime) -> Note:
    """The query was changed, and the stored posts that it catches were counted."""
    return Note(code=RemarkCode.RECOUNTED, values={"at": at.isoformat()})


def stale(health: SourceHealth) -> Note:
    """Sources have fallen silent."""
    return Note(
        code=RemarkCode.STALE,
        values={"silent": len(health.silent), "total": health.total, "names": health.silent[:SHOWN_SOURCES]},
    )


def late(posts: int) -> Note:
    """Posts came long after they were written."""
    return Note(code=RemarkCode.LATE, values={"posts": posts})


def silence(usual: float) -> Note:
    """No posts where many are usual."""
    return Note(code=RemarkCode.SILENCE, values={"usual": usual})


def still(level: Level, score: float, *, frozen: bool) -> Note:
    """The level is still that of an earlier, higher score; *frozen* because sources are missing."""
    if frozen:
        return Note(code=RemarkCode.FROZEN, values={"level": level.colour})
    return Note(code=RemarkCode.HELD, values={"level": level.colour, "score": round(score)})
