"""A local language model, made here: the loading and the answer's path are the real ones."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from transformers import GPT2Config, GPT2LMHeadModel

from engine.model.generator import Generator
from engine.model.loading import ModelError
from tests.engine.model import small


def test_a_local_model_answers_the_same_every_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("engine.model.generator.NEW_TOKENS", 8)
    torch.manual_seed(1)
    tokenizer = small.small_tokenizer()
    config = GPT2Config(
        vocab_size=len(tokenizer), n_embd=32, n_layer=1, n_head=2, n_positions=256, bos_token_id=0, eos_token_id=2
    )
    GPT2LMHeadModel(config).save_pretrained(tmp_path)
    tokenizer.save_pretrained(tmp_path)
    generator = Generator.open(str(tmp_path), device="cpu")
    question = [{"role": "user", "content": "the noodles were cold"}]
    assert generator.complete(question) == generator.complete(question)


def test_a_missing_model_says_so(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="cannot be loaded"):
        Generator.open(str(tmp_path / "nothing"))
