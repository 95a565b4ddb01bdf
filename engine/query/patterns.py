"""Comparing a whole text with a pattern in which ``*`` stands for anything, in linear time."""

from __future__ import annotations


def fits(pattern: str, text: str) -> bool:
    """Whether *text* is *pattern*, in linear time however many stars there are."""
    first, *rest = pattern.split("*")
    if not rest:
        return text == first
    *middle, last = rest
    place = len(first) if text.startswith(first) else -1
    for piece in middle:
        found = text.find(piece, place) if place >= 0 else -1
        place = found + len(piece) if found >= 0 else -1
    return 0 <= place <= len(text) - len(last) and text.endswith(last)
