"""Tags of tokens become entities: spans in characters of the original text.

In Chinese a name often ends inside a token (在北京, 中美), so a token is tagged in parts: its first character, its
second, those between, and its last. A token of a spaced script is never cut: its first tag is the whole token's.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from engine.model.viterbi import best_tags, is_function_word, seams
from engine.post import Entity
from engine.query.normalisation import UNSPACED

if TYPE_CHECKING:
    from numpy.typing import NDArray

PARTS = 4
"""Tags of a token: of its first character, of the second, of those between, of the last one."""


def pieces(text: str, offsets: Sequence[tuple[int, int]]) -> Iterator[tuple[int, int, tuple[int, int]]]:
    """The parts of the tokens at *offsets* that are tagged: number of the token, part (below PARTS), characters."""
    following = [*(begin for begin, _ in offsets[1:]), len(text)]
    unspaced = UNSPACED.search(text) is not None
    for token, (begin, finish) in enumerate(offsets):
        end = min(finish, following[token])  # a space put before the text claims the text's first letter
        start = end - len(text[begin:end].lstrip())  # a piece of XLM-R carries the space before it
        if start >= end:
            continue
        if end - start == 1 or not unspaced or not UNSPACED.search(text, start, end):
            yield token, 0, (start, end)
            continue
        cuts = start, start + 1, min(start + 2, end - 1), end - 1, end
        for part, span in enumerate(pairwise(cuts)):
            if span[0] < span[1]:
                yield token, part, span


def decode(
    text: str, scores: NDArray[np.floating], offsets: Sequence[tuple[int, int]], tags: tuple[str, ...]
) -> list[Entity]:
    """Entities of one chunk, in order; *scores* are log probabilities (tokens, PARTS, tags)."""
    places = list(pieces(text, offsets))
    own = scores[[token for token, _, _ in places], [part for _, part, _ in places]]
    if not own.argmax(-1).any():  # every tag is O
        return []
    spans = [span for _, _, span in places]
    between = seams(text, spans)
    found = best_tags(own, between, tags)
    sure = np.exp(own[np.arange(len(found)), found])

    def small(place: int) -> bool:
        return is_function_word(text, spans[place], between[place : place + 2])

    return [
        entity
        for first, end, kind in _names([tags[tag] for tag in found], small)
        if (entity := _entity(text, kind, spans[first:end], float(sure[first:end].mean())))
    ]


def _names(tags: Sequence[str], small: Callable[[int], bool]) -> Iterator[tuple[int, int, str]]:
    """The first place of each name, the place after its last, and its type; *small* words at its edges are no part of
    it, but of a title they may be (《在水一方》)."""
    for first, end in _runs(tags):
        kind = tags[first][2:]
        own = [place for place in range(first, end) if kind == "product" or not small(place)]
        if own:
            yield own[0], own[-1] + 1, kind


def _runs(tags: Sequence[str]) -> Iterator[tuple[int, int]]:
    """The first place of each name, and the place after its last."""
    first = None
    for place, tag in enumerate([*tags, "O"]):
        if first is not None and not tag.startswith("I-"):
            yield first, place
            first = None
        if tag.startswith("B-"):
            first = place


def _entity(text: str, kind: str, spans: Sequence[tuple[int, int]], score: float) -> Entity | None:
    start, end = spans[0][0], spans[-1][1]
    piece = text[start:end].strip()
    if not piece:
        return None
    start += text[start:end].index(piece)
    return Entity(start=start, end=start + len(piece), type=kind, text=piece, score=score)


def merge(chunks: Sequence[Sequence[Entity]]) -> tuple[Entity, ...]:
    """Entities of overlapping chunks; of two that overlap the longer stays, then the surer."""
    found = sorted((entity for chunk in chunks for entity in chunk), key=lambda e: (e.start - e.end, -e.score, e.start))
    kept: list[Entity] = []
    for entity in found:
        if all(entity.end <= other.start or entity.start >= other.end for other in kept):
            kept.append(entity)
    return tuple(sorted(kept, key=lambda entity: entity.start))
