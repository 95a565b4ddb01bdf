"""The story embedding of a network in training: held to the uncut encoder's, then fitted to it in closed form, and
its spectrum softened."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import torch
from torch import Tensor
from torch.nn import functional
from transformers import AutoModel, PreTrainedTokenizerFast

from engine.model.encoding import TextEncoder
from engine.model.network import TocsinNetwork, masked_mean
from engine.training.batches import collate
from engine.training.examples import Example

AT_ONCE = 32
FITTED_ON = 0.9
"""The share of the texts that the head is fitted on; on the others its ridge is chosen."""
RIDGES = (1e-1, 1e-2, 1e-3, 1e-4)
"""Times the mean square of the inputs."""
FLOOR = 0.1
"""Times the mean variance of a direction: what is added to each, so that noise is not blown up."""


class Teacher:
    """The uncut encoder, whose centred mean embedding the cut one must keep."""

    def __init__(self, name: str | Path, tokenizer: PreTrainedTokenizerFast, device: torch.device) -> None:
        self._model = AutoModel.from_pretrained(name, dtype=torch.float32, add_pooling_layer=False).eval().to(device)
        self._tokenizer = tokenizer
        self.centre = torch.zeros(self._model.config.hidden_size, device=device)

    def embed(self, texts: Sequence[str]) -> Tensor:
        """(B, H), centred and of unit length."""
        return functional.normalize(self.mean(texts) - self.centre, dim=-1)

    @torch.no_grad()
    def mean(self, texts: Sequence[str]) -> Tensor:
        """(B, H), as the encoder gives it."""
        encoded = self._tokenizer(
            [f"query: {text}" for text in texts],
            padding=True, truncation=True, max_length=64, return_tensors="pt",
        ).to(self.centre.device)  # fmt: skip
        hidden = self._model(**encoded).last_hidden_state
        return masked_mean(hidden, encoded["attention_mask"].bool())

    def find_centre(self, texts: Sequence[str]) -> None:
        """Make the mean of *texts* the zero of the embedding."""
        self.centre = torch.cat([self.mean(part) for part in _parts(texts)]).mean(0)


@torch.no_grad()
def fit_embedding(
    network: TocsinNetwork, encoder: TextEncoder, teacher: Teacher, texts: Sequence[str], *, softened: float = 0.0
) -> float:
    """Make the head the linear map of the network's levels that comes nearest to *teacher*, *softened*, and the mean
    of *texts* the zero of the embedding. The mean cosine to the teacher on texts that were not fitted, not softened.

    Ridge regression towards the head that training left, so that directions without evidence stay as they are.
    """
    order = sorted(texts, key=len)
    levels = torch.cat([_levels(network, encoder, part) for part in _parts(order)])
    goals = torch.cat([teacher.mean(part) for part in _parts(order)])
    every = torch.randperm(len(order), generator=torch.Generator().manual_seed(0))
    taught, kept = every[: int(FITTED_ON * len(order))], every[int(FITTED_ON * len(order)) :]
    centre = levels[taught].mean(0)
    inputs, wanted = levels[taught] - centre, goals[taught] - goals[taught].mean(0)
    start = network.embedding_head.weight.T.to(inputs)
    square, rest = inputs.T @ inputs, inputs.T @ (wanted - inputs @ start)
    unit = square.diagonal().mean() * torch.eye(len(square), device=square.device)

    def nearness(head: Tensor) -> float:
        made, true = (levels[kept] - centre) @ head, goals[kept] - goals[taught].mean(0)
        return float(functional.cosine_similarity(made, true).mean())

    heads = [start, *(start + torch.linalg.solve(square + ridge * unit, rest) for ridge in RIDGES)]
    best = max(heads, key=nearness)
    made = functional.normalize((levels - levels.mean(0)) @ best, dim=-1)
    head = best @ softening(made, softened)
    network.embedding_head.weight.copy_(head.T)
    network.embedding_centre.copy_(levels.mean(0) @ head)
    return nearness(best)


def softening(made: Tensor, power: float) -> Tensor:
    """The map (H, H) that takes *power* of the spectrum of the embeddings *made* (N, H): 0 changes nothing, 1 whitens.

    A few directions hold most of what an encoder's embeddings have in common, register and field more than matter;
    with less of them, posts about two happenings are less alike. Su et al. (2021), Whitening sentence representations
    for better semantics and faster retrieval.
    """
    variances, directions = torch.linalg.eigh(made.T @ made / len(made))
    raised = (variances + FLOOR * variances.mean()).clamp(min=1e-9)  # texts that are all one have no variance
    mapping: Tensor = directions * raised ** (-power / 2) @ directions.T
    return mapping


def _parts(texts: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(texts), AT_ONCE):
        yield texts[start : start + AT_ONCE]


def _levels(network: TocsinNetwork, encoder: TextEncoder, texts: Sequence[str]) -> Tensor:
    chunks = [chunk[0] for chunk in encoder.encode([(text, ()) for text in texts])]
    batch = collate([Example(text=text, source="") for text in texts], chunks, pad=encoder.pad).to(network.device)
    inputs = batch.inputs
    return network.levels(inputs["input_ids"], inputs["attention_mask"], inputs["text_mask"])[1]
