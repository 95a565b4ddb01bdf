"""What the bot sends to a response address, or along with the ack of a command, becomes a message."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from bot.sandbox.errors import SlackError
from bot.sandbox.posting import Content, content, post
from bot.sandbox.records import Message
from bot.sandbox.switchboard import Switchboard
from bot.sandbox.tickets import Response


def respond(board: Switchboard, place: Response, body: Mapping[str, Any]) -> None:
    """Post, replace or delete as *body* says. SlackError no_text, invalid_blocks, … as chat.postMessage."""
    workspace = board.workspace
    with workspace.lock:
        original = workspace.message(place.channel, place.ts) if place.ts else None
        if body.get("delete_original"):
            if original is not None:
                workspace.drop(original)
            return
        said = content(body)
        if said.empty:
            raise SlackError("no_text", status=400)
        if body.get("replace_original") and original is not None:
            workspace.put(_replaced(original, said))
            return
        everybody = body.get("response_type") == "in_channel"
        post(
            workspace,
            workspace.channel(place.channel),
            said,
            thread_ts=str(body.get("thread_ts") or ""),
            only_for="" if everybody else place.reader,
        )


def _replaced(original: Message, said: Content) -> Message:
    return replace(
        original,
        text=said.text or "",
        blocks=said.blocks or (),
        attachments=said.attachments or (),
    )
