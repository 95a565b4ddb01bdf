"""Honest remarks beside an assessment: what is not known, and why a level stands as it does. They change no score."""

from __future__ import annotations

from datetime import timedelta

from engine.post import SourceHealth
from engine.trend import COVERAGE_DAYS
from engine.watch import reasons, severity
from engine.watch.reasons import Sentence
from engine.watch.severity import Held
from engine.watch.snapshot import DAY, PER_DAY, Snapshot
from engine.watch.windows import Column


def silent_usual(scene: Snapshot) -> float | None:
    """How many posts six hours usually bring at this time of day, if there were none at all now; else None."""
    quarter = PER_DAY // 4
    volume = scene.column(Column.VOLUME, 8 * DAY)
    if not scene.has_baseline or volume[-quarter:].any():
        return None
    days = min(int(scene.covered / DAY), 7)
    earlier = sorted(float(volume[-quarter - n * PER_DAY : -n * PER_DAY].sum()) for n in range(1, days + 1))
    usual = earlier[len(earlier) // 2]
    return usual if usual >= 20 else None


def _on_baseline(scene: Snapshot) -> Sentence | None:
    """What there is to say of the baseline: that there is none yet, or that it is a new one."""
    changed_at = scene.state.baseline.changed_at
    if scene.has_baseline:
        anew = changed_at is not None and timedelta(0) <= scene.now - changed_at < timedelta(days=COVERAGE_DAYS)
        return reasons.recounted(changed_at) if anew and changed_at else None
    return reasons.new_baseline(scene.restart) if scene.restart else reasons.no_baseline(scene.covered)


def remarks(scene: Snapshot, score: float, held: Held, *, frozen: bool, health: SourceHealth) -> tuple[Sentence, ...]:
    """What there is to say beside the signals, where *held* stands after a *score*; it changes no score."""
    late = round(float(scene.column(Column.LATE, DAY).sum()))
    silence = silent_usual(scene)
    reached = severity.level_of(score)
    found = [
        _on_baseline(scene),
        reasons.stale(health) if health.silent else None,
        None if silence is None else reasons.silence(silence),
        reasons.late(late) if late >= 10 else None,
        reasons.held(held.level, score, frozen=frozen)
        if held.level is not None and held.level.graver_than(reached)
        else None,
    ]
    return tuple(note for note in found if note is not None)
