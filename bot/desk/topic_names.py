"""Which topic somebody means by a name: its own, one of its aliases, or nearly one. Pure."""

from __future__ import annotations

import difflib
from collections.abc import Sequence

from bot.errors import DeskError
from bot.records import TopicRecord

MOST_KNOWN = 10


def named(name: str, known: Sequence[TopicRecord]) -> TopicRecord:
    """The topic of *known* that goes by *name*. DeskError with those that are nearly called so if there is none."""
    by_alias = {alias.casefold(): one for one in known for alias in (*one.topic.aliases, one.topic.name)}
    if name.casefold() in by_alias:
        return by_alias[name.casefold()]
    near = difflib.get_close_matches(name.casefold(), list(by_alias), n=3, cutoff=0.5)
    near += [alias for alias in by_alias if name.casefold() in alias]
    raise DeskError(
        "topic.unknown",
        name=name,
        near=tuple(dict.fromkeys(by_alias[alias].topic.name for alias in near))[:3],
        known=tuple(one.topic.name for one in known)[:MOST_KNOWN],
    )
