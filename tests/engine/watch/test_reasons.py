"""What a surge is told by: its window and what is usual in it, and a multiple only of a habit."""

from __future__ import annotations

import pytest

from engine.post import SIGNALS, Note, SourceHealth
from engine.trend import WINDOWS, Surge
from engine.watch import reasons, remarks
from engine.watch.reasons import ReasonCode
from engine.watch.severity import FAMILIES


def surge(usual: float, *, busy: int = 5) -> Surge:
    return Surge(window=WINDOWS[3], value=536, usual=usual, highest=238, strength=1.0, before=1200, days=5.2, busy=busy)


@pytest.mark.parametrize(
    ("usual", "busy", "code"),
    [
        (9.9, 5, ReasonCode.SURGE_COUNTS),
        (10, 5, ReasonCode.SURGE_MULTIPLE),
        (235, 4, ReasonCode.SURGE_MULTIPLE),
        (235, 3, ReasonCode.SURGE_COUNTS),  # posts on less than two thirds of the days are no habit
    ],
)
def test_a_multiple_is_taken_only_of_a_habit(usual: float, busy: int, code: ReasonCode) -> None:
    assert reasons.surge(surge(usual, busy=busy), value=540, usual=usual, negative=True).code == code


def test_a_surge_is_told_with_its_window_and_what_is_usual_in_it() -> None:
    counted = {"posts": "negative", "value": 540, "minutes": 1440, "usual": 4.0}
    assert reasons.surge(surge(4.4), value=540, usual=4.0, negative=True).values == counted
    multiplied = {"posts": "all", "value": 540, "minutes": 1440, "usual": 235.0}
    assert reasons.surge(surge(230), value=540, usual=235.0, negative=False).values == multiplied


def test_of_many_silent_sources_five_are_named() -> None:
    told = remarks.stale(SourceHealth(total=12, silent=tuple(f"source {n}" for n in range(9))))
    assert (told.number("silent"), len(told.texts("names"))) == (9, 5)


def test_a_note_hands_out_its_values_as_what_they_are() -> None:
    told = Note(code="stale", values={"silent": 2, "names": ("a", "b")})
    assert (told.number("silent"), told.text("silent"), told.texts("names")) == (2, "2", ("a", "b"))
    with pytest.raises(TypeError, match="stale: names is no number"):
        told.number("names")
    with pytest.raises(TypeError, match="stale: silent is no list"):
        told.texts("silent")


def test_every_signal_has_a_family() -> None:
    assert {*SIGNALS} == {*FAMILIES}
