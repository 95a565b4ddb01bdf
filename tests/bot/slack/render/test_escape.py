"""Strangers' text means nothing to Slack."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.slack.render.escape import clipped, escaped, flattened, link, plain, quoted, unescaped, web_address

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


@pytest.mark.parametrize(
    ("text", "limit", "shown"),
    [
        ("abcde", 5, "abcde"),
        ("abcdef", 5, "abcd…"),
        ("ab", 1, "…"),
        ("ab", 0, ""),
        ("one two three", 10, "one two t…"),  # the space is too far back
        ("one twooo three", 12, "one twooo…"),
        ("so it is, then and now", 11, "so it is…"),
        ("他们说，后来的事", 5, "他们说…"),
    ],
)
def test_what_is_too_long_is_cut_at_a_space_that_is_near(text: str, limit: int, shown: str) -> None:
    assert clipped(text, limit) == shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\x07b\nc\u2028d", "a b c d"),
        ("a\u202eb\ud800c\ue000d\u0378e", "abcde"),
        ("👨\u200d👩\u200d👧", "👨\u200d👩\u200d👧"),
        ("x" + "\u0301" * 9 + "q" + "\u0301" * 2, "x" + "\u0301" * 3 + "q" + "\u0301" * 2),
        ("x" + "\u20dd" * 9, "x" + "\u20dd" * 3),
        ("\u0301" * 9, "\u0301" * 3),
        ("e\u0301", "é"),
        ("  a   b  ", "a b"),
    ],
)
def test_a_text_becomes_one_plain_line(text: str, shown: str) -> None:
    """Control characters are spaces, what is invisible goes, and of a tower of accents three stay."""
    assert flattened(text) == shown


def test_each_marker_becomes_a_letter_that_looks_like_it() -> None:
    assert quoted("*a* ~b~ `c` _d_ :tada:") == "∗a∗ ∼b∼ ˋcˋ ˍdˍ ꞉tada:"
    assert plain("*a* :tada:", 100) == "*a* ꞉tada:"


def test_a_quotation_is_at_most_a_hundred_and_sixty_characters() -> None:
    assert quoted("x" * 160) == "x" * 160
    assert quoted("x" * 161) == "x" * 159 + "…"


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("https://a.test", "a.test"),
        ("http://a.test/", "a.test"),
        ("HTTPS://a.test/x", "a.test/…"),
        ("www.a.test?q=1", "a.test/…"),
        ("https://bank.test@evil.test/login", "evil.test/…"),
    ],
)
def test_of_an_address_in_a_post_the_host_that_it_leads_to_stays(address: str, shown: str) -> None:
    assert quoted(f"see {address} now") == f"see {shown} now"


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_web_address_is_linked_as_it_is(scheme: str) -> None:
    url = f"{scheme}://a.test:80/x-y_z.~%20?q=[1]&r=$,;:'()*+!@=#top"
    assert web_address(f" {url} ") == url.replace("&", "&amp;")
    assert link(url, "open") == f"<{url.replace('&', '&amp;')}|open>"


def test_an_address_of_six_hundred_characters_is_the_longest() -> None:
    url = "https://a.test/"
    assert web_address(url + "x" * (600 - len(url))) == url + "x" * (600 - len(url))
    assert web_address(url + "x" * (601 - len(url))) == ""


def test_exactly_three_characters_are_escaped() -> None:
    assert escaped("""<a & b> "c" 'd' &amp;""") == """&lt;a &amp; b&gt; "c" 'd' &amp;amp;"""
    assert unescaped("&lt;a &amp; b&gt; &amp;lt;") == "<a & b> &lt;"
