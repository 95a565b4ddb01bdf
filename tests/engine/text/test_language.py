"""Which language a post is in: short titles, mixed scripts, emoji, other languages."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.text.language import language


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("西贝", "zh"),
        ("優衣庫道歉", "zh"),
        ("A股", "zh"),
        ("iPhone 17 Pro Max 来了", "zh"),
        ("OpenAI CEO Sam Altman 回应", "zh"),
        ("new balance 回应", "zh"),
        ("The Ordinary 涨价", "zh"),
        ("这个app真的bug很多", "zh"),
        ("优の良品", "zh"),
        ("😡😡西贝", "zh"),
        ("Xibei (西贝) apologises", "en"),
        ("I love 火锅 so much", "en"),
        ("西贝 is under fire for its pre-made meals", "en"),
        ("Starbucks recall", "en"),
        ("BREAKING: CEO RESIGNS", "en"),
        ("@united Thanks!", "en"),
        ("@united worst airline ever 😡 http://t.co/x", "en"),
        ("Biden and Netanyahu speak as Israel mulls Iran response", "en"),
        ("東京電力が謝罪", "ja"),
        ("トヨタ、リコールを発表", "ja"),
        ("삼성 사과", "ko"),
        ("แบรนด์ขอโทษ", "th"),
        ("Скандал вокруг бренда", "ru"),
        ("Nestlé rappelle des lots de lait", "fr"),
        ("La marca pide perdón a sus clientes", "es"),
        ("Rückruf bei VW wegen Brandgefahr", "de"),
        ("الشركة تعتذر لعملائها", "ar"),
        ("Delta", ""),
        ("😡😡😡", ""),
        ("", ""),
        ("12306", ""),
        ("http://a.b/c", ""),
        ("!!!", ""),
    ],
)
def test_language(text: str, expected: str) -> None:
    """The language of the sentence, not of the names in it; nothing where nothing tells."""
    assert language(text) == expected


@settings(max_examples=200)
@given(text=st.text(max_size=80))
def test_any_text_has_an_answer(text: str) -> None:
    """Whatever comes in, a code of two letters or nothing comes out."""
    code = language(text)
    assert code == "" or (len(code) == 2 and code.islower())


@pytest.mark.shared
@pytest.mark.parametrize(
    ("name", "code", "least"),
    [("data/titles_en.jsonl", "en", 0.99), ("data/titles_zh.jsonl", "zh", 0.99)],
)
def test_titles(shared: Path, name: str, code: str, least: float) -> None:
    """Of real titles, as short as they come, ninety-nine in a hundred are told."""
    titles = [json.loads(line)["text"] for line in (shared / name).read_text(encoding="utf-8").splitlines()]
    told = [language(title) for title in titles]
    assert told.count(code) / len(told) >= least
