"""The pairs of texts in ``pairs/``, as they are to be told apart."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_MADE = re.compile(r"(copy|update|own|other) ([a-z ]+): (.*)$")


@dataclass(frozen=True, kw_only=True)
class Pair:
    """Two texts, what the second is to the first, and by what kind of change."""

    lang: str
    style: str
    relation: str
    kind: str
    old: str
    new: str


def pairs(half: str) -> Iterator[Pair]:
    """The pairs of ``written`` or ``held_out``."""
    lang, style, body = "", "", list[str]()
    for line in (Path(__file__).with_name("pairs") / f"{half}.txt").read_text(encoding="utf-8").splitlines():
        if line.startswith("== "):
            (lang, style), body = line[3:].split(" ", 1), []
        elif made := _MADE.match(line):
            relation, kind, told = made.groups()
            old = "\n".join(body)
            yield Pair(lang=lang, style=style, relation=relation, kind=kind, old=old, new=_made(old, told))
        elif line.strip() and not line.startswith("#"):
            body.append(line)


def _made(text: str, told: str) -> str:
    if told.startswith("= "):
        return told[2:]
    for step in told.split(" ;; "):
        match step[:2], step:
            case "^ ", _:
                text = step[2:] + text
            case "$ ", _:
                text += step[2:]
            case _, _ if step.startswith("cut "):
                text = text[: int(step[4:])] + "…"
            case _:
                before, _, after = step.partition(" =>")
                assert before in text, f"{before!r} does not stand in {text!r}"
                text = text.replace(before, after.removeprefix(" "))
    return text
