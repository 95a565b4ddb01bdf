"""What one would use instead of Tocsin's reader, to measure it against: three pipelines, or a loop over the network.

The weights are random: they cost the same as trained ones.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from transformers import (
    BertConfig,
    BertForSequenceClassification,
    BertForTokenClassification,
    BertModel,
    PreTrainedTokenizerFast,
    pipeline,
)

from engine.model.encoding import TextEncoder
from engine.model.loading import DEFAULT, load_network
from engine.model.runners import PaddedRunner

LONGEST = 512
FLOOR_GFLOP = 2.79 / 12
"""Of one layer 384 wide for 64 tokens."""
PEAK_TFLOPS = {"H100": 989.0, "H200": 989.0}
"""Dense bf16 arithmetic by device, a second, as its maker says."""

Answer = Callable[[Sequence[str]], int]
"""Reads texts and returns how many outputs came of them."""


@dataclass(frozen=True, kw_only=True)
class Size:
    """An encoder: *layers* of *width* numbers a token with *heads* of attention."""

    layers: int
    width: int
    heads: int

    def config(self, tokenizer: PreTrainedTokenizerFast, labels: int = 3) -> BertConfig:
        return BertConfig(
            vocab_size=len(tokenizer),
            hidden_size=self.width,
            num_hidden_layers=self.layers,
            num_attention_heads=self.heads,
            intermediate_size=4 * self.width,
            max_position_embeddings=LONGEST,
            pad_token_id=tokenizer.pad_token_id or 0,
            id2label={number: f"LABEL_{number}" for number in range(labels)},
        )


BASE = Size(layers=12, width=768, heads=12)
SMALL = Size(layers=12, width=384, heads=12)


def pipelines(
    tokenizer: PreTrainedTokenizerFast, device: torch.device, *, base: Size = BASE, small: Size = SMALL
) -> dict[str, Answer]:
    """Sentiment and entities by base-size models and embeddings by a small one, as their documentation has them run:
    one text at a time on a CPU, 64 on a GPU."""
    models = {
        "text-classification": BertForSequenceClassification(base.config(tokenizer)),
        "token-classification": BertForTokenClassification(base.config(tokenizer, labels=9)),
        "feature-extraction": BertModel(small.config(tokenizer)),
    }
    options = {"text-classification": {"truncation": True}, "feature-extraction": {"truncation": True}}
    at_once = 64 if device.type == "cuda" else 1
    made: dict[str, Answer] = {}
    for task, model in models.items():
        pipe: Any = pipeline(  # type: ignore[call-overload]
            task, model=model.eval(), tokenizer=tokenizer, device=device, batch_size=at_once, **options.get(task, {})
        )
        made[task] = _counting(pipe)
    return made


def _counting(pipe: Any) -> Answer:
    def answer(texts: Sequence[str]) -> int:
        return len(list(pipe(list(texts))))

    return answer


def one_at_a_time(model: str, device: torch.device) -> Answer:
    """The naive loop over a Tocsin network: tokenise a text, run it in float32, go on with the next."""
    network, tokenizer = load_network(model or DEFAULT)
    encoder = TextEncoder(tokenizer)
    plain = PaddedRunner(network, device, "fp32", encoder.pad)

    @torch.inference_mode()
    def answer(texts: Sequence[str]) -> int:
        return sum(bool(plain.launch(encoder.encode([(text, ())])[0][:1])()) for text in texts)

    return answer


def threads() -> int:
    """Threads that the arithmetic of this process runs on."""
    return torch.get_num_threads()


def device_name(device: torch.device) -> str:
    return torch.cuda.get_device_name(device) if device.type == "cuda" else "CPU"


def peak_tflops(name: str) -> float:
    """0 for a device that is not listed."""
    return next((peak for part, peak in PEAK_TFLOPS.items() if part in name), 0.0)
