"""The parts of a topic query, each of which knows whether it holds for a post and what decided it."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import TypeAlias

from engine.post import Post
from engine.query.normalisation import UNSPACED, NormalisedText, normalised, spelled

Span: TypeAlias = tuple[int, int]

UNIT = re.compile(rf"{UNSPACED.pattern}|(?:(?!{UNSPACED.pattern})[^\W_])+")


@dataclass(frozen=True, kw_only=True)
class MatchContext:
    """A post as the clauses see it. The spans are places in the folded body, by folded pattern.

    *whole* are the hits that end where a word ends, *begun* all that begin where a word begins.
    """

    post: Post
    folded: NormalisedText
    whole: Mapping[str, Sequence[Span]]
    begun: Mapping[str, Sequence[Span]]

    @cached_property
    def units(self) -> list[int]:
        """Where the words begin; in scripts without spaces every character counts as one."""
        return [found.start() for found in UNIT.finditer(self.folded.text)]

    @cached_property
    def language(self) -> str:
        if self.post.lang:
            return self.post.lang.casefold()
        from engine.text.language import language

        return language(self.post.body)

    def between(self, start: int, end: int) -> int:
        """How many words begin in ``folded.text[start:end]``."""
        return bisect_left(self.units, end) - bisect_left(self.units, start)


@dataclass(frozen=True, kw_only=True)
class Clause(ABC):
    """A part of a query; *span* is its place in the query's text."""

    span: Span

    @abstractmethod
    def holds(self, context: MatchContext) -> bool:
        """True if the clause is fulfilled in *context*."""

    def deciding(self, context: MatchContext) -> Iterator[Clause]:
        """The smallest clauses because of which this one holds, or does not."""
        yield self

    def hits(self, context: MatchContext) -> Iterator[tuple[Term, Span]]:
        """Every term below this clause that stands in the post, unless it is there to be absent."""
        yield from ()

    def walk(self) -> Iterator[Clause]:
        """This clause and every clause below it."""
        yield self

    def terms(self) -> Iterator[Term]:
        """Every term in or below this clause."""
        return (part for part in self.walk() if isinstance(part, Term))


@dataclass(frozen=True, kw_only=True)
class Term(Clause):
    """A word, phrase or prefix; *pattern* is folded."""

    pattern: str
    prefix: bool = False

    def spans(self, context: MatchContext) -> Sequence[Span]:
        return (context.begun if self.prefix else context.whole).get(self.pattern, ())

    def holds(self, context: MatchContext) -> bool:
        return bool(self.spans(context))

    def hits(self, context: MatchContext) -> Iterator[tuple[Term, Span]]:
        text = context.folded.text
        for start, end in self.spans(context):
            stop = end
            while self.prefix and not context.folded.bounded(stop) and spelled(text[stop]):
                stop += 1
            yield self, (start, stop)


@dataclass(frozen=True, kw_only=True)
class Field(Clause):
    """A condition on what is known of the post; *value* is folded, ``*`` in it stands for anything."""

    name: str
    value: str

    def holds(self, context: MatchContext) -> bool:
        if self.name == "lang":
            found = context.language
            return found == self.value or found.startswith(f"{self.value}-")
        return _fits(self.value, normalised(getattr(context.post, self.name)).text.strip().removeprefix("@"))


@dataclass(frozen=True, kw_only=True)
class Near(Clause):
    """Two terms, or lists of terms joined by OR, with at most *words* words between them, in either order."""

    left: Clause
    right: Clause
    words: int

    def holds(self, context: MatchContext) -> bool:
        return next(self._pairs(context), None) is not None

    def hits(self, context: MatchContext) -> Iterator[tuple[Term, Span]]:
        close = {span for pair in self._pairs(context) for span in pair}
        for side in (self.left, self.right):
            for term in side.terms():
                found = zip(term.spans(context), term.hits(context), strict=True)
                yield from (hit for span, hit in found if span in close)

    def _pairs(self, context: MatchContext) -> Iterator[tuple[Span, Span]]:
        """For each span of the left side the nearest of the right before and after it, if near enough."""
        left, right = _spans(self.left, context), _spans(self.right, context)
        starting, ending = sorted(right), sorted(right, key=lambda span: span[1])
        starts, ends = [span[0] for span in starting], [span[1] for span in ending]
        for span in left:
            after = bisect_left(starts, span[1])
            if after < len(starts) and context.between(span[1], starts[after]) <= self.words:
                yield span, starting[after]
            before = bisect_right(ends, span[0]) - 1
            if before >= 0 and context.between(ends[before], span[0]) <= self.words:
                yield span, ending[before]

    def walk(self) -> Iterator[Clause]:
        yield self
        yield from self.left.walk()
        yield from self.right.walk()


@dataclass(frozen=True, kw_only=True)
class Not(Clause):
    part: Clause

    def holds(self, context: MatchContext) -> bool:
        return not self.part.holds(context)

    def walk(self) -> Iterator[Clause]:
        yield self
        yield from self.part.walk()


@dataclass(frozen=True, kw_only=True)
class Group(Clause):
    """Clauses joined by AND (*every*) or by OR."""

    parts: tuple[Clause, ...]
    every: bool

    def holds(self, context: MatchContext) -> bool:
        return (all if self.every else any)(part.holds(context) for part in self.parts)

    def deciding(self, context: MatchContext) -> Iterator[Clause]:
        held = self.holds(context)
        for part in self.parts:
            if part.holds(context) == held:
                yield from part.deciding(context)

    def hits(self, context: MatchContext) -> Iterator[tuple[Term, Span]]:
        for part in self.parts:
            yield from part.hits(context)

    def walk(self) -> Iterator[Clause]:
        yield self
        for part in self.parts:
            yield from part.walk()


def unknown() -> MatchContext:
    """A post of which nothing is known: a query that holds for it would hold for nearly everything."""
    post = Post(id="", published=datetime.min.replace(tzinfo=UTC), text="")
    return MatchContext(post=post, folded=normalised(""), whole={}, begun={})


def _fits(value: str, text: str) -> bool:
    """Whether *text* is *value*, in linear time however many stars there are."""
    first, *rest = value.split("*")
    if not rest:
        return text == first
    *middle, last = rest
    place = len(first) if text.startswith(first) else -1
    for piece in middle:
        found = text.find(piece, place) if place >= 0 else -1
        place = found + len(piece) if found >= 0 else -1
    return 0 <= place <= len(text) - len(last) and text.endswith(last)


def _spans(side: Clause, context: MatchContext) -> list[Span]:
    return sorted({span for term in side.terms() for span in term.spans(context)})
