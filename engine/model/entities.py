"""Tags of tokens become entities: spans in characters of the original text.

In Chinese a name often ends inside a token (在北京, 中美), so a token is tagged in parts: its first character, its
second, those between, and its last. A token of a spaced script is never cut: its first tag is the whole token's.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from engine.post import Entity

PARTS = 4
"""Tags of a token: of its first character, of the second, of those between, of the last one."""
UNSPACED = re.compile("[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]")
"""Letters of scripts that put no space between words."""


def pieces(text: str, offsets: Sequence[tuple[int, int]]) -> Iterator[tuple[int, int, tuple[int, int]]]:
    """The parts of the tokens at *offsets* that are tagged: number of the token, part (below PARTS), characters."""
    following = [*(begin for begin, _ in offsets[1:]), len(text)]
    for token, (begin, finish) in enumerate(offsets):
        end = min(finish, following[token])  # a space put before the text claims the text's first letter
        start = end - len(text[begin:end].lstrip())  # a piece of XLM-R carries the space before it
        if start >= end:
            continue
        if end - start == 1 or not UNSPACED.search(text, start, end):
            yield token, 0, (start, end)
            continue
        cuts = start, start + 1, min(start + 2, end - 1), end - 1, end
        for part, span in enumerate(pairwise(cuts)):
            if span[0] < span[1]:
                yield token, part, span


def decode(
    text: str,
    tags: Sequence[Sequence[str]],
    scores: Sequence[Sequence[float]],
    offsets: Sequence[tuple[int, int]],
) -> list[Entity]:
    """Entities of one chunk, in order; *tags* and *scores* are (tokens, PARTS). An I- that continues nothing begins
    one."""
    parts = [(tags[token][part], scores[token][part], span) for token, part, span in pieces(text, offsets)]
    return [
        entity
        for kind, first, last in _runs([tag for tag, _, _ in parts])
        if (entity := _entity(text, kind, parts[first : last + 1]))
    ]


def _runs(tags: Sequence[str]) -> Iterator[tuple[str, int, int]]:
    """Type, first and last place of each run; where its tags differ in type, the type of most of them."""
    kinds: list[str] = []
    first = 0
    for place, tag in enumerate([*tags, "O"]):
        if kinds and not tag.startswith("I-"):
            yield max(kinds, key=kinds.count), first, place - 1
            kinds = []
        if tag != "O":
            first = first if kinds else place
            kinds.append(tag[2:])


def _entity(text: str, kind: str, parts: Sequence[tuple[str, float, tuple[int, int]]]) -> Entity | None:
    start, end = parts[0][2][0], parts[-1][2][1]
    piece = text[start:end].strip()
    if not piece:
        return None
    start += text[start:end].index(piece)
    score = sum(score for _, score, _ in parts) / len(parts)
    return Entity(start=start, end=start + len(piece), type=kind, text=piece, score=score)


def merge(chunks: Sequence[Sequence[Entity]]) -> tuple[Entity, ...]:
    """Entities of overlapping chunks; of two that overlap the longer stays, then the surer."""
    found = sorted((entity for chunk in chunks for entity in chunk), key=lambda e: (e.start - e.end, -e.score, e.start))
    kept: list[Entity] = []
    for entity in found:
        if all(entity.end <= other.start or entity.start >= other.end for other in kept):
            kept.append(entity)
    return tuple(sorted(kept, key=lambda entity: entity.start))
