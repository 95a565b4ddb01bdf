"""The recipe of the default model: what it starts from, what it is shown, and how long."""

from __future__ import annotations

from dataclasses import dataclass, field

SHARES = {
    "chnsenticorp": 0.06, "waimai": 0.03, "shopping": 0.05, "weibo2018": 0.05, "smp2020/virus": 0.05,
    "smp2020/usual": 0.04, "semeval2017-bd": 0.04, "semeval2017": 0.13, "umsab": 0.05,
    "newsmtsc": 0.08, "apc-zh": 0.03, "aste-zh": 0.03, "mams": 0.03, "ccf-fin-negative": 0.04,
    "msra": 0.08, "cluener": 0.07, "weibo-ner": 0.03, "wnut17": 0.02, "btc": 0.03, "wikigold": 0.02,
    "crisislex": 0.04, "duee": 0.03, "cec": 0.01,
    "weibo-hot-search": 0.08, "front pages": 0.04, "tocsin": 0.12,
}  # fmt: skip
"""How often each source is drawn; the first name that an example's source begins with counts."""


@dataclass(frozen=True, kw_only=True)
class Recipe:
    layers: tuple[int, ...] = (1, 3, 5, 7, 9, 11)  # which layers of the base encoder are kept
    steps: int = 1600
    batch: int = 32
    window: int = 80  # tokens
    encoder_rate: float = 6e-5
    head_rate: float = 6e-4
    warm_up: float = 0.06  # share of the steps
    distil_every: int = 3  # the embedding is held against the uncut encoder's in one batch of so many
    distil_texts: int = 12
    weights: dict[str, float] = field(
        default_factory=lambda: {"sentiment": 1.0, "risks": 3.0, "entities": 1.0, "distil": 2.0}
    )
    checkpoint_every: int = 100
    seed: int = 20260302
