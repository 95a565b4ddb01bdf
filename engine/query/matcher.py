"""Many queries against one post in one pass: the terms of all of them in one Aho-Corasick automaton."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Generic, TypeVar

from ahocorasick_rs import AhoCorasick

from engine.post import Post
from engine.query.clauses import Clause, Group
from engine.query.context import MatchContext, Span
from engine.query.joining import Except, Near, terms_of
from engine.query.normalisation import normalised
from engine.query.terms import Term

if TYPE_CHECKING:
    from engine.query.query import Query

K = TypeVar("K", bound=Hashable)


class Patterns:
    """Folded patterns that are looked for together (Aho and Corasick 1975)."""

    def __init__(self, terms: Iterable[Term]) -> None:
        inside: dict[str, bool] = {}
        for term in terms:
            for pattern in term.patterns:
                inside[pattern] = inside.get(pattern, False) or term.inside
        self._patterns = sorted(inside)
        self._inside = [inside[pattern] for pattern in self._patterns]
        self._automaton = AhoCorasick(self._patterns) if self._patterns else None

    def context(self, post: Post) -> MatchContext:
        """The post with all places at which a pattern may stand: where a word begins, or in a hash tag."""
        folded = normalised(post.body)
        found: dict[str, list[Span]] = defaultdict(list)
        if self._automaton is not None:
            places, tagged = folded.places, "#" in folded.text
            for index, first, last in self._automaton.find_matches_as_indexes(folded.joined, overlapping=True):
                start = places[first]
                if tagged or self._inside[index] or folded.bounded(start):
                    found[self._patterns[index]].append((start, places[last - 1] + 1))
        return MatchContext(post=post, folded=folded, found=dict(found))


class Matcher(Generic[K]):
    """All topics at once: a post costs what the terms that it holds cost, however many queries there are."""

    def __init__(self, queries: Mapping[K, Query]) -> None:
        self._roots = {key: query.root for key, query in queries.items()}
        terms = [term for root in self._roots.values() for term in terms_of(root)]
        asked = Counter(pattern for term in terms for pattern in term.patterns)
        self._patterns = Patterns(terms)
        self._woken: dict[str, list[K]] = defaultdict(list)
        self._always: list[K] = []  # such as source:weibo*
        for key, root in self._roots.items():
            wakers = _wakers(root, asked)
            self._always += [key] if wakers is None else []
            for pattern in wakers or ():
                self._woken[pattern].append(key)

    def match(self, post: Post) -> set[K]:
        """The keys of the queries that *post* matches."""
        context = self._patterns.context(post)
        candidates = set(self._always).union(*(self._woken.get(pattern, ()) for pattern in context.found))
        return {key for key in candidates if self._roots[key].holds(context)}


def unknown() -> MatchContext:
    """A post of which nothing is known: a query that holds for it would hold for nearly everything."""
    post = Post(id="", published=datetime.min.replace(tzinfo=UTC), text="")
    return MatchContext(post=post, folded=normalised(""), found={})


def _wakers(clause: Clause, asked: Mapping[str, int]) -> frozenset[str] | None:
    """Patterns of which one must stand in a post for *clause* to hold; None if it may hold without any.

    Of clauses that must all hold, the one suffices whose patterns the fewest queries ask for: "recall" stands
    in a thousand queries, the brand beside it in one.
    """
    if isinstance(clause, Term):
        return frozenset(clause.patterns)
    if isinstance(clause, Near):
        return _rarest([_wakers(clause.left, asked), _wakers(clause.right, asked)], asked)
    if isinstance(clause, Except):
        return _wakers(clause.part, asked)
    if not isinstance(clause, Group):
        return None
    parts = [_wakers(part, asked) for part in clause.parts]
    if clause.every:
        return _rarest(parts, asked)
    found = [part for part in parts if part is not None]
    return frozenset().union(*found) if len(found) == len(parts) else None


def _rarest(parts: list[frozenset[str] | None], asked: Mapping[str, int]) -> frozenset[str] | None:
    found = [part for part in parts if part is not None]
    return min(found, key=lambda part: sum(asked[pattern] for pattern in part), default=None)
