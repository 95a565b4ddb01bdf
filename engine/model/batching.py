"""Chunks become tensors: sorted by length, under a token budget, with no padding beyond the longest of a batch; and
what comes next is tokenised while the network is busy."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, TypeVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from engine.model.encoding import Encoded

Given = TypeVar("Given")
Made = TypeVar("Made")

TOKEN_BUDGET = 4096
"""Tokens of a batch, padding included: about 64 tweets, small enough for any GPU; a reader's runner knows better."""


def plan(lengths: Sequence[int], budget: int = TOKEN_BUDGET) -> Iterator[list[int]]:
    """Positions grouped into batches, the longest first; each batch holds at most *budget* tokens, or one text."""
    order = sorted(range(len(lengths)), key=lambda i: -lengths[i])
    start = 0
    while start < len(order):
        size = max(1, budget // max(1, lengths[order[start]]))
        yield order[start : start + size]
        start += size


def tensors(chunks: Sequence[Encoded], *, pad: int, device: torch.device) -> dict[str, Tensor]:
    """The network's inputs for a batch, each of shape (B, T); on a GPU T is a multiple of 8, and they arrive later."""
    step = 8 if device.type == "cuda" else 1
    size = len(chunks), -(-max(len(chunk.ids) for chunk in chunks) // step) * step
    ids = np.full(size, pad, dtype=np.int64)
    attention, text, mention = np.zeros(size, dtype=np.int64), np.zeros(size, dtype=bool), np.zeros(size, dtype=bool)
    for row, chunk in enumerate(chunks):
        ids[row, : len(chunk.ids)] = chunk.ids
        attention[row, : len(chunk.ids)] = 1
        text[row, chunk.text_start : chunk.text_end] = True
        mention[row, list(chunk.mention)] = True
    return {
        "input_ids": _moved(ids, device),
        "attention_mask": _moved(attention, device),
        "text_mask": _moved(text, device),
        "mention_mask": _moved(mention, device),
    }


def _moved(values: NDArray[Any], device: torch.device) -> Tensor:
    tensor = torch.from_numpy(values)
    return tensor.pin_memory().to(device, non_blocking=True) if device.type == "cuda" else tensor.to(device)


def ahead(work: Callable[[Given], Made], items: Iterable[Given], *, depth: int = 2) -> Iterator[Made]:
    """``work(item)`` for every item, in order, done in another thread at most *depth* items early."""
    waiting: deque[Future[Made]] = deque()
    with ThreadPoolExecutor(1, thread_name_prefix="tokenise") as pool:
        try:
            for item in items:
                waiting.append(pool.submit(work, item))
                if len(waiting) > depth:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            for future in waiting:
                future.cancel()
