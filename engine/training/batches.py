"""Examples of many tasks in one batch, drawn by the recipe's shares and grouped by length."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from engine.model.batching import tensors
from engine.model.encoding import Encoded, TextEncoder
from engine.model.entities import PARTS, pieces
from engine.model.network import ENTITY_TAGS
from engine.post import RISKS
from engine.training.examples import UNKNOWN, Example

IGNORE = -100
UNNAMED_SHARE = 5.0
"""How often a source is drawn that the recipe does not name."""

TAG = {tag: number for number, tag in enumerate(ENTITY_TAGS)}


@dataclass(frozen=True, kw_only=True)
class Batch:
    """B texts of T tokens. sentiment (B,), risks (B, R) float with UNKNOWN, entities (B, T, PARTS) with
    IGNORE, weights (B,)."""

    inputs: dict[str, Tensor]
    sentiment: Tensor
    risks: Tensor
    entities: Tensor
    weights: Tensor
    texts: tuple[str, ...]

    def to(self, device: torch.device) -> Batch:
        """The batch with every tensor on *device*."""
        return Batch(
            inputs={name: tensor.to(device) for name, tensor in self.inputs.items()},
            sentiment=self.sentiment.to(device),
            risks=self.risks.to(device),
            entities=self.entities.to(device),
            weights=self.weights.to(device),
            texts=self.texts,
        )


class Mixture:
    """An endless, seeded stream of examples: each source by its share, each example of a source once a round.

    *renamed* (source → share) says how often the target of an example is given another's name, so that what is learned
    is the sentence and not the brand. Of the sources in *muted* nothing is taught about tone.
    """

    def __init__(
        self,
        examples: Sequence[Example],
        shares: Mapping[str, float],
        *,
        seed: int,
        renamed: Mapping[str, float] | None = None,
        muted: Collection[str] = (),
    ) -> None:
        self._random = random.Random(seed)
        self._muted = muted
        self._renamed = renamed or {}
        groups: dict[str, list[Example]] = defaultdict(list)
        for example in examples:
            name = next((name for name in shares if example.source.startswith(name)), example.source)
            groups[name].append(example)
        self._names = sorted(groups)
        self._shares = [shares.get(name, UNNAMED_SHARE) for name in self._names]
        self._rounds = {name: self._endless(groups[name]) for name in self._names}
        brands = {(one.lang, one.target) for name in self._renamed for one in groups.get(name, ()) if one.target}
        self._brands = {lang: sorted(name for of, name in brands if of == lang) for lang, _ in brands}

    def _endless(self, examples: list[Example]) -> Iterator[Example]:
        while True:
            yield from self._random.sample(examples, len(examples))

    def draw(self, n: int) -> list[Example]:
        names = self._random.choices(self._names, self._shares, k=n)
        drawn = [self._perhaps_renamed(next(self._rounds[name]), self._renamed.get(name, 0.0)) for name in names]
        return [
            replace(example, sentiment=UNKNOWN) if name in self._muted else example
            for name, example in zip(names, drawn, strict=True)
        ]

    def _perhaps_renamed(self, example: Example, share: float) -> Example:
        if not share or self._random.random() >= share:
            return example
        return renamed(example, self._random.choice(self._brands.get(example.lang, [example.target])))


def renamed(example: Example, brand: str) -> Example:
    """The example told of *brand*; as it was, where it does not name its target, names *brand* too, or has entities."""
    if not example.target or example.target not in example.text or brand in example.text or example.entities:
        return example
    return replace(example, text=example.text.replace(example.target, brand), target=brand)


def target_of(example: Example, rng: random.Random) -> list[str]:
    """The alias that goes with an example; entities are also read beside some alias, as they are in production."""
    if example.target:
        return [example.target]
    if example.entities and rng.random() < 0.5:
        start, end, _ = rng.choice(example.entities)
        return [example.text[start:end]]
    return []


def crop(example: Example, chunks: list[Encoded], rng: random.Random) -> Encoded:
    """One chunk of a long text: any, but for a target the first that names it."""
    if len(chunks) == 1:
        return chunks[0]
    named = [chunk for chunk in chunks if chunk.mention]
    return named[0] if example.target and named else rng.choice(chunks)


def tags_of(example: Example, chunk: Encoded) -> list[list[int]]:
    """BIO tags of each token of the chunk's text, one for each of its parts; IGNORE where it has no such part."""
    letters = [TAG["O"]] * len(example.text)
    for start, end, kind in example.entities or ():
        letters[start:end] = [TAG[f"B-{kind}"], *[TAG[f"I-{kind}"]] * (end - start - 1)]
    tags = [[IGNORE] * PARTS for _ in chunk.offsets]
    for token, part, (start, end) in pieces(example.text, chunk.offsets):
        inside = [tag for tag in letters[start:end] if tag != TAG["O"]]
        tags[token][part] = inside[0] if inside else TAG["O"]
    return tags


def collate(
    examples: Sequence[Example], chunks: Sequence[Encoded], *, pad: int, weights: Sequence[float] | None = None
) -> Batch:
    """One batch of B chunks, padded to the longest, with what each *example* teaches; *weights* (B,) are 1 if left
    out."""
    inputs = tensors(chunks, pad=pad, device=torch.device("cpu"))
    entities = torch.full((*inputs["input_ids"].shape, PARTS), IGNORE, dtype=torch.long)
    for row, (example, chunk) in enumerate(zip(examples, chunks, strict=True)):
        if example.entities is not None:
            tags = torch.tensor(tags_of(example, chunk), dtype=torch.long)
            entities[row, chunk.text_start : chunk.text_end] = tags.reshape(-1, PARTS)  # a text may have no tokens
    unknown = (UNKNOWN,) * len(RISKS)
    return Batch(
        inputs=inputs,
        sentiment=torch.tensor([example.sentiment for example in examples]),
        risks=torch.tensor([example.risks or unknown for example in examples], dtype=torch.float32),
        entities=entities,
        weights=torch.ones(len(examples)) if weights is None else torch.tensor(weights),
        texts=tuple(example.text for example in examples),
    )


def batches(mixture: Mixture, encoder: TextEncoder, *, size: int, seed: int, pool: int = 32) -> Iterator[Batch]:
    """Endless batches; *pool* batches are drawn at once and sorted by length, so that little is padding."""
    rng = random.Random(seed)
    while True:
        drawn = mixture.draw(size * pool)
        encoded = encoder.encode([(example.text, target_of(example, rng)) for example in drawn])
        pairs = [(example, crop(example, chunks, rng)) for example, chunks in zip(drawn, encoded, strict=True)]
        pairs.sort(key=lambda pair: len(pair[1].ids))
        groups = [pairs[start : start + size] for start in range(0, len(pairs), size)]
        rng.shuffle(groups)
        for group in groups:
            yield collate([pair[0] for pair in group], [pair[1] for pair in group], pad=encoder.pad)
