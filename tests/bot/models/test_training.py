"""``tocsin train`` on a user's own labels and on feedback, with small models: learned, gated, switched, taken back."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from bot.config.environment import Environment
from bot.errors import TocsinError
from bot.infra.clock import VirtualClock
from bot.models.feedback import FeedbackLabel
from bot.models.registry import Models, resolve
from bot.models.training import Request, list_models, train, use_model_before
from engine.errors import EngineError
from engine.post import Polarity

WORDS = ("the", "noodles", "were", "and", "but", "staff", "of", "to", "every", "guest", "at", "once")
Said = Callable[[], str]


def sentences(n: int, seed: int, *, turned: bool = False) -> list[dict[str, str]]:
    """Rows toward acme, whose one telling word gives the label, or *turned* the other one."""
    rng, rows = random.Random(seed), []
    for i in range(n):
        good = i % 2 == 0
        words = [*rng.choices(WORDS, k=5), "acme", "good" if good else "bad"]
        rng.shuffle(words)
        rows.append({"text": " ".join(words), "target": "acme", "label": "positive" if good != turned else "negative"})
    return rows


def write(path: Path, rows: list[dict[str, object]]) -> Path:
    path.write_text("\n".join(json.dumps(row) for row in rows), encoding="utf-8")
    return path


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data folder whose model in use is a small one, and a few examples that stand in for the project's own."""
    from engine.training import examples
    from engine.training.adaptation.adapt import Adaptation
    from engine.training.atomic_save import save_whole
    from tests.engine.model import small

    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("TOCSIN_MODEL", raising=False)
    monkeypatch.setenv("TOCSIN_DATA_DIR", str(tmp_path / "data"))
    models = Models.of(Environment())
    save_whole(*small.small_network(), models.folder / "small")
    models.use("small")
    own = tmp_path / "own"
    own.mkdir()
    write(own / "risk_en.jsonl", [row | {"labels": [], "scenario": f"s{i}"} for i, row in enumerate(sentences(80, 9))])
    monkeypatch.setattr(examples, "OWN", own)
    brisk = Adaptation(epochs=12, adapter_rate=5e-3, head_rate=5e-3)
    monkeypatch.setattr("engine.training.adaptation.adapt.Adaptation", lambda **changes: replace(brisk, **changes))
    return tmp_path


@pytest.fixture
def said(capsys: pytest.CaptureFixture[str]) -> Said:
    return lambda: capsys.readouterr().out


def test_own_labels_are_learned_gated_and_taken_back(home: Path, clock: VirtualClock, said: Said) -> None:
    """Better: activated. Then labels that contradict what it knew: learned, found to have forgotten, not activated."""
    mine = write(home / "mine.jsonl", sentences(160, 1))
    train(Request(data=mine), clock=clock)
    told = said()
    assert "128 rows to learn target from, 32 held out" in told
    assert "on 32 held-out rows; activated as mine-2026-03-02." in told
    new = Models.of(Environment()).folder / "mine-2026-03-02"
    assert resolve() == str(new)
    report = json.loads((new / "report.json").read_text())
    assert (report["passed"], report["task"], report["learned"], report["held_out"]) == (True, "target", 128, 32)

    train(Request(data=write(home / "turned.jsonl", sentences(160, 2, turned=True))), clock=clock)
    told = said()
    assert "not activated, since it has forgotten too much" in told
    assert "`tocsin model use turned-2026-03-02`" in told
    assert resolve() == str(new)

    list_models(as_json=False)
    told = said()
    assert "→ mine-2026-03-02" in told
    assert "turned-2026-03-02" in told
    use_model_before()
    assert "small is read with again" in said()
    assert resolve() == str(new.parent / "small")
    assert not list(new.parent.glob(".*"))


def test_a_full_disk_leaves_no_model_behind(home: Path, clock: VirtualClock, monkeypatch: pytest.MonkeyPatch) -> None:
    """While the new model is saved: a sentence, the one in use unchanged, nothing half-written in the list."""
    import errno

    def full(*args: object, **more: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("engine.training.atomic_save.save", full)
    with pytest.raises(EngineError, match="is full"):
        train(Request(data=write(home / "mine.jsonl", sentences(60, 1))), clock=clock)
    models = Models.of(Environment())
    assert [entry.name for entry in models.entries()] == ["tocsin-mini", "small"]
    assert resolve() == str(models.folder / "small")
    assert sorted(path.name for path in models.folder.iterdir()) == ["current", "small"]


def test_feedback_is_learned_from_the_store(
    home: Path, clock: VirtualClock, monkeypatch: pytest.MonkeyPatch, said: Said
) -> None:
    """What was marked is counted apart from false alarms, which are never measured on."""
    rows = sentences(120, 4)
    marked = [
        FeedbackLabel(text=row["text"], target="acme", lang="en", polarity=Polarity(row["label"])) for row in rows
    ]
    weak = [
        FeedbackLabel(text=f"alarm {i}", target="acme", lang="en", polarity=Polarity.NEUTRAL, weight=0.25)
        for i in range(9)
    ]
    monkeypatch.setattr("bot.models.feedback.lessons", lambda *_: marked + weak)
    settings = home / "tocsin.yaml"
    settings.write_text("default_channel: '#pr'\n")
    train(Request(from_feedback=True, settings=settings), clock=clock)
    told = said()
    assert "120 posts were marked by people, 9 more were evidence of false alarms." in told
    assert "on 24 held-out rows" in told


def test_too_little_feedback_is_refused(home: Path, clock: VirtualClock, said: Said) -> None:
    settings = home / "tocsin.yaml"
    settings.write_text("default_channel: '#pr'\n")
    with pytest.raises(EngineError, match="There are 0 different labelled texts; at least 50 are needed"):
        train(Request(from_feedback=True, settings=settings), clock=clock)


@pytest.mark.parametrize(
    ("request_", "sentence"),
    [
        (Request(), "What should be learned"),
        (Request(data=Path("nowhere")), "no folder or file nowhere"),
        (Request(data=Path("x.jsonl"), from_feedback=True), "either --data or --from-feedback"),
    ],
)
def test_what_makes_no_sense_is_refused(request_: Request, sentence: str) -> None:
    with pytest.raises(TocsinError, match=sentence):
        train(request_)


def test_a_folder_is_trained_with_report_and_card(tmp_path: Path, clock: VirtualClock, said: Said) -> None:
    """The whole recipe from an encoder, shortened; labelled files in two parts and the project's own examples."""
    from tests.engine.training import tiny

    base, data = tiny.save_encoder(tmp_path / "base", layers=12), tmp_path / "data"
    data.mkdir()
    for part in ("train", "dev"):
        write(data / f"target_{part}.jsonl", sentences(40, 1))
    train(Request(data=data, base=str(base), out=tmp_path / "model", steps=2, seed=5), clock=clock)
    report = json.loads((tmp_path / "model" / "report.json").read_text())
    assert report["recipe"]["seed"] == 5
    assert {one["task"] for one in report["figures"]} >= {"target", "risk"}
    assert "# model" in (tmp_path / "model" / "README.md").read_text()
    assert "with its report and card" in said()
