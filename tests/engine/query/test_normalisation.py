"""Folding for comparison: one form for all ways of writing, and a way back to the original."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.query.normalisation import normalised

quick = settings(max_examples=200)


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Ｎｅｓｔｌé", "nestle"),
        ("Nestle\u0301", "nestle"),
        ("ﬁne \n\t print", "fine print"),
        ("西\u200b贝\ufeff", "西贝"),
        ("ｶﾞｽ", "ガス"),
        ("McDonald’s – “now”", 'mcdonald\'s - "now"'),
        ("İstanbul", "istanbul"),
        ("Ёлка", "елка".replace("е", "ё", 1)),
        ("", ""),
    ],
)
def test_fold(text: str, folded: str) -> None:
    """Case, width, accents on Latin letters and hidden characters go; other scripts keep their marks."""
    assert normalised(text).text == folded


@quick
@given(text=st.text(max_size=80))
def test_every_folded_character_knows_its_origin(text: str) -> None:
    """Origins lie inside the text, in order, and fold to what they became."""
    folded = normalised(text)
    assert len(folded.starts) == len(folded.ends) == len(folded.text)
    assert list(folded.starts) == sorted(folded.starts)
    for place, char in enumerate(folded.text):
        start, end = folded.origin(place, place + 1)
        assert 0 <= start < end <= len(text)
        assert char in normalised(text[start:end]).text


@quick
@given(text=st.text(max_size=80))
def test_folding_twice_is_folding_once(text: str) -> None:
    """A query that is pasted from a folded text finds the same."""
    once = normalised(text).text
    assert normalised(once).text == once
