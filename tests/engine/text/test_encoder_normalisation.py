"""Plain text: one way of writing, and always a way back to the original characters."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from engine.text.encoder_normalisation import encoder_text


def test_scripts_and_widths_are_one() -> None:
    assert encoder_text("露明茶的服務很差，ＡＢＣ１２３公司").text == "露明茶的服务很差，ABC123公司"
    assert encoder_text("露明茶的服务很差").places is None


def test_what_nobody_sees_goes_and_leaves_its_place() -> None:
    made = encoder_text("no\u200bo\u200bdles\x07 cold")
    assert made.text == "noodles cold"
    assert made.origin(0, 7) == (0, 9)
    assert made.origin(8, 12) == (11, 15)


def test_shouting_is_calmed_but_names_are_not() -> None:
    assert encoder_text("THE NOODLES WERE COLD AND LATE").text == "the noodles were cold and late"
    assert encoder_text("IBM, NASA").text == "IBM, NASA"
    assert encoder_text("BYD和NASA今天发布了一款新的电动汽车产品").text == "BYD和NASA今天发布了一款新的电动汽车产品"


def test_emoji_stay_joined() -> None:
    assert encoder_text("👩\u200d🍳\u200b❤\ufe0f").text == "👩\u200d🍳❤\ufe0f"


@given(st.text(max_size=60))
def test_there_is_always_a_way_back(text: str) -> None:
    """Each character comes from one place, in order, and making plain twice changes nothing more."""
    made = encoder_text(text)
    places = [made.origin(i, i + 1) for i in range(len(made.text))]
    assert all(end == start + 1 and end <= len(text) for start, end in places)
    assert places == sorted(set(places))
    assert encoder_text(made.text).text == made.text
