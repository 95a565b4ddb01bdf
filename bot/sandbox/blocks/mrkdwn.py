"""Slack's mrkdwn, as a reader sees it and as it rings: links, mentions, escapes. Pure."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

_ANGLE = re.compile(r"<([^<>\n]+)>")
_CODE = re.compile(r"```.*?```|`[^`\n]+`", re.DOTALL)
_STYLE = re.compile(r"(?<![\w*_~])([*_~])(?=\S)([^\n]*?\S)\1(?![\w*_~])")
BROADCASTS = ("channel", "here", "everyone")


@dataclass(frozen=True, kw_only=True)
class Names:
    """How ids are shown: a person's or a channel's id to its name."""

    people: Mapping[str, str]
    channels: Mapping[str, str]


def plain(text: str, names: Names) -> str:
    """What a person reads: labels instead of links, names instead of ids, no markers, no escapes."""
    shown = _ANGLE.sub(lambda found: _shown(found.group(1), names), text)
    previous = ""
    while previous != shown:
        previous, shown = shown, _STYLE.sub(r"\2", shown)
    return html.unescape(shown.replace("```", "").replace("`", ""))


def _shown(inside: str, names: Names) -> str:
    body, _, label = inside.partition("|")
    if body.startswith("@"):
        return f"@{names.people.get(body[1:], label or body[1:])}"
    if body.startswith("#"):
        return f"#{names.channels.get(body[1:], label or body[1:])}"
    if body.startswith("!"):
        return label or f"@{body[1:].split('^')[0]}"
    return label or body


def pings(text: str) -> set[str]:
    """Whom this text would alert: user ids, ``channel``, ``here``, ``everyone``, user group ids."""
    found: set[str] = set()
    for match in _ANGLE.finditer(_CODE.sub("", text)):
        body = match.group(1).partition("|")[0]
        if body.startswith("@") or (body.startswith("!") and body[1:] in BROADCASTS):
            found.add(body[1:])
        elif body.startswith("!subteam^"):
            found.add(body.removeprefix("!subteam^"))
    return found


def links(text: str) -> list[tuple[str, str]]:
    """The links of a text as (address, label); a bare one labels itself."""
    rows = (match.group(1).partition("|") for match in _ANGLE.finditer(text))
    return [
        (html.unescape(body), html.unescape(label or body))
        for body, _, label in rows
        if not body.startswith(("@", "#", "!"))
    ]


def texts(blocks: Any) -> Iterator[Mapping[str, Any]]:
    """Every text object in *blocks*, in reading order; a markdown block counts as one."""
    if isinstance(blocks, Mapping):
        if isinstance(blocks.get("text"), str):
            yield blocks
        for key in _ORDER:
            if key in blocks:
                yield from texts(blocks[key])
    elif isinstance(blocks, list | tuple):
        for one in blocks:
            yield from texts(one)


_ORDER = (
    "title",
    "text",
    "fields",
    "elements",
    "label",
    "element",
    "hint",
    "accessory",
    "placeholder",
    "blocks",
)


def read(blocks: Any, names: Names) -> list[str]:
    """The lines that a reader sees in *blocks*. Options of menus stay folded, as on the screen."""
    return [_read(one, names) for one in texts(blocks)]


def _read(one: Mapping[str, Any], names: Names) -> str:
    text = str(one["text"])
    return plain(text, names) if one.get("type") in ("mrkdwn", "markdown") else text
