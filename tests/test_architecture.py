"""The fences of the house: who may import what, and who may ask for the time."""

from __future__ import annotations

import ast
import graphlib
import re
import subprocess
import sys
from collections import Counter
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
    "apscheduler": ("bot/ingest/",),
}
"""Package → the only places that may import it."""

PURE = (
    "engine/",
    "bot/incidents/",
    "bot/backtest/",
    "bot/slack/render/",
    "bot/slack/forms/",
    "bot/slack/exports/",
    "bot/desk/",
    "bot/i18n/",
    "bot/records/",
)
"""What is given the time as an argument and never asks for it."""

CHINESE_DATA = {
    "engine/model/explain.py",  # negations
    "engine/model/viterbi.py",  # function words
    "engine/query/fields.py",  # keywords of the query language
    "engine/query/grammar.py",  # keywords of the query language
    "engine/query/normalisation.py",  # ranges of characters
    "engine/text/chinese_words.py",  # what hangs on to a word
    "engine/training/examples.py",  # labels of a public data set
    "engine/watch/standing.py",  # kinds of outlets, by their names
}
"""The files of the engine that know Chinese words because they read Chinese."""

LONGEST = 330  # lines of a file
MOST = 16  # modules of a folder, its __init__ among them


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


@pytest.mark.parametrize("path", [path for path in FILES if name(path).startswith("engine/")], ids=name)
def test_the_engine_holds_no_chinese_but_that_of_the_language_itself(path: Path) -> None:
    """Sentences are the catalogue's; what the engine knows of Chinese is data: words, characters, keywords."""
    found = [text for text in _strings(path) if re.search("[\u3400-\u9fff]", text)]
    assert not found or name(path) in CHINESE_DATA


@pytest.mark.parametrize("place", sorted(CHINESE_DATA))
def test_what_is_listed_as_chinese_data_holds_some(place: str) -> None:
    assert any(re.search("[\u3400-\u9fff]", text) for text in _strings(ROOT / place))


def _strings(path: Path) -> Iterator[str]:
    """The string literals of a file, but for docstrings."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    papers = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in papers:
            yield node.value


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


CORE = (
    "bot.incidents.topic_turn", "bot.incidents.sweeper", "bot.incidents.acts", "bot.backtest.core",
    "bot.backtest.replay", "bot.desk.desk", "bot.desk.views.history_queries", "bot.desk.drafts",
    "bot.slack.render.cards",
)  # fmt: skip
"""What decides and what is shown: usable without a database, a Redis and a Slack."""


@pytest.mark.parametrize("module", CORE)
def test_the_core_loads_no_database_redis_or_slack(module: str) -> None:
    outside = {"redis", "sqlalchemy", "sqlmodel", "alembic", "slack_sdk", "slack_bolt", "torch", "transformers"}
    script = f"import sys, {module}; found = {outside!r} & set(sys.modules); sys.exit(str(found) if found else 0)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, cwd=ROOT, check=False)
    assert done.returncode == 0, done.stderr


def test_no_module_is_imported_in_a_circle() -> None:
    """As they are loaded, packages with their parents: whichever is asked for first, all can be loaded."""
    graph = {module_of(path): set(loaded_by(path)) for path in FILES}
    order = graphlib.TopologicalSorter(graph)
    order.prepare()  # raises CycleError


def module_of(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {module_of(path) for path in FILES}


def loaded_by(path: Path) -> Iterator[str]:
    """The modules that *path* loads when it is loaded itself; its own packages are loading already."""
    own = module_of(path)
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        names = []
        if isinstance(node, ast.ImportFrom) and node.module:
            names = [f"{node.module}.{alias.name}" for alias in node.names] + [node.module]
        elif isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        for name in names:
            parts = name.split(".")
            above = {".".join(parts[:length]) for length in range(1, len(parts) + 1)}
            yield from (each for each in above & MODULES if each != own and not own.startswith(f"{each}."))


def test_no_folder_is_crowded() -> None:
    modules = Counter(name(path.parent) for path in FILES)
    assert {folder: count for folder, count in modules.items() if count > MOST} == {}


def test_one_class_name_has_one_meaning() -> None:
    classes = Counter(
        node.name
        for path in FILES
        for node in ast.parse(path.read_text(encoding="utf-8")).body
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_")
    )
    assert {each for each, count in classes.items() if count > 1} == set()
