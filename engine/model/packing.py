"""Weights small enough to ship: the frozen embedding table in 4 bits, everything else in half precision.

The table of the encoder that training starts from came through 4-bit blocks of 32 (scale = the extreme value / -8,
the "Q4_0" layout of llama.cpp); packing it the same way again loses nothing.
"""

from __future__ import annotations

import torch
from torch import Tensor

GROUP = 32
CODES, SCALES = ".q4", ".scale"


def pack_rows(weight: Tensor) -> tuple[Tensor, Tensor]:
    """(rows, columns) → codes uint8 (rows, columns / 2) and scales float16 (rows, columns / 32)."""
    rows, columns = weight.shape
    blocks = weight.float().reshape(rows, columns // GROUP, GROUP)
    extreme = blocks.gather(-1, blocks.abs().argmax(-1, keepdim=True))
    scales = (extreme / -8).half()
    safe = torch.where(scales == 0, torch.ones_like(scales), scales).float()
    codes = (blocks / safe).round().add(8).clamp(0, 15).to(torch.uint8).reshape(rows, columns)
    return codes[:, 0::2] | (codes[:, 1::2] << 4), scales.squeeze(-1)


def unpack_rows(codes: Tensor, scales: Tensor) -> Tensor:
    """The inverse: float32 (rows, columns)."""
    rows, half = codes.shape
    values = torch.empty(rows, half * 2, dtype=torch.float32)
    values[:, 0::2] = (codes & 15).float()
    values[:, 1::2] = (codes >> 4).float()
    blocks = values.sub_(8).reshape(rows, -1, GROUP)
    return blocks.mul_(scales.float().unsqueeze(-1)).reshape(rows, half * 2)


def pack(state: dict[str, Tensor], tables: tuple[str, ...]) -> dict[str, Tensor]:
    """State for a file: *tables* (names of embedding tables) in 4 bits, other floats in half precision."""
    packed: dict[str, Tensor] = {}
    for name, tensor in state.items():
        if name in tables:
            packed[name + CODES], packed[name + SCALES] = pack_rows(tensor)
        else:
            packed[name] = tensor.half().contiguous() if tensor.is_floating_point() else tensor.contiguous()
    return packed


def unpack(packed: dict[str, Tensor]) -> dict[str, Tensor]:
    """The state as float32, whether it was packed or not."""
    state: dict[str, Tensor] = {}
    for name, tensor in packed.items():
        if name.endswith(CODES):
            table = name.removesuffix(CODES)
            state[table] = unpack_rows(tensor, packed[table + SCALES])
        elif not name.endswith(SCALES):
            state[name] = tensor.float() if tensor.is_floating_point() else tensor
    return state
