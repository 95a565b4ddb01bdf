"""Low-rank adapters (LoRA, Hu et al. 2021) on the attention of any encoder, merged into its weights when done.

Own, not the ``peft`` package: it takes these few lines, names no file and no parameter anew, and what is merged is an
ordinary Tocsin model, so that nothing that reads it changes.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

ADAPTED = frozenset({"query", "value", "q_proj", "v_proj", "q_lin", "v_lin", "query_proj", "value_proj", "Wq", "Wv"})
"""How the encoders of the transformers library call the projections of queries and values."""


class LowRank(nn.Module):
    """A frozen linear layer W with a trained update: x → W x + (alpha / rank) · up · down · x, none at first."""

    def __init__(self, linear: nn.Linear, *, rank: int, alpha: float) -> None:
        super().__init__()
        self.linear = linear.requires_grad_(False)
        self.scale = alpha / rank
        self.down = nn.Parameter(torch.empty(rank, linear.in_features, device=linear.weight.device))
        self.up = nn.Parameter(torch.zeros(linear.out_features, rank, device=linear.weight.device))
        nn.init.kaiming_uniform_(self.down, a=math.sqrt(5))

    def forward(self, hidden: Tensor) -> Tensor:
        """(…, in) → (…, out)."""
        plain: Tensor = self.linear(hidden)
        return plain + self.scale * (hidden @ self.down.T) @ self.up.T

    @torch.no_grad()
    def merged(self) -> nn.Linear:
        """The linear layer with the update added to its weight."""
        self.linear.weight += self.scale * self.up @ self.down
        return self.linear


def attach(encoder: nn.Module, *, rank: int, alpha: float) -> int:
    """Freeze *encoder* and put an adapter on each projection of queries and values; how many were found."""
    encoder.requires_grad_(False)
    places = [
        (parent, name)
        for parent in encoder.modules()
        for name, child in parent.named_children()
        if name in ADAPTED and isinstance(child, nn.Linear)
    ]
    for parent, name in places:
        setattr(parent, name, LowRank(getattr(parent, name), rank=rank, alpha=alpha))
    return len(places)


def merge(encoder: nn.Module) -> None:
    """Take the adapters off, their updates added to the weights."""
    for parent in list(encoder.modules()):
        for name, child in list(parent.named_children()):
            if isinstance(child, LowRank):
                setattr(parent, name, child.merged())
