"""When to stop: a phase that has not got better for some looks at held-out examples is over, and its best look wins."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class EarlyStopping:
    """Look every *every* steps at *examples* held-out examples of each task; *patience* looks without a better score
    end the phase (0 = never; the best look wins all the same)."""

    every: int = 100
    patience: int = 6
    examples: int = 250


@dataclass(frozen=True, kw_only=True)
class EvaluationHistory:
    """The scores of a phase's looks so far, from 0 to 1, higher is better."""

    scores: tuple[float, ...] = ()

    def after(self, score: float) -> EvaluationHistory:
        return EvaluationHistory(scores=(*self.scores, score))

    @property
    def last_is_best(self) -> bool:
        return bool(self.scores) and self.scores[-1] > max(self.scores[:-1], default=-1.0)

    def over(self, patience: int) -> bool:
        """True if the best score lies *patience* looks back."""
        if not patience or not self.scores:
            return False
        return len(self.scores) - 1 - self.scores.index(max(self.scores)) >= patience
