"""Tags of tokens become entities: spans in characters of the original text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from engine.post import Entity


def decode(text: str, tags: Sequence[str], scores: Sequence[float], offsets: Sequence[tuple[int, int]]) -> list[Entity]:
    """Entities of one chunk, in order. An I- that continues nothing begins one (as conlleval does)."""
    return [
        entity
        for kind, first, last in _runs(tags)
        if (entity := _entity(text, kind, offsets[first][0], offsets[last][1], scores[first : last + 1]))
    ]


def _runs(tags: Sequence[str]) -> Iterator[tuple[str, int, int]]:
    kind, first = "", 0
    for place, tag in enumerate([*tags, "O"]):
        if kind and tag != f"I-{kind}":
            yield kind, first, place - 1
            kind = ""
        if not kind and tag != "O":
            kind, first = tag[2:], place


def _entity(text: str, kind: str, start: int, end: int, scores: Sequence[float]) -> Entity | None:
    piece = text[start:end]
    start += len(piece) - len(piece.lstrip())  # a piece of an XLM-R tokenizer carries the space before it
    piece = piece.strip()
    if not piece:
        return None
    return Entity(start=start, end=start + len(piece), type=kind, text=piece, score=sum(scores) / len(scores))


def merge(chunks: Sequence[Sequence[Entity]]) -> tuple[Entity, ...]:
    """Entities of overlapping chunks; of two that overlap the longer stays, then the surer."""
    found = sorted((entity for chunk in chunks for entity in chunk), key=lambda e: (e.start - e.end, -e.score, e.start))
    kept: list[Entity] = []
    for entity in found:
        if all(entity.end <= other.start or entity.start >= other.end for other in kept):
            kept.append(entity)
    return tuple(sorted(kept, key=lambda entity: entity.start))
