"""Spans of time as people write them."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.config import durations


@pytest.mark.parametrize(
    ("text", "minutes"),
    [
        ("90s", 1.5), ("15m", 15), ("15 min", 15), ("2h", 120), ("1 hour", 60), ("2 hours", 120), ("1d", 1440),
        ("1h30m", 90), ("1.5h", 90), ("0", 0), ("0m", 0), ("15分钟", 15), ("2 小时", 120), ("1小时30分", 90),
        ("1天", 1440), (" 2H ", 120), ("2w", 20160), ("2周", 20160),
    ],
)  # fmt: skip
def test_reads_spans_in_both_languages(text: str, minutes: float) -> None:
    """Units may be short or long, English or Chinese, with or without a space."""
    assert durations.parse(text) == timedelta(minutes=minutes)


@pytest.mark.parametrize("text", ["", "soon", "5", "-5m", "5x", "m", "5m tomorrow", "一会儿"])
def test_says_how_to_write_one(text: str) -> None:
    """Whatever is no span of time is refused with an example of one."""
    with pytest.raises(ValueError, match="for example 90s, 15m, 2h or 1d"):
        durations.parse(text)
