"""Strangers' text made harmless for Slack's mrkdwn.

Whatever a post says, it cannot ping anybody, forge a link, break out of a quotation or hide what follows it. All
text that comes from outside passes through ``quoted``; text that people of the workspace typed through ``escaped``.
"""

from __future__ import annotations

import re
import unicodedata
from urllib.parse import quote, urlsplit

_ENTITIES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})
# Letters that look like Slack's four markers and mark nothing up.
_LOOKALIKES = {"*": "∗", "_": "ˍ", "~": "∼", "`": "ˋ"}
_MARKERS = re.compile(r"[*~`]|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])")  # inside a_word Slack reads no marker
_URL = re.compile(r"(?i)\b(?:https?://|www\.)(?P<host>[^\s/?#<>|]+)(?P<rest>[^\s<>|]*)")
_EMOJI_CODE = re.compile(r":(?=[\w+'-]+:)")
_MOST_MARKS = 3
"""Combining marks kept on one letter: more is a tower of them, drawn over the lines above and below."""


def clipped(text: str, limit: int) -> str:
    """*text* in at most *limit* characters, cut at a space where there is one near, with an ellipsis if cut."""
    if len(text) <= limit:
        return text
    if limit < 1:
        return ""
    head = text[: limit - 1]
    space = head.rfind(" ")
    if space > limit * 0.7:
        head = head[:space]
    return head.rstrip(" ,;:.，；：、。") + "…"


def flattened(text: str) -> str:
    """*text* on one line, without control characters, invisible direction marks and towers of accents."""
    kept, marks = [], 0
    for character in unicodedata.normalize("NFC", text):
        kind = unicodedata.category(character)
        marks = marks + 1 if kind in ("Mn", "Me") else 0
        if marks > _MOST_MARKS or (kind in ("Cf", "Cs", "Co", "Cn") and character != "\u200d"):
            continue  # the joiner stays: families of emoji are made with it
        kept.append(" " if kind == "Cc" else character)
    return " ".join("".join(kept).split())  # which takes the line separators of Unicode for spaces too


def escaped(text: str) -> str:
    """*text* with the three characters replaced that Slack gives a meaning to; no more may be replaced."""
    return text.translate(_ENTITIES)


def quoted(text: str, limit: int = 160) -> str:
    """A stranger's *text* as mrkdwn of at most *limit* visible characters, on one line, that means nothing to Slack.

    Addresses inside are shortened to their host, so that they are neither links nor noise.

    >>> quoted("<!channel> see <https://evil.test|your bank>")
    '&lt;!channel&gt; see &lt;evil.test/…|your bank&gt;'
    """
    short = clipped(_URL.sub(_host, flattened(text)), limit)
    tame = _MARKERS.sub(lambda found: _LOOKALIKES[found[0]], _EMOJI_CODE.sub("\ua789", short))
    return escaped(tame)


def plain(text: str, limit: int) -> str:
    """A stranger's *text* for a plain_text field, where Slack reads nothing but emoji codes."""
    return clipped(_EMOJI_CODE.sub("\ua789", flattened(text)), limit)


def link(url: str, label: str) -> str:
    """A link to *url* under *label* (mrkdwn already); the label alone if *url* is no plain web address."""
    address = web_address(url)
    return f"<{address}|{label.replace('|', '¦')}>" if address else label


def web_address(url: str) -> str:
    """*url* as Slack takes it inside a link, or an empty string if it is not an http(s) address it can carry."""
    try:
        parts = urlsplit(url.strip())
        usable = parts.scheme in ("http", "https") and bool(parts.hostname) and "@" not in parts.netloc
    except ValueError:
        return ""
    safe = quote(url.strip(), safe="/:?#[]@!$&'()*+,;=%~.-_")
    return escaped(safe) if usable and len(safe) <= 600 else ""


def unescaped(text: str) -> str:
    """What a person typed, from what Slack sends of it."""
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def _host(found: re.Match[str]) -> str:
    host = found["host"].rpartition("@")[2]
    return f"{host}/…" if found["rest"].strip("/") else host
