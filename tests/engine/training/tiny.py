"""An encoder, examples and a recipe so small that the whole of training takes seconds."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import torch
from transformers import BertConfig, BertModel

from engine.training.examples import Example, risk_vector
from engine.training.recipe import Recipe
from tests.engine.model import small


def save_encoder(folder: Path, *, layers: int = 4) -> Path:
    """An encoder, as any folder of the hub."""
    torch.manual_seed(2)
    tokenizer = small.small_tokenizer()
    options = small.small_encoder(tokenizer) | {"num_hidden_layers": layers}
    options.pop("model_type")
    BertModel(BertConfig(**options), add_pooling_layer=False).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


def examples() -> list[Example]:
    good, bad = "good staff at acme", "bad cold noodles at acme"
    made = [
        Example(text=good, source="a", target="acme", sentiment=2, risks=risk_vector(set())),
        Example(text=bad, source="a", target="acme", sentiment=0, risks=risk_vector({"service"})),
        Example(text="acme apologised", source="b", entities=((0, 4, "organisation"),)),
        Example(text="西北面馆道歉了", source="b", sentiment=1, entities=((0, 4, "organisation"),)),
    ]
    return made * 8


def short(steps: int) -> Recipe:
    """Two phases, the second the shorter; the lowest layer is frozen."""
    usual = Recipe().phases[0]
    phases = replace(usual, steps=6), replace(usual, name="risks", steps=1)
    recipe = replace(
        Recipe(), layers=(1, 3), embedding_layers=(1,), frozen=1, batch=4, distil_texts=2, fitted_texts=32,
        checkpoint_every=2, phases=phases,
    )  # fmt: skip
    return recipe.shortened(steps)
