"""Linear layers for reading on a CPU: in float32, or in 8-bit integers where the machine multiplies them.

A row of weights has one scale, a token its own range (dynamic quantisation a token at a time, as in ZeroQuant, Yao et
al. 2022). Sums are integers, so what a token becomes does not depend on the tokens beside it. PyTorch's own dynamic
layers take one range for a whole batch: there a post could read differently in other company.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import cache
from typing import Protocol

import torch
from torch import Tensor
from torch.nn import functional

LEAST = 1e-12
FULL = 127
"""The largest code of 8 bits with a sign."""
GENTLE = 100
"""For CPUs without VNNI, which add two products up in 16 bits: 63 never overflows, but rounds so coarsely that only
96.8 % of 2,400 held-out texts keep the sentiment of fp32; 127 overflows often (98.7 %); 100 keeps 99.4 %, as many as
exact products of 127 do. An overflow is a token's own, too: its company changes nothing."""


class Linear(Protocol):
    """(M, K) float32 → (M, N) float32."""

    def __call__(self, x: Tensor) -> Tensor: ...


class FloatLinear:
    """The ordinary layer."""

    def __init__(self, weight: Tensor, bias: Tensor) -> None:
        self._weight, self._bias = weight, bias

    def __call__(self, x: Tensor) -> Tensor:
        return functional.linear(x, self._weight, self._bias)


class IntLinear:
    """Weights as codes of at most *limit* (see ``weight_limit``); a token's values become codes from -127 to 127 that
    span its own range, which the outliers of such encoders make lopsided."""

    def __init__(self, weight: Tensor, bias: Tensor, *, limit: int = FULL) -> None:
        scale = weight.abs().amax(1, keepdim=True).div_(limit).clamp_(min=LEAST)
        codes = (weight / scale).round_()
        self._codes = codes.to(torch.int8).t()
        self._scale = scale.squeeze(1)
        self._of_ones = codes.sum(1) * self._scale
        self._bias = bias

    def __call__(self, x: Tensor) -> Tensor:
        low = x.amin(1, keepdim=True)
        step = x.amax(1, keepdim=True).sub_(low).div_(2 * FULL).clamp_(min=LEAST)
        middle = torch.add(low, step, alpha=FULL)
        codes = torch.addcmul(-middle / step, x, step.reciprocal()).round_().to(torch.int8)
        sums = torch._int_mm(codes, self._codes).float().mul_(step)
        return torch.addcmul(self._bias, middle, self._of_ones).addcmul_(sums, self._scale)


@cache
def integers_pay() -> bool:
    """True if products of 8-bit integers are quicker than those of float32 on this CPU. Tried out: where a processor
    has no instructions for them (AVX-512 without VNNI, say), PyTorch falls back to loops that take fifty times as long.
    """
    codes, weights = torch.ones(256, 384, dtype=torch.int8), torch.ones(1536, 384, dtype=torch.int8).t()
    floats, matrix = codes.float(), weights.float()
    return _quickest(lambda: torch._int_mm(codes, weights)) < _quickest(lambda: torch.mm(floats, matrix))


def _quickest(product: Callable[[], Tensor], tries: int = 5) -> float:
    """Seconds that *product* takes when nothing else is in its way."""
    product()
    taken = []
    for _ in range(tries):
        started = time.perf_counter()
        product()
        taken.append(time.perf_counter() - started)
    return min(taken)


@cache
def weight_limit() -> int:
    """The largest weight code to use on this CPU: FULL if its 8-bit products are exact, GENTLE if small ones are, 0 if
    there are none. Tried out, because PyTorch does not tell."""
    rows = torch.tensor([-FULL, FULL], dtype=torch.int8).repeat(64, 96)
    rows[::3] = FULL
    try:
        return FULL if _exact(rows, FULL) else GENTLE if _exact(rows, FULL // 2) else 0
    except (RuntimeError, AttributeError):
        return 0


def _exact(rows: Tensor, limit: int) -> bool:
    columns = rows.sign().mul_(limit).roll(1, 0)
    return torch.equal(torch._int_mm(rows, columns.t()).double(), rows.double() @ columns.double().t())
