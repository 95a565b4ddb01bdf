"""Chunks become tensors: sorted by length, under a token budget, with no padding beyond the longest of a batch."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import torch
from torch import Tensor

from engine.model.encoding import Encoded

TOKEN_BUDGET = 4096
"""Tokens of a batch, padding included: about 64 tweets, small enough for any CPU cache and any GPU."""


def plan(lengths: Sequence[int], budget: int = TOKEN_BUDGET) -> Iterator[list[int]]:
    """Positions grouped into batches, the longest first; each batch holds at most *budget* tokens, or one text."""
    order = sorted(range(len(lengths)), key=lambda i: -lengths[i])
    start = 0
    while start < len(order):
        size = max(1, budget // max(1, lengths[order[start]]))
        yield order[start : start + size]
        start += size


def tensors(chunks: Sequence[Encoded], *, pad: int, device: torch.device) -> dict[str, Tensor]:
    """The network's inputs for a batch, each of shape (B, T)."""
    size = len(chunks), max(len(chunk.ids) for chunk in chunks)
    ids = torch.full(size, pad, dtype=torch.long)
    attention, text, mention = (torch.zeros(size, dtype=torch.bool) for _ in range(3))
    for row, chunk in enumerate(chunks):
        ids[row, : len(chunk.ids)] = torch.tensor(chunk.ids)
        attention[row, : len(chunk.ids)] = True
        text[row, chunk.text_start : chunk.text_end] = True
        if chunk.mention:
            mention[row, list(chunk.mention)] = True
    return {
        "input_ids": ids.to(device),
        "attention_mask": attention.long().to(device),
        "text_mask": text.to(device),
        "mention_mask": mention.to(device),
    }
