"""A brief as a message: each sentence with the posts that it rests on. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from bot.briefs.writer import Sentence
from bot.desk.views.view_models import BriefView
from bot.i18n.speech import Speech
from bot.slack.render import blocks as b
from bot.slack.render.blocks import BlockMessage
from bot.slack.render.escape import link, plain, quoted
from engine.post import Post

SHOWN_POSTS = 4


def brief(view: BriefView, speech: Speech) -> BlockMessage:
    """What an incident is about, and who says so: the model by name, or nobody but the posts."""
    said = view.brief
    title = speech.say("brief.title", number=view.incident.id, topic=plain(view.incident.topic, 100))
    if not said.sentences:
        return b.message(speech.say("brief.nothing"), [b.section(speech.say("brief.nothing"))])
    lines = [_line(sentence, view.posts) for sentence in said.sentences]
    foot = speech.say("brief.written_by", name=quoted(said.written_by, 80)) if said.written_by else ""
    foot = foot or speech.say("brief.extractive")
    if said.fault:
        foot = speech.say("brief.fault", fault=quoted(speech.text(said.fault), 200))
    body = [b.header(title), *(b.section(line) for line in lines), b.context(foot)]
    return b.fitting("\n".join([title, *lines, foot]), body, body[2:-1])


def _line(sentence: Sentence, posts: Mapping[str, Post]) -> str:
    known = [posts[name] for name in sentence.posts if name in posts][:SHOWN_POSTS]
    marks = [link(post.url, f"[{post.id}]") if post.url else f"[{post.id}]" for post in known]
    return f"{quoted(sentence.text, 600)}  {' '.join(marks)}".rstrip()
