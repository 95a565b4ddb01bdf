"""The parts of a topic query, each of which knows whether it holds for a post and what decided it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass

from engine.query.context import MatchContext, Span


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

    def hits(self, context: MatchContext) -> Iterator[tuple[Clause, Span]]:
        """Every term below this clause that stands in the post, unless it is there to be absent."""
        yield from ()

    def walk(self) -> Iterator[Clause]:
        """This clause and every clause below it."""
        yield self


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

    def hits(self, context: MatchContext) -> Iterator[tuple[Clause, Span]]:
        for part in self.parts:
            yield from part.hits(context)

    def walk(self) -> Iterator[Clause]:
        yield self
        for part in self.parts:
            yield from part.walk()
