"""Turns the arguments of a posting into checked content, and writes it into the workspace."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.sandbox.blocks import rules
from bot.sandbox.errors import SlackError
from bot.sandbox.records import BOT_USER, Channel, Message
from bot.sandbox.workspace import Workspace

Json = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Content:
    """What a message says. ``None`` means that the caller did not speak of it."""

    text: str | None = None
    blocks: tuple[Json, ...] | None = None
    attachments: tuple[Json, ...] | None = None
    metadata: Mapping[str, Any] | None = None

    @property
    def empty(self) -> bool:
        return not (self.text or self.blocks or self.attachments)


def content(arguments: Mapping[str, Any], *, most_text: int = rules.MOST_TEXT) -> Content:
    """Check text, blocks, attachments and metadata. SlackError for the first that is wrong."""
    text, blocks = arguments.get("text"), arguments.get("blocks")
    attachments, metadata = arguments.get("attachments"), arguments.get("metadata")
    if text is not None and len(str(text)) > most_text:
        raise SlackError("msg_too_long")
    if blocks is not None:
        rules.check_message_blocks(blocks)
    if attachments is not None:
        check_attachments(attachments)
    if metadata is not None and metadata != {}:
        rules.check_metadata(metadata)
    return Content(
        text=None if text is None else str(text),
        blocks=None if blocks is None else with_ids(blocks),
        attachments=None if attachments is None else tuple(attachments),
        metadata=metadata,
    )


def check_attachments(attachments: Any) -> None:
    """Raise invalid_attachments, too_many_attachments or what is wrong with the blocks inside."""
    if not isinstance(attachments, list) or not all(isinstance(one, Mapping) for one in attachments):
        raise SlackError("invalid_attachments")
    if len(attachments) > rules.MOST_ATTACHMENTS:
        raise SlackError("too_many_attachments")
    for one in attachments:
        if "blocks" in one:
            rules.check_message_blocks(one["blocks"])


def with_ids(blocks: Sequence[Mapping[str, Any]]) -> tuple[Json, ...]:
    """The blocks as Slack keeps them: each block and each interactive element has an id."""
    return tuple(_named(block, at) for at, block in enumerate(blocks))


def _named(block: Mapping[str, Any], at: int) -> Json:
    named = {**block, "block_id": block.get("block_id") or f"b{at}"}
    if block["type"] == "actions":
        named["elements"] = [_active(one, f"b{at}e{number}") for number, one in enumerate(block["elements"])]
    for key in ("accessory", "element"):
        if key in block and block[key]["type"] != "image":
            named[key] = _active(block[key], f"b{at}e0")
    return named


def _active(element: Mapping[str, Any], name: str) -> Json:
    return {**element, "action_id": element.get("action_id") or name}


def post(
    workspace: Workspace,
    channel: Channel,
    said: Content,
    *,
    author: str = BOT_USER,
    thread_ts: str = "",
    broadcast: bool = False,
    only_for: str = "",
    files: tuple[str, ...] = (),
) -> Message:
    """Write a new message. A reply to a parent that is gone stands top-level, without a word, as in Slack."""
    parent = workspace.message(channel.id, thread_ts) if thread_ts else None
    if parent is None or parent.deleted:
        thread_ts, broadcast = "", False
    elif parent.thread_ts:
        thread_ts = parent.thread_ts  # a reply to a reply joins the same thread
    return workspace.put(
        Message(
            channel=channel.id,
            ts=workspace.timestamp(),
            author=author,
            text=said.text or "",
            blocks=said.blocks or (),
            attachments=said.attachments or (),
            metadata=said.metadata or None,
            thread_ts=thread_ts,
            broadcast=broadcast,
            only_for=only_for,
            files=files,
        )
    )
