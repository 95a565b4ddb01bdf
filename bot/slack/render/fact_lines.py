"""What is newly known, in words: one line a fact, each with who says so and when. Pure.

Names, headlines and sources are strangers' text, and pass through ``quoted`` before they are put into a sentence.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import timedelta

from bot.i18n.speech import Speech
from bot.slack.render.escape import link, quoted
from bot.slack.render.moments import clock_time
from engine.facts.numerals import SEVERAL
from engine.post import Fact, FactKind, Post
from engine.text.masking import mask

SPELLED = 10
"""Numbers up to here are words where a language has them so."""

_NAME, _HEADLINE = 60, 140


def told(facts: Iterable[Fact], speech: Speech, *, topic: str, posts: Mapping[str, Post] | None = None) -> str:
    """*facts* as lines of mrkdwn, in their order. With the *posts* that prove them, each has a link to the best one."""
    return "\n".join(line(fact, speech, topic=topic, posts=posts or {}) for fact in facts)


def line(fact: Fact, speech: Speech, *, topic: str, posts: Mapping[str, Post]) -> str:
    """One fact in one line: what is new, what it was before, who says so."""
    if fact.kind is FactKind.QUIET:
        span = speech.span(timedelta(minutes=fact.note.number("minutes")))
        return speech.say("fact.quiet", span=span, n=fact.values["posts"])
    what, rest = _WORDED[fact.kind](fact, speech, name(topic))
    urls = (posts[post_id].url for post_id in fact.evidence if post_id in posts and posts[post_id].url)
    proof = next((f" {link(url, '↗')}" for url in urls), "")
    return speech.say("fact.new", what=what, rest=f"{rest}{proof}")


def name(text: str) -> str:
    """What a stranger calls somebody, harmless."""
    return quoted(mask(text), _NAME)


def spelled(n: int, speech: Speech) -> str:
    return speech.say(f"numeral.{n}") if 1 <= n <= SPELLED else f"{n:,}"


def people(fact: Fact, speech: Speech) -> str:
    """``six children``, ``at least 12 people``: they are called what the text calls them, people where it does not."""
    n, bound = round(fact.note.number("n")), fact.note.text("bound")
    count = speech.say(f"fact.bound.{bound}", n=spelled(n, speech))
    return speech.say(f"fact.people.{fact.note.text('who') or 'person'}", n=2 if bound == SEVERAL else n, count=count)


def harm(fact: Fact, speech: Speech) -> str:
    """``six children treated in hospital``."""
    return speech.say(f"fact.harm.{fact.note.text('what')}", who=people(fact, speech))


def _casualties(fact: Fact, speech: Speech, topic: str) -> tuple[str, str]:
    before, other = fact.values["before"], fact.values["other"]
    was = speech.say("fact.was", n=spelled(int(fact.note.number("before")), speech)) if before is not None else ""
    doubt = "" if fact.values["confirmed"] else speech.say("fact.unconfirmed")
    contradiction = ""
    if other is not None:
        key = "fact.other_own" if fact.values["other_own"] else "fact.other"
        source = name(fact.note.text("other_source"))
        contradiction = speech.say(key, source=source, n=spelled(int(fact.note.number("other")), speech))
    return harm(fact, speech), f"{was}{_by(fact, speech)}{doubt}{contradiction}"


def _by(fact: Fact, speech: Speech) -> str:
    """Who said so first, and when; how many do by now."""
    at, source = clock_time(fact.at, speech), name(fact.note.text("source"))
    if fact.note.number("saying") > 1:
        return speech.say("fact.by.many", source=source, at=at, n=fact.values["saying"])
    return speech.say(f"fact.by.{fact.note.text('standing') if source else 'since'}", source=source, at=at)


def _authority(fact: Fact, speech: Speech, topic: str) -> tuple[str, str]:
    return speech.say("fact.authority", name=name(fact.note.text("name"))), _by(fact, speech)


def _statement(fact: Fact, speech: Speech, topic: str) -> tuple[str, str]:
    what = speech.say(f"fact.statement.{fact.note.text('what')}", topic=topic)
    by = speech.say("fact.by.own", at=clock_time(fact.at, speech)) if fact.values["own"] else _by(fact, speech)
    return what, by


def _change(fact: Fact, speech: Speech, topic: str) -> tuple[str, str]:
    before, after = (name(fact.note.text(key)) for key in ("before", "after"))
    if not after:
        return speech.say("fact.change.gone", before=before), _by(fact, speech)
    was = speech.say("fact.change.was", before=before) if before else ""
    return speech.say("fact.change.now", after=after), f"{was}{_by(fact, speech)}"


def _outlet(fact: Fact, speech: Speech, topic: str) -> tuple[str, str]:
    what = speech.say("fact.outlet", source=name(fact.note.text("source")))
    return what, speech.say("fact.by.since", at=clock_time(fact.at, speech))


def _outlets(fact: Fact, speech: Speech, topic: str) -> tuple[str, str]:
    latest = speech.say("card.and").join(name(source) for source in fact.note.texts("sources"))
    alike = fact.note.number("alike") if "alike" in fact.values else 0  # an earlier version did not count them
    key = "fact.outlets_alike" if alike > 1 else "fact.outlets"
    return speech.say(key, n=fact.values["n"], alike=alike), speech.say("fact.by.latest", sources=latest)


def _board(fact: Fact, speech: Speech, topic: str) -> tuple[str, str]:
    board, n, before = name(fact.note.text("board")), fact.values["n"], fact.values["before"]
    key = "fact.board" if not n else "fact.board_place" if before is None else "fact.board_climbs"
    was = speech.say("fact.board_was", n=before) if before else ""
    return speech.say(key, board=board, n=n), f"{was}{speech.say('fact.by.since', at=clock_time(fact.at, speech))}"


def _story(fact: Fact, speech: Speech, topic: str) -> tuple[str, str]:
    headline = quoted(mask(fact.note.text("headline")), _HEADLINE)
    return speech.say("fact.story", headline=headline), speech.say("fact.by.since", at=clock_time(fact.at, speech))


def _pace(fact: Fact, speech: Speech, topic: str) -> tuple[str, str]:
    what = speech.say(f"fact.pace.{fact.note.text('what')}", n=fact.values["n"], before=fact.values["before"])
    return what, speech.say("fact.by.since", at=clock_time(fact.at, speech))


_WORDED: Mapping[FactKind, Callable[[Fact, Speech, str], tuple[str, str]]] = {
    FactKind.CASUALTIES: _casualties,
    FactKind.AUTHORITY: _authority,
    FactKind.STATEMENT: _statement,
    FactKind.DELETION: _statement,
    FactKind.CHANGE: _change,
    FactKind.OUTLET: _outlet,
    FactKind.OUTLETS: _outlets,
    FactKind.BOARD: _board,
    FactKind.STORY: _story,
    FactKind.DOUBLING: _pace,
}
