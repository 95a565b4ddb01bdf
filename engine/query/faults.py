"""What is wrong with a topic query: which fault, what stands there, and at which character."""

from __future__ import annotations

import unicodedata
from enum import StrEnum

from engine.errors import EngineError
from engine.post import NoteValue


class QueryFault(StrEnum):
    """The faults that a query can have."""

    EMPTY = "empty"
    LONG = "long"
    DEEP = "deep"
    OPEN = "open"
    CLOSE = "close"
    HOLLOW = "hollow"
    QUOTE = "quote"
    BEFORE = "before"
    AFTER = "after"
    NOTHING = "nothing"
    STAR = "star"
    COMMA = "comma"
    FIELD = "field"
    VALUE = "value"
    LANGUAGE = "language"
    NEAR = "near"
    CHAIN = "chain"
    BESIDE = "beside"
    NEGATIVE = "negative"
    CIRCLE = "circle"


WINDOW = 60  # characters of a long query that are shown around the place


class QueryError(EngineError):
    """A query that cannot be understood. *position* counts characters from 0.

    ``note`` holds what a sentence about it needs: its code is the *kind*, its values are the ``place`` (from 1), what
    was ``found`` there, and what else the fault names. The message itself is for logs: it quotes nothing of the query.
    """

    def __init__(self, kind: QueryFault, query: str, position: int, found: str = "", **values: NoteValue) -> None:
        super().__init__(kind, place=position + 1, found=_shown(found), **values)
        self.kind, self.query, self.position, self.found = kind, query, position, found

    def __str__(self) -> str:
        return f"query fault {self.kind} at character {self.position + 1}"

    def pointed(self) -> str:
        """The query and below it a caret under the character, for a fixed-width font.

        Wide characters are matched by wide spaces, so that the caret stands right in any such font.
        """
        begin = max(0, self.position - WINDOW // 2)
        line = "".join(char if char.isprintable() else " " for char in self.query[begin : begin + WINDOW])
        line = f"{'…' if begin else ''}{line}{'…' if begin + WINDOW < len(self.query) else ''}"
        ahead = line[: self.position - begin + bool(begin)]
        return f"{line}\n{''.join(map(_blank, ahead))}^"


def _blank(char: str) -> str:
    """White space that is as wide as *char*."""
    if unicodedata.combining(char):
        return ""
    return "\u3000" if unicodedata.east_asian_width(char) in "WF" else " "


def _shown(found: str) -> str:
    return found if len(found) <= 30 else f"{found[:29]}…"
