"""How a network is run: in 8-bit integers or float32 without padding on a CPU, in bfloat16 on a GPU, or plainly."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, Protocol

import torch
from torch import Tensor, nn

from engine.errors import EngineError
from engine.model.batching import tensors
from engine.model.encoding import Encoded
from engine.model.quantize import IntLinear, integers_pay, weight_limit
from engine.model.unpadded import Answers, UnpaddedNetwork, supports

PRECISIONS = ("auto", "fp32", "int8", "bf16")

Finish = Callable[[], Answers]


class PrecisionError(EngineError):
    """A precision that does not exist, or that this machine or model cannot do."""


class Runner(Protocol):
    """``launch`` starts on a batch, at most *token_budget* tokens with padding; what it returns waits for the answers,
    on the CPU. *precision* is one of ``PRECISIONS`` without ``auto``."""

    token_budget: int
    precision: str

    def launch(self, chunks: Sequence[Encoded]) -> Finish: ...


class UnpaddedRunner:
    """Without padding, on the CPU."""

    def __init__(self, network: UnpaddedNetwork, precision: str) -> None:
        self._network = network
        self.precision = precision
        self.token_budget = 512 * torch.get_num_threads()  # what a core's own cache holds

    def launch(self, chunks: Sequence[Encoded]) -> Finish:
        """Compute *chunks* at once; what is returned has nothing left to wait for."""
        answers = self._network(chunks)
        return lambda: answers


class PaddedRunner:
    """Any network on any device; on a GPU the copies wait for nobody."""

    def __init__(self, network: nn.Module, device: torch.device, precision: str, pad: int) -> None:
        kind = torch.bfloat16 if precision == "bf16" else torch.float32
        self._network = network.to(device, kind).eval()
        self._device, self._pad = device, pad
        self.precision = precision
        self.token_budget = 65536 if device.type == "cuda" else 4096

    def launch(self, chunks: Sequence[Encoded]) -> Finish:
        """Pad *chunks* into one batch, start on it, and return what waits for its answers."""
        inputs: dict[str, Any] = tensors(chunks, pad=self._pad, device=self._device)
        if len({len(chunk.ids) for chunk in chunks}) == 1:
            inputs["attention_mask"] = None  # nothing is padded, and attention without a mask is fused
        output = self._network(**inputs)
        tags = output.entities.float().log_softmax(-1)
        sent = [self._send(part) for part in (output.sentiment, output.risks, output.embedding, tags)]
        done = torch.cuda.Event() if self._device.type == "cuda" else None
        if done:
            done.record()
        return partial(_finish, chunks, sent, done)

    def _send(self, part: Tensor) -> Tensor:
        part = part.float()
        if self._device.type != "cuda":
            return part.cpu()
        host = torch.empty(part.shape, dtype=part.dtype, pin_memory=True)
        return host.copy_(part, non_blocking=True)


def _finish(chunks: Sequence[Encoded], sent: Sequence[Tensor], done: Any) -> Answers:
    if done:
        done.synchronize()
    sentiment, risks, embedding, tags = sent
    spans = [(row, slice(chunk.text_start, chunk.text_end)) for row, chunk in enumerate(chunks)]
    return Answers(
        sentiment=sentiment,
        risks=risks,
        embedding=embedding,
        entities=torch.cat([tags[row, span] for row, span in spans]),
    )


def open_runner(network: nn.Module, *, device: torch.device, precision: str, pad: int) -> Runner:
    """The quickest way to run *network* on *device* in *precision*; raises PrecisionError.

    ``auto`` is bf16 on a GPU; on a CPU int8 where network and machine allow it and it is quicker (see ``quantize``),
    else fp32.
    """
    if precision not in PRECISIONS:
        raise PrecisionError("model.precision", precision=precision, known=", ".join(PRECISIONS))
    lean = device.type == "cpu" and supports(network)
    limit = weight_limit() if lean and precision in {"auto", "int8"} else 0
    if precision == "int8" and not limit:
        raise PrecisionError("model.int8")
    if precision == "auto":
        precision = "bf16" if device.type == "cuda" else "int8" if limit and integers_pay() else "fp32"
    if not lean or precision == "bf16":
        return PaddedRunner(network, device, precision, pad)
    network.float()
    make = {"make": partial(IntLinear, limit=limit)} if precision == "int8" else {}
    return UnpaddedRunner(UnpaddedNetwork(network, **make), precision)  # type: ignore[arg-type]
