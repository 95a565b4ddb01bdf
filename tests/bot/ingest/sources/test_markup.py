"""HTML becomes plain text; plain text stays what it is."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.ingest.sources.markup import LONGEST, one_line, plain


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("<p>One</p><p>Two<br>three</p>", "One\nTwo\nthree"),
        ("<b>Recall</b> of <a href='x'>milk</a>", "Recall of milk"),
        ("<script>alert(1)</script>after<style>p{}</style>", "after"),
        ("Tom &amp; Jerry &#8212; ok", "Tom & Jerry — ok"),
        ("<p>a &lt;b&gt; c</p>", "a <b> c"),
        ("I <3 this, and a<b too", "I <3 this, and a<b too"),
        ("如果 x<y 且 z>w", "如果 x<y 且 z>w"),
        ("<!-- hidden -->shown", "shown"),
        ("a\u3000b\u00a0 c", "a b c"),
        ("<div><div><p>x", "x"),
    ],
)
def test_plain(markup: str, text: str) -> None:
    assert plain(markup) == text


def test_a_title_is_one_short_line() -> None:
    assert one_line("<p>Recall</p>\n<p>of milk</p>") == "Recall of milk"
    assert len(one_line("x" * 5000)) == 500


def test_a_post_has_an_end() -> None:
    """Megabytes of text in one item are cut."""
    assert len(plain("<p>word</p>" * 300_000)) <= LONGEST


@given(st.text())
def test_any_text_is_survived(text: str) -> None:
    assert plain(plain(text)) is not None
    assert "<script" not in plain(f"<script>{text}").lower() or "<script" in text.lower() or "&" in text
