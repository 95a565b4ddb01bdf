"""The recipe of the default model: what it starts from, what it is shown, and how long."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

SHARES = {
    "chnsenticorp": 0.06, "waimai": 0.03, "shopping": 0.05, "weibo2018": 0.05, "smp2020/virus": 0.05,
    "smp2020/usual": 0.04, "semeval2017-bd": 0.04, "semeval2017": 0.13, "umsab": 0.05,
    "newsmtsc": 0.08, "apc-zh": 0.03, "aste-zh": 0.03, "mams": 0.03, "ccf-fin-negative": 0.04,
    "msra": 0.08, "cluener": 0.07, "weibo-ner": 0.03, "wnut17": 0.02, "btc": 0.03, "wikigold": 0.02,
    "crisislex": 0.04, "duee": 0.03, "cec": 0.01,
    "weibo-hot-search": 0.08, "front pages": 0.04, "tocsin": 0.12,
}  # fmt: skip
"""How often each source is drawn; the first name that an example's source begins with counts."""


FINISHING_SHARES = SHARES | {"tocsin": 0.7, "weibo-hot-search": 0.25, "front pages": 0.12, "duee": 0.06}
"""The last steps lean on the risks, which the first ones see too little of."""


@dataclass(frozen=True, kw_only=True)
class Phase:
    """A stretch of training with its own mixture. Rates rise over *warm_up* (a share of the steps) and then fall."""

    name: str
    steps: int
    shares: Mapping[str, float]
    encoder_rate: float
    head_rate: float
    weights: Mapping[str, float]
    positive: float = 1.0  # how much more a risk that is there counts than one that is not
    warm_up: float = 0.06


@dataclass(frozen=True, kw_only=True)
class Recipe:
    layers: tuple[int, ...] = (1, 3, 5, 7, 9, 11)  # which layers of the base encoder are kept
    batch: int = 32
    window: int = 80  # tokens
    distil_every: int = 3  # the embedding is held against the uncut encoder's in one batch of so many
    distil_texts: int = 12
    checkpoint_every: int = 50
    seed: int = 20260302
    phases: tuple[Phase, ...] = (
        Phase(
            name="everything",
            steps=1600,
            shares=SHARES,
            encoder_rate=6e-5,
            head_rate=6e-4,
            weights={"sentiment": 1.0, "risks": 3.0, "entities": 1.0, "distil": 2.0},
        ),
        Phase(
            name="risks",
            steps=250,
            shares=FINISHING_SHARES,
            encoder_rate=4e-5,
            head_rate=4e-4,
            weights={"sentiment": 1.0, "risks": 8.0, "entities": 1.0, "distil": 2.0},
            positive=3.0,
        ),
    )

    def shortened(self, steps: int) -> Recipe:
        """The same recipe with *steps* steps in all."""
        share = steps / sum(phase.steps for phase in self.phases)
        return replace(
            self, phases=tuple(replace(phase, steps=max(1, round(phase.steps * share))) for phase in self.phases)
        )
