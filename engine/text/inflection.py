"""The other forms of an English word that a query finds with it: its plural, and the singular of a plural.

A possessive needs no form: the apostrophe ends the word, or joins it as a hyphen does.
"""

from __future__ import annotations

import re

LEAST = 3  # letters: shorter words are initials
LEAST_PLURAL = 5

HISSING = ("s", "x", "z", "ch", "sh")
NO_PLURAL = ("ss", "us", "is", "ous", "news", "series", "species", "means", "gas", "lens")
"""Endings of words that end in s and are not many."""

IRREGULAR = {"man": "men", "woman": "women", "child": "children", "person": "people", "foot": "feet", "tooth": "teeth"}
_BACK = {many: one for one, many in IRREGULAR.items()}
_WORD = re.compile(r"[a-z]+")


def forms(word: str, *, written: str) -> tuple[str, ...]:
    """The other forms of *word*, which is folded; *written* shows its capitals.

    A plural that is written with a capital may be a name (Times, Windows): its singular is not meant.
    """
    if not _WORD.fullmatch(word) or len(word) < LEAST:
        return ()
    if word in _BACK or (word.endswith("s") and not word.endswith(NO_PLURAL)):
        return _singular(word) if written.islower() and len(word) >= LEAST_PLURAL else ()
    return (_plural(word),)


def _plural(word: str) -> str:
    if word in IRREGULAR:
        return IRREGULAR[word]
    if word.endswith(HISSING):
        return f"{word}es"
    if word.endswith("y") and word[-2] not in "aeiou":
        return f"{word[:-1]}ies"
    return f"{word}s"


def _singular(word: str) -> tuple[str, ...]:
    if word in _BACK:
        return (_BACK[word],)
    if word.endswith("ies"):
        return (f"{word[:-3]}y",)
    if word.endswith("es") and word[:-2].endswith(HISSING):
        return word[:-1], word[:-2]
    return (word[:-1],)
