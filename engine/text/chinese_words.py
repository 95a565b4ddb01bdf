"""Where a word can begin and end in a run of Chinese characters, by the dictionary of the segmenter.

The names that people watch stand in no dictionary. So a place is only refused where the dictionary has a better
reading: a word that lies across it. Characters are simplified before they come here.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from functools import cache
from types import ModuleType

HAN = re.compile(r"[\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]+")

SUFFIXES = frozenset("们人者员家店站卡车机版币股案信书费款酒门网群号系族圈馆厅园区市省县")
"""What hangs on to a word without making another of it: a bank card is a matter of banks, BOE is none of JD's."""

PREFIXES = frozenset("老小新大副总前")
"""The same before a word."""

OTHER_MEANING = "主义"
"""A second half that makes a word of its own."""

LONG = 3
"""Characters of a name that do not stand together by chance across the words of a sentence."""

COUNTERS = frozenset("分度元块角人万亿千百个名条年月日天时点秒岁次家件台部辆只倍楼层米克斤吨升里页张位架起票股届")
"""What a number counts, so that it is no name."""

OWNED = re.compile(r"(?:[我你他她它们家人]的|[一几两这那各每]?[个种份点些碗杯颗斤箱]|有|追求|实现|没)$")
"""What stands before a word that means a thing, and before a name only by chance."""

NEAR = 12
"""Characters before and after a word that are weighed: what is further away has no say in it."""


def is_word(text: str) -> bool:
    """True if the dictionary has *text*."""
    return bool(_segmenter().has_word(text))


def stands_for_a_thing(text: str, start: int) -> bool:
    """True if what begins at *start* is owned or counted, as a thing is."""
    return OWNED.search(text[max(0, start - 3) : start]) is not None


class ChineseRun:
    """Characters that stand together, and where words can begin and end among them."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._starts = [start for start, _ in _tokens(text)]
        self._edges = {*self._starts, len(text)}

    def begins(self, place: int) -> bool:
        """True if no word of the dictionary lies across *place*."""
        return place in self._edges

    def stands(self, start: int, end: int) -> bool:
        """True if the characters from *start* to *end* can be a word, or several, where they stand."""
        if start in self._edges and end in self._edges:
            return True
        first, last = self._word_at(start)
        if first <= start and end <= last:
            return _part_of(self._text[first:last], start - first, end - first)
        return end - start >= LONG or self._reads_better(start, end)

    def _word_at(self, place: int) -> tuple[int, int]:
        index = bisect_right(self._starts, place)
        return self._starts[index - 1], (*self._starts[index : index + 1], len(self._text))[0]

    def _reads_better(self, start: int, end: int) -> bool:
        """True if the sentence around needs fewer words, or fewer of one character, if this is one of them."""
        near, far = max(0, start - NEAR), end + NEAR
        parts = [_cost(self._text[near:start]), (1, int(end - start == 1)), _cost(self._text[end:far])]
        return (sum(n for n, _ in parts), sum(n for _, n in parts)) < _cost(self._text[near:far])


def _part_of(word: str, start: int, end: int) -> bool:
    """True if ``word[start:end]`` is what the longer *word* is about."""
    before, after = word[:start], word[end:]
    return (not before or _adds(before, PREFIXES)) and (not after or _adds(after, SUFFIXES))


def _adds(rest: str, bound: frozenset[str]) -> bool:
    return rest in bound if len(rest) == 1 else is_word(rest) and not rest.startswith(OTHER_MEANING)


def _cost(run: str) -> tuple[int, int]:
    """How many words *run* has, and how many of a single character."""
    found = _tokens(run) if run else ()
    return len(found), sum(end - start == 1 for start, end in found)


def _tokens(run: str) -> list[tuple[int, int]]:
    """The words of *run* by the dictionary alone, as places in it; unknown characters stand alone."""
    return [(start, end) for _, start, end in _segmenter().tokenize(run, "default", False)]


@cache
def _segmenter() -> ModuleType:
    """Loaded with the first Chinese word that is looked for."""
    import rjieba

    return rjieba
