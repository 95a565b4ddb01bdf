"""The pieces that cards and answers are made of: reasons, quoted posts, charts, the sources' health. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from bot.desk.views.view_models import ShownPost, StoryLine, Trend
from bot.i18n.reasons import reason
from bot.i18n.remarks import remark
from bot.i18n.speech import Speech, mark
from bot.i18n.what_if import what_if
from bot.records import TOCSIN, Act, ActKind
from bot.slack.render.blocks import Block, section
from bot.slack.render.escape import clipped, escaped, link, quoted
from bot.slack.render.moments import bars, moment, recent
from engine.overview.what_if import WhatIf
from engine.post import Level, Note, Polarity, Post, Signal, SourceHealth, Standing
from engine.text.masking import mask

COMMAND = "/opinion"
MOST_REASONS = 5
_PERSON = re.compile(r"^[UW][A-Z0-9]{2,}$")
_CHANNEL = re.compile(r"^[CG][A-Z0-9]{2,}$")
_POLARITY_MARKS = {Polarity.NEGATIVE: "▼", Polarity.NEUTRAL: "◆", Polarity.POSITIVE: "▲"}


def who(by: str) -> str:
    """A person as a mention, Tocsin by its name. A mention pings only in a new message, never in an updated one."""
    if by == TOCSIN or not by:
        return "Tocsin"
    return f"<@{by}>" if _PERSON.match(by) else escaped(by)


def is_person(target: str) -> bool:
    return bool(_PERSON.match(target))


def called(target: str, names: Mapping[str, str]) -> str:
    """A person or channel by name, pinging nobody."""
    return f"<#{target}>" if _CHANNEL.match(target) else escaped(names.get(target, target))


def topic_name(name: str) -> str:
    return quoted(name, 80)


def headline(text: str, limit: int = 200) -> str:
    """The most central post of a story, as one bold line of quotation."""
    return f"*“{quoted(mask(text), limit)}”*" if text.strip() else ""


def levels(level: Level | None, before: Level | None, speech: Speech) -> str:
    """``~yellow~ → 🟠 *orange*``, or the level alone if it never changed."""
    now = f"{mark(level)} *{speech.colour(level)}*"
    return f"~{speech.colour(before)}~ → {now}" if before and before != level else now


def level_before(timeline: Sequence[Act]) -> Level | None:
    """The level that the last change left, or None if it never changed."""
    for act in reversed(timeline):
        if act.kind in (ActKind.RAISED, ActKind.LOWERED):
            return level_of(act.detail.get("from"))
    return None


def level_of(value: object) -> Level | None:
    """A level as a timeline or an alert stored it: its number or its colour."""
    if isinstance(value, int):
        return Level(value) if value in Level._value2member_map_ else None
    return Level.__members__.get(str(value).upper())


def reasons(signals: Sequence[Signal], speech: Speech) -> str:
    """Why: one line a signal, the weightiest first, each with its number and its baseline."""
    lines = reason_lines(signals, speech)
    if not lines:
        return ""
    shown = [f"•  {line}" for line in lines[:MOST_REASONS]]
    if len(lines) > MOST_REASONS:
        shown.append(speech.say("card.more_reasons", n=len(lines) - MOST_REASONS))
    return "\n".join([f"*{speech.say('card.why')}*", *shown])


def reason_lines(signals: Sequence[Signal], speech: Speech) -> list[str]:
    weighty = sorted(signals, key=lambda signal: -signal.weight)
    return [quoted(text, 220) for signal in weighty if (text := reason(signal, speech))]


def what_would_change(answers: Sequence[WhatIf], speech: Speech) -> str:
    """What would change the level, under a heading; empty if nothing is known of it."""
    lines = [f"•  {quoted(what_if(answer, speech), 300)}" for answer in answers]
    return "\n".join([f"*{speech.say('card.what_if')}*", *lines]) if lines else ""


def notes_line(notes: Sequence[Note], speech: Speech) -> str:
    return " · ".join(_note(note, text) for note in notes[:3] if (text := remark(note, speech)))


def _note(note: Note, text: str) -> str:
    """*text* with the person whom it names first as a mention."""
    by = str(note.values.get("by") or "")
    return quoted(text, 220).replace(by, who(by), 1) if is_person(by) else quoted(text, 220)


def quotations(
    posts: Sequence[ShownPost],
    speech: Speech,
    *,
    now: datetime,
    limit: int = 120,
    menu: Callable[[ShownPost], Block] | None = None,
) -> list[Block]:
    """The posts that prove it, a block each, under a heading; *menu* makes what stands beside each of them."""
    made = [quotation(shown, speech, now=now, limit=limit) for shown in posts]
    if made:
        made[0] = f"*{speech.say('card.loudest')}*\n{made[0]}"
    if menu is None:
        return [section(text) for text in made]
    return [section(text, accessory=menu(shown)) for text, shown in zip(made, posts, strict=True)]


def quotation(shown: ShownPost, speech: Speech, *, now: datetime, limit: int = 120) -> str:
    """A post quoted in *limit* characters, and below it where it stands, by whom, when and for how many."""
    return f"> {quoted(mask(shown.post.body), limit)}\n{byline(shown, speech, now)}"


def byline(shown: ShownPost, speech: Speech, now: datetime) -> str:
    post = shown.post
    details = [link(post.url, f"{quoted(post.source or speech.say('card.post'), 40)} ↗") if post.url else _source(post)]
    if post.author:
        details.append(quoted(mask(post.author), 40))
    details.append(recent(post.published, now, speech))
    if post.reach:
        details.append(speech.say("card.heat" if post.standing is Standing.BOARD else "card.reach", n=post.reach))
    if shown.polarity:
        details.append(f"{_POLARITY_MARKS[shown.polarity]} {speech.say(f'polarity.{shown.polarity.value}')}")
    if shown.said_by:
        key = "card.corrected" if shown.polarity else "card.not_about"
        details.append(speech.say(key, by=who(shown.said_by)))
    return " · ".join(part for part in details if part)


def chart(trend: Trend, speech: Speech) -> str:
    """Posts an hour as bars, and below them the negative ones; empty without any post.

    What they show stands above them: beside them a phone would break the line.
    """
    if not any(trend.volume):
        return ""
    lines = [speech.say("chart.volume", hours=len(trend.volume), n=max(trend.volume)), f"`{bars(trend.volume)}`"]
    if any(trend.negative):
        lines += [speech.say("chart.negative", n=max(trend.negative)), f"`{bars(trend.negative)}`"]
    return "\n".join(lines)


def health_line(health: SourceHealth, speech: Speech) -> str:
    """How many sources can be trusted to tell us: silence of a dead source is no calm."""
    if not health.total:
        return speech.say("sources.none")
    if not health.silent:
        return speech.say("sources.healthy", n=health.total)
    names = speech.say("note.names.joint").join(quoted(name, 40) for name in health.silent[:4])
    if len(health.silent) > 4:
        names = speech.say("note.names.more", names=names)
    return speech.say("sources.silent", n=len(health.silent), total=health.total, names=names)


def code(text: str) -> str:
    """What a person can type, as code. Backticks inside would end it."""
    return f"`{escaped(clipped(text.replace('`', 'ˋ'), 120))}`"


def _source(post: Post) -> str:
    return quoted(post.source, 40)


def story_lines(stories: tuple[StoryLine, ...], speech: Speech) -> str:
    """What is told of a topic, a story a line; empty where there is none."""
    if not stories:
        return ""
    lines = [f"{place}. {_story(story, speech)}" for place, story in enumerate(stories[:4], 1)]
    return "\n".join([f"*{speech.say('story.title')}*", *lines])


def _story(story: StoryLine, speech: Speech) -> str:
    facts = [speech.say("story.size", n=story.size, since=moment(story.first_at, speech))]
    if story.copies:
        facts.append(speech.say("story.copies", n=story.copies))
    if story.doubling is not None:
        facts.append(speech.say("story.doubling", span=speech.span(story.doubling)))
    return f"{quoted(mask(story.headline), 90)} · {' · '.join(facts)}"
