"""A quick look at held-out examples while training: one figure a task, and their mean."""

from __future__ import annotations

import random
from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray

from engine.model.batching import plan, tensors
from engine.model.encoding import Encoded, TextEncoder
from engine.model.entities import decode
from engine.model.network import NetworkOutput, TocsinNetwork
from engine.training.evaluation.metrics import Span, average_precision, classification, spans
from engine.training.examples import UNKNOWN, Example


def tells_risks(example: Example) -> bool:
    """True if somebody labelled the risks of it: a positive review is only taken to have none."""
    return example.risks is not None and (example.sentiment == UNKNOWN or bool(example.target) or 1 in example.risks)


def sample(examples: Sequence[Example], most: int, *, seed: int) -> list[Example]:
    """At most *most* examples of each task (sentiment, risks, entities), the same ones for the same seed."""
    tasks = (
        [example for example in examples if example.sentiment != UNKNOWN],
        [example for example in examples if tells_risks(example)],
        [example for example in examples if example.entities is not None],
    )
    rng = random.Random(seed)
    chosen = [example for group in tasks for example in rng.sample(group, min(most, len(group)))]
    return list(dict.fromkeys(chosen))


class HeldOutSample:
    """Holds the examples encoded, so that looking again costs the network's time only."""

    def __init__(self, encoder: TextEncoder, examples: Sequence[Example]) -> None:
        targets = [[example.target] if example.target else [] for example in examples]
        encoded = encoder.encode([(example.text, named) for example, named in zip(examples, targets, strict=True)])
        self._examples, self._chunks = list(examples), [parts[0] for parts in encoded]
        self._pad = encoder.pad

    @torch.inference_mode()
    def figures(self, network: TocsinNetwork) -> dict[str, float]:
        """Sentiment macro F1, mean average precision of the risks, entity F1: those that there are labels for."""
        size = len(self._chunks)
        moods = np.zeros(size, dtype=int)
        risks = np.zeros((size, len(network.config.risks)), dtype=np.float32)
        found: list[set[Span]] = [set() for _ in range(size)]
        network.eval()
        for group in plan([len(chunk.ids) for chunk in self._chunks]):
            chunks = [self._chunks[i] for i in group]
            output = network(**tensors(chunks, pad=self._pad, device=network.device))
            moods[group] = output.sentiment.argmax(-1).cpu().numpy()
            risks[group] = output.risks.float().cpu().numpy()
            for row, (i, chunk) in enumerate(zip(group, chunks, strict=True)):
                found[i] = self._entities(network, output, row, chunk, self._examples[i])
        network.train()
        return self._score(moods, risks, found)

    def _entities(
        self, network: TocsinNetwork, output: NetworkOutput, row: int, chunk: Encoded, example: Example
    ) -> set[Span]:
        if example.entities is None:
            return set()
        scores = output.entities[row, chunk.text_start : chunk.text_end].float().log_softmax(-1).cpu().numpy()
        entities = decode(example.text, scores, chunk.offsets, tuple(network.config.entity_tags))
        return {(entity.start, entity.end, entity.type) for entity in entities}

    def _score(self, moods: NDArray[np.int_], risks: NDArray[np.float32], found: list[set[Span]]) -> dict[str, float]:
        figures: dict[str, float] = {}
        told = [i for i, example in enumerate(self._examples) if example.sentiment != UNKNOWN]
        if told:
            gold = [self._examples[i].sentiment for i in told]
            figures["sentiment"] = classification(gold, moods[told].tolist()).figures["macro_f1"]
        rated = [i for i, example in enumerate(self._examples) if tells_risks(example)]
        if rated:
            labels = np.array([self._examples[i].risks for i in rated])
            figures["risks"] = average_precision(labels, risks[rated], unknown=UNKNOWN)
        named = [i for i, example in enumerate(self._examples) if example.entities is not None]
        if named:
            true = [set(self._examples[i].entities or ()) for i in named]
            figures["entities"] = spans(true, [found[i] for i in named]).figures["f1"]
        return figures


def mean(figures: dict[str, float]) -> float:
    """One score of a look: each task counts the same."""
    return sum(figures.values()) / max(1, len(figures))
