"""How many people a sentence says are dead, missing, trapped, treated in hospital, injured or taken ill.

Strict on purpose: a count that is denied, feared, asked for, long past, made up or a part of a rate is none.

>>> from engine.facts.lexicon import wordings
>>> [(found.what, found.count.n, found.who) for found in casualties("Fire at the plant kills two workers", 2026)]
[('dead', 2, 'worker')]
>>> casualties("The fire could have killed two workers", 2026)
[]
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from engine.facts.lexicon import CASUALTIES, Wording, wordings
from engine.facts.numerals import AT_LEAST, HeadCount, count

_YEAR = re.compile(r"(?<![\d.,$])((?:1[89]|20)\d\d)(?!\d)")
_PARTS = re.compile(r"[,\uff0c\u3001:\uff1a(\uff08]|\s[-–—]\s|\b(?:but|while|although|though)\b", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True, slots=True)
class Casualties:
    """*what* happened to how many; *who* they are said to be, "" where it is not said."""

    what: str
    count: HeadCount
    who: str = ""


def casualties(sentence: str, year: int, what: frozenset[str] = frozenset(CASUALTIES)) -> list[Casualties]:
    """The counts of *sentence*, of a post of *year*: of each kind in *what* the highest."""
    found: dict[str, Casualties] = {}
    for wording in wordings():
        if _untrue(sentence, year, wording):
            continue
        for kind in CASUALTIES:
            if kind in what:
                for each in _of_kind(sentence, kind, wording):
                    if kind not in found or each.count.n > found[kind].count.n:
                        found[kind] = each
    return list(found.values())


def _untrue(sentence: str, year: int, wording: Wording) -> bool:
    """True if what the sentence tells has not happened now: it is feared, asked, denied, made up, or long past."""
    if wording.never["casualties"].search(sentence):
        return True
    return any(int(found[1]) != year for found in _YEAR.finditer(sentence))


def _of_kind(sentence: str, kind: str, wording: Wording) -> Iterator[Casualties]:
    for pattern in wording.casualties[kind]:
        for found in pattern.finditer(sentence):
            groups = found.groupdict()
            who, n = groups.get("who") or "", groups.get("n") or ""
            begin = found.start("n") if n else found.start()
            counted = _counted(groups, wording)
            if counted is not None and not _denied(sentence, begin, found, wording):
                yield Casualties(what=kind, count=counted, who=_code(who, wording))


def _counted(groups: dict[str, str | None], wording: Wording) -> HeadCount | None:
    """The count of a match; one where it names a single person without a number."""
    words = groups.get("n")
    if not words:
        return HeadCount(n=1) if groups.get("who") else None
    made = count(words, groups.get("bound") or "", wording.lexicon)
    return HeadCount(n=made.n, bound=AT_LEAST) if made is not None and groups.get("more") else made


def _denied(sentence: str, begin: int, found: re.Match[str], wording: Wording) -> bool:
    """True if words beside the count make it none: a denial, an age, a number of something, an increase."""
    head = sentence[:begin]
    clause = _PARTS.split(head)[-1]
    after = sentence[found.end("n") :] if "n" in found.re.groupindex and found["n"] else ""
    bound = found.start("bound") if found.groupdict().get("bound") else begin
    before = wording.before.search(sentence[max(0, bound - 32) : bound])
    return bool(wording.denied.search(clause) or before or wording.after.match(after.lstrip()))


def _code(who: str, wording: Wording) -> str:
    kinds = wording.lexicon.kinds("people")
    return next((code for code, pattern in kinds.items() if pattern.match(who)), "")
