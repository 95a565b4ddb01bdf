"""What is said of posts that people corrected: the answer to it, and which are not about the topic. Pure."""

from __future__ import annotations

from functools import partial

from bot.desk.view_models import Evidence, IncidentView
from bot.i18n.speech import Speech
from bot.slack.render import blocks as b
from bot.slack.render import parts
from bot.slack.render.blocks import Block, BlockMessage
from bot.slack.render.cards import post_menu
from engine.post import Polarity


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
