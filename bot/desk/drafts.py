"""A topic as a person drafts it in Slack, and what is wrong with it, field by field. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from engine.post import Note

LONGEST_NAME = 80


@dataclass(frozen=True, kw_only=True)
class Draft:
    """*channel* is a channel's id, or empty for the default one; *speak* a language, or empty for the channel's."""

    name: str
    query: str
    aliases: tuple[str, ...] = ()
    channel: str = ""
    policy: str = "default"
    speak: str = ""

    def clean(self) -> Draft:
        """The same without needless spaces."""
        return replace(self, name=" ".join(self.name.split()), query=self.query.strip())


@dataclass(frozen=True, kw_only=True)
class FieldFault:
    """What is wrong with one field: the *key* of a sentence, or what the engine says of the query and where."""

    key: str = ""
    query: Note | None = None
    position: int | None = None


def faults(
    draft: Draft, taken: Callable[[str], bool], saved: Mapping[str, str] | None = None
) -> Mapping[str, FieldFault]:
    """What is wrong with *draft*, by field; empty if it can be added. *taken* says whether a name is in use, *saved*
    are the queries that it may name."""
    draft = draft.clean()
    found: dict[str, FieldFault] = {}
    if not draft.name:
        found["name"] = FieldFault(key="form.add.name_empty")
    elif len(draft.name) > LONGEST_NAME:
        found["name"] = FieldFault(key="form.add.name_long")
    elif taken(draft.name):
        found["name"] = FieldFault(key="form.add.name_taken")
    query = query_fault(draft.query, saved or {})
    return found | ({"query": query} if query else {})


def query_fault(query: str, saved: Mapping[str, str]) -> FieldFault | None:
    """What is wrong with a query, pointing at the character; None if nothing is."""
    from engine.query.query import QueryError, parse
    from engine.query.saved import written_out

    if not query.strip():
        return FieldFault(key="form.add.query_empty")
    try:
        parse(query)
    except QueryError as error:
        return FieldFault(query=error.note, position=error.position)
    try:
        parse(written_out(query, saved))
    except QueryError as error:  # it lies in a saved query, or in where one stands
        return FieldFault(query=error.note)
    return None
