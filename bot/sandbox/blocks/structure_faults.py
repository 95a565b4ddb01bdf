"""Collects what is wrong with a Block Kit structure, each fault with its JSON pointer, in Slack's words."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any

Json = Mapping[str, Any]


class StructureFaults:
    """The faults of one structure. Every check adds to them and none of them raises."""

    def __init__(self) -> None:
        self.messages: list[str] = []

    def say(self, where: str, sentence: str) -> None:
        self.messages.append(f"[ERROR] {sentence} [json-pointer:{where}]")

    def known(self, owner: Json, where: str, keys: Iterable[str]) -> None:
        """Nothing but *keys* may stand in *owner*."""
        for key in owner:
            if key not in keys:
                self.say(where, f"invalid additional property: {key}")

    def string(self, owner: Json, key: str, where: str, most: int, *, required: bool = False) -> None:
        """``owner[key]`` is a string of 1 to *most* characters, or absent unless *required*."""
        if key not in owner or owner[key] is None:
            if required:
                self.say(where, f"missing required field: {key}")
            return
        value = owner[key]
        if not isinstance(value, str):
            self.say(f"{where}/{key}", "must be a string")
        elif len(value) > most:
            self.say(f"{where}/{key}", f"must be less than {most + 1} characters")
        elif required and not value:
            self.say(f"{where}/{key}", "must be more than 0 characters")

    def text(
        self, owner: Json, key: str, where: str, most: int, *, markdown: bool = False, required: bool = True
    ) -> None:
        """``owner[key]`` is a text object of 1 to *most* characters, plain unless *markdown* is allowed."""
        value = owner.get(key)
        if value is None:
            if required:
                self.say(where, f"missing required field: {key}")
            return
        self.text_object(value, f"{where}/{key}", most, markdown=markdown)

    def text_object(self, value: Any, where: str, most: int, *, markdown: bool = False) -> None:
        if not isinstance(value, Mapping):
            self.say(where, "must provide an object")
            return
        kinds = ("plain_text", "mrkdwn") if markdown else ("plain_text",)
        if value.get("type") not in kinds:
            self.say(f"{where}/type", f"must be one of: {', '.join(kinds)}")
            return
        extra = "verbatim" if value["type"] == "mrkdwn" else "emoji"
        self.known(value, where, ("type", "text", "verbatim", extra))
        self.string(value, "text", where, most, required=True)

    def count(self, items: Any, where: str, least: int, most: int) -> bool:
        """*items* is a list of *least* to *most* entries; False if it cannot be walked."""
        if not isinstance(items, list):
            self.say(where, "must provide an array")
            return False
        if len(items) > most:
            self.say(where, f"no more than {most} items allowed")
        if len(items) < least:
            self.say(where, f"no less than {least} items allowed")
        return True

    def one_of(self, owner: Json, key: str, where: str, allowed: Collection[Any]) -> None:
        if key in owner and owner[key] not in allowed:
            self.say(f"{where}/{key}", f"must be one of: {', '.join(map(str, allowed))}")

    def unique(self, values: Iterable[str], where: str, name: str) -> None:
        seen: set[str] = set()
        for value in values:
            if value in seen:
                self.say(where, f"`{name}` {value} already exists")
            seen.add(value)
