"""What the engine refuses: a code, values, and an English sentence for those who use it alone."""

from __future__ import annotations

import ast
import string
from collections.abc import Iterator
from pathlib import Path

import engine
from engine.errors import SENTENCES, EngineError
from engine.model.loading import ModelError

ROOM = Path(engine.__file__).parent


def raised() -> Iterator[tuple[str, set[str]]]:
    """Every code that is raised anywhere in the engine, with the names of its values."""
    for path in ROOM.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id.endswith("Error"):
                code = node.args[0].value if node.args and isinstance(node.args[0], ast.Constant) else None
                if code in SENTENCES:
                    yield str(code), {str(keyword.arg) for keyword in node.keywords}


def test_every_sentence_is_raised_with_what_fills_its_gaps() -> None:
    gaps = {
        code: {name for _, name, _, _ in string.Formatter().parse(text) if name} for code, text in SENTENCES.items()
    }
    assert {code for code, _ in raised()} == SENTENCES.keys()
    assert [(code, values) for code, values in raised() if values != gaps[code]] == []


def test_every_error_is_raised_by_its_code() -> None:
    """A sentence written where it is raised could be told in one language only."""
    own = {kind.__name__ for kind in _kinds(EngineError)} - {"QueryError"}  # whose code is its kind
    for path in ROOM.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in own:
                assert isinstance(node.args[0], ast.Constant), f"{path.name}:{node.lineno}"
                assert node.args[0].value in SENTENCES, f"{path.name}:{node.lineno}"


def test_an_error_is_a_code_with_values_and_an_english_sentence_as_a_string() -> None:
    error = ModelError("model.no_file", name=Path("mine"), file="config.json")
    assert (error.note.code, error.note.values) == ("model.no_file", {"name": "mine", "file": "config.json"})
    assert str(error).startswith('The model "mine" has no config.json: ')


def test_an_error_may_quote_another() -> None:
    inner = EngineError("data.label", label="angry")
    error = EngineError("data.line", path="x.jsonl", line="2", why=inner.note)
    assert str(error) == f"x.jsonl: line 2: {inner}"
    assert "{" in str(EngineError("data.entities"))


def _kinds(kind: type[EngineError]) -> Iterator[type[EngineError]]:
    import engine.model.runners
    import engine.training.atomic_save
    import engine.trend.series
    import engine.watch.state  # noqa: F401

    yield kind
    for below in kind.__subclasses__():
        yield from _kinds(below)
