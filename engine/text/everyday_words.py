"""English words by how common they are, and whether letters without spaces are such words, as in a hashtag.

``words_en.txt`` holds the most common words of three letters and more of SymSpell's frequency dictionary (MIT), the
commonest first. Names stand in it too: what it holds is known, not necessarily a word of a dictionary.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache, lru_cache
from pathlib import Path

COMMON = 15_000
"""So many of them are common enough for letters to be split into them: the rare ones would split anything."""

EVERYDAY = 6_000
"""So many of them are words that everybody uses; a name that is one of them is found where nobody means it."""

SHORT = frozenset((
    "am", "an", "as", "at", "be", "by", "do", "go", "he", "hi", "if", "in", "is", "it", "me", "my", "no", "of", "oh",
    "on", "or", "so", "to", "up", "us", "vs", "we",
))  # fmt: skip
"""The words of two letters that stand in hashtags."""

LONGEST_WORD = 20


@cache
def ranks() -> Mapping[str, int]:
    """Every known word with its rank, 0 the commonest. Loaded when it is first asked for."""
    found = Path(__file__).with_name("words_en.txt").read_text(encoding="utf-8").split()
    return {word: rank for rank, word in enumerate(found)}


def is_known(letters: str) -> bool:
    """True if *letters*, in lower case, are one word by themselves."""
    return letters in ranks()


def is_everyday(letters: str) -> bool:
    """True if *letters*, in lower case, are a word that everybody uses."""
    return letters in SHORT or ranks().get(letters, EVERYDAY) < EVERYDAY


@lru_cache(maxsize=4096)
def are_words(letters: str) -> bool:
    """True if *letters*, in lower case, can be split into common words; nothing can."""
    ends = {0}
    for end in range(1, len(letters) + 1):
        if any(_common(letters[start:end]) for start in ends if end - start <= LONGEST_WORD):
            ends.add(end)
    return len(letters) in ends


def _common(letters: str) -> bool:
    return letters in SHORT or letters.isdecimal() or ranks().get(letters, COMMON) < COMMON
