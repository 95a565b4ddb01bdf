"""What an e-mail or a message outside of Slack says when Slack takes none: plain words, no marks of Slack's. Pure."""

from __future__ import annotations

import html
import re

from bot.desk.views.view_models import IncidentView
from bot.i18n.speech import Speech
from bot.slack.render.cards import summary
from bot.slack.render.sentence import title

_MENTION = re.compile(r"<[@#!]([^>|]+)(?:\|([^>]*))?>")
_LINK = re.compile(r"<(https?://[^>|]+)(?:\|([^>]*))?>")


def last_words(view: IncidentView, speech: Speech, reason: str) -> tuple[str, str]:
    """The subject and the text; *reason* is why no conversation of Slack took it."""
    act = speech.say("resort.act", number=str(view.incident.id))
    lines = [_plain(summary(view, speech), view), "", speech.say("resort.why", reason=reason), act]
    return f"Tocsin: {title(view.incident, speech)}", "\n".join(lines)


def _plain(text: str, view: IncidentView) -> str:
    named = _MENTION.sub(lambda found: found[2] or view.names.get(found[1], found[1]), text)
    linked = _LINK.sub(lambda found: f"{found[2]} ({found[1]})" if found[2] else found[1], named)
    return html.unescape(linked)
