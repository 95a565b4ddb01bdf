"""Adapting a small model: it learns the labels, keeps what it knew, stays an ordinary model, and passes a gate."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from engine.errors import EngineError
from engine.model.loading import load_network
from engine.model.reader import Reader
from engine.post import Post, Reading, Sentiment
from engine.training.adaptation import lora
from engine.training.adaptation.acceptance import TOLERANCE, Acceptance, Comparison, gate
from engine.training.adaptation.adapt import Adaptation, adapt
from engine.training.adaptation.labels import Labelled
from engine.training.atomic_save import save_whole
from engine.training.evaluation.evaluate import EPOCH
from engine.training.examples import Example
from tests.engine.model import small

FILLERS = ("the", "noodles", "were", "and", "but", "staff", "of", "acme", "to", "every", "guest", "at", "once")
FAST = Adaptation(epochs=6, adapter_rate=5e-3, head_rate=5e-3)


def texts(n: int, seed: int, labels: tuple[int, ...] = (0, 2)) -> list[Example]:
    """Sentences whose one telling word gives the label."""
    rng, made = random.Random(seed), []
    for i in range(n):
        label = labels[i % len(labels)]
        words = [*rng.choices(FILLERS, k=6), {0: "bad", 1: "apologised", 2: "good"}[label]]
        rng.shuffle(words)
        made.append(Example(text=" ".join(words), source="mine", sentiment=label))
    return made


@pytest.fixture(scope="module")
def old(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("old") / "model"
    save_whole(*small.small_network(), folder)
    return folder


def learned(examples: list[Example]) -> list[Labelled]:
    return [Labelled(example=example) for example in examples]


def read(folder: Path, examples: list[Example]) -> list[Reading]:
    posts = [Post(id=str(i), published=EPOCH, text=one.text) for i, one in enumerate(examples)]
    return Reader.open(folder, device="cpu").read([(post, None) for post in posts])


@pytest.mark.parametrize("heads_only", [False, True])
def test_it_learns_and_is_an_ordinary_model(heads_only: bool, old: Path, tmp_path: Path) -> None:
    """The gate says by how much; the files have the names and shapes that they had before."""
    how = Adaptation(epochs=12, adapter_rate=5e-3, head_rate=5e-3, heads_only=heads_only)
    adapt(old, "sentiment", learned(texts(200, 1)), texts(20, 2), out=tmp_path / "new", how=how)
    held_out = texts(60, 3)
    done = gate("sentiment", held_out, (), Reader.open(old).read, Reader.open(tmp_path / "new").read)
    assert done.passed
    assert done.own.after > max(0.8, done.own.before)
    assert f"on {len(held_out)} held-out rows" in str(done.own)
    before, after = (load_network(folder)[0].state_dict() for folder in (old, tmp_path / "new"))
    assert {name: tensor.shape for name, tensor in before.items()} == {
        name: tensor.shape for name, tensor in after.items()
    }


def test_it_forgets_little_of_what_no_label_spoke_of(old: Path, tmp_path: Path) -> None:
    """Stories hardly move, and with replay the readings of other texts move less than without."""
    others, replay = texts(40, 5, (1,)), texts(40, 6, (1,))
    moved = {}
    for name, repeated in (("with", replay), ("without", [])):
        adapt(old, "sentiment", learned(texts(120, 1)), repeated, out=tmp_path / name, how=FAST)
        before, after = read(old, others), read(tmp_path / name, others)
        pairs = list(zip(before, after, strict=True))
        moved[name] = float(np.mean([abs(a.sentiment.negative - b.sentiment.negative) for a, b in pairs]))
        if name == "with":
            assert min(float(np.dot(a.embedding, b.embedding)) for a, b in pairs) > 0.8  # type: ignore[arg-type]
    assert moved["with"] < moved["without"]


def test_what_heads_only_leaves_alone(old: Path, tmp_path: Path) -> None:
    """Only the head of the task is new: the encoder, and so every embedding, is what it was."""
    how = Adaptation(epochs=2, heads_only=True)
    adapt(
        old,
        "risk",
        learned([Example(text="bad noodles", source="m", risks=(1,) + (0,) * 13)] * 20),
        [],
        out=tmp_path / "n",
        how=how,
    )
    before, after = (load_network(folder)[0].state_dict() for folder in (old, tmp_path / "n"))
    changed = {name.split(".")[0] for name in before if not torch.equal(before[name], after[name])}
    assert changed == {"risk_dense", "risk_head"}


def test_names_can_be_learned(old: Path, tmp_path: Path) -> None:
    rows = [Example(text="staff of acme", source="m", entities=((9, 13, "organisation"),))] * 40
    adapt(old, "ner", learned(rows), [], out=tmp_path / "n", how=Adaptation(epochs=20, head_rate=5e-3))
    [reading] = read(tmp_path / "n", rows[:1])
    assert [(found.start, found.end, found.type) for found in reading.entities] == [(9, 13, "organisation")]


def test_a_merged_adapter_says_what_it_said_before_merging() -> None:
    torch.manual_seed(1)
    layer = nn.Sequential()
    layer.add_module("query", nn.Linear(8, 4))
    layer.add_module("key", nn.Linear(4, 4))
    text = torch.randn(3, 8)
    plain = layer(text)
    assert lora.attach(layer, rank=2, alpha=4) == 1
    assert torch.allclose(layer(text), plain)  # an adapter is nothing at first
    nn.init.normal_(layer.query.up)  # type: ignore[union-attr, arg-type]
    adapted = layer(text)
    assert not torch.allclose(adapted, plain)
    lora.merge(layer)
    assert isinstance(layer.query, nn.Linear)
    assert torch.allclose(layer(text), adapted, atol=1e-5)


def test_a_classifier_of_the_hub_is_refused(tmp_path: Path) -> None:
    folder = small.save_classifier(tmp_path / "other", ["negative", "positive"])
    with pytest.raises(EngineError, match="cannot be adapted"):
        adapt(folder, "sentiment", learned(texts(4, 1)), [], out=tmp_path / "new")
    assert not (tmp_path / "new").exists()


def test_the_gate_lets_nothing_worse_pass() -> None:
    """Worse on the labels, or too much worse on the project's own examples."""
    good = Comparison(what="held-out rows", figure="macro_f1", before=0.7, after=0.74, n=100, spread=(0.0, 0.08))
    worse = Comparison(what="held-out rows", figure="macro_f1", before=0.7, after=0.69, n=100, spread=(-0.05, 0.03))
    guards: dict[str, Any] = {"what": "of own", "figure": "macro_f1", "before": 0.5, "n": 80, "spread": (-0.1, 0.1)}
    kept = Comparison(after=0.5 - TOLERANCE / 2, tolerance=TOLERANCE, **guards)
    forgot = Comparison(after=0.5 - TOLERANCE * 2, tolerance=TOLERANCE, **guards)
    assert Acceptance(own=good, guards=(kept,)).passed
    assert not Acceptance(own=worse, guards=(kept,)).passed
    assert not Acceptance(own=good, guards=(kept, forgot)).passed
    assert str(good) == "macro F1 70.0 → 74.0 (+4.0, 95 % interval +0.0 to +8.0) on 100 held-out rows"


def test_the_gate_measures_both_models_on_the_same_rows() -> None:
    """A reader that is always right against one that always says neutral; the guards are measured too."""

    calm = Sentiment(negative=0.1, neutral=0.8, positive=0.1)
    bad, good = Sentiment(negative=0.9, neutral=0.1, positive=0), Sentiment(negative=0, neutral=0.1, positive=0.9)

    def answers(right: bool) -> Any:
        def say(post: Post) -> Reading:
            mood = calm if not right else bad if "bad" in post.text else good
            return Reading(post_id=post.id, lang="en", sentiment=mood)

        return lambda pairs: [say(post) for post, _ in pairs]

    guards = [Example(text="bad acme", source="own", target="acme", sentiment=0, risks=(0,) * 14)]
    done = gate("sentiment", texts(40, 1), guards, answers(right=False), answers(right=True))
    assert (done.own.before, done.own.after, done.own.n) == (0.0, 1.0, 40)
    assert {guard.what for guard in done.guards} == {
        "of Tocsin's own examples (risks)",
        "of Tocsin's own examples (sentiment)",
    }
    assert done.passed
    assert not gate("sentiment", texts(40, 1), guards, answers(right=True), answers(right=False)).passed
