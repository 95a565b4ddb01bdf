"""Early stopping: the best look wins, and a run that gets no better ends."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from engine.training.early_stopping import EarlyStopping, EvaluationHistory
from engine.training.evaluation.heldout import HeldOutSample
from engine.training.finetune import finetune
from tests.engine.training.tiny import examples, short


def test_patience_counts_from_the_best_look() -> None:
    looks = EvaluationHistory()
    for score in (0.3, 0.5, 0.5, 0.4):
        looks = looks.after(score)
    assert not looks.last_is_best
    assert looks.over(2)
    assert not looks.over(3)
    assert not looks.over(0)
    assert looks.after(0.6).last_is_best
    assert not looks.after(0.6).over(1)


def test_the_best_network_is_kept_and_the_phase_ends(
    base: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Looks that get worse after the second one: what is saved is the network of the second look."""
    scores = iter([0.2, 0.9, 0.5, 0.4, 0.3, 0.3, 0.2, 0.1] * 4)
    monkeypatch.setattr(HeldOutSample, "figures", lambda self, network: {"sentiment": next(scores)})
    said: list[str] = []
    stopping = EarlyStopping(every=2, patience=2)
    done = finetune(
        base, examples(), out=tmp_path, recipe=short(40), held_out=examples()[:8], stopping=stopping, say=said.append
    )
    first = done.phases[0]
    assert first.looks.scores == (0.2, 0.9, 0.5, 0.4)
    assert first.steps == 8 < first.planned
    assert any("stopped at step 8" in sentence for sentence in said)
    best = torch.load(tmp_path / "best.pt", weights_only=True)
    last = torch.load(tmp_path / "checkpoint.pt", weights_only=True)
    assert best["phase"] == last["phase"] == 1
    assert all(torch.equal(best["network"][name], last["network"][name]) for name in best["network"])


def test_a_look_gives_a_figure_for_each_task_that_has_labels(base: Path, tmp_path: Path) -> None:
    done = finetune(
        base, examples(), out=tmp_path, recipe=short(4), held_out=examples(), stopping=EarlyStopping(every=1)
    )
    assert all(0 <= score <= 1 for phase in done.phases for score in phase.looks.scores)
    assert [len(phase.looks.scores) for phase in done.phases] == [phase.steps for phase in done.phases]


def test_the_same_seed_gives_the_same_model(base: Path, tmp_path: Path) -> None:
    for name in ("one", "two"):
        finetune(base, examples(), out=tmp_path / name, recipe=short(4), held_out=examples()[:8])
    one, two = ((tmp_path / name / "model.safetensors").read_bytes() for name in ("one", "two"))
    assert one == two
