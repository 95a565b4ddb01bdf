"""What a query would bring, as a page over the form of a new topic. Pure."""

from __future__ import annotations

from bot.desk.topic_preview import SPAN, TopicPreview
from bot.desk.views.view_models import ShownPost
from bot.i18n.previews import preview_doubts, preview_head, preview_words
from bot.i18n.speech import Speech
from bot.slack.render import blocks as b
from bot.slack.render.blocks import Block
from bot.slack.render.escape import quoted
from bot.slack.render.moments import bars
from bot.slack.render.parts import quotation


def preview_page(view: TopicPreview, speech: Speech) -> Block:
    """The page: how many, by day, by which words, what may be meant otherwise, and some of the posts."""
    found = view.found
    lines = list(preview_head(found, SPAN.days, speech, capped=view.capped))
    if found.matched:
        first, last = found.days[0][0], found.days[-1][0]
        told = speech.say("preview.days", first=f"{first}", last=f"{last}", most=max(n for _, n in found.days))
        lines.append(f"`{bars(found.by_day())}`  {told}")
    blocks = [b.section("\n".join(lines))]
    blocks += _listed(speech.say("preview.words"), list(preview_words(found, speech, _shown)) if found.matched else [])
    blocks += _listed(speech.say("preview.doubts"), list(preview_doubts(found, view.remarks, speech, _shown)))
    if found.samples:
        blocks.append(b.section(f"*{speech.say('preview.samples', n=len(found.samples))}*"))
        blocks += [b.section(quotation(ShownPost(post=post), speech, now=view.now)) for post in found.samples]
    return {
        "type": "modal",
        "title": b.plain_text(speech.say("preview.title"), 24),
        "close": b.plain_text(speech.say("preview.back"), 24),
        "blocks": blocks,
    }


def _listed(title: str, lines: list[str]) -> list[Block]:
    return [b.section("\n".join([f"*{title}*", *(f"•  {line}" for line in lines)]))] if lines else []


def _shown(text: str) -> str:
    return quoted(text, 200)
