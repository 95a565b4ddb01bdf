"""Every language says the same things, and everything that the code wants said."""

from __future__ import annotations

import ast
import re
import string
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

import bot
from bot.i18n.catalogue import LANGUAGES, templates
from bot.i18n.speech import Speech, rounded
from bot.records import ActKind
from bot.slack.render.moments import bars

HOUSE = Path(bot.__file__).parent
MODULES = sorted(HOUSE.rglob("*.py"))
CODE = "\n".join(path.read_text(encoding="utf-8") for path in MODULES)
PAGE = "\n".join(path.read_text(encoding="utf-8") for path in sorted((HOUSE / "sandbox" / "page").glob("*.js")))

SPEAKING = {"say", "localised", "good", "bad", "_notice"}
"""Functions that are given the key of a sentence; errors are too."""

IN_CHINESE = (
    "cli/__init__.py",  # the motto above the help, which stands there in both languages
    "bench/", "demo/",  # posts and stories of an example: data
    "config/durations.py", "config/days.py", "config/schema.py", "slack/commands.py", "slack/ends.py",  # what people
    "slack/expected/typed.py",  # type
    "ingest/sources/dates.py", "ingest/sources/batch.py",  # how sites write dates and counts
)  # fmt: skip
"""The only modules in which Chinese characters stand."""


BY_LANGUAGE = (
    "bench/", "demo/",  # posts of an example
    "backtest/replay.py", "cli/backtest.py",  # the JSON format names a reason in both languages
    "slack/render/backtests.py", "slack/render/explanations.py", "i18n/speech.py",  # names that the engine gives
)  # fmt: skip
"""The only modules that name a language, beside the default one."""


def gaps(template: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(template) if name}


def gapless(template: str) -> str:
    return re.sub(r"\{\w+\}", "", template)


def base(key: str) -> str:
    """The key that the code says: without the ending that a number or a fault adds."""
    return key.removesuffix(".one").removesuffix(".other").removesuffix("_hint")


def asked(tree: ast.AST) -> Iterator[str]:
    """Every key that is written out where something is said."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and _name(node.func) and (_name(node.func) in SPEAKING or _is_error(node.func)):
            for argument in node.args:
                branches = [argument.body, argument.orelse] if isinstance(argument, ast.IfExp) else [argument]
                for one in branches:
                    if isinstance(one, ast.Constant) and re.fullmatch(r"[a-z_]+(\.[a-z0-9_-]+)+", str(one.value)):
                        yield str(one.value)


def _name(called: ast.expr) -> str:
    return called.attr if isinstance(called, ast.Attribute) else called.id if isinstance(called, ast.Name) else ""


def _is_error(called: ast.expr) -> bool:
    return _name(called).endswith(("Error", "NotAPost"))


def test_every_language_has_the_same_keys_with_the_same_gaps() -> None:
    english = templates("en")
    for language in LANGUAGES:
        other = templates(language)
        assert other.keys() == english.keys()
        assert {key: gaps(other[key]) for key in other} == {key: gaps(english[key]) for key in english}


def test_no_sentence_is_left_untranslated() -> None:
    english, chinese = templates("en"), templates("zh")
    same = {key for key in english if english[key] == chinese[key] and re.search(r"[A-Za-z]{2}", gapless(english[key]))}
    assert not same


def test_every_sentence_that_the_code_asks_for_is_there() -> None:
    known = set(templates("en")) | {base(key) for key in templates("en")} | {"topic.unknown"}
    wanted = {key for path in MODULES for key in asked(ast.parse(path.read_text(encoding="utf-8")))}
    assert len(wanted) > 200
    assert wanted <= known


def test_no_sentence_is_idle() -> None:
    """A sentence whose key stands nowhere in the code, not even as an f-string's beginning, is never said."""
    wanted = set(re.findall(r"""["']([a-z0-9_.-]+)["']""", CODE))
    begun = tuple(re.findall(r"""f["']([a-z_]+\.(?:[a-z_]+\.)?)\{""", CODE))
    on_page = set(re.findall(r'"(\w+)"', PAGE)) | set(re.findall(r"words\.(\w+)", PAGE))
    for key in templates("en"):
        if key.startswith("sandbox.page."):
            word = base(key).removeprefix("sandbox.page.")
            assert word in on_page or word.startswith("problem."), key
        elif not key.startswith("command."):
            assert {key, base(key)} & wanted or key.startswith(begun), key


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.relative_to(HOUSE).as_posix())
def test_no_chinese_sentence_stands_in_the_code(path: Path) -> None:
    """What people read in Chinese is in the catalogue."""
    if not path.relative_to(HOUSE).as_posix().startswith(IN_CHINESE):
        assert not re.findall(r"[\u3400-\u9fff]+", path.read_text(encoding="utf-8"))


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.relative_to(HOUSE).as_posix())
def test_nothing_is_decided_by_the_name_of_a_language(path: Path) -> None:
    """A further one would be forgotten there."""
    if not path.relative_to(HOUSE).as_posix().startswith(BY_LANGUAGE):
        assert not re.findall(r"[\"']zh[\"']", path.read_text(encoding="utf-8"))


def test_every_kind_of_act_can_be_told() -> None:
    for language in LANGUAGES:
        assert all(f"act.{kind.value}" in templates(language) for kind in ActKind)


def test_numbers_and_spans_are_said_in_each_language() -> None:
    english, chinese = Speech("en"), Speech("zh")
    assert english.times(1234, 72.4) == "*1,234* (usual: 72)"
    assert chinese.times(3, None) == "3"
    assert english.span(timedelta(hours=26, minutes=5)) == "1 d 2 h"
    assert chinese.span(timedelta(minutes=130)) == "2 小时 10 分钟"
    assert english.span(timedelta(seconds=4)) == "4 s"
    assert english.say("sources.title", n=1) == "1 source"
    assert english.say("sources.title", n=2) == "2 sources"


def test_an_unknown_language_is_spoken_in_english() -> None:
    assert Speech("fr").language == "en"


def test_bars_show_the_shape_and_no_post_is_lost_in_it() -> None:
    assert bars([0, 1, 400, 800]) == "▁▂▅█" or bars([0, 1, 400, 800])[1] != "▁"
    assert bars([0, 0]) == "▁▁"
    assert bars([]) == ""


def test_baselines_are_rounded_as_people_say_them() -> None:
    assert [rounded(value) for value in (0, 0.25, 4.0, 8.25, 72.5, 1234.4)] == ["0", "0.2", "4", "8.2", "72", "1,234"]
