"""The fences of the house: who may import what, and who may ask for the time."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
FILES = sorted(path for room in ("bot", "engine") for path in (ROOT / room).rglob("*.py"))

HOMES = {
    "torch": ("engine/model/", "engine/training/"),
    "transformers": ("engine/model/", "engine/training/"),
    "sqlmodel": ("bot/store/",),
    "sqlalchemy": ("bot/store/",),
    "alembic": ("bot/store/",),
    "redis": ("bot/infra/",),
    "slack_sdk": ("bot/slack/", "bot/delivery/"),
    "slack_bolt": ("bot/slack/", "bot/delivery/"),
    "apscheduler": ("bot/ingest/poller.py",),
}
"""Package → the only places that may import it."""

PURE = ("engine/", "bot/incidents/", "bot/backtest/core.py", "bot/slack/render/", "bot/slack/commands.py",
        "bot/records.py")  # fmt: skip
"""What is given the time as an argument and never asks for it."""

LONGEST = 400


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def imports(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            yield node.module


@pytest.mark.parametrize("path", FILES, ids=name)
def test_every_package_is_imported_only_in_its_home(path: Path) -> None:
    for module in imports(ast.parse(path.read_text(encoding="utf-8"))):
        package = module.split(".")[0]
        if package in HOMES:
            assert name(path).startswith(HOMES[package]), f"{name(path)} imports {module}"


@pytest.mark.parametrize("path", [path for path in FILES if name(path).startswith("engine/")], ids=name)
def test_the_engine_never_imports_the_bot(path: Path) -> None:
    found = [m for m in imports(ast.parse(path.read_text(encoding="utf-8"))) if m.split(".")[0] == "bot"]
    assert not found


@pytest.mark.parametrize("path", [path for path in FILES if name(path).startswith(PURE)], ids=name)
def test_the_pure_rooms_ask_no_clock(path: Path) -> None:
    asked = {"now", "utcnow", "today", "time", "monotonic"}
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in asked:
            owner = node.func.value
            assert not (isinstance(owner, ast.Name) and owner.id in {"datetime", "time", "date"}), (
                f"{name(path)}:{node.lineno} asks for the time"
            )


@pytest.mark.parametrize("path", FILES, ids=name)
def test_what_is_frozen_stays_frozen(path: Path) -> None:
    assert "object.__setattr__" not in path.read_text(encoding="utf-8")


LOG_METHODS = {"debug", "info", "warning", "error", "critical"}
LOGGERS = {"log", "logger", "logging"}
TELLING = {"exc_info", "error", "exception"}


@pytest.mark.parametrize("path", [path for path in FILES if name(path).startswith("bot/")], ids=name)
def test_no_log_holds_the_message_of_an_error(path: Path) -> None:
    """Errors are logged through ``bot.infra.error_trail``: their class and place, never what they say."""
    for call in _logging_calls(ast.parse(path.read_text(encoding="utf-8"))):
        words = {each.id for each in ast.walk(call) if isinstance(each, ast.Name)}
        words |= {word.arg for word in call.keywords if word.arg}
        assert not words & TELLING, f"{name(path)}:{call.lineno} logs what an error says"


def _logging_calls(tree: ast.AST) -> Iterator[ast.Call]:
    for node in ast.walk(tree):
        match node:
            case ast.Call(func=ast.Attribute(value=ast.Name(id=owner), attr=method)) if owner in LOGGERS:
                assert method != "exception", f"line {node.lineno} logs a traceback"
                if method in LOG_METHODS:
                    yield node


@pytest.mark.parametrize("path", FILES, ids=name)
def test_files_stay_small(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= LONGEST


def test_help_imports_nothing_heavy() -> None:
    """``tocsin --help`` must answer at once."""
    heavy = {"torch", "transformers", "sqlmodel", "slack_bolt", "numpy", "rjieba"}
    script = f"import sys, bot.cli; found = {heavy!r} & set(sys.modules); sys.exit(str(found) if found else 0)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, cwd=ROOT, check=False)
    assert done.returncode == 0, done.stderr
