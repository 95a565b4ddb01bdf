"""Every sentence exists in both languages, with the same gaps, and finds its way from one to the other."""

from __future__ import annotations

import re

import pytest

from bot.ingest.sources.errors import FetchError, SourceError
from bot.ingest.sources.sentences import SENTENCES, say, translate

GAPS = re.compile(r"\{(\w+)\}")


@pytest.mark.parametrize("code", SENTENCES)
def test_both_languages_have_the_same_gaps(code: str) -> None:
    english, chinese = SENTENCES[code]
    assert set(GAPS.findall(english)) == set(GAPS.findall(chinese))
    assert english.endswith((".", "{feed}"))
    assert re.search("[\u4e00-\u9fff]", chinese)


@pytest.mark.parametrize("code", SENTENCES)
def test_a_kept_sentence_is_said_in_chinese(code: str) -> None:
    """What a source keeps is English; a Chinese team reads the same in Chinese."""
    values = {gap: f"{gap}-1.2 (x)" for gap in GAPS.findall(SENTENCES[code][0])}
    english = say(code, "en", **values)
    assert translate(english, "zh") == say(code, "zh", **values)
    assert translate(english, "en") == english


def test_an_unknown_sentence_stays_what_it_is() -> None:
    assert translate("Something else.", "zh") == "Something else."


def test_an_error_speaks_both() -> None:
    error = FetchError("too_often", host="wire.example", status=429)
    assert str(error).startswith("wire.example says that Tocsin asks too often (status 429)")
    assert error.say("zh").startswith("wire.example 表示访问过于频繁")
    assert isinstance(error, SourceError)
