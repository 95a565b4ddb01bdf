"""Finds what a person can press or choose in a message or a view. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from bot.sandbox.errors import NotThereError

Json = dict[str, Any]
_SHOWN = ("text", "action_id", "value", "style")


@dataclass(frozen=True, kw_only=True)
class Control:
    """An interactive element and the block in which it stands."""

    block: Mapping[str, Any]
    element: Mapping[str, Any]

    @property
    def kind(self) -> str:
        return str(self.element["type"])

    @property
    def label(self) -> str:
        """What stands on or beside it."""
        text = self.element.get("text") or self.block.get("label") or self.element.get("placeholder") or {}
        return str(text.get("text", ""))

    @property
    def keys(self) -> tuple[str, ...]:
        """All by which a person or a test may call it."""
        return (self.label, str(self.block["block_id"]), str(self.element["action_id"]))

    @property
    def options(self) -> list[Json]:
        groups = self.element.get("option_groups", ())
        return [*self.element.get("options", ()), *(one for group in groups for one in group["options"])]


def controls(blocks: Iterable[Mapping[str, Any]]) -> Iterator[Control]:
    """Everything interactive in *blocks*, in reading order."""
    for block in blocks:
        elements = block.get("elements", ()) if block["type"] == "actions" else ()
        for element in (*elements, block.get("accessory"), block.get("element")):
            if element and element.get("type") != "image" and "action_id" in element:
                yield Control(block=block, element=element)


def button(blocks: Iterable[Mapping[str, Any]], label: str) -> Control:
    """The button with this label, action id or value. NotThereError names those that are."""
    buttons = [one for one in controls(blocks) if one.kind == "button"]
    for one in buttons:
        if label in (one.label, one.element["action_id"]):
            return one
    raise NotThereError(f"There is no button {label!r}; there are {[one.label for one in buttons]}.")


def choice(blocks: Iterable[Mapping[str, Any]], option: str, menu: str = "") -> tuple[Control, Json]:
    """The menu that holds *option* (its text or value), and the option. NotThereError names all options."""
    rows = [one for one in controls(blocks) if one.options and (not menu or menu in one.keys)]
    for control in rows:
        for one in control.options:
            if option in (one["text"]["text"], one["value"]):
                return control, one
    names = [one["text"]["text"] for control in rows for one in control.options]
    raise NotThereError(f"There is no choice {option!r}; there are {names}.")


def field(blocks: Iterable[Mapping[str, Any]], name: str) -> Control:
    """The input with this label, block id or action id. NotThereError names those that are."""
    rows = list(controls(blocks))
    for one in rows:
        if name in one.keys:
            return one
    raise NotThereError(f"There is no field {name!r}; there are {[one.label for one in rows]}.")


def action(control: Control, value: Mapping[str, Any], *, at: str) -> Json:
    """The entry of ``actions`` that a press of *control* with *value* makes."""
    shown = {key: control.element[key] for key in _SHOWN if key in control.element}
    fixed = {"type": control.kind, "block_id": control.block["block_id"], "action_ts": at}
    return shown | dict(value) | fixed
