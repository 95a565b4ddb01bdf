"""Clauses about how terms stand to one another: near each other, or not inside each other."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from engine.query.clauses import Clause, Group, Not
from engine.query.context import MatchContext, Span
from engine.query.terms import Mode, Term


@dataclass(frozen=True, kw_only=True)
class Near(Clause):
    """Two terms, or lists of terms joined by OR, with at most *words* words between them, in either order."""

    left: Clause
    right: Clause
    words: int

    def holds(self, context: MatchContext) -> bool:
        return next(self._pairs(context), None) is not None

    def hits(self, context: MatchContext) -> Iterator[tuple[Clause, Span]]:
        close = {span for pair in self._pairs(context) for span in pair}
        for side in (self.left, self.right):
            for term in terms_of(side):
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
class Except(Clause):
    """*part*, whose terms do not count where they stand inside one of *others*: the post may hold both."""

    part: Clause
    others: tuple[Term, ...]

    def holds(self, context: MatchContext) -> bool:
        return self.part.holds(self._rest(context))

    def deciding(self, context: MatchContext) -> Iterator[Clause]:
        rest = self._rest(context)
        if self.part.holds(context) and not self.part.holds(rest):
            yield from (other for other in self.others if other.spans(context))
        else:
            yield from self.part.deciding(rest)

    def hits(self, context: MatchContext) -> Iterator[tuple[Clause, Span]]:
        yield from self.part.hits(self._rest(context))

    def walk(self) -> Iterator[Clause]:
        yield self
        yield from self.part.walk()
        yield from self.others

    def _rest(self, context: MatchContext) -> MatchContext:
        return context.without([span for other in self.others for span in other.spans(context)])


def terms_of(clause: Clause) -> Iterator[Term]:
    """Every term in or below *clause*."""
    return (part for part in clause.walk() if isinstance(part, Term))


def asked_for(clause: Clause) -> Iterator[Term]:
    """Every term in or below *clause* that is not there to be absent."""
    if isinstance(clause, Not):
        return
    if isinstance(clause, Group):
        for part in clause.parts:
            yield from asked_for(part)
    elif isinstance(clause, Except):
        yield from asked_for(clause.part)
    else:
        yield from terms_of(clause)


def together(parts: Iterable[Clause], span: Span) -> Clause:
    """*parts* joined by AND. An exclusion that holds the name itself (西贝 -西贝柳斯) takes out only what it covers."""
    parts = tuple(parts)
    names = [term for part in parts for term in asked_for(part)]
    covering: list[Term] = []
    rest: list[Clause] = []
    for part in parts:
        longer, remaining = _split(part, names)
        covering += longer
        rest += remaining
    whole = rest[0] if len(rest) == 1 else Group(span=span, parts=tuple(rest), every=True)
    return Except(span=span, part=whole, others=tuple(covering)) if covering and names else whole


def _split(part: Clause, names: Iterable[Term]) -> tuple[list[Term], list[Clause]]:
    """Of an exclusion the terms that cover one of *names*, and what is left of the clause."""
    if not isinstance(part, Not):
        return [], [part]
    inner = part.part.parts if isinstance(part.part, Group) and not part.part.every else (part.part,)
    longer = [each for each in inner if isinstance(each, Term) and any(_covers(each, name) for name in names)]
    others = tuple(each for each in inner if each not in longer)
    if not longer or not others:
        return longer, [part] if others else []
    return longer, [Not(span=part.span, part=Group(span=part.part.span, parts=others, every=False))]


def _covers(other: Term, name: Term) -> bool:
    longer = len(other.pattern) > len(name.pattern) and name.pattern in other.pattern
    return longer and not name.wild and other.mode is not Mode.SUB


def _spans(side: Clause, context: MatchContext) -> list[Span]:
    return sorted({span for term in terms_of(side) for span in term.spans(context)})
