"""Training in bfloat16 where the machine computes in it, with weights kept in full precision."""

from __future__ import annotations

from copy import deepcopy

import torch
from torch import Tensor, nn

from engine.model.network import NetworkOutput, TocsinNetwork


def computes_half(device: torch.device) -> bool:
    """True where bfloat16 is faster than float32: GPUs since Ampere, CPUs with products of their own for it."""
    if device.type == "cuda":
        return bool(torch.cuda.is_bf16_supported(including_emulation=False))
    told = torch.cpu.get_capabilities() if device.type == "cpu" else {}
    return bool(told.get("avx512_bf16") or told.get("amx_bf16"))


class HalfPrecisionCopy:
    """A copy of *network* in bfloat16 that is run forth and back in its stead: the gradients go over to the network,
    the optimiser changes the network, and its weights come back, rounded (Micikevicius et al. 2018).

    Where the machine gains nothing by it, the twin is the network itself.
    """

    def __init__(self, network: TocsinNetwork, *, half: bool) -> None:
        self._network = network
        self._twin: TocsinNetwork = nn.Module.to(deepcopy(network), torch.bfloat16) if half else network
        if half and network.device.type == "cpu":  # the fused attention is slower going back
            self._twin.encoder.set_attn_implementation("eager")
        self._twin.train()
        self._full = [own for own in network.parameters() if own.requires_grad]
        self._half = [own for own in self._twin.parameters() if own.requires_grad]

    def __call__(self, **inputs: Tensor) -> NetworkOutput:
        """The output in float32."""
        return _in_full(self._twin(**inputs))

    def begin(self) -> None:
        """Forget the gradients of the step before."""
        for parameter in (*self._full, *self._half):
            parameter.grad = None

    def give_gradients(self) -> None:
        if self._twin is self._network:
            return
        for full, half in zip(self._full, self._half, strict=True):
            full.grad = None if half.grad is None else half.grad.to(full.dtype)

    @torch.no_grad()
    def take_weights(self) -> None:
        """After the network changed: a step of the optimiser, or a checkpoint taken up."""
        if self._twin is not self._network:
            torch._foreach_copy_([*self._half], [*self._full])


class FrozenTeacher:
    """*network*, which learns nothing more and is only asked what it says; it becomes half as wide if *half*."""

    def __init__(self, network: TocsinNetwork, *, half: bool) -> None:
        quiet = network.requires_grad_(False).eval()
        self._network: TocsinNetwork = nn.Module.to(quiet, torch.bfloat16) if half else quiet

    @torch.no_grad()
    def __call__(self, **inputs: Tensor) -> NetworkOutput:
        """The output in float32."""
        return _in_full(self._network(**inputs))


def _in_full(output: NetworkOutput) -> NetworkOutput:
    return NetworkOutput(**{name: part.float() for name, part in vars(output).items()})
