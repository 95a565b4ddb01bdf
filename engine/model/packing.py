"""Weights small enough to ship: the frozen embedding table in 4 bits, large matrices in 8, the rest in half precision.

The table of the encoder that training starts from came through 4-bit blocks of 32 (scale = the extreme value / -8,
the "Q4_0" layout of llama.cpp); packing it the same way again loses nothing. A matrix has one scale a row, searched for
the least squared error; what was packed once comes out of a second packing unchanged.
"""

from __future__ import annotations

from collections.abc import Collection

import torch
from torch import Tensor

GROUP = 32
CODES, BYTES, SCALES = ".q4", ".q8", ".scale"
CLIPPINGS = tuple(1 - 0.02 * step for step in range(16))


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


def pack_matrix(weight: Tensor) -> tuple[Tensor, Tensor]:
    """(rows, columns) → codes int8 (rows, columns) and scales float16 (rows, 1).

    Of the scales that clip a row at 1.00, 0.98 … 0.70 of its extreme value, the one with the least squared error.
    """
    rows = weight.float()
    extreme = rows.abs().amax(1, keepdim=True)
    best, least = (extreme / 127).half(), torch.full_like(extreme, torch.inf)
    for clipping in CLIPPINGS:
        scale = (extreme * clipping / 127).half()
        error = (_codes(rows, scale).float() * scale.float() - rows).square().sum(1, keepdim=True)
        best, least = torch.where(error < least, scale, best), torch.minimum(error, least)
    return _codes(rows, best), best


def _codes(rows: Tensor, scale: Tensor) -> Tensor:
    safe = torch.where(scale == 0, torch.ones_like(scale), scale).float()
    return (rows / safe).round().clamp(-127, 127).to(torch.int8)


def pack(state: dict[str, Tensor], tables: Collection[str], matrices: Collection[str] = ()) -> dict[str, Tensor]:
    """State for a file: *tables* (names of embedding tables) in 4 bits, *matrices* (names of weights of linear
    layers) in 8, other floats in half precision."""
    packed: dict[str, Tensor] = {}
    for name, tensor in state.items():
        if name in tables:
            packed[name + CODES], packed[name + SCALES] = pack_rows(tensor)
        elif name in matrices:
            packed[name + BYTES], packed[name + SCALES] = pack_matrix(tensor)
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
        elif name.endswith(BYTES):
            matrix = name.removesuffix(BYTES)
            state[matrix] = tensor.float().mul_(packed[matrix + SCALES].float())
        elif not name.endswith(SCALES):
            state[name] = tensor.float() if tensor.is_floating_point() else tensor
    return state
