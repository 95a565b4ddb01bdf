"""The public names of the engine: complete, and paid for only when they are used."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import engine

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("name", engine.__all__)
def test_every_public_name_can_be_imported_and_says_what_it_is(name: str) -> None:
    found = getattr(engine, name)
    assert found.__doc__
    assert name in dir(engine)


def test_a_name_that_is_not_public_is_refused() -> None:
    with pytest.raises(AttributeError, match="no attribute 'Redaer'"):
        _ = engine.Redaer


def test_every_public_name_has_one_home() -> None:
    homes = [name for names in engine._HOMES.values() for name in names]
    assert sorted(homes) == sorted(engine.__all__)


@pytest.mark.parametrize(
    ("statement", "unwanted"),
    [
        ("import engine", {"torch", "transformers", "numpy", "lark"}),
        ("from engine import Post, Topic, Level, EngineError", {"torch", "transformers", "numpy"}),
        ("from engine import Watch, detect, parse_query", {"torch", "transformers"}),
    ],
)
def test_a_name_loads_no_more_than_it_needs(statement: str, unwanted: set[str]) -> None:
    script = f"import sys; {statement}; found = {unwanted!r} & set(sys.modules); sys.exit(str(found) if found else 0)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, cwd=ROOT, check=False)
    assert done.returncode == 0, done.stderr
