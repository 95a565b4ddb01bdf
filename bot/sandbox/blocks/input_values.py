"""What people type and choose, as ``state.values`` holds it, and what the client itself refuses. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from bot.sandbox.blocks.controls import Control, controls
from bot.sandbox.errors import NotThereError

Json = dict[str, Any]

_EMPTY: Mapping[str, tuple[str, Any]] = {
    "plain_text_input": ("value", None),
    "email_text_input": ("value", None),
    "url_text_input": ("value", None),
    "number_input": ("value", None),
    "rich_text_input": ("rich_text_value", None),
    "file_input": ("files", []),
    "static_select": ("selected_option", None),
    "external_select": ("selected_option", None),
    "radio_buttons": ("selected_option", None),
    "users_select": ("selected_user", None),
    "conversations_select": ("selected_conversation", None),
    "channels_select": ("selected_channel", None),
    "multi_static_select": ("selected_options", []),
    "multi_external_select": ("selected_options", []),
    "checkboxes": ("selected_options", []),
    "multi_users_select": ("selected_users", []),
    "multi_conversations_select": ("selected_conversations", []),
    "multi_channels_select": ("selected_channels", []),
    "datepicker": ("selected_date", None),
    "timepicker": ("selected_time", None),
    "datetimepicker": ("selected_date_time", None),
}
_INITIAL = {
    "value": "initial_value",
    "rich_text_value": "initial_value",
    "selected_option": "initial_option",
    "selected_options": "initial_options",
    "selected_user": "initial_user",
    "selected_users": "initial_users",
    "selected_conversation": "initial_conversation",
    "selected_conversations": "initial_conversations",
    "selected_channel": "initial_channel",
    "selected_channels": "initial_channels",
    "selected_date": "initial_date",
    "selected_time": "initial_time",
    "selected_date_time": "initial_date_time",
}
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_URL = re.compile(r"https?://\S+", re.IGNORECASE)
Known = Callable[[str, str], str]


def initial(blocks: Iterable[Mapping[str, Any]]) -> dict[str, dict[str, Json]]:
    """``state.values`` before anybody has touched anything, by block id and action id."""
    values: dict[str, dict[str, Json]] = {}
    for one in controls(blocks):
        if one.kind in _EMPTY:
            key, empty = _EMPTY[one.kind]
            value = one.element.get(_INITIAL.get(key, ""), empty)
            values.setdefault(one.block["block_id"], {})[one.element["action_id"]] = {
                "type": one.kind,
                key: value,
            }
    return values


def current_conversation(blocks: Iterable[Mapping[str, Any]], channel: str) -> dict[str, dict[str, Json]]:
    """The values of the menus that begin with the conversation in which the modal was asked for."""
    values: dict[str, dict[str, Json]] = {}
    for one in controls(blocks):
        if channel and one.element.get("default_to_current_conversation"):
            key = _EMPTY[one.kind][0]
            chosen: Any = [channel] if one.kind.startswith("multi_") else channel
            row = values.setdefault(one.block["block_id"], {})
            row[one.element["action_id"]] = {"type": one.kind, key: chosen}
    return values


def entered(control: Control, typed: Any, known: Known) -> Json:
    """The value that *typed* makes in *control*.

    An option is named by its text or value, a person or a channel as *known* understands it. NotThereError if
    the menu has no such option.
    """
    kind = control.kind
    key, _ = _EMPTY[kind]
    if typed is None or typed == "":
        return {"type": kind, key: _EMPTY[kind][1]}
    if key == "selected_option":
        return {"type": kind, key: _option(control, typed)}
    if key == "selected_options":
        return {"type": kind, key: [_option(control, one) for one in typed]}
    if kind.startswith("multi_"):
        return {"type": kind, key: [known(kind, one) for one in typed]}
    if key in ("selected_user", "selected_conversation", "selected_channel"):
        return {"type": kind, key: known(kind, str(typed))}
    return {"type": kind, key: typed if kind in ("file_input", "datetimepicker") else str(typed)}


def _option(control: Control, wanted: Any) -> Json:
    if isinstance(wanted, Mapping):
        return dict(wanted)
    for one in control.options:
        if wanted in (one["text"]["text"], one["value"]):
            return one
    names = [one["text"]["text"] for one in control.options]
    raise NotThereError(f"{control.label} has no option {wanted!r}; it has {names}.")


def shortcomings(blocks: Iterable[Mapping[str, Any]], values: Mapping[str, Mapping[str, Json]]) -> dict[str, str]:
    """What Slack's client refuses before the bot hears of it: block id to the key of a sentence."""
    found: dict[str, str] = {}
    for one in controls(blocks):
        if one.block["type"] != "input":
            continue
        value = values.get(one.block["block_id"], {}).get(one.element["action_id"], {})
        said = value.get(_EMPTY[one.kind][0])
        fault = _fault(one, said)
        if fault:
            found[one.block["block_id"]] = fault
    return found


def _fault(control: Control, said: Any) -> str:
    element = control.element
    if said in (None, "", []):
        return "" if control.block.get("optional") else "required"
    if control.kind == "plain_text_input":
        if len(said) < element.get("min_length", 0):
            return "too_short"
        return "too_long" if len(said) > element.get("max_length", 3000) else ""
    if control.kind == "email_text_input":
        return "" if _EMAIL.fullmatch(said) else "email"
    if control.kind == "url_text_input":
        return "" if _URL.fullmatch(said) else "url"
    return _number_fault(element, said) if control.kind == "number_input" else ""


def _number_fault(element: Mapping[str, Any], said: str) -> str:
    try:
        number = float(said) if element["is_decimal_allowed"] else int(said)
    except ValueError:
        return "number"
    least, most = float(element.get("min_value", "-inf")), float(element.get("max_value", "inf"))
    return "" if least <= number <= most else "number"
