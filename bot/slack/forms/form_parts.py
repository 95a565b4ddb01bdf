"""What every form is made of, and how what people filled in is read. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from bot.i18n.speech import Speech
from bot.slack.render import blocks as b
from bot.slack.render.blocks import Block
from bot.slack.render.escape import plain


def modal(callback: str, key: str, fields: Sequence[Block], speech: Speech, carried: Mapping[str, Any]) -> Block:
    return {
        "type": "modal",
        "callback_id": callback,
        "title": b.plain_text(speech.say(f"{key}.title"), 24),
        "submit": b.plain_text(speech.say(f"{key}.submit"), 24),
        "close": b.plain_text(speech.say("form.cancel"), 24),
        "private_metadata": json.dumps(carried, ensure_ascii=False),
        "blocks": list(fields),
    }


def labelled(field: str, label: str, element: Block, *, optional: bool = False) -> Block:
    made = {"type": "input", "block_id": field, "label": b.plain_text(label, 2000), "element": element}
    return made | ({"optional": True} if optional else {})


def text_field(initial: str, *, lines: bool = False, most: int, placeholder: str = "") -> Block:
    made: Block = {"type": "plain_text_input", "action_id": "value", "multiline": lines, "max_length": most}
    if initial:
        made["initial_value"] = initial
    if placeholder:
        made["placeholder"] = b.plain_text(placeholder, 150)
    return made


def choice(rows: Sequence[tuple[str, str]], chosen: str = "", *, kind: str = "static_select") -> Block:
    options = [b.option(plain(label, 75), value[:150]) for label, value in rows[:100]]
    initial = next((one for one in options if one["value"] == chosen), options[0])
    return {"type": kind, "action_id": "value", "options": options, "initial_option": initial}


def value_of(state: Mapping[str, Any], field: str) -> str:
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


def carried_by(view: Mapping[str, Any]) -> dict[str, Any]:
    """What a form was given on its way."""
    found = json.loads(view.get("private_metadata") or "{}")
    return found if isinstance(found, dict) else {}
