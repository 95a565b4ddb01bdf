"""A text in sentences, as far as facts are looked for in it, and which of them speak of the topic."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from engine.facts.lexicon import Subject, touched

READ = 3_000  # characters of a text
SENTENCES = 40
LONGEST = 320  # characters of a sentence
NEAR = 2
"""How many sentences before may have named the topic for a sentence to speak of it."""

LEAD = 280  # characters in which a text that names the topic by none of its names is still about it

_LINK = re.compile(r"(?:https?://|www\.)[^\s\u3000-\u9fff]{1,300}", re.IGNORECASE)
_STOP = re.compile(r"[\u3002\uff01\uff1b!\n;]+|[\uff1f?]+|\.(?=\s|$)")
_SHORT = re.compile(r"\b(?:mr|mrs|ms|dr|st|no|inc|ltd|u\.s|u\.k|jan|feb|aug|sept|oct|nov|dec)$", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True, slots=True)
class Passage:
    """A sentence; *close* is true if it speaks of the topic, *what* are the facts that it may tell."""

    text: str
    close: bool
    what: frozenset[str]


def sentences(body: str, subject: Subject) -> tuple[Passage, ...]:
    """The first sentences of *body* that may tell a fact, without addresses of the web."""
    head = body[:READ]
    if not touched(head.casefold()):
        return ()
    text = unicodedata.normalize("NFKC", _LINK.sub(" ", head))
    anywhere = subject.named.search(text) is not None
    found, seen, at = [], -NEAR - 1, 0
    for place, part in enumerate(_parts(text)):
        if subject.named.search(part):
            seen = place
        close = place - seen <= NEAR if anywhere else at < LEAD
        at += len(part)
        if what := touched(part.casefold()):
            found.append(Passage(text=part, close=close, what=what))
    return tuple(found)


def _parts(text: str) -> list[str]:
    """*text* at its full stops; a question keeps its mark, what is too long is cut."""
    parts, begin = [], 0
    for stop in _STOP.finditer(text):
        if stop[0] == "." and _SHORT.search(text[max(0, stop.start() - 6) : stop.start()]):
            continue
        asks = "?" if stop[0][0] in "?\uff1f" else ""
        parts.append(text[begin : stop.start()].strip()[:LONGEST] + asks)
        begin = stop.end()
        if len(parts) >= SENTENCES:
            return parts
    return [*parts, text[begin:].strip()[:LONGEST]]
