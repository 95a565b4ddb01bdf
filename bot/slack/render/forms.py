"""The modals: a new topic, a snooze, an owner, a note, a false alarm; and what people filled in. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from bot.desk.drafts import Draft, FieldFault
from bot.desk.view_models import Evidence
from bot.i18n.queries import query_fault
from bot.i18n.speech import Speech
from bot.records import ActKind
from bot.slack.render import blocks as b
from bot.slack.render.blocks import Block
from bot.slack.render.escape import clipped, plain, quoted
from engine.post import Polarity
from engine.text.masking import mask

ADD, ACT, WRONG = "tocsin_add", "tocsin_act", "tocsin_wrong"
SNOOZES = (30, 60, 120, 240, 480, 1440, 4320)
"""The minutes that a snooze can be chosen to last."""
WITH_FORM = (ActKind.SNOOZE, ActKind.ASSIGN, ActKind.NOTE, ActKind.FALSE_ALARM)
"""The acts that ask for more before they are done."""


@dataclass(frozen=True, kw_only=True)
class ActForm:
    """An act's form as it was sent."""

    number: int
    kind: ActKind
    minutes: float = 0
    to: str = ""
    text: str = ""
    place: str = ""
    channel: str = ""


@dataclass(frozen=True, kw_only=True)
class CorrectionForm:
    """The form ``wrong`` as it was sent: what a person says the sentiment of a post is."""

    number: int
    post: str
    polarity: Polarity
    place: str = ""
    channel: str = ""


def add(speech: Speech, *, name: str, channel: str, policies: Sequence[str]) -> Block:
    """The form for a new topic. *channel*, an id, is chosen beforehand."""
    chosen: Block = {"type": "conversations_select", "action_id": "value"}
    chosen["filter"] = {"include": ["public", "private"], "exclude_bot_users": True}
    if channel:
        chosen["initial_conversation"] = channel
    policy = _choice([(policy, policy) for policy in policies])
    speak = _choice([(one.say("language.own"), one.language) for one in speech.siblings], speech.language)
    fields = [
        _input("name", speech, _text(name[:80], most=80), hint=True),
        _input(
            "query",
            speech,
            _text("", lines=True, most=3000, placeholder=speech.say("form.add.query_example")),
            hint=True,
        ),
        _input("aliases", speech, _text("", most=500), hint=True, optional=True),
        _input("channel", speech, chosen),
        _input("policy", speech, policy),
        _input("speak", speech, speak),
    ]
    return _modal(ADD, "form.add", fields, speech, {"language": speech.language})


def draft(state: Mapping[str, Any]) -> Draft:
    """The topic that the form ``add`` holds when it is sent."""
    aliases = re.split(r"[,，、;；\n]", _value(state, "aliases"))
    return Draft(
        name=_value(state, "name"),
        query=_value(state, "query"),
        aliases=tuple(dict.fromkeys(alias.strip() for alias in aliases if alias.strip())),
        channel=_value(state, "channel"),
        policy=_value(state, "policy") or "default",
        speak=_value(state, "speak"),
    )


def errors(faults: Mapping[str, FieldFault], query: str, speech: Speech) -> dict[str, str]:
    """What stands under the fields, by block id; a query's fault shows the place."""
    return {field: _fault(fault, query, speech) for field, fault in faults.items()}


def act(kind: ActKind, number: int, version: int, speech: Speech, *, place: str = "", channel: str = "") -> Block:
    """The form of an act that asks for more. *place* is the address that the answer goes to, *channel* where it was
    opened."""
    fields = {
        ActKind.SNOOZE: _snooze,
        ActKind.ASSIGN: _assign,
        ActKind.NOTE: _note,
        ActKind.FALSE_ALARM: _false_alarm,
    }[kind](number, speech)
    carried = {"kind": kind.value, "number": number, "version": version, "place": place, "channel": channel}
    return _modal(ACT, f"form.{kind.value}", fields, speech, carried)


def filled(view: Mapping[str, Any]) -> ActForm:
    """What the form ``act`` holds when it is sent."""
    carried, state = carried_by(view), view["state"]["values"]
    return ActForm(
        number=int(carried["number"]),
        kind=ActKind(carried["kind"]),
        minutes=float(_value(state, "minutes") or 0),
        to=_value(state, "to"),
        text=_value(state, "text"),
        place=str(carried.get("place", "")),
        channel=str(carried.get("channel", "")),
    )


def wrong(evidence: Evidence, speech: Speech, *, place: str = "", channel: str = "") -> Block:
    """The form for a post whose sentiment was read wrong."""
    number, read = evidence.incident.id, evidence.shown.polarity
    lines = [speech.say("form.wrong.intro", number=str(number), post=quoted(mask(evidence.shown.post.body), 300))]
    if read is not None:
        lines.append(speech.say("form.wrong.was", polarity=speech.say(f"polarity.{read.value}")))
    rows = [(speech.say(f"polarity.{one.value}"), one.value) for one in Polarity if one is not read]
    label = speech.say("form.wrong.label", topic=plain(evidence.incident.topic, 80))
    fields = [b.section("\n".join(lines)), _labelled("polarity", label, _choice(rows, kind="radio_buttons"))]
    carried = {"number": number, "post": evidence.shown.post.id, "place": place, "channel": channel}
    return _modal(WRONG, "form.wrong", fields, speech, carried)


def marked(view: Mapping[str, Any]) -> CorrectionForm:
    """What the form ``wrong`` holds when it is sent."""
    carried = carried_by(view)
    return CorrectionForm(
        number=int(carried["number"]),
        post=str(carried["post"]),
        polarity=Polarity(_value(view["state"]["values"], "polarity")),
        place=str(carried.get("place", "")),
        channel=str(carried.get("channel", "")),
    )


def carried_by(view: Mapping[str, Any]) -> dict[str, Any]:
    """What a form was given on its way."""
    found = json.loads(view.get("private_metadata") or "{}")
    return found if isinstance(found, dict) else {}


def page(title: str, text: str, speech: Speech) -> Block:
    """A form that only says something."""
    return {
        "type": "modal",
        "title": b.plain_text(title, 24),
        "close": b.plain_text(speech.say("form.close"), 24),
        "blocks": [b.section(text)],
    }


def saving(speech: Speech) -> Block:
    return page(speech.say("form.add.title"), speech.say("form.add.saving"), speech)


def _snooze(number: int, speech: Speech) -> list[Block]:
    spans = [(speech.span(timedelta(minutes=minutes)), str(minutes)) for minutes in SNOOZES]
    chosen = _choice(spans, "120", kind="radio_buttons")
    return [_intro("snooze", number, speech), _labelled("minutes", speech.say("form.snooze.label"), chosen)]


def _assign(number: int, speech: Speech) -> list[Block]:
    label = speech.say("form.assign.label", number=str(number))
    return [_labelled("to", label, {"type": "users_select", "action_id": "value"})]


def _note(number: int, speech: Speech) -> list[Block]:
    label = speech.say("form.note.label", number=str(number))
    return [_labelled("text", label, _text("", lines=True, most=2000))]


def _false_alarm(number: int, speech: Speech) -> list[Block]:
    label = speech.say("form.false_alarm.label")
    typed = _text("", most=300, placeholder=speech.say("form.false_alarm.placeholder"))
    return [_intro("false_alarm", number, speech), _labelled("text", label, typed, optional=True)]


def _intro(name: str, number: int, speech: Speech) -> Block:
    return b.section(speech.say(f"form.{name}.intro", number=str(number)))


def _modal(callback: str, key: str, fields: Sequence[Block], speech: Speech, carried: Mapping[str, Any]) -> Block:
    return {
        "type": "modal",
        "callback_id": callback,
        "title": b.plain_text(speech.say(f"{key}.title"), 24),
        "submit": b.plain_text(speech.say(f"{key}.submit"), 24),
        "close": b.plain_text(speech.say("form.cancel"), 24),
        "private_metadata": json.dumps(carried, ensure_ascii=False),
        "blocks": list(fields),
    }


def _input(field: str, speech: Speech, element: Block, *, hint: bool = False, optional: bool = False) -> Block:
    made = _labelled(field, speech.say(f"form.add.{field}"), element, optional=optional)
    if hint:
        made["hint"] = b.plain_text(speech.say(f"form.add.{field}_hint"), 2000)
    return made


def _labelled(field: str, label: str, element: Block, *, optional: bool = False) -> Block:
    made = {"type": "input", "block_id": field, "label": b.plain_text(label, 2000), "element": element}
    return made | ({"optional": True} if optional else {})


def _text(initial: str, *, lines: bool = False, most: int, placeholder: str = "") -> Block:
    made: Block = {"type": "plain_text_input", "action_id": "value", "multiline": lines, "max_length": most}
    if initial:
        made["initial_value"] = initial
    if placeholder:
        made["placeholder"] = b.plain_text(placeholder, 150)
    return made


def _choice(rows: Sequence[tuple[str, str]], chosen: str = "", *, kind: str = "static_select") -> Block:
    options = [b.option(plain(label, 75), value[:150]) for label, value in rows[:100]]
    initial = next((one for one in options if one["value"] == chosen), options[0])
    return {"type": kind, "action_id": "value", "options": options, "initial_option": initial}


def _value(state: Mapping[str, Any], field: str) -> str:
    """What stands in *field*, whatever kind of element it is."""
    element = (state.get(field) or {}).get("value") or {}
    option = element.get("selected_option") or {}
    for found in (
        element.get("value"),
        option.get("value"),
        element.get("selected_conversation"),
        element.get("selected_user"),
    ):
        if found:
            return str(found).strip()
    return ""


def _fault(fault: FieldFault, query: str, speech: Speech) -> str:
    if fault.query is None:
        return speech.say(fault.key)
    sentence = query_fault(fault.query, speech)
    if fault.position is None or "\n" in query:
        return clipped(sentence, 200)
    start, end = max(0, fault.position - 12), fault.position + 12
    before, after = query[start : fault.position], query[fault.position : end]
    around = f"{'…' if start else ''}{before}👉{after}{'…' if end < len(query) else ''}"
    return clipped(f"{sentence} {around}", 200)
