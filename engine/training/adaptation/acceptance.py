"""May an adapted model take the place of the one before? Only if it is not worse where nobody trained it. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from engine.training.evaluation.evaluate import ReadPairs, score_of
from engine.training.evaluation.metrics import interval
from engine.training.examples import UNKNOWN, Example

TOLERANCE = 0.02
"""How much of its macro F1 a model may lose on the project's own examples: about the noise of their number."""
HEADLINES = {"sentiment": "macro_f1", "target": "macro_f1", "risk": "macro_f1", "ner": "f1"}


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """One figure of two models on the same *n* rows; *spread* is the 95 % interval of the difference."""

    what: str
    figure: str
    before: float
    after: float
    n: int
    spread: tuple[float, float]
    tolerance: float = 0.0

    @property
    def passed(self) -> bool:
        return self.after >= self.before - self.tolerance - 1e-9

    def __str__(self) -> str:
        """``macro F1 71.2 → 74.0 (+2.8, 95 % interval -0.3 to +5.9) on 120 held-out rows``."""
        low, high = (100 * bound for bound in self.spread)
        name = self.figure.replace("_", " ").replace("f1", "F1")
        return (
            f"{name} {100 * self.before:.1f} → {100 * self.after:.1f} ({100 * (self.after - self.before):+.1f}, "
            f"95 % interval {low:+.1f} to {high:+.1f}) on {self.n} {self.what}"
        )


@dataclass(frozen=True, kw_only=True)
class Acceptance:
    """The comparison on the held-out labels, and those on the project's own examples, which guard what was known."""

    own: Comparison
    guards: tuple[Comparison, ...] = ()

    @property
    def passed(self) -> bool:
        return self.own.passed and all(guard.passed for guard in self.guards)

    def as_json(self) -> dict[str, Any]:
        """The comparisons as plain values for JSON."""
        rows = [
            {
                "what": each.what,
                "figure": each.figure,
                "before": round(each.before, 4),
                "after": round(each.after, 4),
                "difference_95": [round(bound, 4) for bound in each.spread],
                "n": each.n,
                "tolerance": each.tolerance,
                "passed": each.passed,
            }
            for each in (self.own, *self.guards)
        ]
        return {"passed": self.passed, "comparisons": rows}


def gate(
    task: str, held_out: Sequence[Example], guards: Sequence[Example], old: ReadPairs, new: ReadPairs
) -> Acceptance:
    """Hold both models against the *held_out* labels, and against the sentiment and the risks of *guards*."""
    kept = {
        "risk": [example for example in guards if example.risks is not None and UNKNOWN not in example.risks],
        "target": [example for example in guards if example.sentiment != UNKNOWN and example.target],
    }
    words = {"risk": "of Tocsin's own examples (risks)", "target": "of Tocsin's own examples (sentiment)"}
    return Acceptance(
        own=compare(task, held_out, old, new, what="held-out rows"),
        guards=tuple(
            compare(name, part, old, new, what=words[name], tolerance=TOLERANCE) for name, part in kept.items() if part
        ),
    )


def compare(
    task: str, examples: Sequence[Example], old: ReadPairs, new: ReadPairs, *, what: str, tolerance: float = 0.0
) -> Comparison:
    """Both models on the same *examples*; the interval is that of the difference, row by row the same bootstrap."""
    before, after, figure = score_of(task, examples, old), score_of(task, examples, new), HEADLINES[task]

    def gain(rows: Sequence[int]) -> float:
        return after(rows).figures[figure] - before(rows).figures[figure]

    everything = range(len(examples))
    return Comparison(
        what=what,
        figure=figure,
        before=before(everything).figures[figure],
        after=after(everything).figures[figure],
        n=len(examples),
        spread=interval(gain, len(examples)),
        tolerance=tolerance,
    )
