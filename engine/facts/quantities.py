"""The amounts that a text names, each as a number in a plain unit, so that ``3,000``, ``3k`` and their like are one.

Unlike ``engine.facts.numerals``, which counts people, it reads every number that stands in a text, with its unit.

>>> [(each.value, each.of) for each in amounts("8 km of road, $1.4bn, twenty-one buses")]
[(8000.0, 'length'), (1400000000.0, 'dollar'), (21.0, '')]
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache

from engine.facts.lexicon import LANGUAGES, Lexicon

SCALE = "x"
"""What the lexicons call a unit that only multiplies."""

ROUNDED = 0.03
"""Two amounts in different units are the same if they differ by no more: who converts also rounds."""

_DIGITS = r"\d{1,3}(?:[, ]\d{3})+(?!\d)(?:\.\d+)?|\d+(?:\.\d+)?"


@dataclass(frozen=True, slots=True)
class Amount:
    """``text[start:end]`` names *value* of something, in the plain unit of its kind; *unit* as the lexicon calls it."""

    start: int
    end: int
    value: float
    of: str = ""
    unit: str = ""

    def same(self, other: Amount) -> bool:
        """True if both are the same amount, however it is written."""
        if self.of and other.of and self.of != other.of:
            return False
        tolerance = 1e-9 if self.unit == other.unit or not (self.of and other.of) else ROUNDED
        return math.isclose(self.value, other.value, rel_tol=tolerance)


@dataclass(frozen=True, slots=True)
class _Unit:
    name: str
    factor: float
    of: str
    pattern: re.Pattern[str]


def amounts(text: str) -> list[Amount]:
    """The amounts in *text*, in small letters, in their order."""
    found = [each for reading in _readings() for each in reading.amounts(text)]
    kept: list[Amount] = []
    for each in sorted(found, key=lambda each: (each.start, -each.end)):
        if not kept or each.start >= kept[-1].end:
            kept.append(each)
    return kept


class _Reading:
    """How one language writes amounts."""

    def __init__(self, language: str) -> None:
        facts, self._lexicon = Lexicon(language), Lexicon(language, "changes")
        self._table, self._tens = dict(facts.table("numbers")), dict(facts.table("units"))
        self._units = [_unit(name, *self._lexicon.lines("units", name)) for name in self._lexicon.names("units")]
        measures = self._lexicon.one("measures", "words") if "measures" in self._lexicon else ""
        self._measure = re.compile(measures or r"(?!)")
        self._pattern = re.compile(
            rf"(?<![\w.])(?:{_DIGITS}|{_words(self._table)})" if not measures else self._numeral()
        )

    def _numeral(self) -> str:
        signs = "".join((*self._table, *self._tens))
        share, half = self._lexicon.one("numeral", "share"), self._lexicon.one("numeral", "half")
        return rf"(?<![\d.])(?:(?P<share>{share})(?:[{signs}]+|\d+(?:\.\d+)?)|(?P<half>{half})|{_DIGITS}|[{signs}]+)"

    def amounts(self, text: str) -> Iterator[Amount]:
        for found in self._pattern.finditer(text):
            groups = found.groupdict()
            value = self._value(found[0][len(groups.get("share") or "") :], half=bool(groups.get("half")))
            if value is not None:
                made = self._in_units(text, found, value, share=bool(groups.get("share")))
                if made is not None:
                    yield made

    def _value(self, words: str, *, half: bool) -> float | None:
        if half:
            return 0.5
        if words[0].isascii() and words[0].isdigit():
            return float(words.replace(",", "").replace(" ", ""))
        if self._tens:
            return _signs(words, self._table, self._tens)
        parts = [words] if words in self._table else re.split("[- ]", words)
        return float(sum(self._table.get(part, 0) for part in parts))

    def _in_units(self, text: str, found: re.Match[str], value: float, *, share: bool) -> Amount | None:
        end, of, name = found.end(), "share" if share else "", "percent" if share else ""
        start, plain = found.start(), found[0][0].isascii()
        scaled = False
        for _ in range(3):
            gap = 1 if text[end : end + 1] == " " else 0
            unit = next((each for each in self._units if each.pattern.match(text, end + gap)), None)
            if unit is None or (of and unit.of != SCALE):
                break
            end = unit.pattern.match(text, end + gap).end()  # type: ignore[union-attr]
            value, scaled = value * unit.factor, True
            if unit.of != SCALE:
                of, name = unit.of, unit.name
        sign = next((each for each in self._units if start and each.pattern.fullmatch(text[start - 1])), None)
        if sign is not None and not of and sign.of != SCALE:
            start, of, name = start - 1, sign.of, sign.name
        counted = plain or scaled or share or self._measure.match(text, end) or end - start > 1
        return Amount(start, end, value, of, name) if counted else None


def _unit(name: str, line: str) -> _Unit:
    factor, of, pattern = line.split(" ", 2)
    return _Unit(name, float(factor), of, re.compile(rf"(?:{pattern})(?![a-z])"))


def _words(table: Mapping[str, int]) -> str:
    """Number words as a pattern: ``forty-eight`` before ``forty``, and no articles."""
    words = sorted((word for word in table if len(word) > 2 or word == "ten"), key=len, reverse=True)
    tens = "|".join(word for word in words if word.endswith("ty"))
    ones = "|".join(word for word in words if 0 < table[word] < 10 and " " not in word)
    return rf"(?:(?:{tens})[- ](?:{ones})|{'|'.join(words)})(?![\w-])"


def _signs(words: str, table: Mapping[str, int], units: Mapping[str, int]) -> float:
    """A numeral with its units written out; digits alone are read one by one."""
    total = section = digit = 0
    spelled = any(each in units for each in words)
    for sign in words:
        if sign in table:
            digit = table[sign] if spelled else 10 * digit + table[sign]
        elif units[sign] >= 10_000:
            total, section, digit = total + (section + digit or 1) * units[sign], 0, 0
        else:
            section, digit = section + (digit or 1) * units[sign], 0
    return float(total + section + digit)


@cache
def _readings() -> tuple[_Reading, ...]:
    return tuple(_Reading(language) for language in LANGUAGES)
