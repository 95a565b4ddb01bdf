"""What a later phase begins with, what it is held to, and what is drawn for it."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from transformers import AutoTokenizer

from engine.model.encoding import TextEncoder
from engine.model.loading import load_network
from engine.post import RISKS
from engine.training.batches import Batch, Mixture, batches, renamed
from engine.training.checkpoints import Checkpoints, TrainingPosition
from engine.training.examples import UNKNOWN, Example
from engine.training.finetune import cut_encoder, finetune, make_optimizer
from engine.training.losses import hold_losses
from engine.training.mixed_precision import FrozenTeacher
from engine.training.recipe import Recipe
from tests.engine.training.tiny import examples, short


def wild(steps: int, *, averaged: float = 0.0) -> Recipe:
    """Two phases, of which the second goes far in a few *steps*."""
    recipe = short(8)
    second = replace(recipe.phases[1], steps=steps, head_rate=0.05, averaged=averaged)
    return replace(recipe, phases=(recipe.phases[0], second))


def weights_of(path: Path) -> torch.Tensor:
    kept: torch.Tensor = torch.load(path, weights_only=True)["network"]["risk_head.weight"]
    return kept


@pytest.mark.parametrize("share", [0.0, 0.25, 1.0])
def test_a_later_phase_is_averaged_with_what_it_began_with(base: Path, tmp_path: Path, share: float) -> None:
    finetune(base, examples(), out=tmp_path, recipe=wild(4, averaged=share))
    begun, ended = (weights_of(tmp_path / name) for name in ("begun.pt", "checkpoint.pt"))
    assert (begun - ended).abs().max() > 0.02
    made = load_network(tmp_path)[0].risk_head.weight
    assert torch.allclose(made, begun * share + ended * (1 - share), atol=2e-3)


def test_every_later_phase_begins_with_an_average(base: Path, tmp_path: Path) -> None:
    """Also where the run is killed after the third phase began and before its first checkpoint."""
    recipe = wild(4, averaged=0.25)
    finetune(base, examples(), out=tmp_path, recipe=recipe)
    begun, ended = (weights_of(tmp_path / name) for name in ("begun.pt", "checkpoint.pt"))
    network = cut_encoder(base, recipe)
    files = Checkpoints(folder=tmp_path)
    for _ in range(2):
        assert files.resume(2, network, *make_optimizer(network, recipe.phases[1])) == TrainingPosition(phase=2)
        files.begin(2, network, recipe.phases[1].averaged)
        assert torch.allclose(network.risk_head.weight, begun * 0.25 + ended * 0.75)
        assert torch.equal(weights_of(tmp_path / "begun.pt"), network.risk_head.weight)


def test_a_phase_that_is_held_stays_near_what_it_began_with(base: Path, tmp_path: Path) -> None:
    """No example speaks of risks in the second phase: left alone the risks drift with the encoder, held they stay."""
    silent = [replace(example, risks=None) for example in examples()]
    moved = {}
    for name, weights in (("free", {"sentiment": 1.0}), ("held", {"sentiment": 1.0, "held risks": 30.0})):
        recipe = wild(100)
        second = replace(recipe.phases[1], weights=weights, encoder_rate=3e-3, head_rate=3e-3)
        recipe = replace(recipe, distil_every=1, phases=(recipe.phases[0], second))
        out = tmp_path / name
        finetune(base, silent, out=out, recipe=recipe)
        network = cut_encoder(base, recipe)
        Checkpoints(folder=out).take_begun(network)
        batch = batch_of(base)
        begun = FrozenTeacher(deepcopy(network), half=False)(**batch.inputs)
        network.load_state_dict(torch.load(out / "checkpoint.pt", weights_only=True)["network"])
        ended = FrozenTeacher(network, half=False)(**batch.inputs)
        moved[name] = float((begun.risks - ended.risks).abs().mean())
    assert moved["held"] < 0.5 * moved["free"]


def batch_of(base: Path) -> Batch:
    encoder = TextEncoder(AutoTokenizer.from_pretrained(base))
    return next(batches(Mixture(examples(), {}, seed=1), encoder, size=16, seed=1, pool=1))


def test_only_what_no_label_speaks_of_is_held(base: Path) -> None:
    network = cut_encoder(base, short(2))
    before = FrozenTeacher(deepcopy(network), half=False)
    batch = batch_of(base)
    with torch.no_grad():
        for head in (network.sentiment_head, network.risk_head, network.entity_head, network.embedding_head):
            head.weight.normal_()
    held = hold_losses(FrozenTeacher(network, half=False)(**batch.inputs), before(**batch.inputs), batch)
    assert set(held) == {"held sentiment", "held risks", "held entities", "held embedding"}
    assert all(loss > 0.01 for loss in held.values())
    known = replace(batch, sentiment=torch.zeros_like(batch.sentiment), risks=torch.zeros_like(batch.risks))
    held = hold_losses(FrozenTeacher(network, half=False)(**batch.inputs), before(**batch.inputs), known)
    assert set(held) == {"held entities", "held embedding"}
    same = hold_losses(before(**batch.inputs), before(**batch.inputs), batch)
    assert all(loss.abs() < 1e-5 for loss in same.values())


def test_the_mixture_keeps_its_shares_and_forgets_no_source() -> None:
    many = [Example(text="x", source=name) for name in ("big", "small", "own")]
    drawn = Mixture(many, {"big": 0.8, "small": 0.15}, seed=1).draw(1000)
    counts = {name: sum(example.source == name for example in drawn) for name in ("big", "small", "own")}
    assert counts["big"] > counts["small"] > 0
    assert counts["own"] > 0


def test_of_a_muted_source_no_tone_is_taught() -> None:
    risks = (1.0,) * len(RISKS)
    many = [Example(text="x", source=name, sentiment=0, risks=risks) for name in ("titles/zh", "reviews")]
    drawn = Mixture(many, {"titles": 0.5, "reviews": 0.5}, seed=1, muted=("titles",)).draw(50)
    assert {(example.source, example.sentiment) for example in drawn} == {("titles/zh", UNKNOWN), ("reviews", 0)}
    assert {example.risks for example in drawn} == {risks}


def test_a_brand_is_given_anothers_name() -> None:
    told = Example(text="陶然面馆道歉 陶然面馆员工停职", source="titles", target="陶然面馆", lang="zh", sentiment=0)
    other = Example(text="云雀咖啡上新", source="titles", target="云雀咖啡", lang="zh", sentiment=1)
    english = Example(text="Lark Air grounded", source="titles", target="Lark Air", lang="en", sentiment=0)
    drawn = Mixture([told, other, english], {"titles": 1.0}, seed=1, renamed={"titles": 0.5}).draw(300)
    texts = {(example.text, example.target, example.sentiment) for example in drawn}
    assert texts == {
        (told.text, "陶然面馆", 0),
        ("云雀咖啡道歉 云雀咖啡员工停职", "云雀咖啡", 0),
        (other.text, "云雀咖啡", 1),
        ("陶然面馆上新", "陶然面馆", 1),
        (english.text, "Lark Air", 0),
    }
    assert {example.text for example in Mixture([told, other], {}, seed=1).draw(50)} == {told.text, other.text}


@pytest.mark.parametrize(
    "kept",
    [
        Example(text="陶然面馆道歉", source="a"),
        Example(text="陶然道歉", source="a", target="陶然面馆"),
        Example(text="陶然面馆与云雀咖啡", source="a", target="陶然面馆"),
        Example(text="陶然面馆道歉", source="a", target="陶然面馆", entities=((0, 4, "organisation"),)),
    ],
)
def test_what_would_become_untrue_keeps_its_name(kept: Example) -> None:
    assert renamed(kept, "云雀咖啡") == kept
