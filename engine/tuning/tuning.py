"""How easily a topic's signals ring: learned from its own history and from what its team said of its alarms."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from engine.post import Note

SUBDUED = frozenset({"volume", "negative_volume", "negative_share", "spread", "growth", "slow_burn"})
"""Signals that count something: strictness applies to them. A death is told of however often a topic rings."""

DISTRUST = "distrust"
"""The code of the note that a signal counts for less than elsewhere."""

WORTH_SAYING = 0.9
"""Trust above which nothing is said of it."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Tally:
    """What people said of the bells that a signal rang: *real* and *false* ones."""

    real: int = 0
    false: int = 0

    @property
    def judged(self) -> int:
        return self.real + self.false


@dataclass(frozen=True, kw_only=True, slots=True)
class Tuning:
    """*strictness* divides the weight of what is counted (1 = the defaults, 2 = half as easily); *trust* (0-1]
    multiplies the weight of a signal by name: one that keeps being wrong for the topic has less than 1.

    *tallies* are what *trust* was learned from, so that an assessment can say it.
    """

    strictness: float = 1.0
    trust: Mapping[str, float] = field(default_factory=dict)
    tallies: Mapping[str, Tally] = field(default_factory=dict)

    def weigh(self, signal: str, weight: float) -> float:
        """The weight of *signal* for this topic."""
        strictness = self.strictness if signal in SUBDUED else 1.0
        return weight * self.trust.get(signal, 1.0) / strictness

    def notes(self, signals: Iterable[str]) -> tuple[Note, ...]:
        """A note for each of *signals* that counts for less here."""
        return tuple(
            distrust(signal, self.trust[signal], self.tallies.get(signal, Tally()))
            for signal in sorted(signals)
            if self.trust.get(signal, 1.0) < WORTH_SAYING
        )


DEFAULT = Tuning()


def distrust(signal: str, trust: float, tally: Tally) -> Note:
    """Why *signal* counts for less than elsewhere."""
    return Note(code=DISTRUST, values={"signal": signal, "trust": trust, "judged": tally.judged, "false": tally.false})
