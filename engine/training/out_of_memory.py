"""A batch that is too large for the GPU is computed in parts: the gradient is the same, only slower."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

import torch

from engine.training.atomic_save import TrainingError
from engine.training.batches import Batch

Say = Callable[[str], None]


class MicroBatches:
    """In how many parts each batch is computed. It halves them when the GPU runs out of memory, and says so."""

    def __init__(self, say: Say) -> None:
        self.parts = 1
        self._say = say

    def run(
        self, batch: Batch, work: Callable[[Batch, float], Mapping[str, float]], *, begin: Callable[[], None]
    ) -> dict[str, float]:
        """*begin*, then *work* on every part, told its share of the batch; what it measures, averaged by share.

        When the memory runs out all of it is done again in smaller parts: *begin* forgets what was done before.
        """
        while True:
            try:
                begin()
                return self._once(batch, work)
            except torch.cuda.OutOfMemoryError:
                self._halve(len(batch.texts))

    def _once(self, batch: Batch, work: Callable[[Batch, float], Mapping[str, float]]) -> dict[str, float]:
        found: dict[str, float] = {}
        for part in split(batch, self.parts):
            share = len(part.texts) / len(batch.texts)
            for name, value in work(part, share).items():
                found[name] = found.get(name, 0.0) + share * value
        return found

    def _halve(self, size: int) -> None:
        if self.parts >= size:
            raise TrainingError("training.memory")
        self.parts = min(size, self.parts * 2)
        if torch.cuda.is_available():
            torch.cuda.empty_cache()
        self._say(
            f"The GPU ran out of memory: from here on each batch of {size} is computed in {self.parts} parts. "
            "The result is the same, only slower."
        )


def split(batch: Batch, parts: int) -> Iterator[Batch]:
    """*batch* in at most *parts* parts of equal size, in order."""
    size = -(-len(batch.texts) // parts)
    for start in range(0, len(batch.texts), size):
        here = slice(start, start + size)
        yield Batch(
            inputs={name: tensor[here] for name, tensor in batch.inputs.items()},
            sentiment=batch.sentiment[here],
            risks=batch.risks[here],
            entities=batch.entities[here],
            weights=batch.weights[here],
            texts=batch.texts[here],
        )
