"""What a query would bring, from posts that are stored already: how many, which, and by which of its words.

Nothing is kept and nothing is judged here. Whether a name means another thing is not known without reading: what is
told are signs of it, with the posts to look at.
"""

from __future__ import annotations

import zlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, tzinfo

from engine.post import Post
from engine.preview.namesakes import Namesake, namesakes
from engine.query.clauses import Clause, Not
from engine.query.context import MatchContext, Span
from engine.query.joining import Except, asked_for, terms_of
from engine.query.matcher import Patterns
from engine.query.query import Query
from engine.query.terms import Term

SAMPLES = 10
LOOKED_AT = 200
"""Matching posts that are kept to draw the samples from, and looked at for other meanings of the name."""

EVERYTHING = 0.5
"""The share of all posts from which a query is said to match everything."""

ENOUGH = 20
"""Posts of which a share says something."""


@dataclass(frozen=True, kw_only=True)
class WordShare:
    """A *word* of the query: in how many matching *posts* it stands, and how many it *alone* brings. For an exclusion
    *alone* counts the posts that it takes away."""

    word: str
    posts: int
    alone: int
    excludes: bool = False


@dataclass(frozen=True, kw_only=True)
class QueryPreview:
    """What a query brings of *total* posts. *days* counts the *matched* ones by day, the oldest first, *words* come in
    the order of what they bring, *namesakes* tell where a name may mean another thing."""

    total: int = 0
    matched: int = 0
    days: tuple[tuple[date, int], ...] = ()
    samples: tuple[Post, ...] = ()
    words: tuple[WordShare, ...] = ()
    namesakes: tuple[Namesake, ...] = ()

    def by_day(self) -> list[int]:
        """The matching posts of each day from the first to the last, the days without any too."""
        counted = dict(self.days)
        first, last = min(counted).toordinal(), max(counted).toordinal()
        return [counted.get(date.fromordinal(day), 0) for day in range(first, last + 1)]

    @property
    def share(self) -> float:
        """Of all posts, 0 to 1."""
        return self.matched / self.total if self.total else 0.0

    @property
    def everything(self) -> bool:
        """True if it matches so much that it tells nothing apart."""
        return self.total >= ENOUGH and self.share >= EVERYTHING


def preview(query: Query, posts: Iterable[Post], *, languages: Sequence[str] = (), zone: tzinfo = UTC) -> QueryPreview:
    """What *query* brings of *posts*; days are those of *zone*, and *languages* those of the topic."""
    counted = _Counted(query)
    for post in posts:
        counted.take(post, spoken=not languages or not post.lang or post.lang in languages, zone=zone)
    return counted.result()


class _Counted:
    """The counts of one query while posts pass."""

    def __init__(self, query: Query) -> None:
        self._query = query
        terms = dict.fromkeys(terms_of(query.root))
        wanted = set(asked_for(query.root))
        self._terms = [term for term in terms if term in wanted]
        excluding = [part for part in query.root.walk() if isinstance(part, Not | Except)]
        self._excluding: dict[Clause, tuple[Term, ...]] = {part: _excluded_by(part) for part in excluding}
        self._asking: defaultdict[str, list[Term]] = defaultdict(list)
        self._refusing: defaultdict[str, list[Clause]] = defaultdict(list)
        for term in self._terms:
            for pattern in term.patterns:
                self._asking[pattern].append(term)
        for part, others in self._excluding.items():
            for pattern in {pattern for term in others for pattern in term.patterns}:
                self._refusing[pattern].append(part)
        self._patterns = Patterns(terms)
        self._total = self._matched = 0
        self._days: Counter[date] = Counter()
        self._posts: Counter[Term] = Counter()
        self._alone: Counter[Term] = Counter()
        self._taken: Counter[Clause] = Counter()
        self._kept: dict[int, tuple[Post, MatchContext]] = {}

    def take(self, post: Post, *, spoken: bool, zone: tzinfo) -> None:
        self._total += 1
        context = self._patterns.context(post)
        if not spoken:
            return
        if self._query.root.holds(context):
            self._count(post, context, zone)
        else:
            self._excluded(context)

    def _count(self, post: Post, context: MatchContext, zone: tzinfo) -> None:
        self._matched += 1
        self._days[post.published.astimezone(zone).date()] += 1
        asked = dict.fromkeys(term for pattern in context.found for term in self._asking.get(pattern, ()))
        for term in (term for term in asked if term.spans(context)):
            self._posts[term] += 1
            self._alone[term] += not self._query.root.holds(_lacking(context, [term]))
        self._keep(post, context)

    def _excluded(self, context: MatchContext) -> None:
        for part in dict.fromkeys(part for pattern in context.found for part in self._refusing.get(pattern, ())):
            terms = self._excluding[part]
            if any(term.spans(context) for term in terms):
                self._taken[part] += self._query.root.holds(_lacking(context, terms))

    def _keep(self, post: Post, context: MatchContext) -> None:
        """Keep a sample that does not depend on the order of the posts."""
        self._kept[zlib.crc32(f"{post.id}\n{post.text[:200]}".encode("utf-8", "replace"))] = (post, context)
        if len(self._kept) > LOOKED_AT:
            del self._kept[max(self._kept)]

    def result(self) -> QueryPreview:
        kept = [self._kept[key] for key in sorted(self._kept)]
        samples = sorted((post for post, _ in kept[:SAMPLES]), key=lambda post: post.published, reverse=True)
        return QueryPreview(
            total=self._total,
            matched=self._matched,
            days=tuple(sorted(self._days.items())),
            samples=tuple(samples),
            words=tuple(self._words()),
            namesakes=tuple(namesakes(self._query.text, self._terms, kept)),
        )

    def _words(self) -> Iterator[WordShare]:
        told: dict[str, WordShare] = {}
        for term in sorted(self._terms, key=lambda one: -self._posts[one]):
            word = self._query.text[slice(*term.span)]
            told.setdefault(word, WordShare(word=word, posts=self._posts[term], alone=self._alone[term]))
        yield from told.values()
        for part in self._excluding:
            yield WordShare(word=_refused(part, self._query.text), posts=0, alone=self._taken[part], excludes=True)


def _excluded_by(part: Clause) -> tuple[Term, ...]:
    return part.others if isinstance(part, Except) else tuple(terms_of(part))


def _refused(part: Clause, text: str) -> str:
    """What an exclusion is about, as the query *text* writes it."""
    if isinstance(part, Except):
        spans = [other.span for other in part.others]
    else:
        spans = [part.part.span] if isinstance(part, Not) else []
    return " ".join(text[slice(*span)] for span in spans).strip('"“”')


def _lacking(context: MatchContext, terms: Iterable[Term]) -> MatchContext:
    """The same post without *terms*."""
    nothing: Mapping[object, Sequence[Span]] = {term.key: () for term in terms}
    return replace(context, known={**context.known, **nothing})
