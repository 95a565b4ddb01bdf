"""The topic query language: parse a query, match it with a post, and say why it matched.

    西贝 OR 罗永浩                      words; AND OR NOT in capitals; a space is AND, | is OR, - is NOT
    "customer service" (refund* | 退款)    phrases, brackets, beginnings of words
    西贝 NEAR/10 (道歉 OR 致歉)         at most ten words (in Chinese: characters) between the two
    lang:zh source:weibo* author:"x y"   what is known of the post

AND binds tighter than OR. Chinese terms are found anywhere, other terms only as whole words. Neither case
nor width nor accents matter; a hash tag or handle matches the words it is made of (#BoycottXibei). What is
not a term is never guessed at: it is refused with the place. A post matches or not; nothing is scored here.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from engine.post import Note, Post
from engine.query.clauses import Clause
from engine.query.context import MatchContext
from engine.query.faults import QueryError, QueryFault
from engine.query.grammar import read
from engine.query.joining import terms_of
from engine.query.matcher import Matcher, Patterns
from engine.query.remarks import remarks

__all__ = ["Hit", "MatchExplanation", "MatchResult", "Matcher", "Query", "QueryError", "QueryFault", "parse"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Hit:
    """A term that stands in the post: ``post.body[start:end] == text``."""

    term: str
    start: int
    end: int
    text: str


@dataclass(frozen=True, kw_only=True, slots=True)
class MatchResult:
    """A clause of the query, as written, because of which the whole holds or does not."""

    clause: str
    holds: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class MatchExplanation:
    """Why a post matches a query, or why it does not: the words found, and the clauses that decided."""

    matched: bool
    hits: tuple[Hit, ...]
    verdicts: tuple[MatchResult, ...]


class Query:
    """A parsed query. Equal to every query of the same text; made by ``parse``."""

    def __init__(self, text: str, root: Clause) -> None:
        self.text, self.root = text, root

    def __repr__(self) -> str:
        return f"Query({self.text!r})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Query) and self.text == other.text

    def __hash__(self) -> int:
        return hash(self.text)

    @property
    def remarks(self) -> tuple[Note, ...]:
        """What its author may have meant otherwise: words that look like operators, names that are everyday words."""
        return tuple(remarks(self.text, self.root))

    def matches(self, post: Post) -> bool:
        """Whether *post* matches, by title and text together."""
        return self.root.holds(self._patterns.context(post))

    def explain(self, post: Post) -> MatchExplanation:
        """Which terms stand where in ``post.body``, and which clauses decided."""
        context = self._patterns.context(post)
        deciding = dict.fromkeys(self.root.deciding(context))
        return MatchExplanation(
            matched=self.root.holds(context),
            hits=tuple(sorted(set(self._hits(context)), key=lambda hit: (hit.start, hit.end, hit.term))),
            verdicts=tuple(
                MatchResult(clause=self.text[slice(*part.span)], holds=part.holds(context)) for part in deciding
            ),
        )

    def _hits(self, context: MatchContext) -> Iterator[Hit]:
        for term, span in self.root.hits(context):
            start, end = context.folded.origin(*span)
            body = context.post.body
            yield Hit(term=self.text[slice(*term.span)], start=start, end=end, text=body[start:end])

    @cached_property
    def _patterns(self) -> Patterns:
        return Patterns(terms_of(self.root))


def parse(text: str) -> Query:
    """The query that *text* says. Raises QueryError, which points at the character that is wrong."""
    return Query(text, read(text))
