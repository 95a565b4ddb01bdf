"""An explanation at the command line."""

from __future__ import annotations

from bot.models.explanation_marks import marked
from engine.post import Explanation, Mark, Polarity

BODY = "露明茶喝完上吐下泻"
ILL = Mark(start=5, end=9, text="上吐下泻", weight=2.5)


def test_the_words_stand_below_the_post_and_a_pipe_gets_no_colour_codes() -> None:
    told = Explanation(post_id="1", label=Polarity.NEGATIVE, sentiment=(ILL,), risks={"health": (ILL,), "injury": ()})
    shown = marked(BODY, told)
    assert [line.split() for line in shown.splitlines()] == [
        [BODY],
        ["negative", "上吐下泻", "+2.50"],
        ["health", "上吐下泻", "+2.50"],
        ["injury", "no", "single", "word", "decided", "it"],
    ]
    assert "\x1b" not in shown
