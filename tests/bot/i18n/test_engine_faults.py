"""What the engine refuses, in every language."""

from __future__ import annotations

import string

import pytest

from bot.errors import worded
from bot.i18n.catalogue import LANGUAGES
from bot.i18n.speech import Speech
from engine.errors import SENTENCES, EngineError
from engine.query.query import QueryError, parse

EN, ZH = Speech("en"), Speech("zh")


def test_the_english_sentences_are_those_of_the_engine() -> None:
    assert EN.section("engine") == SENTENCES


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("code", SENTENCES)
def test_every_code_is_worded_with_its_values(code: str, language: str) -> None:
    names = {name for _, name, _, _ in string.Formatter().parse(SENTENCES[code]) if name}
    said = worded(EngineError(code, **{name: f"<{name}>" for name in names}), Speech(language))
    assert all(f"<{name}>" in said for name in names)


def test_what_one_error_quotes_of_another_is_worded_too() -> None:
    inner = EngineError("data.label", label="angry")
    error = EngineError("data.line", path="x.jsonl", line="2", why=inner.note)
    assert worded(error, ZH) == "x.jsonl 第 2 行：“angry”不是可用的标签，请写 negative、neutral 或 positive。"
    assert worded(error, EN) == str(error)


def test_a_query_that_is_refused_is_worded_as_everywhere() -> None:
    with pytest.raises(QueryError) as caught:
        parse("西贝 AND")
    assert worded(caught.value, ZH) == "第 4 个字符处的“AND”后面缺少内容。"
