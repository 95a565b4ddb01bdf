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
    "ANNA.BELL@MAIL.EXAMPLE.COM",
    "5555 5555 5555 4444",
    "138　1234　5678",
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
    "HTTPS://T.CO/13812345678",
    "Www.shop.test/order/13812345678",
    "order 5555 5555 5555 4445",
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


@settings(max_examples=200)
@given(text=st.text(alphabet="0123456789-+() @.aZ西，", max_size=60))
def test_masking_twice_is_masking_once(text: str) -> None:
    """What is masked holds nothing more to mask."""
    assert mask(mask(text)) == mask(text)


def test_an_address_in_capitals_is_an_address() -> None:
    assert mask("Write to ANNA.BELL@MAIL.EXAMPLE.COM now") == "Write to ••• now"


def test_a_card_whose_check_digit_needs_nine_taken_off_is_a_card() -> None:
    """Luhn: a doubled digit above nine counts as the sum of its own digits."""
    assert mask("card 5555 5555 5555 4444 was charged") == "card ••• was charged"
    assert mask("order 5555 5555 5555 4445 was sent") == "order 5555 5555 5555 4445 was sent"


def test_what_two_patterns_find_is_masked_once_and_what_stands_around_it_stays() -> None:
    assert mask("a +86-13812345678 b anna@mail.test c") == "a ••• b ••• c"


def test_a_number_beside_a_link_is_masked_and_the_link_stays() -> None:
    text = "13812345678 https://a.test/13812345678 13912345678，见 www.a.test/138 或 021-54321234"
    assert mask(text) == "••• https://a.test/13812345678 •••，见 www.a.test/138 或 •••"
