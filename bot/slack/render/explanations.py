"""Why a post was read as it was, what becomes of a correction, and which posts were taken out, as messages. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from bot.desk.views.view_models import Evidence, IncidentView, WhyView
from bot.i18n.reasons import risk_name
from bot.i18n.speech import Speech
from bot.slack.render import blocks as b
from bot.slack.render import parts
from bot.slack.render.blocks import Block, BlockMessage
from bot.slack.render.cards import post_menu
from bot.slack.render.escape import quoted
from engine.post import Mark, Polarity
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


def corrected(found: Evidence, polarity: Polarity | None, speech: Speech, *, new: bool) -> BlockMessage:
    """That it is noted, or was said before; with the menu by which it can be said otherwise."""
    how = "done" if new else "same"
    if polarity is None:
        text = speech.say(f"wrong.not_about_{how}")
    else:
        text = speech.say(f"wrong.{how}", polarity=speech.say(f"polarity.{polarity.value}"))
    return b.message(text, [b.section(text, accessory=post_menu(found.incident, speech, found.shown))])


def taken_out(view: IncidentView, speech: Speech) -> list[Block]:
    """The posts that people said are not about the topic, each with its menu."""
    menu = partial(post_menu, view.incident, speech)
    made = [parts.quotation(each, speech, now=view.now) for each in view.taken_out]
    if made:
        made[0] = f"*{speech.say('wrong.taken_out')}*\n{made[0]}"
    return [b.section(text, accessory=menu(each)) for text, each in zip(made, view.taken_out, strict=True)]


def _words(marks: Sequence[Mark], body: str, speech: Speech) -> str:
    strong = sorted(marks, key=lambda mark: -mark.weight)
    words = dict.fromkeys(" ".join(mark.text.split()) for mark in strong if mark.text in body)
    return " · ".join(f"“{quoted(word, 60)}”" for word in words) or speech.say("why.nothing")
