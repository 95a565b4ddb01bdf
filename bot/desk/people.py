"""Who is meant by a name that somebody typed. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING

from bot.errors import DeskError

if TYPE_CHECKING:
    from bot.config.schema import PersonPart

_PERSON = re.compile(r"^[UW][A-Z0-9]{2,}$")


def person_named(name: str, people: Iterable[PersonPart], *, by: str) -> str:
    """The Slack id (or e-mail address) of one of *people*; *by* is ``me``. DeskError if nobody is called so."""
    if name == "me":
        return by
    if _PERSON.match(name):
        return name
    for known in people:
        if name.casefold() in (known.name.casefold(), (known.email or "").casefold()):
            return known.slack or known.email or ""
    raise DeskError("sorry.no_person", name=name)
