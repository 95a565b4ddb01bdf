"""From a word or phrase as a query writes it to the term that finds it."""

from __future__ import annotations

import re
import unicodedata

from engine.query.faults import QueryFault
from engine.query.normalisation import SEPARATORS, UNSPACED, NormalisedText, as_written, joined, normalised
from engine.query.terms import Mode, Term
from engine.text.inflection import forms

MOST_STARS = 3
LEAST_PIECE = 2  # letters beside a star; one Chinese character is enough

PARTS = re.compile(r"(?<=[^\W\d_A-Z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z]{2})|(?<=[^\W\d_])(?=\d)|(?<=\d)(?=[^\W\d_]{3})")
"""Where a name that is written as one word shows its parts: CocaCola, USAirways, iPhone17."""


class WordError(Exception):
    """What is wrong with one word of a query; the grammar knows where it stands."""

    def __init__(self, kind: QueryFault) -> None:
        super().__init__(kind)
        self.kind = kind


def term(
    raw: str,
    span: tuple[int, int],
    *,
    quoted: bool = False,
    prefix: bool = False,
    mode: Mode = Mode.WORD,
    within: str = "",
) -> Term:
    """The term that *raw* asks for; outside of quotation marks a star in it is a wildcard. Raises WordError."""
    if not quoted and raw.endswith("*"):
        raw, prefix = raw.rstrip("*"), True
    if not quoted and "*" in raw:
        return _wild(f"{raw}*" if prefix else raw, span, mode, within)
    folded = normalised(raw)
    pattern = joined(folded.text)
    if not any(unicodedata.category(char)[0] in "LNS" for char in pattern):
        raise WordError(QueryFault.NOTHING)
    joints = _joints(raw, folded)
    close = mode in (Mode.EXACT, Mode.CASE)
    return Term(
        span=span,
        pattern=pattern,
        joints=joints,
        forms=_forms(raw, pattern, joints) if mode is Mode.WORD and not prefix else (),
        prefix=prefix,
        mode=mode,
        written=as_written(raw, case=mode is Mode.CASE) if close else "",
        within=within,
    )


def _wild(raw: str, span: tuple[int, int], mode: Mode, within: str) -> Term:
    folded = re.sub(r"\*+", "*", normalised(raw).text.strip())
    longest = max((joined(piece) for piece in folded.split("*")), key=len)
    short = len(longest) < LEAST_PIECE and not UNSPACED.search(longest)
    if mode is not Mode.WORD or short or folded.strip("*").count("*") > MOST_STARS:
        raise WordError(QueryFault.STAR if longest else QueryFault.NOTHING)
    return Term(span=span, pattern=longest, wild=folded, within=within)


def _joints(raw: str, folded: NormalisedText) -> frozenset[int]:
    """The places in the joined pattern at which *raw* is divided."""
    shown = {found.start() for found in PARTS.finditer(raw)}
    found: set[int] = set()
    at = 0
    for place, char in enumerate(folded.text):
        if char in SEPARATORS or folded.starts[place] in shown:
            found.add(at)
        at += char not in SEPARATORS
    return frozenset(found - {0, at})


def _forms(raw: str, pattern: str, joints: frozenset[int]) -> tuple[str, ...]:
    """The other forms of the last word."""
    head = max(joints, default=0)
    last = as_written(raw, case=True)[head - len(pattern) :]
    return tuple(f"{pattern[:head]}{form}" for form in forms(pattern[head:], written=last))
