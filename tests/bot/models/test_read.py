"""Reading and measuring at the command line: what is wrong with the input is told before a model is loaded."""

from __future__ import annotations

from io import StringIO
from pathlib import Path

import pytest

from bot.errors import LocalisedError
from bot.models import read
from engine.errors import EngineError


@pytest.fixture(autouse=True)
def no_model(monkeypatch: pytest.MonkeyPatch) -> None:
    def loaded(_name: str) -> None:
        raise AssertionError("a model was loaded")

    monkeypatch.setattr(read, "open_reader", loaded)


@pytest.mark.parametrize(("task", "code"), [("dance", "data.task"), ("ner", "data.no_file")])
def test_a_task_or_file_that_is_none_is_told_first(task: str, code: str, tmp_path: Path) -> None:
    with pytest.raises(EngineError) as told:
        read.evaluate(task, tmp_path / "none.jsonl", model="", as_json=True)
    assert told.value.note.code == code


def test_a_row_that_does_not_fit_the_task_is_told_first(tmp_path: Path) -> None:
    file = tmp_path / "rows.jsonl"
    file.write_text('{"text": "good", "label": "splendid"}\n', encoding="utf-8")
    with pytest.raises(EngineError) as told:
        read.evaluate("sentiment", file, model="", as_json=True)
    assert told.value.note.code == "data.line"


def test_a_first_line_that_is_no_post_is_told_first() -> None:
    with pytest.raises(LocalisedError) as told:
        read.run(StringIO('{"no": "text"}\n'), StringIO(), target="", model="", as_json=True)
    assert told.value.text.code == "reading.no_text"
