"""A text as it is compared with another version of itself: its words in order, and what may be news if it changes.

What is of the moment or of the platform is left out: addresses, handles, times of day, counts of views. Whoever passes
a text on with words of their own has these apart from what they pass on.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache

from engine.facts.lexicon import LANGUAGES, Lexicon, Pattern
from engine.facts.quantities import Amount, amounts
from engine.post import ChangeKind
from engine.text.encoder_normalisation import encoder_text
from engine.text.fingerprints import HANDLE, URL, normalise

READ = 4_000  # characters of a text that are compared
OWN_WORDS, OWNSIGNS = 4, 8
"""So many words, or signs of a script without spaces, are words of one's own."""

_WORDED = tuple(kind for kind in ChangeKind if kind not in (ChangeKind.NUMBER, ChangeKind.NAME, ChangeKind.WORD))
_SIGN = r"\u3400-\u9fff"
_TOKEN = re.compile(
    rf"\d{{1,3}}(?:[, ]\d{{3}})+(?!\d)|\d+(?:\.\d+)?|[{_SIGN}]|[^\W\d_{_SIGN}]+(?:['’][^\W\d_]+)*|[$€£¥%]"
)
_CUT = re.compile(r"\s*\S{0,24}?(?:…|\.\.\.)\s*$")
SIGNS, _LATIN = re.compile(f"[{_SIGN}]"), re.compile("[a-z]{2}")
_HASH = re.compile(r"#([^#\s]{1,40})#?")


@dataclass(frozen=True, slots=True)
class Mention:
    """``text[start:end]`` says *value* of *kind*."""

    kind: ChangeKind
    value: str
    start: int
    end: int
    amount: Amount | None = None

    def moved(self, by: int) -> Mention:
        """The same, so many characters further on."""
        return Mention(self.kind, self.value, self.start + by, self.end + by, self.amount)

    def same(self, other: Mention) -> bool:
        if self.amount is not None and other.amount is not None:
            return self.amount.same(other.amount)
        if self.kind is ChangeKind.DATE:  # a month alone, and a day of it, may be the same date
            return all(one == two for one, two in zip(self.value.split(), other.value.split(), strict=False))
        return self.value == other.value


@dataclass(frozen=True, slots=True)
class Token:
    """A word of the text, or one sign of a script without spaces."""

    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True, eq=False)
class Version:
    """A text as it is compared: *text* with its case, its *tokens*, and the *own* words of whoever passed it on."""

    text: str
    tokens: tuple[Token, ...]
    own: str
    words: tuple[str, ...]


@lru_cache(maxsize=256)
def version(body: str) -> Version:
    """*body* made ready to be compared."""
    lines = (normalise(line) for line in body[:READ].split("\n"))
    text = encoder_text("\n".join(line for line in lines if line)).text
    own, text = _parted(text)
    text = _CUT.sub(" ", text) if _CUT.search(text) else text
    for pattern in (URL, HANDLE, _passing()):
        text = pattern.sub(" ", text)
    text = " ".join(text.replace("\n", " | ").split())
    tokens = tuple(Token(found[0].lower(), *found.span()) for found in _TOKEN.finditer(text))
    return Version(text=text, tokens=tokens, own=own, words=tuple(token.text for token in tokens))


@lru_cache(maxsize=1024)
def mentions(text: str) -> tuple[Mention, ...]:
    """What *text*, that of a version, mentions, in its order."""
    small = text.lower() if len(text.lower()) == len(text) else text
    scripts = [signs for signs, written in ((False, _LATIN), (True, SIGNS)) if written.search(small)]
    found = [each for signs in scripts for kind, told in _patterns(signs) for each in _of_kind(small, kind, told)]
    dates = [each for each in found if each.kind is ChangeKind.DATE]
    found += [
        Mention(ChangeKind.NUMBER, "", amount.start, amount.end, amount)
        for amount in amounts(small)
        if not any(date.start < amount.end and amount.start < date.end for date in dates)
    ]
    kept: list[Mention] = []
    for each in sorted(found, key=lambda each: (each.start, -each.end)):
        if not kept or each.start >= kept[-1].end:  # what stands within another mention is a part of that
            kept.append(each)
    return tuple(kept)


def _of_kind(text: str, kind: ChangeKind, pattern: Pattern) -> Iterator[Mention]:
    for found in pattern.finditer(text):
        name = found.lastgroup or ""
        value = _day(name, found) if kind is ChangeKind.DATE else name.removeprefix("is_")
        yield Mention(kind, value, *found.span())


def _day(name: str, found: re.Match[str]) -> str:
    """A month with its day where it has one; a weekday or a year as it stands."""
    if name != "is_month":
        return f"{name} {found[0][:3] if found[0][0].isascii() else found[0][-1]}{found[0][-5:]}"
    groups = found.groupdict()
    month = groups.get("month") or groups.get("month2") or groups.get("month3") or ""
    return f"month {month[:3]} {groups.get('day') or groups.get('day2') or ''}"


def _parted(text: str) -> tuple[str, str]:
    """The words of one's own before what is passed on, and what is passed on: the whole where nothing marks it."""
    marks = _marks()
    found = marks.search(text)
    if found is None:
        return "", text
    own, rest = text[: found.start()], text[found.start() :]
    last = max((each.end() for each in marks.finditer(text)), default=found.end())
    return (_spoken(own), text[last:] or own) if rest else ("", text)


def _spoken(own: str) -> str:
    """*own* if it says something: not a tag, a sigh or the word for passing on."""
    bare = HANDLE.sub(" ", URL.sub(" ", _HASH.sub(" ", own)))
    words = _TOKEN.findall(_empty().sub(" ", bare.lower()))
    signs = sum(SIGNS.match(word) is not None for word in words)
    return " ".join(words) if signs >= OWNSIGNS or len(words) - signs >= OWN_WORDS else ""


@cache
def _lexicons() -> tuple[Lexicon, ...]:
    return tuple(Lexicon(language, "changes") for language in LANGUAGES)


@cache
def _patterns(signs: bool) -> tuple[tuple[ChangeKind, Pattern], ...]:
    """One pattern for each kind, whose groups are the sides: for a script without spaces (*signs*), or with them."""
    words = _lexicons()[signs]
    return tuple(
        (
            kind,
            re.compile("|".join(f"(?P<is_{name}>{words.one(kind.value, name)})" for name in words.names(kind.value))),
        )
        for kind in _WORDED
    )


@cache
def light() -> tuple[frozenset[str], Pattern]:
    """Words that say nothing new, and the same of a script without spaces as a pattern."""
    english, chinese = (each.lines("light", "words")[0] for each in _lexicons())
    longest = sorted(chinese.split("|"), key=len, reverse=True)
    return frozenset(english.split("|")), re.compile("|".join(longest))


@cache
def related() -> Pattern:
    """What stands before words that are of the platform, not of the text."""
    return re.compile("|".join(each.one("related", "words") for each in _lexicons()))


@cache
def _passing() -> Pattern:
    return re.compile("|".join(each.one("passing", "words") for each in _lexicons()), re.I)


@cache
def _marks() -> Pattern:
    return re.compile("|".join(each.one("repost", "marks") for each in _lexicons()), re.I)


@cache
def _empty() -> Pattern:
    return re.compile("|".join(each.one("repost", "empty") for each in _lexicons()), re.I)
