"""A call of a Web API method: its arguments, read as Slack reads them (JSON or form, numbers as text)."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from bot.sandbox.errors import SlackError
from bot.sandbox.records import BOT_USER, Channel, Message
from bot.sandbox.switchboard import Switchboard
from bot.sandbox.workspace import Workspace

Json = dict[str, Any]
STRUCTURED = ("blocks", "attachments", "metadata", "view", "files", "prefs")


@dataclass(frozen=True, kw_only=True)
class Call:
    """One call. Its readers refuse with Slack's codes."""

    board: Switchboard
    arguments: Mapping[str, Any]

    @property
    def workspace(self) -> Workspace:
        return self.board.workspace

    def text(self, key: str, default: str = "") -> str:
        value = self.arguments.get(key)
        return default if value is None else str(value)

    def need(self, key: str, code: str = "") -> str:
        """A required argument; without it *code*, or invalid_arguments with Slack's sentence."""
        value = self.text(key)
        if not value:
            raise SlackError(
                code or "invalid_arguments",
                () if code else [f"[ERROR] missing required field: {key}"],
            )
        return value

    def flag(self, key: str) -> bool:
        return str(self.arguments.get(key, "")).lower() in ("true", "1")

    def number(self, key: str, default: int, *, most: int) -> int:
        value = self.text(key)
        if not value:
            return default
        if not value.isdigit() or not 1 <= int(value) <= most:
            raise SlackError("invalid_limit")
        return int(value)

    def channel(self, key: str = "channel", *, by_name: bool = False) -> Channel:
        """The conversation that is named, if the bot may know of it. SlackError channel_not_found."""
        wanted = self.need(key, "channel_not_found" if key == "channel" else "")
        found = self.workspace.channels.get(wanted)
        if found is None and by_name:
            found = self.workspace.find_channel(wanted)
        if found is None and by_name and wanted in self.workspace.members:
            found = self.workspace.direct((wanted, BOT_USER))
        if found is None or (found.private and BOT_USER not in found.people):
            raise SlackError("channel_not_found")
        return found

    def joined_channel(self) -> Channel:
        """The same, refusing not_in_channel where the bot is no member."""
        channel = self.channel()
        if BOT_USER not in channel.people:
            raise SlackError("not_in_channel")
        return channel

    def message(self, channel: Channel, key: str = "ts") -> Message:
        """A message that everybody sees. SlackError message_not_found."""
        found = self.workspace.message(channel.id, self.need(key, "message_not_found"))
        if found is None or found.deleted or found.only_for:
            raise SlackError("message_not_found")
        return found


@dataclass(frozen=True, kw_only=True)
class Method:
    """A method: who may call it, how often, and what it does."""

    name: str
    run: Callable[[Call], Json]
    scopes: tuple[str, ...] = ()  # any one of them is enough
    tier: int = 4
    app_token: bool = False
    posts: bool = False  # counts against one message a second a channel


def decoded(arguments: Mapping[str, Any]) -> Json:
    """Arguments that came as a form carry structures as JSON text. SlackError invalid_arguments."""
    answer = dict(arguments)
    for key in STRUCTURED:
        value = answer.get(key)
        if isinstance(value, str) and value:
            try:
                answer[key] = json.loads(value)
            except ValueError as error:
                code = {"blocks": "invalid_blocks_format", "metadata": "invalid_metadata_format"}
                raise SlackError(code.get(key, "invalid_arguments")) from error
    return answer


def page(rows: list[Any], call: Call, *, default: int = 100, most: int = 999) -> tuple[list[Any], Json]:
    """One page of *rows* by limit and cursor, and the metadata with the next cursor."""
    cursor = call.text("cursor")
    if cursor and not cursor.startswith("at:"):
        raise SlackError("invalid_cursor")
    start = int(cursor.removeprefix("at:") or 0)
    end = start + call.number("limit", default, most=most)
    more = f"at:{end}" if end < len(rows) else ""
    return rows[start:end], {"response_metadata": {"next_cursor": more}}
