"""Which model is read with: chosen by name, one command away from the one before, never half-written."""

from __future__ import annotations

import errno
from pathlib import Path
from typing import Any

import pytest

from bot.config.environment import Environment
from bot.models.registry import SHIPPED, Models, ModelsError, open_reader, resolve
from engine.model.loading import save
from engine.model.runners import PrecisionError
from tests.engine.model import small


@pytest.fixture
def models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Models:
    """Two trained models, in an environment that names none."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("TOCSIN_MODEL", raising=False)
    monkeypatch.setenv("TOCSIN_DATA_DIR", str(tmp_path / "data"))
    for name in ("one", "two"):
        folder = tmp_path / "data" / "models" / name
        folder.mkdir(parents=True)
        (folder / "config.json").write_text("{}")
        (folder / "report.json").write_text(f'{{"made": "2026-11-2{len(name)}", "summary": "{name} was better"}}')
    return Models.of(Environment())


def test_the_shipped_model_is_read_with_at_first(models: Models) -> None:
    assert models.current == SHIPPED
    assert resolve() is None
    assert [(entry.name, entry.current) for entry in models.entries()] == [
        (SHIPPED, True), ("one", False), ("two", False),
    ]  # fmt: skip
    assert models.entries()[1].summary == "one was better"


def test_a_model_is_taken_and_given_back(models: Models) -> None:
    models.use("one")
    models.use("two")
    assert resolve() == str(models.folder / "two")
    assert models.back() == "one"
    assert models.back() == SHIPPED
    assert resolve() is None
    with pytest.raises(ModelsError, match="no other model before"):
        models.back()


def test_what_is_asked_for_stands_above_the_choice(models: Models, monkeypatch: pytest.MonkeyPatch) -> None:
    """First the command line, then TOCSIN_MODEL, then the choice."""
    models.use("one")
    monkeypatch.setenv("TOCSIN_MODEL", "named/elsewhere")
    assert resolve() == "named/elsewhere"
    assert resolve("given") == "given"


def test_a_name_that_there_is_not_is_refused(models: Models) -> None:
    with pytest.raises(ModelsError, match=f'no model "three". There are: {SHIPPED}'):
        models.use("three")
    with pytest.raises(ModelsError):
        models.use("../elsewhere")
    assert models.current == SHIPPED


def test_a_model_that_is_gone_is_told_and_skipped_on_the_way_back(models: Models) -> None:
    models.use("one")
    models.use("two")
    (models.folder / "two" / "config.json").unlink()
    with pytest.raises(ModelsError, match='"two", is gone'):
        resolve()
    assert models.back() == "one"


def test_a_full_disk_switches_nothing(models: Models, monkeypatch: pytest.MonkeyPatch) -> None:
    models.use("one")

    def full(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("bot.models.registry.os.fsync", full)
    with pytest.raises(ModelsError, match="nothing was switched"):
        models.use("two")
    assert models.current == "one"


def test_a_damaged_choice_is_a_sentence(models: Models) -> None:
    (models.folder / "current").write_text("{")
    with pytest.raises(ModelsError, match="Delete it to begin anew"):
        resolve()


@pytest.mark.parametrize(
    ("stem", "name"), [("my labels!", "my-labels-2026-11-22"), ("评论", "评论-2026-11-22"), ("..", "own")]
)
def test_a_new_model_has_a_name_of_its_own(stem: str, name: str, models: Models) -> None:
    fresh = models.fresh(stem, "2026-11-22")
    assert fresh.startswith(name)
    (models.folder / fresh).mkdir()
    assert models.fresh(stem, "2026-11-22") == f"{fresh}-2"


def test_work_under_way_is_not_listed(models: Models, tmp_path: Path) -> None:
    hidden: Any = models.folder / ".three.work"
    hidden.mkdir()
    (hidden / "config.json").write_text("{}")
    assert [entry.name for entry in models.entries()] == [SHIPPED, "one", "two"]


def test_the_environment_chooses_the_precision(tmp_path: Path) -> None:
    save(*small.small_network(), tmp_path)
    for precision in ("fp32", "bf16"):
        assert open_reader(str(tmp_path), Environment(precision=precision)).precision == precision
    with pytest.raises(PrecisionError):
        open_reader(str(tmp_path), Environment(precision="fp8"))
