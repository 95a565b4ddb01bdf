"""Which authorities a sentence says have stepped in: regulators, courts, police and their kin, by the names they go by.

Named and acting, not called for: "someone should call the police" names none.

>>> authorities("The Port Alder Food Safety Office has opened an investigation into Saltfern.")
[Authority(code='food-safety-office', name='Port Alder Food Safety Office')]
>>> authorities("Where is the regulator? The police should look into Saltfern.")
[]
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from engine.facts.lexicon import Wording, wordings

LONGEST_NAME = 48
ANY = "*"
"""The code in a lexicon of bodies that are known by their own name alone."""

_ARTICLE = re.compile(r"^(?:the|a|an|and|of|by|in|local|state|to|us|uk) (?=\w)", re.IGNORECASE)
_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Authority:
    """A body that acts; *name* as the text has it. The same body has the same *code*, whatever it is called."""

    code: str
    name: str


def authorities(sentence: str) -> list[Authority]:
    """The authorities that act in *sentence*, each once, in the order of the text."""
    found: dict[str, tuple[int, Authority]] = {}
    for wording in wordings():
        if not wording.never["authorities"].search(sentence):
            for place, each in _of(sentence, wording):
                found.setdefault(each.code, (place, each))
    return [each for _, each in sorted(found.values(), key=lambda pair: pair[0])]


def _of(sentence: str, wording: Wording) -> Iterator[tuple[int, Authority]]:
    taken: list[tuple[int, int]] = []
    for code, pattern in wording.authorities.items():
        for found in pattern.finditer(sentence):
            begin, end = found.span()
            if any(one < end and begin < other for one, other in taken) or not _acts(sentence, found, wording):
                continue
            taken.append((begin, end))
            name = _bare(found[0])
            yield begin, Authority(code=_slug(name) if code == ANY else code, name=name[:LONGEST_NAME].strip())


def _acts(sentence: str, found: re.Match[str], wording: Wording) -> bool:
    if wording.acts_after.match(sentence[found.end() : found.end() + 80]):
        return True
    return wording.acts_before.search(sentence[max(0, found.start() - 80) : found.start()]) is not None


def _bare(name: str) -> str:
    """*name* without the articles before it."""
    before = ""
    while before != name:
        before, name = name, _ARTICLE.sub("", name)
    return name.strip()


def _slug(name: str) -> str:
    """What a body is known by: the last three words of its name."""
    return "-".join(_WORD.findall(name.casefold())[-3:])[:LONGEST_NAME]
