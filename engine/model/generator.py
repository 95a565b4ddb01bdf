"""A local language model: any causal model of the hub, or a folder, for briefs without an endpoint."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from transformers import AutoModelForCausalLM, AutoTokenizer

from engine.model.loading import ModelError, pick_device

NEW_TOKENS = 600


class Generator:
    """A causal language model with its chat template."""

    def __init__(self, model: Any, tokenizer: Any, *, device: str = "auto") -> None:
        self._device = pick_device(device)
        self._model = model.to(self._device).eval()
        self._tokenizer = tokenizer

    @classmethod
    def open(cls, name: str, *, device: str = "auto") -> Generator:
        """Load *name*, a folder or a name of the hub; raises ModelError."""
        try:
            return cls(AutoModelForCausalLM.from_pretrained(name), AutoTokenizer.from_pretrained(name), device=device)
        except (OSError, ValueError) as error:
            raise ModelError("model.generator", name=name, why=error) from error

    @torch.inference_mode()
    def complete(self, messages: Sequence[Mapping[str, str]]) -> str:
        """The model's answer to chat *messages*, without sampling: the same question has the same answer."""
        inputs = self._tokenizer(self._prompt(messages), return_tensors="pt").to(self._device)
        inputs.pop("token_type_ids", None)
        pad = self._tokenizer.pad_token_id
        out = self._model.generate(
            **inputs,
            max_new_tokens=NEW_TOKENS,
            do_sample=False,
            pad_token_id=pad if pad is not None else self._tokenizer.eos_token_id,
        )
        return str(self._tokenizer.decode(out[0, inputs["input_ids"].shape[1] :], skip_special_tokens=True))

    def _prompt(self, messages: Sequence[Mapping[str, str]]) -> str:
        if self._tokenizer.chat_template:
            return str(self._tokenizer.apply_chat_template(list(messages), tokenize=False, add_generation_prompt=True))
        return "\n\n".join(message["content"] for message in messages) + "\n\n"
