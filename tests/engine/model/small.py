"""Small models made on the spot: the loading code is the real one, the weights are random."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import astuple
from pathlib import Path

import numpy as np
import pytest
import torch
from tokenizers import Tokenizer, models, pre_tokenizers
from transformers import BertConfig, BertForSequenceClassification, PreTrainedTokenizerFast

from engine.model.network import TocsinConfig, TocsinNetwork
from engine.post import Reading

WORDS = ("the noodles were cold and late but staff of acme apologised at once to every guest good bad").split()  # noqa: SIM905
HAN = "西北面馆今天道歉了服务差好人被送医院新品发布吃饭很慢冷漠热情"


def small_tokenizer() -> PreTrainedTokenizerFast:
    vocabulary = {token: number for number, token in enumerate(["<s>", "<pad>", "</s>", "<unk>"])}
    for token in [*WORDS, *dict.fromkeys(HAN), *"abcdefghijklmnopqrstuvwxyz0123456789@#.,!？。，"]:
        vocabulary.setdefault(token, len(vocabulary))
    backend = Tokenizer(models.WordPiece(vocabulary, unk_token="<unk>", continuing_subword_prefix=""))
    backend.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    return PreTrainedTokenizerFast(
        tokenizer_object=backend, cls_token="<s>", sep_token="</s>", pad_token="<pad>", unk_token="<unk>",
        model_max_length=512,
    )  # fmt: skip


def small_encoder(tokenizer: PreTrainedTokenizerFast) -> dict[str, object]:
    return {
        "model_type": "bert", "vocab_size": len(tokenizer), "hidden_size": 32, "num_hidden_layers": 2,
        "num_attention_heads": 4, "intermediate_size": 64, "max_position_embeddings": 512, "pad_token_id": 1,
    }  # fmt: skip


def small_network(seed: int = 5) -> tuple[TocsinNetwork, PreTrainedTokenizerFast]:
    torch.manual_seed(seed)
    tokenizer = small_tokenizer()
    network = TocsinNetwork(TocsinConfig(encoder=small_encoder(tokenizer), embedding_layers=(1,)))
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.mul_(3)  # random weights this small would say the same of everything
    return network.eval(), tokenizer


def save_classifier(folder: Path, labels: list[str]) -> Path:
    """A sequence classifier as the hub has thousands, with these label names."""
    torch.manual_seed(3)
    tokenizer = small_tokenizer()
    options = small_encoder(tokenizer)
    options.pop("model_type")
    config = BertConfig(**options, num_labels=len(labels), id2label=dict(enumerate(labels)))
    BertForSequenceClassification(config).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


LAST_BITS = 1e-5
"""Products are summed in another order when a batch has another size or a CPU other instructions: float32 keeps seven
digits, and a dozen layers of sums leave five of them."""


def assert_alike(found: Sequence[Reading], expected: Sequence[Reading], *, within: float = LAST_BITS) -> None:
    """The same readings, but for the last bits."""
    for one, other in zip(found, expected, strict=True):
        assert astuple(one.sentiment) == pytest.approx(astuple(other.sentiment), abs=within)
        assert one.risks == pytest.approx(dict(other.risks), abs=within)
        assert [(e.start, e.end, e.type) for e in one.entities] == [(e.start, e.end, e.type) for e in other.entities]
        assert (one.embedding is None) == (other.embedding is None)
        if one.embedding is not None and other.embedding is not None:
            np.testing.assert_allclose(one.embedding, other.embedding, atol=within)
