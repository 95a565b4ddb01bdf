"""Strangers' text means nothing to Slack."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.slack.render.escape import clipped, escaped, link, plain, quoted, unescaped, web_address

HOSTILE = st.text(st.sampled_from(list("<>&|!@#*_~`:/.\\\n\r\t \u202e\u200b\u0301abcU1C中文😀https")), max_size=400)


@given(HOSTILE | st.text(max_size=400))
def test_no_control_sequence_survives(text: str) -> None:
    """Slack reads <…> and nothing else as a mention, a link or a date: no such pair is left."""
    shown = quoted(text)
    assert "<" not in shown
    assert ">" not in shown
    assert not re.search(r"&(?!amp;|lt;|gt;)", shown)


@given(HOSTILE)
def test_no_marker_line_or_hidden_direction_survives(text: str) -> None:
    shown = quoted(text)
    assert not set(shown) & set("*~`\n\r\t\u202e\u200b")
    assert not re.search(r"(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])", shown)
    assert "\u0301" * 4 not in shown


@given(st.text(max_size=1000), st.integers(1, 300))
def test_clipping_keeps_the_limit(text: str, limit: int) -> None:
    assert len(clipped(text, limit)) <= limit
    assert len(plain(text, limit)) <= limit


@given(st.text(max_size=300))
def test_escaping_can_be_undone(text: str) -> None:
    assert unescaped(escaped(text)) == text


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "ftp://a.test/x",
        "https://",
        "http://user@bank.test@evil.test/",
        "",
        "https://[bad",
        "x" * 9,
    ],
)
def test_an_address_that_is_no_plain_web_address_is_not_linked(url: str) -> None:
    assert link(url, "open") == "open"


def test_a_link_cannot_be_broken_out_of() -> None:
    made = link("https://a.test/x|y>z<!channel>?q=中 文&r=1", "weibo|now")
    assert made.count("<") == made.count(">") == made.count("|") == 1
    assert made.endswith("|weibo¦now>")
    assert "&amp;r=1" in made


def test_an_address_inside_a_post_is_cut_to_its_host() -> None:
    assert quoted("看 https://shop.test/a/b?c=1 和 www.b.test") == "看 shop.test/… 和 b.test"


def test_a_handle_keeps_its_underscore() -> None:
    assert quoted("@tea_lover says _so_") == "@tea_lover says ˍsoˍ"


def test_an_emoji_code_in_a_post_stays_letters() -> None:
    assert ":rotating_light:" not in plain(":rotating_light: all clear", 100)
    assert quoted("at 12:30 today") == "at 12:30 today"


def test_a_long_address_is_no_address() -> None:
    assert web_address("https://a.test/" + "x" * 3000) == ""
