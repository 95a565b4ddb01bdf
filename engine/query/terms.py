"""A term of a query: where it stands in a post, whatever way the post writes it.

Space, hyphen, middle dot and nothing at all are the same where the query divides a name; where it does not, a hyphen
in the post does no harm, and a space only between two capitals.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

from engine.query.clauses import Clause
from engine.query.context import MatchContext, Span
from engine.query.normalisation import DOT, SEPARATORS, UNSPACED, joined, spelled
from engine.query.patterns import fits
from engine.text.chinese_words import COUNTERS

ELIDED = "odl"
"""Letters before an apostrophe that belongs to a name: O'Reilly, D'Angelo, L'Oréal."""

WORD_OF_A_NAME = 3
"""Letters; of a name that is written as one word, each half may stand by itself: Wal Mart."""

STAR_IN_CHINESE = r"[^\W_]{0,4}?"


class Mode(StrEnum):
    """How closely a post must write what the query writes."""

    WORD = "word"  # as words, in any of its forms
    EXACT = "exact"  # these characters, but for case and width
    CASE = "case"  # these characters, capitals too
    SUB = "sub"  # anywhere, inside other words too


@dataclass(frozen=True, kw_only=True)
class Term(Clause):
    """A word, phrase or beginning of a word. *pattern* is folded and joined; *joints* are the places in it at which
    the query divides it. *forms* are other forms of it, *wild* its folded text if stars stand inside it. *written* is
    what must stand there for EXACT and CASE. *within* is "title" or "hashtag" if it must stand there."""

    pattern: str
    joints: frozenset[int] = frozenset()
    forms: tuple[str, ...] = ()
    prefix: bool = False
    mode: Mode = Mode.WORD
    written: str = ""
    wild: str = ""
    within: str = ""

    @property
    def patterns(self) -> tuple[str, ...]:
        """What must stand in the joined text for the term to be there: one of them."""
        return (self.pattern, *self.forms)

    @property
    def inside(self) -> bool:
        """True if it may begin inside a word."""
        return self.mode is Mode.SUB or bool(self.wild)

    @cached_property
    def key(self) -> tuple[object, ...]:
        """What tells it from other terms, in whichever query they stand."""
        return self.pattern, self.joints, self.forms, self.prefix, self.mode, self.written, self.wild, self.within

    def spans(self, context: MatchContext) -> Sequence[Span]:
        """Where it stands in the folded text."""
        if not any(pattern in context.found for pattern in self.patterns):
            return ()
        found = context.known.get(self.key)
        if found is None:
            found = context.known[self.key] = sorted(set(self._find(context)))
        return [span for span in found if context.open(span)] if context.covered else found

    def holds(self, context: MatchContext) -> bool:
        return bool(self.spans(context))

    def hits(self, context: MatchContext) -> Iterator[tuple[Clause, Span]]:
        text = context.folded.text
        for start, end in self.spans(context):
            stop = end
            while self.prefix and not context.folded.bounded(stop) and spelled(text[stop]):
                stop += 1
            yield self, (start, stop)

    def _find(self, context: MatchContext) -> Iterator[Span]:
        raw = self._wild_spans(context) if self.wild else self._plain_spans(context)
        for start, end in raw:
            if self._placed(context, start, end) and not _counted(context.folded.text, start, end):
                yield start, end

    def _plain_spans(self, context: MatchContext) -> Iterator[Span]:
        for pattern in self.patterns:
            for start, end in context.found.get(pattern, ()):
                joined_up = end - start == len(pattern) and not (self.joints or self.written)
                if not (joined_up or self._together(context, start, end)):
                    continue
                if self.mode is Mode.SUB or context.stands_alone(start, end, begun=self.prefix):
                    yield start, end

    def _wild_spans(self, context: MatchContext) -> Iterator[Span]:
        if self._in_chinese is not None:
            for found in self._in_chinese.finditer(context.folded.text):
                if context.stands_alone(*found.span(), begun=self.wild.endswith("*")):
                    yield found.span()
            return
        for hit in context.found.get(self.pattern, ()):
            start, end = context.word_around(*hit, self.wild)
            if fits(self.wild, context.folded.text[start:end]):
                yield start, end

    @cached_property
    def _in_chinese(self) -> re.Pattern[str] | None:
        if not UNSPACED.search(self.wild):
            return None
        pieces = [re.escape(piece) for piece in self.wild.strip("*").split("*")]
        return re.compile(STAR_IN_CHINESE.join(pieces))

    def _placed(self, context: MatchContext, start: int, end: int) -> bool:
        """True if it stands in the part of the post that is asked for."""
        if self.within == "title":
            return end <= context.title_end
        return not self.within or context.in_tag(start, end)

    def _together(self, context: MatchContext, start: int, end: int) -> bool:
        """True if what stands there is written as the query allows."""
        if self.written:
            return context.written(start, end, case=self.mode is Mode.CASE) == self.written
        text = context.folded.text[start:end]
        gaps = list(_gaps(text))
        if any(_digits(self.pattern, joint) for joint in self.joints - {at for at, *_ in gaps}):
            return False  # 7-11 is not 711
        return all(at in self.joints or self._bridged(context, start, text, gaps, gap) for at, *gap in gaps)

    def _bridged(
        self, context: MatchContext, start: int, text: str, gaps: Sequence[tuple[int, int, int]], gap: Sequence[int]
    ) -> bool:
        """True if a name may be divided at *gap*, the places in *text* between which it is, without a joint."""
        first, last = gap
        between, before, after = text[first:last], text[first - 1], text[last]
        if UNSPACED.match(before) and UNSPACED.match(after):
            return between == DOT or (len(gaps) == len(joined(text)) - 1 and between == " ")
        if not (spelled(before) and spelled(after)):
            return True
        if before.isdecimal() and after.isdecimal():
            return False
        if between == "'":
            return (after == "s" and context.folded.bounded(start + last + 1)) or (first == 1 and before in ELIDED)
        if between == " ":
            long = min(first, len(text) - last) >= WORD_OF_A_NAME
            return long and len(gaps) == 1 and context.capital(start) and context.capital(start + last)
        return " " not in between


def _gaps(text: str) -> Iterator[tuple[int, int, int]]:
    """Where separators stand in *text*: the place in the joined text, and from where to where in *text*."""
    at = place = 0
    while place < len(text):
        first = place
        while place < len(text) and text[place] in SEPARATORS:
            place += 1
        if place > first:
            yield at, first, place
        at, place = at + 1, place + 1


def _digits(pattern: str, joint: int) -> bool:
    return pattern[joint - 1].isdecimal() and pattern[joint].isdecimal()


def _counted(text: str, start: int, end: int) -> bool:
    """True if what stands there is a number that counts something, or a part of one, and so no name."""
    if not text[start:end].isdecimal():
        return False
    before, after = text[max(0, start - 2) : start].rjust(2), text[end : end + 2].ljust(2)
    grouped = (before[1] in ".," and before[0].isdecimal()) or (after[0] in ".," and after[1].isdecimal())
    return grouped or after[0] in COUNTERS or after[0] in "%‰" or before[1] in "$€£¥"
