"""HTML to plain text. What comes out has no tags and no entities; it is not yet safe to show in Slack."""

from __future__ import annotations

import html
import re

import nh3

LONGEST = 20_000
"""Characters of a post that are kept: far more than any model reads or any card shows."""

_LONGEST_MARKUP = 400_000
_TAG = re.compile(
    r"<(?:a|abbr|article|b|big|blockquote|body|br|center|cite|code|dd|div|dl|dt|em|embed|figcaption|figure|font|h[1-6]"
    r"|hr|html|i|iframe|img|ins|li|link|mark|object|ol|p|picture|pre|s|script|section|small|source|span|strong|style"
    r"|sub|sup|svg|table|tbody|td|th|time|tr|u|ul|video)(?:\s[^<>]*)?/?>|</\w{1,12}>|<!--",
    re.IGNORECASE,
)
_BREAKS = re.compile(
    r"<(?:br|/?(?:p|div|li|tr|h[1-6]|ul|ol|table|blockquote|section|article|figure|hr))\b", re.IGNORECASE
)
_SPACES = re.compile(r"[ \t\r\f\v\u00a0\u3000]+")
_LINES = re.compile(r" ?\n[ \n]*")


def plain(text: str) -> str:
    """*text* without markup: block tags become line breaks, scripts vanish, entities are resolved.

    Text that only looks a little like markup ("a<b", "I <3 it") stays as it is.
    """
    if _TAG.search(text):
        broken = _BREAKS.sub(r"\n\g<0>", text[:_LONGEST_MARKUP])
        text = nh3.clean(broken, tags=set())
    text = html.unescape(text)
    return _LINES.sub("\n", _SPACES.sub(" ", text)).strip()[:LONGEST]


def one_line(text: str) -> str:
    """A title: *text* without markup, on one line, at most 500 characters."""
    return " ".join(plain(text).split())[:500]
