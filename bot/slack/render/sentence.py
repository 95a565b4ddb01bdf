"""The first two things that are read of an incident: its title, and one living sentence. Pure.

Who, what harm, who says so, where it is told, since when: each part only where it was measured or read. Both are made
anew whenever the card is drawn.
"""

from __future__ import annotations

from collections.abc import Iterator

from bot.desk.views.view_models import IncidentView
from bot.i18n.lengths import period
from bot.i18n.reasons import SYNDICATED, reason, usual_of
from bot.i18n.speech import Speech, capitalised, mark
from bot.records import Incident, Status
from bot.slack.render import fact_lines as worded
from bot.slack.render.escape import plain, quoted
from bot.slack.render.moments import recent
from engine.facts.lexicon import CASUALTIES
from engine.facts.numerals import SEVERAL
from engine.post import RISKS, SIGNALS, Fact, FactKind, Level, Signal, Standing
from engine.watch.reasons import ReasonCode

GRAVE = 5.0
"""From this weight on a risk that was read gives the title; below it, the leading signal."""

SHOWN_HARMS, SHOWN_AUTHORITIES = 2, 2
_CLOSED_MARKS = {Status.RESOLVED: "✅", Status.FALSE_ALARM: "🚫"}
_SURGES = (ReasonCode.SURGE_COUNTS, ReasonCode.SURGE_MULTIPLE, ReasonCode.BURST)


def title(incident: Incident, speech: Speech) -> str:
    """``🔴 Lumen Tea: people taken ill · incident 12``, as plain text."""
    topic, level = plain(incident.topic, 80), level_now(incident)
    if incident.status.closed:
        key = f"card.title.{incident.status.value}"
        return f"{_CLOSED_MARKS[incident.status]} {speech.say(key, topic=topic)}"
    if level is None:
        return f"{mark(None)} {speech.say('card.title.calm', topic=topic)}"
    what, number = _what(incident, speech), str(incident.id)
    if what:
        return f"{mark(level)} {speech.say('headline.live', topic=topic, what=what, number=number)}"
    colour = capitalised(speech.colour(level))
    return f"{mark(level)} {speech.say('headline.bare', topic=topic, colour=colour, number=number)}"


def level_now(incident: Incident) -> Level | None:
    """The level of an open incident; None while it is calm again and waits to stand down."""
    return None if incident.calm_since is not None else incident.level


def sentence(view: IncidentView, speech: Speech) -> str:
    """``Six children treated in hospital, says … (04:01); 2 other outlets follow. … is named at 04:16. Began …``."""
    said = [_first(view, speech), *_authorities(view, speech), _statement(view, speech), _began(view, speech)]
    return speech.say("sentence.joint").join(capitalised(part) for part in said if part)


def _what(incident: Incident, speech: Speech) -> str:
    """The harm that dominates, else the gravest risk that was read, else what the leading signal says."""
    harms = _harms(incident)
    if harms:
        return _harm(harms[0], speech)
    signals = sorted(incident.reasons, key=lambda signal: -signal.weight)
    risk = next((_risk(signal) for signal in signals if signal.weight >= GRAVE and _risk(signal)), "")
    if risk:
        return speech.say(f"headline.risk.{risk}")
    leading = next((signal.name for signal in signals if signal.name in SIGNALS), "")
    return speech.say(f"headline.signal.{leading}") if leading else ""


def _risk(signal: Signal) -> str:
    risk = str(signal.reason.values.get("risk") or "") if signal.reason.code == ReasonCode.GRAVITY else ""
    return risk if risk in RISKS else ""


def _harm(fact: Fact, speech: Speech) -> str:
    """``children treated in hospital``; what only posts tell of is said to be told by posts."""
    n = 2 if fact.values["bound"] == SEVERAL else fact.note.number("n")
    who = speech.say(f"headline.who.{fact.note.text('who') or 'person'}", n=n)
    harm = speech.say(f"fact.harm.{fact.note.text('what')}", who=who)
    return harm if fact.values["confirmed"] else speech.say("headline.posts_say", what=harm)


def _harms(incident: Incident) -> list[Fact]:
    """What happened to people, the latest count of each kind, what is confirmed and the gravest first."""
    latest = {fact.values["what"]: fact for fact in incident.facts if fact.kind is FactKind.CASUALTIES}
    known = [fact for what, fact in latest.items() if what in CASUALTIES]
    return sorted(known, key=lambda fact: (not fact.values["confirmed"], CASUALTIES.index(fact.note.text("what"))))


def _of(incident: Incident, kind: FactKind) -> list[Fact]:
    return [fact for fact in incident.facts if fact.kind is kind]


def _first(view: IncidentView, speech: Speech) -> str:
    """What is known best: people who are hurt, or who tells it, or how much is said."""
    incident, end = view.incident, speech.say("sentence.end")
    harms = _harms(incident)
    follow, board = _follow(incident, speech), _board(view, speech)
    if harms:
        return f"{_said(harms, view, speech)}{follow}{board}{end}"
    outlet, title_seen = next(iter(_of(incident, FactKind.OUTLET)), None), _best_title(incident)
    told = ""
    if outlet is not None:
        told = (
            speech.say("sentence.outlet", source=_source(outlet), at=_at(outlet, view, speech)) + follow + board + end
        )
    elif title_seen is not None:
        key = "sentence.only_board_place" if title_seen.values["n"] else "sentence.only_board"
        name = worded.name(title_seen.note.text("board"))
        told = speech.say(key, board=name, n=title_seen.values["n"], at=_at(title_seen, view, speech)) + end
    return speech.say("sentence.joint").join(part for part in (told, _numbers(view, speech)) if part)


def _said(harms: list[Fact], view: IncidentView, speech: Speech) -> str:
    """The gravest harms that the same sort of source tells of, and who tells the first."""
    first = harms[0]
    alike = [fact for fact in harms if fact.values["confirmed"] == first.values["confirmed"]][:SHOWN_HARMS]
    what = speech.say("sentence.harms").join(worded.harm(fact, speech) for fact in alike)
    values = {"what": what, "source": _source(first), "at": _at(first, view, speech)}
    if not first.values["confirmed"]:
        return speech.say("sentence.posts", **values)
    if first.values["standing"] not in (Standing.OUTLET, Standing.BOARD):
        return speech.say("sentence.own", topic=worded.name(view.incident.topic), **values)
    return speech.say("sentence.says", **values)


def _follow(incident: Incident, speech: Speech) -> str:
    """How many outlets tell it beside the first, and how many of them all have one and the same text."""
    told = _of(incident, FactKind.OUTLET)
    others = max((int(fact.note.number("n")) for fact in told), default=1) - 1
    alike = max((int(fact.note.number("alike")) for fact in told if "alike" in fact.values), default=0)
    same = speech.say("sentence.one_text", n=alike) if alike >= SYNDICATED else ""
    return f"{speech.say('sentence.follow', n=others)}{same}" if others > 0 else ""


def _board(view: IncidentView, speech: Speech) -> str:
    best = _best_title(view.incident)
    if best is None:
        return ""
    key = "sentence.board_place" if best.values["n"] else "sentence.board"
    return speech.say(key, board=worded.name(best.note.text("board")), n=best.values["n"])


def _best_title(incident: Incident) -> Fact | None:
    titles = _of(incident, FactKind.BOARD)
    return min(titles, key=lambda fact: (not fact.values["n"], fact.note.number("n"), fact.at), default=None)


def _authorities(view: IncidentView, speech: Speech) -> Iterator[str]:
    for fact in _of(view.incident, FactKind.AUTHORITY)[:SHOWN_AUTHORITIES]:
        yield speech.say("sentence.authority", name=worded.name(fact.note.text("name")), at=_at(fact, view, speech))


def _statement(view: IncidentView, speech: Speech) -> str:
    """What the organisation said last."""
    said = [fact for fact in view.incident.facts if fact.kind in (FactKind.STATEMENT, FactKind.DELETION)]
    if not said:
        return ""
    topic, last = worded.name(view.incident.topic), said[-1]
    return speech.say(f"sentence.statement.{last.note.text('what')}", topic=topic, at=_at(last, view, speech))


def _numbers(view: IncidentView, speech: Speech) -> str:
    """How much is said: ``14 negative posts in the last 6 hours (usual: 2), one story, no outlet yet``."""
    incident = view.incident
    signals = sorted(incident.reasons, key=lambda signal: -signal.weight)
    surge = next((signal for signal in signals if signal.name == "negative_volume"), None)
    if surge is None or surge.reason.code not in _SURGES:
        return quoted(reason(signals[0], speech), 220) if signals else ""
    told = surge.reason
    length = period(told.number("minutes"), speech)
    values = {"period": length, "usual": usual_of(told, speech)}
    said = speech.say("sentence.posts_now", n=round(told.number("value")), **values)
    stories = speech.say("sentence.thin", n=len(incident.stories)) if incident.stories else ""
    return f"{said}{stories}{_no_outlet(view, speech)}{speech.say('sentence.end')}"


def _no_outlet(view: IncidentView, speech: Speech) -> str:
    told = _of(view.incident, FactKind.OUTLET) or any(one.post.standing is Standing.OUTLET for one in view.posts)
    return "" if told else speech.say("sentence.no_outlet")


def _began(view: IncidentView, speech: Speech) -> str:
    """The first post of its story where it is known, and when the incident was opened where it is not."""
    if view.first is not None and view.first.source:
        at, source = recent(view.first.published, view.now, speech), worded.name(view.first.source)
        return speech.say("sentence.began", at=at, source=source)
    return speech.say("sentence.since", at=recent(view.incident.opened_at, view.now, speech))


def _source(fact: Fact) -> str:
    return worded.name(fact.note.text("source"))


def _at(fact: Fact, view: IncidentView, speech: Speech) -> str:
    return recent(fact.at, view.now, speech)
