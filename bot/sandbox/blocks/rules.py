"""Slack's rules for whole messages and views. Pure: says what is wrong, and changes nothing."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from bot.sandbox.blocks.elements import IN_ACTIONS, IN_INPUT, IN_SECTION, check_element
from bot.sandbox.blocks.structure_faults import Json, StructureFaults
from bot.sandbox.errors import SlackError

MOST_BLOCKS = {"message": 50, "modal": 100, "home": 100}
MOST_TEXT = 40_000
MOST_UPDATED_TEXT = 4_000
MOST_BLOCK_CHARACTERS = 13_000  # of all blocks as JSON; Slack documents no number, this is where it was seen to fail
MOST_VIEW_BYTES = 250_000
MOST_METADATA_BYTES = 8_000
MOST_ATTACHMENTS = 100


def check_message_blocks(blocks: Any) -> None:
    """Raise invalid_blocks, invalid_blocks_format or msg_blocks_too_long for the blocks of a message."""
    if not isinstance(blocks, list):
        raise SlackError("invalid_blocks_format")
    found = check_blocks(blocks, "message")
    if found:
        raise SlackError("invalid_blocks", found)
    if len(json.dumps(blocks, ensure_ascii=False)) > MOST_BLOCK_CHARACTERS:
        raise SlackError("msg_blocks_too_long")


def check_view(view: Any) -> None:
    """Raise invalid_arguments or view_too_large for the view of a modal or a Home tab."""
    if not isinstance(view, Mapping):
        raise SlackError("invalid_arguments", ["[ERROR] must provide an object [json-pointer:/view]"])
    if len(json.dumps(view, ensure_ascii=False).encode()) > MOST_VIEW_BYTES:
        raise SlackError("view_too_large")
    found = _view_faults(view)
    if found:
        raise SlackError("invalid_arguments", found)


def check_metadata(metadata: Any) -> None:
    """Raise invalid_metadata_format or metadata_too_large for a message's metadata."""
    fits = (
        isinstance(metadata, Mapping)
        and isinstance(metadata.get("event_type"), str)
        and isinstance(metadata.get("event_payload"), Mapping)
    )
    if not fits:
        raise SlackError("invalid_metadata_format")
    if len(json.dumps(metadata, ensure_ascii=False).encode()) > MOST_METADATA_BYTES:
        raise SlackError("metadata_too_large")


def check_blocks(blocks: Sequence[Any], surface: str) -> list[str]:
    """All faults of *blocks* on a ``message``, a ``modal`` or ``home``; empty if Slack would take them."""
    found = StructureFaults()
    prefix = "" if surface == "message" else "/view"
    most = MOST_BLOCKS[surface]
    if len(blocks) > most:
        found.say(f"{prefix}/blocks", f"no more than {most} items allowed")
    for at, block in enumerate(blocks):
        _block(found, block, f"{prefix}/blocks/{at}")
    ids = [block["block_id"] for block in blocks if isinstance(block, Mapping) and block.get("block_id")]
    found.unique(ids, f"{prefix}/blocks", "block_id")
    return found.messages


def _view_faults(view: Json) -> list[str]:
    kind = view.get("type")
    if kind not in ("modal", "home"):
        return ["[ERROR] unsupported type [json-pointer:/view/type]"]
    found = StructureFaults()
    blocks = view.get("blocks")
    if not isinstance(blocks, list):
        found.say("/view", "missing required field: blocks")
        blocks = []
    for key, most in (("private_metadata", 3000), ("callback_id", 255), ("external_id", 255)):
        found.string(view, key, "/view", most)
    if kind == "modal":
        found.text(view, "title", "/view", 24)
        found.text(view, "submit", "/view", 24, required=any(_is_input(block) for block in blocks))
        found.text(view, "close", "/view", 24, required=False)
    return found.messages + check_blocks(blocks, kind)


def _is_input(block: Any) -> bool:
    return isinstance(block, Mapping) and block.get("type") == "input"


def _block(found: StructureFaults, block: Any, where: str) -> None:
    if not isinstance(block, Mapping):
        found.say(where, "must provide an object")
        return
    kind = str(block.get("type"))
    if kind not in _BLOCKS:
        found.say(where, f"unsupported type: {kind}")
        return
    keys, check = _BLOCKS[kind]
    found.known(block, where, ("type", "block_id", *keys))
    found.string(block, "block_id", where, 255)
    check(found, block, where)


def _section(found: StructureFaults, block: Json, where: str) -> None:
    if "text" not in block and "fields" not in block:
        found.say(where, "must define either `text` or `fields`")
    found.text(block, "text", where, 3000, markdown=True, required=False)
    fields = block.get("fields")
    if fields is not None and found.count(fields, f"{where}/fields", 1, 10):
        for at, field in enumerate(fields):
            found.text_object(field, f"{where}/fields/{at}", 2000, markdown=True)
    if "accessory" in block:
        check_element(found, block["accessory"], f"{where}/accessory", IN_SECTION)


def _header(found: StructureFaults, block: Json, where: str) -> None:
    found.text(block, "text", where, 150)


def _divider(found: StructureFaults, block: Json, where: str) -> None:
    """A line has nothing to check."""


def _context(found: StructureFaults, block: Json, where: str) -> None:
    elements = block.get("elements")
    if not found.count(elements, f"{where}/elements", 1, 10) or not isinstance(elements, list):
        return
    for at, element in enumerate(elements):
        place = f"{where}/elements/{at}"
        if isinstance(element, Mapping) and element.get("type") == "image":
            check_element(found, element, place, ("image",))
        else:
            found.text_object(element, place, 3000, markdown=True)


def _actions(found: StructureFaults, block: Json, where: str) -> None:
    elements = block.get("elements")
    if not found.count(elements, f"{where}/elements", 1, 25) or not isinstance(elements, list):
        return
    for at, element in enumerate(elements):
        check_element(found, element, f"{where}/elements/{at}", IN_ACTIONS)
    ids = [str(one["action_id"]) for one in elements if isinstance(one, Mapping) and one.get("action_id")]
    found.unique(ids, f"{where}/elements", "action_id")


def _image(found: StructureFaults, block: Json, where: str) -> None:
    found.string(block, "alt_text", where, 2000, required=True)
    found.string(block, "image_url", where, 3000, required="slack_file" not in block)
    found.text(block, "title", where, 2000, required=False)


def _input(found: StructureFaults, block: Json, where: str) -> None:
    found.text(block, "label", where, 2000)
    found.text(block, "hint", where, 2000, required=False)
    element = block.get("element")
    if element is None:
        found.say(where, "missing required field: element")
        return
    allowed = tuple(kind for kind in IN_INPUT if "/view" in where or kind != "file_input")
    check_element(found, element, f"{where}/element", allowed)
    found.one_of(block, "optional", where, (True, False))


def _rich_text(found: StructureFaults, block: Json, where: str) -> None:
    elements = block.get("elements")
    if not found.count(elements, f"{where}/elements", 1, 1000) or not isinstance(elements, list):
        return
    kinds = ("rich_text_section", "rich_text_list", "rich_text_preformatted", "rich_text_quote")
    for at, element in enumerate(elements):
        if not isinstance(element, Mapping) or element.get("type") not in kinds:
            found.say(f"{where}/elements/{at}", "unsupported type")


def _markdown(found: StructureFaults, block: Json, where: str) -> None:
    found.string(block, "text", where, 12_000, required=True)


_BLOCKS: Mapping[str, tuple[tuple[str, ...], Callable[[StructureFaults, Json, str], None]]] = {
    "section": (("text", "fields", "accessory", "expand"), _section),
    "header": (("text",), _header),
    "divider": ((), _divider),
    "context": (("elements",), _context),
    "actions": (("elements",), _actions),
    "image": (("image_url", "alt_text", "title", "slack_file"), _image),
    "input": (("label", "element", "hint", "optional", "dispatch_action"), _input),
    "rich_text": (("elements",), _rich_text),
    "markdown": (("text",), _markdown),
}
