"""Why a post was read as it was, as a message: the words that carried the sentiment and each risk. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from bot.desk.view_models import WhyView
from bot.i18n.reasons import risk_name
from bot.i18n.speech import Speech
from bot.slack.render import blocks as b
from bot.slack.render.blocks import BlockMessage
from bot.slack.render.escape import quoted
from engine.post import Mark
from engine.text.masking import mask


def why(view: WhyView, speech: Speech) -> BlockMessage:
    """The post and, below it, what the model looked at. Words that personal data hide in are left out."""
    told = view.explanation
    body = mask(view.post.body)
    mood = speech.say(f"polarity.{told.label.value}")
    lines = [speech.say("why.mood", polarity=mood, words=_words(told.sentiment, body, speech))]
    for risk, marks in told.risks.items():
        name = risk_name(risk, speech)
        lines.append(speech.say("why.risk", risk=name, words=_words(marks, body, speech)))
    title = speech.say("why.title", polarity=mood)
    foot = speech.say("why.foot")
    quote = f"> {quoted(body, 300)}"
    blocks = [b.section(f"*{title}*\n{quote}"), *(b.section(line) for line in lines), b.context(foot)]
    return b.message("\n".join([title, quote, *lines, foot]), blocks)


def _words(marks: Sequence[Mark], body: str, speech: Speech) -> str:
    strong = sorted(marks, key=lambda mark: -mark.weight)
    words = dict.fromkeys(" ".join(mark.text.split()) for mark in strong if mark.text in body)
    return " · ".join(f"“{quoted(word, 60)}”" for word in words) or speech.say("why.nothing")
