"""Quiet weeks before the story, and the chatter beside it: sentences with slots, filled by a seeded generator.

These lines are filler and are called so (``history-…``, ``chatter-…``): they give the topics a baseline, as an
import of past posts would. The same seed gives the same lines.
"""

from __future__ import annotations

import random
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

import yaml

from bot.demo.storyline import BEGINS_AT, CHATTER, LANGUAGES, PHASES, Line

DAY = 24 * 60
_SLOT = re.compile(r"\{(\w+)\}")
_HOURS = (1, 0.4, 0.2, 0.2, 0.2, 0.5, 1.5, 3, 4, 4, 4, 5, 7, 5, 4, 5, 5, 5, 6, 6, 6, 5, 4, 2)
"""How much is said in each hour of the local day, relative to each other."""


@dataclass(frozen=True, kw_only=True)
class Template:
    about: str  # brand, rival or other
    feed: str
    lang: str
    text: str
    title: str = ""
    author: str = ""


@dataclass(frozen=True, kw_only=True)
class Templates:
    slots: Mapping[str, Sequence[str]]
    authors: Mapping[str, Sequence[str]]
    sentences: tuple[Template, ...]

    def fill(self, text: str, choose: random.Random) -> str:
        filled = _SLOT.sub(lambda slot: choose.choice(self.slots[slot[1]]), text)
        return filled[:1].upper() + filled[1:] if text.startswith("{shop") else filled


@cache
def templates() -> Templates:
    raw: dict[str, Any] = yaml.safe_load(
        resources.files("bot.demo").joinpath("chatter.yaml").read_text(encoding="utf-8")
    )
    sentences = tuple(Template(lang=lang, **row) for lang in LANGUAGES for row in raw[lang])
    return Templates(slots=raw["slots"], authors=raw["authors"], sentences=sentences)


def quiet(*, days: int = 14, per_day: int = 28, until: float = -180, seed: int = 7) -> list[Line]:
    """About *per_day* lines a day over the *days* that end at minute *until* of the story, the earliest first.

    They follow the hours of the day, and are about the brand in three of five cases.
    """
    choose = random.Random(seed)
    lines: list[Line] = []
    for day in range(days, 0, -1):
        count = round(per_day * choose.uniform(0.75, 1.25))
        moments = (until - day * DAY + minute for minute in _moments(count, until, choose))
        lines += [_line(at, "", ("brand", "brand", "brand", "rival", "other"), choose) for at in moments]
    return _numbered(lines, "history", PHASES[0])


def chatter(*, begin: float, end: float, per_hour: float = 8, seed: int = 11) -> list[Line]:
    """Lines about anything but the brand between two minutes of the story, the earliest first."""
    choose = random.Random(seed)
    count = round((end - begin) / 60 * per_hour)
    moments = [choose.uniform(begin, end) for _ in range(count)]
    return _numbered([_line(at, "", ("rival", "other", "other"), choose) for at in moments], "chatter", CHATTER)


def _moments(count: int, until: float, choose: random.Random) -> list[float]:
    """*count* minutes of the day that ends at minute *until*, more of them in busy hours."""
    offset = (BEGINS_AT + 8) * 60 + until  # the local time of day at which the day begins
    hours = choose.choices(range(24), weights=_HOURS, k=count)
    return [(hour * 60 + choose.uniform(0, 60) - offset) % DAY for hour in hours]


def _line(at: float, name: str, about: Sequence[str], choose: random.Random) -> Line:
    known = templates()
    subject, lang = choose.choice(about), choose.choice(LANGUAGES)
    template = choose.choice([one for one in known.sentences if (one.about, one.lang) == (subject, lang)])
    author = template.author or choose.choice(known.authors[lang]).format(n=choose.randint(2, 99))
    return Line(
        id=name,
        at=at,
        phase="",
        feed=template.feed,
        author=author,
        lang=lang,
        text=known.fill(template.text, choose),
        title=known.fill(template.title, choose),
        reach=choose.randint(0, 60) if template.feed in ("chirrup", "beiyou") else None,
    )


def _numbered(lines: Sequence[Line], name: str, phase: str) -> list[Line]:
    from dataclasses import replace

    ordered = sorted(lines, key=lambda line: line.at)
    return [replace(line, id=f"{name}-{number:04d}", phase=phase) for number, line in enumerate(ordered, 1)]
