"""What people's buttons teach: their words, by majority; and false alarms, faintly."""

from __future__ import annotations

from datetime import UTC, datetime

from bot.models.feedback import FALSE_ALARM_WEIGHT, lessons
from bot.records import CorrectedPost
from engine.post import Polarity, Post, Topic

NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
TOPIC = Topic(name="Lumen Tea", query="Lumen", aliases=("Lumen Tea", "露明茶"))


def said(post: str, polarity: Polarity, by: str = "U1", text: str = "the queue at lumen tea") -> CorrectedPost:
    return CorrectedPost(topic=TOPIC, post=Post(id=post, published=NOW, text=text, lang="en"), polarity=polarity, by=by)


def test_most_people_are_right() -> None:
    words = [
        said("1", Polarity.NEUTRAL), said("1", Polarity.NEUTRAL, "U2"), said("1", Polarity.NEGATIVE, "U3"),
    ]  # fmt: skip
    [lesson] = lessons(words, [])
    assert (lesson.polarity, lesson.weight, lesson.target) == (Polarity.NEUTRAL, 1.0, "Lumen Tea")


def test_an_even_quarrel_teaches_nothing() -> None:
    assert lessons([said("1", Polarity.NEUTRAL), said("1", Polarity.NEGATIVE, "U2")], []) == []


def test_a_false_alarm_is_weak_evidence_and_a_word_stands_above_it() -> None:
    alarms = [said(post, Polarity.NEGATIVE, "") for post in ("1", "2")]
    word, weak = lessons([said("1", Polarity.NEGATIVE)], alarms)
    assert (word.polarity, word.weight) == (Polarity.NEGATIVE, 1.0)
    assert (weak.polarity, weak.weight) == (Polarity.NEUTRAL, FALSE_ALARM_WEIGHT)


def test_the_name_that_the_post_uses_is_the_target() -> None:
    [lesson] = lessons([said("1", Polarity.POSITIVE, text="今天喝了露明茶")], [])
    assert lesson.target == "露明茶"
