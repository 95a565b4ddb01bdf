"""A post as the clauses of a query see it. What only some of them ask for is worked out when they ask, and once."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import accumulate
from typing import TypeAlias

from engine.post import Post
from engine.query.normalisation import SEPARATORS, UNSPACED, NormalisedText, as_written, spelled
from engine.text.chinese_words import HAN, ChineseRun
from engine.text.everyday_words import are_words, is_known

Span: TypeAlias = tuple[int, int]

UNIT = re.compile(rf"{UNSPACED.pattern}|(?:(?!{UNSPACED.pattern})[^\W_])+")
TAGS = re.compile(r"#[^\s#@]+"), re.compile(r"#[^#\n]{0,40}[\u3400-\u9fff][^#\n]{0,40}#")
"""A tag ends at a space; on Chinese networks at the next sign, whatever stands between."""

KANA = re.compile(r"[\u3041-\u3096\u30a1-\u30fa]")
LINK = re.compile(r"https?://[^\s\u3000-\u9fff]+", re.IGNORECASE)

LONGEST_WORD = 60
"""Characters on either side of a place that are looked at for the word around it."""

LEAST_PART = 3
"""Letters that a word must have to be found inside a hash tag written as one word."""


@dataclass(frozen=True, kw_only=True)
class MatchContext:
    """*found* are the places at which each pattern stands in the folded body, at the edges of a word or not.

    *covered* are places that an exclusion takes out: no term is found inside them.
    """

    post: Post
    folded: NormalisedText
    found: Mapping[str, Sequence[Span]]
    covered: tuple[Span, ...] = ()
    known: dict[Hashable, Sequence[Span]] = field(default_factory=dict)

    def without(self, covered: Sequence[Span]) -> MatchContext:
        """The same post in which nothing is found inside *covered*."""
        return replace(self, covered=tuple(sorted({*self.covered, *covered}))) if covered else self

    def open(self, span: Span) -> bool:
        """True unless *span* lies inside what an exclusion takes out."""
        begun = bisect_right(self.covered, (span[0], len(self.folded.text)))
        return not begun or self._farthest[begun - 1] < span[1]

    @cached_property
    def _farthest(self) -> list[int]:
        """How far the places that are taken out reach, up to each of them."""
        return list(accumulate((end for _, end in self.covered), max))

    @cached_property
    def units(self) -> list[int]:
        """Where the words begin; in scripts without spaces every character counts as one."""
        return [found.start() for found in UNIT.finditer(self.folded.text)]

    def between(self, start: int, end: int) -> int:
        """How many words begin in ``folded.text[start:end]``."""
        return bisect_left(self.units, end) - bisect_left(self.units, start)

    @cached_property
    def language(self) -> str:
        if self.post.lang:
            return self.post.lang.casefold()
        from engine.text.language import language

        return language(self.post.body)

    @cached_property
    def addresses(self) -> str:
        """The addresses of the post and of what it links to, one a line, as the query folds a value."""
        return "\n".join([self.post.url, *LINK.findall(self.post.body)]).casefold()

    @cached_property
    def title_end(self) -> int:
        """Where the title ends in the folded body; of a post without one the first line counts."""
        written = self.post.title or self.post.body.partition("\n")[0]
        return bisect_left(self.folded.starts, len(written))

    @cached_property
    def tags(self) -> list[Span]:
        """Where the hash tags stand."""
        return sorted(found.span() for pattern in TAGS for found in pattern.finditer(self.folded.text))

    def in_tag(self, start: int, end: int) -> bool:
        index = bisect_right(self.tags, (start, len(self.folded.text))) - 1
        return index >= 0 and end <= self.tags[index][1]

    def written(self, start: int, end: int, *, case: bool) -> str:
        """What stands there as it was written."""
        return as_written(self.post.body[slice(*self.folded.origin(start, end))], case=case)

    def capital(self, place: int) -> bool:
        """True if a capital letter stands there."""
        return self.post.body[self.folded.starts[place]].isupper()

    def stands_alone(self, start: int, end: int, *, begun: bool = False) -> bool:
        """True if a word can begin at *start* and, unless *begun* will do, end at *end*."""
        text = self.folded.text
        if not self.folded.bounded(start) or not (begun or self.folded.bounded(end)):
            return self._part_of_tag(start, end)
        if not (UNSPACED.match(text[start]) or UNSPACED.match(text[end - 1])) or self._japanese:
            return True
        return self._stands_in_run(start, end, begun)

    def _stands_in_run(self, start: int, end: int, begun: bool) -> bool:
        run = self._run(start)
        if run and end <= run[1]:
            words = self._words(run)
            first, last = start - run[0], end - run[0]
            return words.stands(first, last) or (begun and words.begins(first))
        tail = None if begun else self._run(end - 1)
        return all(self._words(part).begins(at - part[0]) for part, at in ((run, start), (tail, end)) if part)

    def _words(self, run: Span) -> ChineseRun:
        if run not in self._segmented:
            self._segmented[run] = ChineseRun(self.folded.text[slice(*run)])
        return self._segmented[run]

    @cached_property
    def _segmented(self) -> dict[Span, ChineseRun]:
        return {}

    @cached_property
    def _japanese(self) -> bool:
        return KANA.search(self.folded.text) is not None

    @cached_property
    def _runs(self) -> list[Span]:
        return [found.span() for found in HAN.finditer(self.folded.text)]

    def _run(self, place: int) -> Span | None:
        """The run of Chinese characters in which *place* lies."""
        index = bisect_left(self._runs, (place + 1,)) - 1
        return self._runs[index] if index >= 0 and place < self._runs[index][1] else None

    def _part_of_tag(self, start: int, end: int) -> bool:
        """True if what stands there is one of the words that a hash tag is made of (#boycottxibei)."""
        if "#" not in self.folded.text or end - start < LEAST_PART or not self.in_tag(start, end):
            return False
        first, last = self._letters(start, end)
        text = self.folded.text
        return not is_known(text[first:last]) and are_words(text[first:start]) and are_words(text[end:last])

    def _letters(self, start: int, end: int) -> Span:
        """The run of letters around a place."""
        least, most = start - LONGEST_WORD, end + LONGEST_WORD
        while start > least and not self.folded.bounded(start):
            start -= 1
        while end < most and not self.folded.bounded(end):
            end += 1
        return start, end

    def word_around(self, start: int, end: int, also: str) -> Span:
        """The word around a place; the characters *also* do not end it."""
        text, parts = self.folded.text, set(also) & set(SEPARATORS)
        least, most = max(0, start - LONGEST_WORD), min(len(text), end + LONGEST_WORD)
        while start > least and (spelled(text[start - 1]) or text[start - 1] in parts):
            start -= 1
        while end < most and (spelled(text[end]) or text[end] in parts):
            end += 1
        return start, end
