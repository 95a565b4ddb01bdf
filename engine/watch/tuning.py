"""How easily a topic's signals ring: learned from its own history and from what its team said of its alarms."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

SUBDUED = frozenset({"volume", "negative_volume", "negative_share", "spread", "growth", "slow_burn"})
"""Signals that count something: strictness applies to them. A death is told of however often a topic rings."""

SIGNAL_NAMES: Mapping[str, tuple[str, str]] = {
    "volume": ("volume", "声量"),
    "negative_volume": ("negative volume", "负面声量"),
    "negative_share": ("negative share", "负面占比"),
    "slow_burn": ("slow burn", "缓慢升温"),
    "drop": ("silence", "沉默"),
    "spread": ("spread", "扩散"),
    "growth": ("growth", "增速"),
    "gravity": ("gravity", "严重程度"),
    "board": ("hot-search board", "热搜"),
}
"""What people call a signal, in English and in Chinese."""

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

    def notes(self, signals: Iterable[str]) -> tuple[Mapping[str, str], ...]:
        """A sentence for each of *signals* that counts for less here, in every language."""
        return tuple(
            distrust(signal, self.trust[signal], self.tallies.get(signal, Tally()))
            for signal in sorted(signals)
            if self.trust.get(signal, 1.0) < WORTH_SAYING
        )


DEFAULT = Tuning()


def distrust(signal: str, trust: float, tally: Tally) -> Mapping[str, str]:
    """Why *signal* counts for less than elsewhere."""
    name, zh_name = SIGNAL_NAMES.get(signal, (signal, signal))
    share = "half" if 0.45 <= trust <= 0.55 else f"{trust:.0%}"
    zh_share = "一半" if share == "half" else share
    bells = "its only bell was a false alarm" if tally.judged == 1 else _false(tally)
    return {
        "en": f"{name.capitalize()} counts for {share} here: {bells}.",
        "zh": f"“{zh_name}”在此话题中只按{zh_share}计：{tally.judged} 次鸣钟中有 {tally.false} 次是误报。",
    }


def _false(tally: Tally) -> str:
    verb = "was a false alarm" if tally.false == 1 else "were false alarms"
    return f"{tally.false} of its {tally.judged} bells {verb}"
