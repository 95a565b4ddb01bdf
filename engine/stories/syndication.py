"""Which outlets carry one and the same text: an agency's report stands in forty papers and is one voice. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

KEPT_TEXTS, KEPT_OUTLETS = 12, 100

Texts = dict[str, list[int]]
"""The ids of the first posts with a text, each with hashes of the outlets that carry it."""


def carry(texts: Texts, text: str, outlets: Iterable[int]) -> None:
    """Remember in *texts* that *outlets* carry *text*; what few carry is forgotten first."""
    texts[text] = list(dict.fromkeys([*texts.get(text, ()), *outlets]))[:KEPT_OUTLETS]
    if len(texts) > KEPT_TEXTS:
        del texts[min((each for each in texts if each != text), key=lambda each: len(texts[each]))]


def widest(texts: Mapping[str, list[int]]) -> int:
    """How many outlets carry the text that most of them carry."""
    return max(map(len, texts.values()), default=0)
