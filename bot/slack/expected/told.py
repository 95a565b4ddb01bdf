"""What a person is answered of the days that a team expects for a topic. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import TYPE_CHECKING

from bot.i18n.remarks import day_span
from bot.i18n.speech import Speech
from bot.records import TopicRecord
from bot.slack.render import blocks as b
from bot.slack.render import parts
from bot.slack.render.blocks import BlockMessage
from bot.slack.render.escape import quoted

if TYPE_CHECKING:
    from engine.watch.expected import ExpectedDays

MOST_LINES, MOST_AHEAD = 20, 3
AHEAD = timedelta(days=30)
"""So many days before it begins, an expected day is told beside the topic."""


def ahead(record: TopicRecord, today: date, speech: Speech) -> str:
    """What is expected of a topic soon, in one line; empty for nothing. What is expected today is a remark."""
    soon = [each for each in _in_order(record) if today < each.first <= today + AHEAD][:MOST_AHEAD]
    if not soon:
        return ""
    return speech.say("expected.ahead", days=" · ".join(_line(each, speech) for each in soon))


def listed(record: TopicRecord, today: date, speech: Speech) -> BlockMessage:
    """The days that are expected, and how they are entered and taken out."""
    return _answer("", record, today, speech)


def entered(record: TopicRecord, days: ExpectedDays, today: date, speech: Speech) -> BlockMessage:
    """That *days* are expected now, and what that means."""
    span = day_span(days.first, days.last, speech)
    key = "expected.past" if days.last < today else "expected.entered"
    return _answer(speech.say(key, days=span, what=quoted(days.what)), record, today, speech)


def removed(before: TopicRecord, after: TopicRecord, today: date, speech: Speech) -> BlockMessage:
    """That days are not expected any more."""
    gone = [each for each in before.expected if each not in after.expected]
    spans = speech.say("card.and").join(day_span(each.first, each.last, speech) for each in gone)
    return _answer(speech.say("expected.removed", days=spans), after, today, speech)


def _answer(lead: str, record: TopicRecord, today: date, speech: Speech) -> BlockMessage:
    lines = _lines([each for each in _in_order(record) if each.last >= today], speech)
    title = speech.say("expected.title", topic=parts.topic_name(record.topic.name))
    body = "\n".join([f"*{title}*", *(lines or [speech.say("expected.none")])])
    blocks = [b.section(part) for part in (lead, body) if part]
    return b.message("\n".join(part for part in (lead, body) if part), [*blocks, b.context(speech.say("expected.how"))])


def _lines(days: Sequence[ExpectedDays], speech: Speech) -> list[str]:
    lines = [f"•  {_line(each, speech)}" for each in days[:MOST_LINES]]
    more = len(days) - MOST_LINES
    return [*lines, speech.say("incidents.more", n=more)] if more > 0 else lines


def _line(days: ExpectedDays, speech: Speech) -> str:
    by = parts.who(days.by) if days.by else speech.say("expected.settings")
    span = day_span(days.first, days.last, speech)
    return speech.say("expected.line", days=span, what=quoted(days.what), by=by)


def _in_order(record: TopicRecord) -> list[ExpectedDays]:
    return sorted(record.expected, key=lambda each: (each.first, each.last, each.what))
