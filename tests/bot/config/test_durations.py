"""Spans of time as people write them."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.config import durations


@pytest.mark.parametrize(
    ("text", "minutes"),
    [
        ("90s", 1.5), ("15m", 15), ("15 min", 15), ("2h", 120), ("1 hour", 60), ("2 hours", 120), ("1d", 1440),
        ("1h30m", 90), ("1.5h", 90), ("0", 0), ("0m", 0), ("15分钟", 15), ("2 小时", 120), ("1小时30分", 90),
        ("1天", 1440), (" 2H ", 120), ("2w", 20160), ("2周", 20160), ("90 min", 90), ("2h30", 150), ("two hours", 120),
        ("half a day", 720), ("half an hour", 30), ("two and a half hours", 150), ("an hour and a half", 90),
        ("1 hour and 30 minutes", 90), ("两小时", 120), ("两个半小时", 150), ("半天", 720), ("半小时", 30),
        ("半个小时", 30),
        ("一个半小时", 90), ("两小时半", 150), ("一天半", 2160), ("二十五分钟", 25), ("三刻钟", 45), ("两个钟头", 120),
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


WORDS = (
    "2",
    "1.5",
    "half",
    "an",
    "hour",
    "hours",
    "and",
    "a",
    "min",
    "h",
    "两",
    "个",
    "半",
    "小时",
    "十",
    "天",
    "时",
    " ",
    "9" * 9,
)


@given(st.one_of(st.text(max_size=300), st.lists(st.sampled_from(WORDS), max_size=200).map("".join)))
def test_no_text_breaks_it_and_no_span_is_negative(text: str) -> None:
    span, rest = durations.leading(text)
    assert (span is None and rest == text) or (span is not None and span >= timedelta())
    assert text.rstrip().endswith(rest.strip())


@pytest.mark.parametrize(
    ("text", "rest"),
    [
        ("2h the plant calls back", "the plant calls back"),
        ("两小时，等厂里回电", "，等厂里回电"),
        ("two outlets ask", None),
        ("半天没人回应", None),
    ],
)
def test_a_reason_behind_a_span_is_no_part_of_it(text: str, rest: str | None) -> None:
    span, found = durations.leading(text)
    assert found.strip() == rest if span else rest is None
