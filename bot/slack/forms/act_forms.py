"""The forms of acts that ask for more before they are done, and what people filled in. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from bot.i18n.speech import Speech
from bot.incidents.closing import is_grave
from bot.records import ActKind, Incident
from bot.slack.forms.form_parts import carried_by, choice, labelled, modal, text_field, value_of
from bot.slack.render import blocks as b
from bot.slack.render.blocks import Block
from bot.slack.render.escape import quoted
from engine.post import Level

ACT = "tocsin_act"
SNOOZES = (30, 60, 120, 240, 480, 1440, 4320)
"""The minutes that a snooze, or a level set by hand, can be chosen to last."""

MEASURED = "measured"
"""What is chosen instead of a level: let the measured one count again."""


@dataclass(frozen=True, kw_only=True)
class ActForm:
    """An act's form as it was sent. *other* is another incident, *story* one of its stories."""

    number: int
    kind: ActKind
    minutes: float = 0
    to: str = ""
    text: str = ""
    level: Level | None = None
    other: int = 0
    story: str = ""
    place: str = ""
    channel: str = ""


@dataclass(frozen=True, kw_only=True)
class AskedAct:
    """An act that a form is opened for. *typed* is what was written already; *others* are incidents that it may be
    merged into, *stories* (id and headline) those that may be split off."""

    kind: ActKind
    incident: Incident
    typed: str = ""
    others: Sequence[Incident] = ()
    stories: Sequence[tuple[str, str]] = ()


def asks_more(kind: ActKind, incident: Incident | None = None) -> bool:
    """True if an act of *kind* is done by a form: always, or where *incident* is grave."""
    if kind is ActKind.RESOLVE:
        return incident is not None and is_grave(incident)
    return kind in _FIELDS


def act(asked: AskedAct, speech: Speech, *, place: str = "", channel: str = "") -> Block:
    """The form of an act. *place* is the address that the answer goes to, *channel* where it was opened."""
    incident = asked.incident
    carried = {
        "kind": asked.kind.value, "number": incident.id, "version": incident.version, "place": place,
        "channel": channel,
    }  # fmt: skip
    return modal(ACT, f"form.{asked.kind.value}", _FIELDS[asked.kind](asked, speech), speech, carried)


def filled(view: Mapping[str, Any]) -> ActForm:
    """What the form ``act`` holds when it is sent."""
    carried, state = carried_by(view), view["state"]["values"]
    level = value_of(state, "level")
    return ActForm(
        number=int(carried["number"]),
        kind=ActKind(carried["kind"]),
        minutes=float(value_of(state, "minutes") or 0),
        to=value_of(state, "to"),
        text=value_of(state, "text"),
        level=Level(int(level)) if level.isdecimal() else None,
        other=int(value_of(state, "other") or 0),
        story=value_of(state, "story"),
        place=str(carried.get("place", "")),
        channel=str(carried.get("channel", "")),
    )


def _snooze(asked: AskedAct, speech: Speech) -> list[Block]:
    return [_intro(asked, speech), _spans("snooze", "120", speech)]


def _assign(asked: AskedAct, speech: Speech) -> list[Block]:
    label = speech.say("form.assign.label", number=str(asked.incident.id))
    return [labelled("to", label, {"type": "users_select", "action_id": "value"})]


def _note(asked: AskedAct, speech: Speech) -> list[Block]:
    label = speech.say("form.note.label", number=str(asked.incident.id))
    return [labelled("text", label, text_field("", lines=True, most=2000))]


def _close(asked: AskedAct, speech: Speech) -> list[Block]:
    """Why it is closed, and what follows from it: asked for, where the matter is grave."""
    name, grave = asked.kind.value, is_grave(asked.incident)
    typed = text_field(asked.typed[:300], most=300, placeholder=speech.say(f"form.{name}.placeholder"))
    armed = b.section(speech.say("form.armed"))
    return [_intro(asked, speech), armed, labelled("text", speech.say(f"form.{name}.label"), typed, optional=not grave)]


def _set_level(asked: AskedAct, speech: Speech) -> list[Block]:
    rows = [(speech.level(level), str(level.value)) for level in sorted(Level)]
    if asked.incident.set_level is not None:
        rows.insert(0, (speech.say("form.set_level.measured"), MEASURED))
    reason = text_field(asked.typed[:300], most=300)
    return [
        _intro(asked, speech),
        labelled("level", speech.say("form.set_level.level"), choice(rows, str(asked.incident.level.value))),
        _spans("set_level", "240", speech),
        labelled("text", speech.say("form.set_level.why"), reason, optional=asked.incident.set_level is not None),
    ]


def _merge(asked: AskedAct, speech: Speech) -> list[Block]:
    rows = [(f"{one.id} · {quoted(one.headline, 60)}", str(one.id)) for one in asked.others]
    return [_intro(asked, speech), labelled("other", speech.say("form.merge.label"), choice(rows))]


def _split(asked: AskedAct, speech: Speech) -> list[Block]:
    rows = [(quoted(headline, 70), story) for story, headline in asked.stories]
    return [_intro(asked, speech), labelled("story", speech.say("form.split.label"), choice(rows))]


def _spans(name: str, chosen: str, speech: Speech) -> Block:
    spans = [(speech.span(timedelta(minutes=minutes)), str(minutes)) for minutes in SNOOZES]
    return labelled("minutes", speech.say(f"form.{name}.label"), choice(spans, chosen, kind="radio_buttons"))


def _intro(asked: AskedAct, speech: Speech) -> Block:
    return b.section(speech.say(f"form.{asked.kind.value}.intro", number=str(asked.incident.id)))


_FIELDS: Mapping[ActKind, Callable[[AskedAct, Speech], list[Block]]] = {
    ActKind.SNOOZE: _snooze,
    ActKind.ASSIGN: _assign,
    ActKind.NOTE: _note,
    ActKind.RESOLVE: _close,
    ActKind.FALSE_ALARM: _close,
    ActKind.SET_LEVEL: _set_level,
    ActKind.MERGE: _merge,
    ActKind.SPLIT: _split,
}
