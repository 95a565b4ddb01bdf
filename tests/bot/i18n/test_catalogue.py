"""Both languages say the same things, and everything that the code wants said."""

from __future__ import annotations

import re
import string
from datetime import timedelta
from pathlib import Path

import bot.delivery
import bot.i18n
import bot.slack
from bot.i18n.catalogue import LANGUAGES, templates
from bot.i18n.speech import Speech, rounded
from bot.records import ActKind
from bot.slack.render.moments import bars

ROOMS = [Path(module.__file__).parent for module in (bot.slack, bot.delivery, bot.i18n)]
CODE = "\n".join(path.read_text(encoding="utf-8") for room in ROOMS for path in sorted(room.rglob("*.py")))


def gaps(template: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(template) if name}


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


def gapless(template: str) -> str:
    return re.sub(r"\{\w+\}", "", template)


def test_every_sentence_that_the_code_asks_for_is_there() -> None:
    known = set(templates("en")) | {key.rpartition(".")[0] for key in templates("en")}
    asked = set(re.findall(r"""say\(\s*["']([a-z_.-]+)["']""", CODE))
    assert asked
    assert asked <= known


def test_no_sentence_is_idle() -> None:
    """A sentence whose key stands nowhere in the code, not even as an f-string's beginning, is never said."""
    wanted = set(re.findall(r"""["']([a-z_.-]+)["']""", CODE))
    begun = tuple(re.findall(r"""f["']([a-z_]+\.(?:[a-z_]+\.)?)\{""", CODE))
    for key in templates("en"):
        base = key.removesuffix(".zero").removesuffix(".one").removesuffix(".other")
        assert {key, base} & wanted or base.startswith(begun), key


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
