"""Many queries against one post in one pass: the terms of all of them in one Aho-Corasick automaton."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Mapping
from typing import TYPE_CHECKING, Generic, TypeVar

from ahocorasick_rs import AhoCorasick

from engine.post import Post
from engine.query.clauses import Clause, Group, MatchContext, Near, Span, Term
from engine.query.normalisation import normalised

if TYPE_CHECKING:
    from engine.query.query import Query

K = TypeVar("K", bound=Hashable)


class Patterns:
    """Folded patterns that are looked for together (Aho and Corasick 1975)."""

    def __init__(self, patterns: Iterable[str]) -> None:
        self._patterns = sorted(set(patterns))
        self._automaton = AhoCorasick(self._patterns) if self._patterns else None

    def context(self, post: Post) -> MatchContext:
        """The post with all hits that begin where a word begins."""
        folded = normalised(post.body)
        whole: dict[str, list[Span]] = defaultdict(list)
        begun: dict[str, list[Span]] = defaultdict(list)
        if self._automaton is not None:
            for index, start, end in self._automaton.find_matches_as_indexes(folded.text, overlapping=True):
                if folded.bounded(start):
                    begun[self._patterns[index]].append((start, end))
                    if folded.bounded(end):
                        whole[self._patterns[index]].append((start, end))
        return MatchContext(post=post, folded=folded, whole=whole, begun=begun)


class Matcher(Generic[K]):
    """All topics at once: a post costs what the terms that it holds cost, however many queries there are."""

    def __init__(self, queries: Mapping[K, Query]) -> None:
        self._roots = {key: query.root for key, query in queries.items()}
        asked = Counter(term.pattern for root in self._roots.values() for term in root.terms())
        self._patterns = Patterns(asked)
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
        candidates = set(self._always).union(*(self._woken.get(pattern, ()) for pattern in context.begun))
        return {key for key in candidates if self._roots[key].holds(context)}


def _wakers(clause: Clause, asked: Mapping[str, int]) -> frozenset[str] | None:
    """Patterns of which one must stand in a post for *clause* to hold; None if it may hold without any.

    Of clauses that must all hold, the one suffices whose patterns the fewest queries ask for: "recall" stands
    in a thousand queries, the brand beside it in one.
    """
    if isinstance(clause, Term):
        return frozenset({clause.pattern})
    if isinstance(clause, Near):
        return _rarest([_wakers(clause.left, asked), _wakers(clause.right, asked)], asked)
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
