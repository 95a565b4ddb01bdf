"""What Tocsin writes for Slack, as Markdown: mentions by name, moments in one time zone, links that lead on. Pure.

What strangers wrote stays text: it can begin no heading, list, table, picture, link or HTML.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo

from bot.slack.render.escape import unescaped

_TOKEN = re.compile(r"<([^<>|]*)(?:\|([^<>]*))?>")
_DATE = re.compile(r"^!date\^(\d{1,12})\^")
_PLACE = re.compile("\ue000(\\d+)\ue001")
_SPECIAL = re.compile(r"([\\`*_{}\[\]#|~!$])")
_BARE = re.compile(r"(?i)\b(www)\.|\b(https?|ftp):")
_LIST = re.compile(r"^(\s*(?:\d+(?=[.)]))?)([-+=.)])")
_BOLD = re.compile(r"\*([^*\n]+)\*")


@dataclass(frozen=True, kw_only=True)
class MarkdownWriter:
    """*names* says how people and channels are called, by Slack id; *zone* is the time zone of all moments."""

    names: Mapping[str, str] = field(default_factory=dict)
    zone: tzinfo = UTC

    def text(self, mrkdwn: str) -> str:
        """Text that was made for Slack, with its bold, links, mentions and moments."""
        kept: list[str] = []

        def keep(found: re.Match[str]) -> str:
            kept.append(self._token(found[1], found[2] or ""))
            return f"\ue000{len(kept) - 1}\ue001"

        bare = mrkdwn.replace("\ue000", "").replace("\ue001", "")
        pieces = _BOLD.split(_TOKEN.sub(keep, bare))  # every second one stood between two stars
        made = [f"**{harmless(piece)}**" if n % 2 else harmless(piece) for n, piece in enumerate(pieces)]
        return _PLACE.sub(lambda found: kept[int(found[1])], "".join(made))

    def moment(self, at: datetime) -> str:
        return f"{at.astimezone(self.zone):%Y-%m-%d %H:%M}"

    def _token(self, target: str, label: str) -> str:
        date = _DATE.match(target)
        if date:
            return self.moment(datetime.fromtimestamp(int(date[1]), UTC))
        if target[:1] in ("@", "#"):
            name = self.names.get(target[1:], target[1:])
            return harmless(target[0] + name.removeprefix(target[0]))
        if target.startswith(("http://", "https://")):
            address = unescaped(target).translate(_IN_ADDRESS)
            return f"[{harmless(label) or '↗'}]({address})"
        return harmless(label or target)


_IN_ADDRESS = str.maketrans(
    {"(": "%28", ")": "%29", " ": "%20", "<": "%3C", ">": "%3E", "\\": "%5C", "[": "%5B", "]": "%5D"}
)


def harmless(mrkdwn: str) -> str:
    """Text as Slack is given it, with nothing left that means something to Markdown or HTML."""
    plain = _SPECIAL.sub(r"\\\1", unescaped(mrkdwn))
    plain = _BARE.sub(lambda found: f"{found[1]}\\." if found[1] else f"{found[2]}\\:", plain)
    return _LIST.sub(r"\1\\\2", plain).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
