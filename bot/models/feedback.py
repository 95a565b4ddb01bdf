"""What a team's buttons say about the engine's readings, as labels to learn from. Pure.

A post that people marked is a label: what most of them said; where they disagree evenly, none. A post that was read as
negative and brought about a false alarm is weak evidence that it was not: "neutral", at a fraction of the weight, and
never part of what a new model is measured on.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from bot.records import CorrectedPost
from engine.post import Polarity

FALSE_ALARM_WEIGHT = 0.25
"""An alarm may be false for other reasons (a namesake, old news) than that its posts were read wrong."""


@dataclass(frozen=True, kw_only=True)
class FeedbackLabel:
    """A text and what it says of *target*; *weight* is 1 for a person's word."""

    text: str
    target: str
    lang: str
    polarity: Polarity
    weight: float = 1.0


def lessons(judged: Iterable[CorrectedPost], false_alarms: Iterable[CorrectedPost]) -> list[FeedbackLabel]:
    """One lesson for each post and topic; a person's word stands above a false alarm."""
    words: dict[tuple[str, str], list[CorrectedPost]] = {}
    for one in judged:
        words.setdefault((one.topic.name, one.post.id), []).append(one)
    found = [_lesson(said[0], polarity, 1.0) for said in words.values() if (polarity := _most(said)) is not None]
    weak = [one for one in false_alarms if (one.topic.name, one.post.id) not in words]
    return found + [_lesson(one, Polarity.NEUTRAL, FALSE_ALARM_WEIGHT) for one in weak]


def _most(said: Sequence[CorrectedPost]) -> Polarity | None:
    """What more people said than anything else; None where there is no such word."""
    counts = Counter(one.polarity for one in said).most_common(2)
    return None if len(counts) == 2 and counts[0][1] == counts[1][1] else counts[0][0]


def _lesson(one: CorrectedPost, polarity: Polarity, weight: float) -> FeedbackLabel:
    body, names = one.post.body, one.topic.aliases or (one.topic.name,)
    named = next((name for name in names if name.casefold() in body.casefold()), names[0])
    return FeedbackLabel(text=body, target=named, lang=one.post.lang, polarity=polarity, weight=weight)
