"""An explanation at the command line: the words that carried a reading, in colour or as JSON."""

from __future__ import annotations

from collections.abc import Sequence
from io import StringIO
from typing import Any

from rich.console import Console
from rich.text import Text

from engine.post import Explanation, Mark, Polarity

COLOURS = {Polarity.NEGATIVE: "bold red", Polarity.NEUTRAL: "bold", Polarity.POSITIVE: "bold green"}


def marked(body: str, told: Explanation) -> str:
    """*body* with the words of the sentiment marked, and below it a line for each risk; in colour on a terminal."""
    text = Text(body)
    for mark in told.sentiment:
        text.stylize(COLOURS[told.label], mark.start, mark.end)
    lines = [text, _words(told.label.value, told.sentiment)]
    lines += [_words(risk, marks) for risk, marks in told.risks.items()]
    return "\n".join(_drawn(line) for line in lines)


def _words(name: str, marks: Sequence[Mark]) -> Text:
    strong = sorted(marks, key=lambda mark: -mark.weight)
    words = "  ".join(f"{mark.text} {mark.weight:+.2f}" for mark in strong) or "no single word decided it"
    return Text(f"    {name:<10} {words}")


def _drawn(line: Text) -> str:
    """*line* as the terminal wants it: never wrapped, plain where standard output is a file or a pipe."""
    out = StringIO()
    Console(file=out, force_terminal=Console().is_terminal, width=10**6, highlight=False).print(line, end="")
    return out.getvalue()


def marks_as_dict(told: Explanation) -> dict[str, Any]:
    """An explanation as the stable JSON of the command line."""
    return {
        "sentiment": [_mark(mark) for mark in told.sentiment],
        "risks": {risk: [_mark(mark) for mark in marks] for risk, marks in told.risks.items()},
    }


def _mark(mark: Mark) -> dict[str, Any]:
    return {"start": mark.start, "end": mark.end, "text": mark.text, "weight": round(mark.weight, 4)}
