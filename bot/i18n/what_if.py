"""What would raise or lower a level, in words. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from bot.i18n.lengths import length
from bot.i18n.reasons import risk_name
from bot.i18n.speech import Speech, capitalised, rounded
from engine.overview.what_if import Fall, Rise, WayDown, WayUp, WhatIf
from engine.post import Note


def what_if(answer: WhatIf, speech: Speech) -> str:
    """The sentence of *answer*."""
    return _rise(answer, speech) if isinstance(answer, Rise) else _fall(answer, speech)


def _rise(answer: Rise, speech: Speech) -> str:
    ways = speech.say("what_if.or").join(_WORDS[way.code](way, speech) for way in answer.ways)
    level = speech.colour(answer.to)
    return capitalised(speech.say("what_if.rise", n=answer.missing, level=level, ways=ways))


def _fall(answer: Fall, speech: Speech) -> str:
    when = _WORDS[answer.when.code](answer.when, speech)
    return capitalised(speech.say("what_if.fall", level=speech.colour(answer.to), when=when))


def _posts(way: Note, speech: Speech) -> str:
    return speech.say("what_if.posts", n=way.values["posts"])


def _report(way: Note, speech: Speech) -> str:
    return speech.say("what_if.report", n=way.values["outlets"], risk=risk_name(way.text("risk"), speech))


def _titles(way: Note, speech: Speech) -> str:
    return speech.say("what_if.titles", n=way.values["titles"])


def _wait(when: Note, speech: Speech) -> str:
    return speech.say("what_if.wait", length=length(when.number("minutes"), speech))


def _age(when: Note, speech: Speech) -> str:
    return speech.say("what_if.age", stays=_stays(when, speech))


def _fewer(when: Note, speech: Speech) -> str:
    return speech.say(
        f"what_if.fewer.{when.text('posts')}",
        stays=_stays(when, speech),
        most=rounded(when.number("most")),
        length=length(when.number("within"), speech),
        value=rounded(when.number("value")),
    )


def _stays(when: Note, speech: Speech) -> str:
    return speech.say("what_if.stays", below=when.values["below"], length=length(when.number("minutes"), speech))


_WORDS: Mapping[str, Callable[[Note, Speech], str]] = {
    WayUp.POSTS: _posts,
    WayUp.REPORT: _report,
    WayUp.TITLES: _titles,
    WayDown.WAIT: _wait,
    WayDown.AGE: _age,
    WayDown.FEWER: _fewer,
}
