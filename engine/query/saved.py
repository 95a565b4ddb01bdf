"""Saved queries: ``@rivals`` in a query stands for what was saved under that name.

A query is written out before it is kept, so that all who match with it see the same whole text. A name that nobody
saved stays what it is without: a handle that is looked for.
"""

from __future__ import annotations

import difflib
import unicodedata
from collections.abc import Iterator, Mapping

from engine.post import Note
from engine.query.faults import QueryError, QueryFault
from engine.query.grammar import LONGEST, tokens_of

SAVED_UNKNOWN = "saved_unknown"
"""The code of the remark that a handle is looked for which is nearly the name of a saved query."""


def written_out(text: str, saved: Mapping[str, str], *, within: tuple[str, ...] = ()) -> str:
    """*text* with every saved query in place of its name. Raises QueryError, for a circle of names too."""
    by_name = {_key(name): query for name, query in saved.items()}
    parts: list[str] = []
    done = 0
    for name, start, end in _named(text):
        if name not in by_name:
            continue
        if name in within:
            raise QueryError(QueryFault.CIRCLE, text, start, text[start:end])
        whole = written_out(by_name[name], saved, within=(*within, name))
        parts += [text[done:start], f"({whole})"]
        done = end
        if sum(map(len, parts)) > LONGEST:
            raise QueryError(QueryFault.LONG, text, start, limit=LONGEST)
    return "".join([*parts, text[done:]])


def saved_remarks(text: str, saved: Mapping[str, str]) -> tuple[Note, ...]:
    """Names in *text* that are nearly those of saved queries."""
    by_name = {_key(name): name for name in saved}
    found: list[Note] = []
    for name, start, end in _named(text):
        near = [] if name in by_name else difflib.get_close_matches(name, by_name, n=1, cutoff=0.7)
        if near:
            found.append(Note(code=SAVED_UNKNOWN, values={"word": text[start:end], "meant": f"@{by_name[near[0]]}"}))
    return tuple(found)


def _named(text: str) -> Iterator[tuple[str, int, int]]:
    """The words of *text* that may be names of saved queries, folded, with their places."""
    for token in tokens_of(text):
        start, end = token.start_pos or 0, token.end_pos or 0
        if token.type == "WORD" and token.startswith("@") and len(token) > 1:
            yield _key(token[1:]), start, end


def _key(name: str) -> str:
    return unicodedata.normalize("NFKC", name).casefold()
