"""Slack's rules for block elements and composition objects: what may stand where, and how long it may be."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.sandbox.blocks.structure_faults import Json, StructureFaults

SINGLE = ("static_select", "external_select", "users_select", "conversations_select", "channels_select")
MULTI = tuple(f"multi_{kind}" for kind in SINGLE)
PICKERS = ("datepicker", "timepicker", "datetimepicker")
GROUPS = ("checkboxes", "radio_buttons")
TYPED = ("plain_text_input", "email_text_input", "url_text_input", "number_input", "rich_text_input")

IN_SECTION = ("button", "overflow", "image", *SINGLE, *MULTI, *PICKERS[:2], *GROUPS)
IN_ACTIONS = ("button", "overflow", *SINGLE, *MULTI, *PICKERS, *GROUPS)
IN_INPUT = (*TYPED, "file_input", *SINGLE, *MULTI, *PICKERS, *GROUPS)

_LENGTHS = {
    "button": {"value": 2000, "url": 3000, "accessibility_label": 75},
    "image": {"image_url": 3000, "alt_text": 2000},
    "plain_text_input": {"initial_value": 3000},
}
_EXTRA: Mapping[str, tuple[str, ...]] = {
    "button": ("text", "style", "value", "url", "accessibility_label"),
    "image": ("image_url", "alt_text", "slack_file"),
    "overflow": ("options",),
    "static_select": ("options", "option_groups", "initial_option"),
    "external_select": ("initial_option", "min_query_length"),
    "users_select": ("initial_user",),
    "conversations_select": (
        "initial_conversation", "default_to_current_conversation", "response_url_enabled", "filter",
    ),
    "channels_select": ("initial_channel", "response_url_enabled"),
    "datepicker": ("initial_date",),
    "timepicker": ("initial_time", "timezone"),
    "datetimepicker": ("initial_date_time",),
    "checkboxes": ("options", "initial_options"),
    "radio_buttons": ("options", "initial_option"),
    "plain_text_input": ("initial_value", "multiline", "min_length", "max_length", "dispatch_action_config"),
    "email_text_input": ("initial_value", "dispatch_action_config"),
    "url_text_input": ("initial_value", "dispatch_action_config"),
    "number_input": (
        "is_decimal_allowed", "initial_value", "min_value", "max_value", "dispatch_action_config",
    ),
    "rich_text_input": ("initial_value", "dispatch_action_config"),
    "file_input": ("filetypes", "max_files"),
}  # fmt: skip
_MULTI_EXTRA = (
    "initial_options", "initial_users", "initial_conversations", "initial_channels", "max_selected_items",
)  # fmt: skip
_OPTION_LIMITS = {"overflow": 5, "checkboxes": 10, "radio_buttons": 10}


def check_element(found: StructureFaults, element: Any, where: str, allowed: tuple[str, ...]) -> None:
    """Check one element that stands where only *allowed* types may stand."""
    if not isinstance(element, Mapping):
        found.say(where, "must provide an object")
        return
    kind = element.get("type")
    if kind not in allowed:
        found.say(where, f"unsupported type: {kind}")
        return
    found.known(element, where, _keys(kind))
    if kind != "image":
        found.string(element, "action_id", where, 255)
    for key, most in _LENGTHS.get(kind, {}).items():
        found.string(element, key, where, most, required=kind == "image" and key == "alt_text")
    _own_rules(found, element, where, kind)
    if "placeholder" in element:
        found.text(element, "placeholder", where, 150)
    if "confirm" in element:
        check_confirm(found, element["confirm"], f"{where}/confirm")


def check_confirm(found: StructureFaults, confirm: Any, where: str) -> None:
    """Check the dialog that asks "are you sure?"."""
    if not isinstance(confirm, Mapping):
        found.say(where, "must provide an object")
        return
    found.known(confirm, where, ("title", "text", "confirm", "deny", "style"))
    found.text(confirm, "title", where, 100)
    found.text(confirm, "text", where, 300, markdown=True)
    found.text(confirm, "confirm", where, 30)
    found.text(confirm, "deny", where, 30)
    found.one_of(confirm, "style", where, ("primary", "danger"))


def _keys(kind: str) -> tuple[str, ...]:
    if kind == "image":
        return ("type", *_EXTRA["image"])
    own = _EXTRA[kind.removeprefix("multi_")] + (_MULTI_EXTRA if kind.startswith("multi_") else ())
    return ("type", "action_id", "confirm", "placeholder", "focus_on_load", *own)


def _own_rules(found: StructureFaults, element: Json, where: str, kind: str) -> None:
    if kind == "button":
        found.text(element, "text", where, 75)
        found.one_of(element, "style", where, ("primary", "danger"))
    elif kind == "image" and not ("image_url" in element or "slack_file" in element):
        found.say(where, "missing required field: image_url")
    elif kind in _OPTION_LIMITS:
        _options(found, element, where, _OPTION_LIMITS[kind])
    elif kind.endswith("static_select"):
        _menu(found, element, where)
    elif kind == "plain_text_input":
        _lengths(found, element, where)
    elif kind == "number_input" and not isinstance(element.get("is_decimal_allowed"), bool):
        found.say(where, "missing required field: is_decimal_allowed")


def _lengths(found: StructureFaults, element: Json, where: str) -> None:
    least, most = element.get("min_length"), element.get("max_length")
    if least is not None and not 0 <= least <= 3000:
        found.say(f"{where}/min_length", "must be less than 3001")
    if most is not None and not 1 <= most <= 3000:
        found.say(f"{where}/max_length", "must be less than 3001")
    if least is not None and most is not None and least > most:
        found.say(where, "min_length must not be greater than max_length")


def _menu(found: StructureFaults, element: Json, where: str) -> None:
    if ("options" in element) == ("option_groups" in element):
        found.say(where, "must provide either options or option_groups")
        return
    if "options" in element:
        _options(found, element, where, 100)
        return
    groups = element["option_groups"]
    if not found.count(groups, f"{where}/option_groups", 1, 100):
        return
    for at, group in enumerate(groups):
        found.text(group, "label", f"{where}/option_groups/{at}", 75)
        _options(found, group, f"{where}/option_groups/{at}", 100)
    _initial(found, element, where, [option for group in groups for option in group.get("options", ())])


def _options(found: StructureFaults, owner: Json, where: str, most: int) -> None:
    options = owner.get("options")
    if not found.count(options, f"{where}/options", 1, most) or not isinstance(options, list):
        return
    grouped = owner.get("type") in ("checkboxes", "radio_buttons")
    for at, option in enumerate(options):
        check_option(found, option, f"{where}/options/{at}", markdown=grouped)
    _initial(found, owner, where, options)


def check_option(found: StructureFaults, option: Any, where: str, *, markdown: bool = False) -> None:
    if not isinstance(option, Mapping):
        found.say(where, "must provide an object")
        return
    found.known(option, where, ("text", "value", "description", "url"))
    found.text(option, "text", where, 75, markdown=markdown)
    found.string(option, "value", where, 150, required=True)
    found.text(option, "description", where, 75, markdown=markdown, required=False)
    found.string(option, "url", where, 3000)


def _initial(found: StructureFaults, owner: Json, where: str, options: list[Json]) -> None:
    """What is chosen from the start must be one of the options, to the letter."""
    chosen = [owner["initial_option"]] if "initial_option" in owner else owner.get("initial_options", [])
    if any(option not in options for option in chosen):
        found.say(where, "initial option must match one of the options")
