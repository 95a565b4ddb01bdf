"""The engine's benchmark: everything that it names is really run; how quick it is nobody asserts."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bot.bench.speed import probe, shared_device
from bot.bench.speed.speed import SpeedReport, measure
from bot.bench.speed.table import show
from bot.bench.speed.texts import made_up, of_file
from bot.errors import TocsinError
from engine.model.loading import save
from engine.model.reference_pipelines import Size
from tests.engine.model import small

TINY = Size(layers=1, width=16, heads=2)


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("model")
    save(*small.small_network(), folder)
    return folder


@pytest.fixture(scope="module")
def report(model: Path) -> SpeedReport:
    return measure(made_up(8), model=str(model), base=TINY, small=TINY, worker=False, readers=2, at_least=0.01)


def test_all_three_pipelines_the_loop_and_the_reader_read_every_text(report: SpeedReport) -> None:
    assert {task: pace.outputs for task, pace in report.pipelines.items()} == {
        "text-classification": 8,
        "token-classification": 8,
        "feature-extraction": 8,
    }
    assert (report.together.outputs, report.naive.outputs, report.ours.outputs) == (24, 8, 8)


def test_ratios_come_from_the_paces(report: SpeedReport) -> None:
    """The three together are slower than the slowest of them, and the ratios are of posts a core-second."""
    assert report.together.core < min(pace.core for pace in report.pipelines.values())
    assert report.times_pipelines == pytest.approx(report.ours.core / report.together.core)
    assert report.times_naive == pytest.approx(report.ours.core / report.naive.core)
    assert report.of_floor is None
    assert report.layers == 2


def test_the_table_and_the_object_say_the_same(report: SpeedReport, capsys: pytest.CaptureFixture[str]) -> None:
    show(report, as_json=True)
    told = json.loads(capsys.readouterr().out)
    show(report, as_json=False)
    table = capsys.readouterr().out
    assert told["texts"] == 8
    assert told["times_pipelines"] == pytest.approx(report.times_pipelines, abs=0.01)
    assert "against the three" in table
    assert "Tokenisation takes" in table
    assert "2 readers that share the device" in table


def test_readers_that_share_the_device_each_read_everything(report: SpeedReport) -> None:
    assert report.shared is not None
    assert report.shared.outputs >= 16
    assert report.shared.outputs % 8 == 0
    assert report.shared.wall > 0


def test_readers_that_cannot_open_the_model_say_why(tmp_path: Path) -> None:
    with pytest.raises(TocsinError, match=r"2 readers could not share the device: .*no-model"):
        shared_device.measure(["one"], str(tmp_path / "no-model"), 2, at_least=0.01)


def test_a_worker_is_watched_in_a_process_of_its_own(model: Path) -> None:
    seen = probe.footprint(str(model))
    assert seen.first_core > 0
    assert seen.first_reading > 0
    assert seen.memory > 50, "torch alone takes more"


def test_a_worker_that_dies_says_so(tmp_path: Path) -> None:
    with pytest.raises(TocsinError, match="ended early"):
        probe.footprint(str(tmp_path / "no-model"))


def test_texts_are_the_same_every_time_in_both_languages() -> None:
    texts = made_up(40)
    assert texts == made_up(40)
    assert texts != made_up(40, seed=1)
    assert sum("。" in text for text in texts) == 20
    assert max(map(len, texts)) > 5 * min(map(len, texts)), "mixed lengths"


def test_texts_of_a_file(tmp_path: Path) -> None:
    file = tmp_path / "posts.jsonl"
    file.write_text('{"text": "one"}\n\n{"text": "二"}\n{"text": "three"}\n', encoding="utf-8")
    assert of_file(file, 2) == ["one", "二"]


@pytest.mark.parametrize("line", ["{", "[]", '{"text": " "}', '{"text": 3}'])
def test_a_line_that_is_no_post_is_named(tmp_path: Path, line: str) -> None:
    file = tmp_path / "posts.jsonl"
    file.write_text(f'{{"text": "one"}}\n{line}\n', encoding="utf-8")
    with pytest.raises(TocsinError, match="line 2"):
        of_file(file, 9)


def test_a_file_without_posts_is_refused(tmp_path: Path) -> None:
    (tmp_path / "empty.jsonl").write_text("\n", encoding="utf-8")
    with pytest.raises(TocsinError, match="There is no post in"):
        of_file(tmp_path / "empty.jsonl", 9)
    with pytest.raises(TocsinError, match="cannot be read"):
        of_file(tmp_path / "missing.jsonl", 9)
