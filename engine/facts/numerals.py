"""How many, from words: digits, English number words, Chinese numerals; and how sure the words are of it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from engine.facts.lexicon import Lexicon

EXACT, AT_LEAST, ABOUT, SEVERAL = "exact", "at_least", "about", "several"
MOST = 50_000
"""A count of people that is higher is a year, a price or a mistake."""

_DIGITS = re.compile(r"[0-9,]+")


@dataclass(frozen=True, kw_only=True, slots=True)
class HeadCount:
    """*n* people; *bound* says how that is meant: ``exact``, ``at_least``, ``about`` or ``several``."""

    n: int
    bound: str = EXACT


def count(words: str, bound: str, lexicon: Lexicon) -> HeadCount | None:
    """The count that *words* say, with the word of *bound* beside them; None if it cannot be one of people."""
    text = words.strip().casefold()
    meant = next((name for name, pattern in lexicon.kinds("bounds").items() if bound and pattern.match(bound)), EXACT)
    many = lexicon.table("many")
    if text in many:
        n = many[text]
        return HeadCount(n=n, bound=SEVERAL if n == 2 else AT_LEAST)
    number = _number(text, lexicon)
    return None if number is None or not 0 < number <= MOST else HeadCount(n=number, bound=meant)


def _number(text: str, lexicon: Lexicon) -> int | None:
    if _DIGITS.fullmatch(text):
        return int(text.replace(",", ""))
    table, units = lexicon.table("numbers"), lexicon.table("units")
    if text in table:
        return table[text]
    if units:
        return _in_units(text, table, units)
    parts = re.split("[- ]", text)
    return sum(table[part] for part in parts) if all(part in table for part in parts) else None


def _in_units(text: str, table: Mapping[str, int], units: Mapping[str, int]) -> int | None:
    """A numeral with its units written out: digit, ten, digit, hundred …; digits alone are read one by one."""
    total = section = digit = 0
    for character in text:
        if character in table:
            digit = table[character] if any(each in units for each in text) else 10 * digit + table[character]
        elif units.get(character, 0) >= 10_000:
            total, section, digit = total + (section + digit) * units[character], 0, 0
        elif character in units:
            section, digit = section + (digit or 1) * units[character], 0
        else:
            return None
    return total + section + digit
