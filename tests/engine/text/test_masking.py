"""Personal data out of what leaves Tocsin, and nothing else."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.text.masking import mask

PERSONAL = [
    "13812345678",
    "138 1234 5678",
    "+86-13812345678",
    "１３８１２３４５６７８",
    "021-54321234",
    "(0755) 26001234",
    "11010519491231002X",
    "a.b+c@mail.example.com",
    "4111 1111 1111 1111",
    "6222020200112233446",
    "123-45-6789",
    "(415) 555-2671",
    "415-555-2671",
    "+44 20 7946 0958",
]

PUBLIC = [
    "2025-09-10 20:37",
    "14,640 posts, 316 today",
    "订单20250910123456",
    "保质期 24 个月，罚款 1,234,567.89 元",
    "hotline 400-800-1234 or 1-800-555-0199",
    "https://t.co/13812345678",
    "567588278875213824x",
    "@united @罗永浩",
    "version 3.11.13812345678",
    "西贝 95 折",
]


@pytest.mark.parametrize("secret", PERSONAL)
@pytest.mark.parametrize("frame", ["{}", "电话{}，谢谢", "call me: {}, please.", "（{}）"])
def test_personal_data_is_masked(secret: str, frame: str) -> None:
    """Telephone, identity and card numbers and addresses, in either width, wherever they stand."""
    assert mask(frame.format(secret)) == frame.format("•••")


@pytest.mark.parametrize("text", PUBLIC)
def test_other_numbers_stay(text: str) -> None:
    """Dates, counts, orders, hotlines, links and handles are evidence."""
    assert mask(text) == text


@settings(deadline=None, max_examples=200)
@given(text=st.text(alphabet="0123456789-+() @.aZ西，", max_size=60))
def test_masking_twice_is_masking_once(text: str) -> None:
    """What is masked holds nothing more to mask."""
    assert mask(mask(text)) == mask(text)
