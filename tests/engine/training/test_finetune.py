"""Training on a small encoder made here: the whole recipe in seconds, and the mapping of labels."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from transformers import BertModel

from engine.errors import EngineError
from engine.model.encoding import Encoded
from engine.model.reader import Reader
from engine.post import RISKS
from engine.training.batches import IGNORE, TAG, collate, tags_of
from engine.training.evaluation.evaluate import evaluate
from engine.training.examples import (
    OWN,
    UNKNOWN,
    Example,
    crisis_example,
    load_folder,
    ner_example,
    sentiment_example,
    title_example,
)
from engine.training.finetune import finetune
from tests.engine.model import small
from tests.engine.training.tiny import examples, short


def test_a_run_that_was_killed_goes_on(base: Path, tmp_path: Path) -> None:
    """The first run stops after its first phase; the second one takes up its checkpoint and ends with a model."""
    recipe = short(8)
    first = replace(recipe, phases=recipe.phases[:1])
    finetune(base, examples(), out=tmp_path, recipe=first)
    before = torch.load(tmp_path / "checkpoint.pt", weights_only=True)
    finetune(base, examples(), out=tmp_path, recipe=recipe, held_out=examples()[:8])
    after = torch.load(tmp_path / "checkpoint.pt", weights_only=True)
    assert (before["phase"], after["phase"]) == (0, 1)
    config = json.loads((tmp_path / "config.json").read_text())
    assert config["encoder"]["num_hidden_layers"] == 2
    assert set(config["risk_thresholds"]) == set(RISKS)
    rows = [{"text": "good staff at acme", "label": "positive"}, {"text": "bad noodles", "label": "negative"}]
    file = tmp_path / "sentiment.jsonl"
    file.write_text("\n".join(json.dumps(row) for row in rows), encoding="utf-8")
    assert evaluate("sentiment", file, Reader.open(tmp_path, device="cpu").read).scores.n == 2


def test_the_embedding_table_stays_as_it_was(base: Path, tmp_path: Path) -> None:
    finetune(base, examples(), out=tmp_path, recipe=short(2))
    table = "embeddings.word_embeddings.weight"
    saved = torch.load(tmp_path / "checkpoint.pt", weights_only=True)["network"][f"encoder.{table}"]
    assert torch.equal(saved, BertModel.from_pretrained(base).state_dict()[table])


def test_what_a_set_does_not_know_is_masked() -> None:
    """Silence of a set about risks or names is unknown, not "none"."""
    encoder = small.small_tokenizer()
    from engine.model.encoding import TextEncoder

    texts = TextEncoder(encoder)
    silent = Example(text="good staff", source="a", sentiment=2)
    chunk = texts.encode([(silent.text, ())])[0][0]
    batch = collate([silent], [chunk], pad=texts.pad)
    assert (batch.risks == UNKNOWN).all()
    assert (batch.entities == IGNORE).all()


def test_a_text_of_no_tokens_is_no_reason_to_stop() -> None:
    """A row of nothing but hidden characters ended a night's run after seven thousand steps."""
    from engine.model.encoding import TextEncoder

    texts = TextEncoder(small.small_tokenizer())
    example = Example(text="\u200b", source="a", entities=())
    batch = collate([example], [texts.encode([(example.text, ())])[0][0]], pad=texts.pad)
    assert (batch.entities == IGNORE).all()


def test_tags_follow_the_characters() -> None:
    from engine.model.encoding import TextEncoder

    example = Example(text="staff of acme", source="a", entities=((9, 13, "organisation"),))
    chunk = TextEncoder(small.small_tokenizer()).encode([(example.text, ())])[0][0]
    assert [tags for tags in tags_of(example, chunk) if tags[0]] == [[3, IGNORE, IGNORE, IGNORE]]


def test_a_name_inside_a_token_is_taught_by_letters() -> None:
    """我在北京: the second token begins before the name."""
    example = Example(text="我在北京", source="a", entities=((2, 4, "location"),))
    chunk = Encoded(ids=[0, 9, 8, 2], text_start=1, offsets=[(0, 1), (1, 4)], mention=())
    outside, begins, inside = 0, TAG["B-location"], TAG["I-location"]
    assert tags_of(example, chunk) == [[outside, *[IGNORE] * 3], [outside, begins, IGNORE, inside]]


def test_labels_of_the_public_sets_become_ours() -> None:
    row = {"text": "三人在车祸中受伤", "types": ["灾害/意外-车祸"]}
    found = crisis_example(row).risks
    assert found is not None
    assert {risk for risk, value in zip(RISKS, found, strict=True) if value == 1} == {"accident", "injury"}
    names = {
        "text": "ab",
        "entities": [{"start": 0, "end": 1, "type": "GPE.NAM"}, {"start": 1, "end": 2, "type": "PER.NOM"}],
    }
    assert ner_example(names).entities == ((0, 1, "location"),)


def test_labels_that_are_not_known_are_named() -> None:
    with pytest.raises(EngineError, match="angry"):
        sentiment_example({"text": "x", "label": "angry"})
    with pytest.raises(EngineError, match="aliens"):
        title_example({"text": "x", "label": "neutral", "labels": ["aliens"]})


def test_a_broken_line_is_named(tmp_path: Path) -> None:
    (tmp_path / "sentiment_train.jsonl").write_text('{"text": "a", "label": "negative"}\n{"text":', encoding="utf-8")
    with pytest.raises(EngineError, match="line 2"):
        load_folder(tmp_path, "train")
    with pytest.raises(EngineError, match="no labelled"):
        load_folder(tmp_path / "empty", "train")


def test_our_own_examples_are_whole() -> None:
    """Every risk in both languages, the target in the text, and no scenario on both sides of the split."""
    train, dev = load_folder(OWN, "train"), load_folder(OWN, "dev")
    told = [(example.lang, example.risks) for example in train + dev if example.risks is not None]
    for language in ("zh", "en"):
        for column, risk in enumerate(RISKS):
            n = sum(lang == language and risks[column] == 1 for lang, risks in told)
            assert n >= 40, (language, risk)
    assert all(example.target in example.text for example in train + dev)
    assert not {example.text for example in train} & {example.text for example in dev}
