"""Block Kit, as far as Tocsin uses it, with its limits kept by construction. Pure.

A builder cuts what is too long instead of failing: a card with an ellipsis rings, a refused card does not.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from bot.slack.render.escape import clipped

Block = dict[str, Any]

MOST_BLOCKS = 50
MOST_CHARACTERS = 9_500
"""Slack refuses a message of about 13,000 characters; measured as the JSON of its blocks."""


@dataclass(frozen=True, kw_only=True)
class BlockMessage:
    """What is posted: *blocks* for the eye, and *text*, the same in words, for notifications and screen readers."""

    text: str
    blocks: tuple[Block, ...] = ()

    @property
    def size(self) -> int:
        return len(json.dumps(self.blocks, ensure_ascii=False))

    def arguments(self) -> dict[str, Any]:
        """The arguments of ``chat.postMessage`` and its kin. Nothing in the text is turned into a link or a mention."""
        return {"text": self.text, "blocks": list(self.blocks)}


def message(text: str, blocks: Sequence[Block | None]) -> BlockMessage:
    """A message of those *blocks* that there are."""
    return BlockMessage(
        text=_cut(text, 3000), blocks=tuple(block for block in blocks if block is not None)[:MOST_BLOCKS]
    )


def fitting(text: str, blocks: Sequence[Block | None], spare: Sequence[Block | None]) -> BlockMessage:
    """A message of *blocks*; while it is too large, the blocks of *spare* are left out, the last one first."""
    wanted = [block for block in blocks if block is not None]
    dropped = [block for block in spare if block is not None]
    made = message(text, wanted)
    while (made.size > MOST_CHARACTERS or len(wanted) > MOST_BLOCKS) and dropped:
        last = dropped.pop()
        wanted = [block for block in wanted if block is not last]
        made = message(text, wanted)
    return made


def header(text: str) -> Block:
    return {"type": "header", "text": {"type": "plain_text", "text": clipped(text, 150), "emoji": True}}


def section(text: str, **more: Any) -> Block:
    return {"type": "section", "text": mrkdwn(text), **more}


def fields(*texts: str) -> Block:
    return {"type": "section", "fields": [mrkdwn(text, 2000) for text in texts[:10]]}


def context(*texts: str) -> Block | None:
    """Small print; None if there is nothing to say."""
    shown = [mrkdwn(text, 1500) for text in texts[:10] if text]
    return {"type": "context", "elements": shown} if shown else None


def mrkdwn(text: str, limit: int = 3000) -> Block:
    """*verbatim*: Slack makes no links and mentions of its own out of bare words."""
    return {"type": "mrkdwn", "text": _cut(text, limit), "verbatim": True}


def plain_text(text: str, limit: int = 75) -> Block:
    return {"type": "plain_text", "text": clipped(text, limit), "emoji": True}


def button(action: str, label: str, value: str, *, style: str = "", confirm: Block | None = None) -> Block:
    made: Block = {"type": "button", "action_id": action, "text": plain_text(label), "value": value}
    if style:
        made["style"] = style
    if confirm:
        made["confirm"] = confirm
    return made


def confirm(title: str, text: str, yes: str, no: str) -> Block:
    return {
        "title": plain_text(title, 100), "text": mrkdwn(text, 300),
        "confirm": plain_text(yes, 30), "deny": plain_text(no, 30),
    }  # fmt: skip


def overflow(action: str, options: Sequence[Block]) -> Block:
    """A menu of at most five *options*: Slack takes no more."""
    return {"type": "overflow", "action_id": action, "options": list(options)[:5]}


def option(label: str, value: str) -> Block:
    return {"text": plain_text(label), "value": value}


def actions(block_id: str, *elements: Block) -> Block:
    return {"type": "actions", "block_id": block_id, "elements": list(elements)}


def _cut(text: str, limit: int) -> str:
    """*text* within *limit*, never cut inside one of Slack's <…> sequences or &…; entities."""
    if len(text) <= limit:
        return text
    head = text[: limit - 1]
    for opening, closing in (("<", ">"), ("&", ";")):
        start = head.rfind(opening)
        if start > head.rfind(closing) and (opening == "<" or len(head) - start < 6):
            head = head[:start]
    return head.rstrip() + "…"
