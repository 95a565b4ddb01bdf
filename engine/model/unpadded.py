"""A lean forward pass for encoders of the BERT family on a CPU: no padding, no mask, fused projections.

The tokens of a batch lie in one matrix, text after text; only attention looks at texts, those of one length at a time.
It computes what ``TocsinNetwork.forward`` computes, and the tests hold it against that.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import chain, groupby
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from engine.model.encoding import Encoded
from engine.model.entities import PARTS
from engine.model.network import TocsinNetwork
from engine.model.quantize import FloatLinear, Linear

ROUND = 32
"""The rows of a batch are a multiple of it: oneDNN makes and keeps a program for every number of rows it meets."""
MakeLinear = Callable[[Tensor, Tensor], Linear]


@dataclass(frozen=True, kw_only=True)
class Answers:
    """For B chunks with N tokens of text in all: logits of sentiment (B, 3) and risks (B, R), embedding (B, H), and for
    each token of text, chunk after chunk, log probabilities of the tags of its parts (N, PARTS, tags)."""

    sentiment: Tensor
    risks: Tensor
    embedding: Tensor
    entities: Tensor


@dataclass(frozen=True, kw_only=True)
class EqualLengths:
    """*count* texts of *length* tokens that follow each other from row *start* on."""

    start: int
    count: int
    length: int


def supports(network: nn.Module) -> bool:
    """True for a Tocsin network on an encoder of the BERT family with absolute positions and GELU."""
    if not isinstance(network, TocsinNetwork):
        return False
    config = network.config.encoder_config()
    return (
        config.model_type in {"bert", "roberta", "xlm-roberta"}
        and getattr(config, "hidden_act", "") == "gelu"
        and getattr(config, "position_embedding_type", "absolute") in {"absolute", None}
        and not getattr(config, "is_decoder", False)
    )


class Layer:
    """One layer of the encoder; queries come out scaled already."""

    def __init__(self, layer: Any, heads: int, make: MakeLinear) -> None:
        attention, output = layer.attention, layer.output
        own = attention.self
        scale = (own.query.weight.shape[0] // heads) ** -0.5
        self.heads = heads
        self.project = make(
            torch.cat([own.query.weight * scale, own.key.weight, own.value.weight]),
            torch.cat([own.query.bias * scale, own.key.bias, own.value.bias]),
        )
        self.mix = make(attention.output.dense.weight, attention.output.dense.bias)
        self.mixed = partial(_normalise, attention.output.LayerNorm)
        self.widen = make(layer.intermediate.dense.weight, layer.intermediate.dense.bias)
        self.narrow = make(output.dense.weight, output.dense.bias)
        self.done = partial(_normalise, output.LayerNorm)

    def __call__(self, hidden: Tensor, runs: Sequence[EqualLengths]) -> Tensor:
        """(N, H) → (N, H)."""
        projected = self.project(hidden)
        context = torch.zeros_like(hidden)
        for run in runs:
            rows = slice(run.start, run.start + run.count * run.length)
            context[rows] = self._attend(projected[rows], run)
        hidden = self.mixed(self.mix(context).add_(hidden))
        return self.done(self.narrow(functional.gelu(self.widen(hidden))).add_(hidden))

    def _attend(self, rows: Tensor, run: EqualLengths) -> Tensor:
        """Plain products: on a CPU they beat the fused attention for heads this narrow."""
        split = rows.view(run.count, run.length, 3, self.heads, -1).permute(2, 0, 3, 1, 4)
        query, key, value = split.reshape(3, run.count * self.heads, run.length, -1).unbind()
        context = torch.bmm(torch.bmm(query, key.transpose(1, 2)).softmax(-1), value)
        return context.view(run.count, self.heads, run.length, -1).transpose(1, 2).reshape(len(rows), -1)


def _normalise(norm: nn.LayerNorm, hidden: Tensor) -> Tensor:
    return functional.layer_norm(hidden, norm.normalized_shape, norm.weight, norm.bias, norm.eps)


class UnpaddedNetwork:
    """A network that ``supports`` accepts, for reading only; its embedding table is shared with the network."""

    @torch.no_grad()
    def __init__(self, network: TocsinNetwork, make: MakeLinear = FloatLinear) -> None:
        config = network.config.encoder_config()
        encoder: Any = network.encoder
        self._network = network
        self._embeddings = encoder.embeddings
        types = self._embeddings.token_type_embeddings.weight[0]
        first = config.pad_token_id + 1 if config.model_type != "bert" else 0
        self._positions = self._embeddings.position_embeddings.weight[first:] + types
        self._heights = frozenset(network.config.heights())
        self._layers = [Layer(layer, config.num_attention_heads, make) for layer in encoder.encoder.layer]

    def __call__(self, chunks: Sequence[Encoded]) -> Answers:
        """Answers for *chunks*, in their order; texts of one length are read together where they are neighbours."""
        lengths = [len(chunk.ids) for chunk in chunks]
        hidden = self._embed(chunks, lengths)
        runs = _runs(lengths)
        levels = []
        for height, layer in enumerate(self._layers, start=1):
            hidden = layer(hidden, runs)
            if height in self._heights:
                levels.append(hidden)
        return self._answer(levels, chunks, lengths)

    def _embed(self, chunks: Sequence[Encoded], lengths: Sequence[int]) -> Tensor:
        spare = -sum(lengths) % ROUND
        ids = torch.tensor([*chain.from_iterable(chunk.ids for chunk in chunks), *[0] * spare])
        places = torch.from_numpy(np.concatenate([*map(np.arange, lengths), np.zeros(spare, dtype=np.int64)]))
        rows = functional.embedding(ids, self._embeddings.word_embeddings.weight)
        return _normalise(self._embeddings.LayerNorm, rows.add_(self._positions[places]))

    def _answer(self, levels: Sequence[Tensor], chunks: Sequence[Encoded], lengths: Sequence[int]) -> Answers:
        network, hidden = self._network, levels[-1]
        own = hidden[: sum(lengths)].split(list(lengths))
        spans = [rows[chunk.text_start : chunk.text_end] for rows, chunk in zip(own, chunks, strict=True)]
        named = [
            rows[list(chunk.mention)] if chunk.mention else span
            for rows, span, chunk in zip(own, spans, chunks, strict=True)
        ]
        first = torch.stack([rows[0] for rows in own])
        text, mention = (torch.stack([_mean(rows) for rows in parts]) for parts in (spans, named))
        mood = torch.tanh(network.sentiment_dense(torch.cat([first, text, mention], dim=-1)))
        lower = [self._text_means(level, chunks, lengths) for level in levels[:-1]]
        return Answers(
            sentiment=network.sentiment_head(mood),
            risks=network.risk_head(torch.tanh(network.risk_dense(torch.cat([first, text], dim=-1)))),
            embedding=network.embed(torch.cat([*lower, text], dim=-1)),
            entities=network.entity_head(torch.cat(spans)).unflatten(-1, (PARTS, -1)).log_softmax(-1),
        )

    @staticmethod
    def _text_means(level: Tensor, chunks: Sequence[Encoded], lengths: Sequence[int]) -> Tensor:
        own = level[: sum(lengths)].split(list(lengths))
        return torch.stack([_mean(rows[c.text_start : c.text_end]) for rows, c in zip(own, chunks, strict=True)])


def _mean(rows: Tensor) -> Tensor:
    return rows.sum(0) / max(1, len(rows))


def _runs(lengths: Sequence[int]) -> list[EqualLengths]:
    runs: list[EqualLengths] = []
    start = 0
    for length, group in groupby(lengths):
        count = len(list(group))
        runs.append(EqualLengths(start=start, count=count, length=length))
        start += count * length
    return runs
