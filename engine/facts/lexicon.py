"""The words in which facts are told, one file a language beside this one, as patterns that are compiled once.

A file has sections of names and values. A value may stand on several lines, each an alternative; ``@name`` in it
stands for a part of the same file, ``@org`` for the names of the topic.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

from ahocorasick_rs import AhoCorasick

Pattern = re.Pattern[str]
LANGUAGES = ("en", "zh")
CASUALTIES = ("dead", "missing", "trapped", "hospital", "injured", "ill")
"""What can happen to people, the gravest first."""

STATEMENTS = ("apology", "recall", "withdrawal", "denial", "deletion", "statement")
"""What an organisation can say, the most telling first."""

TOPICS = (*CASUALTIES, "authority", "statement")
NOBODY = r"(?!)"  # a topic without a name is never the subject of a sentence
SHARED = ("parts", "speaks", "acts")  # the sections in which parts are looked for
_PART = re.compile(r"@([a-z_]+)")


class Lexicon:
    """What one language says facts with, or what *about* it says."""

    def __init__(self, language: str, about: str = "lexicon") -> None:
        self.language = language
        text = Path(__file__).with_name(f"{about}_{language}.txt").read_text(encoding="utf-8")
        self._sections = sections(text)

    def __contains__(self, section: str) -> bool:
        return section in self._sections

    def table(self, section: str) -> Mapping[str, int]:
        """The numbers of *section* by their words; none if the language has no such section."""
        return {word: int(value[0]) for word, value in self._sections.get(section, {}).items()}

    def triggers(self, name: str) -> tuple[str, ...]:
        """Pieces of text of which one at least stands in every sentence that tells a fact called *name*."""
        return tuple(self._sections["triggers"][name][0].split("|"))

    def kinds(self, section: str) -> Mapping[str, Pattern]:
        """What a word of *section* is called, as patterns that match the whole word."""
        return {code: re.compile(f"(?:{lines[0]})$", re.I) for code, lines in self._sections[section].items()}

    def names(self, section: str) -> tuple[str, ...]:
        return tuple(self._sections[section])

    def lines(self, section: str, name: str, **parts: str) -> list[str]:
        """The alternatives of a value, whole: every part that they name is put in its place."""
        return [self._whole(line, parts) for line in self._sections[section][name]]

    def one(self, section: str, name: str, **parts: str) -> str:
        """The alternatives of a value as one pattern."""
        return "|".join(f"(?:{line})" for line in self.lines(section, name, **parts))

    def _whole(self, text: str, parts: Mapping[str, str]) -> str:
        def part(found: re.Match[str]) -> str:
            name = found[1]
            return parts[name] if name in parts else self._whole(self._part(name), parts)

        return _PART.sub(part, text)

    def _part(self, name: str) -> str:
        return next(self._sections[place][name][0] for place in SHARED if name in self._sections.get(place, {}))


def sections(text: str) -> dict[str, dict[str, list[str]]]:
    """The values of a lexicon by section and name: lists of lines, without comments."""
    found: dict[str, dict[str, list[str]]] = {}
    values: dict[str, list[str]] = {}
    lines: list[str] = []
    for line in text.splitlines():
        if line.startswith("[") and line.endswith("]"):
            values = found.setdefault(line[1:-1], {})
        elif line.startswith("    "):
            lines.append(line[4:])
        elif line and not line.startswith("#"):
            name, _, value = line.partition(" =")
            lines = values.setdefault(name, [])
            lines += [value[1:]] if value else []
    return found


@dataclass(frozen=True, kw_only=True, slots=True)
class Wording:
    """How one language tells facts, whatever the topic."""

    lexicon: Lexicon
    casualties: Mapping[str, Sequence[Pattern]]
    own: Mapping[str, Pattern]
    authorities: Mapping[str, Pattern]
    acts_after: Pattern
    acts_before: Pattern
    never: Mapping[str, Pattern]
    denied: Pattern
    before: Pattern
    after: Pattern


@dataclass(frozen=True, kw_only=True, slots=True)
class Subject:
    """How a topic is spoken of: its names in any text, and in each language what it is said to say."""

    named: Pattern
    account: Pattern
    statements: tuple[Mapping[str, Pattern], ...]


@cache
def wordings() -> tuple[Wording, ...]:
    """The patterns of every language."""
    return tuple(_wording(Lexicon(language)) for language in LANGUAGES)


def _wording(lexicon: Lexicon) -> Wording:
    def made(section: str, name: str, flags: re.RegexFlag = re.I) -> Pattern:
        return re.compile(lexicon.one(section, name), flags)

    return Wording(
        lexicon=lexicon,
        casualties={kind: [re.compile(line, re.I) for line in lexicon.lines(kind, "patterns")] for kind in CASUALTIES},
        own={what: made("own", what) for what in STATEMENTS},
        authorities={code: made("authorities", code, re.NOFLAG) for code in lexicon.names("authorities")},
        acts_after=made("acts", "after"),
        acts_before=made("acts", "before"),
        never={name: made("never", name) for name in lexicon.names("never")},
        denied=made("not", "words"),
        before=made("not", "before"),
        after=made("not", "after"),
    )


@lru_cache(maxsize=1024)
def subject(names: tuple[str, ...]) -> Subject:
    """The patterns of a topic that goes by *names*."""
    org = f"(?:{'|'.join(_bounded(name) for name in sorted(names, key=len, reverse=True)) or NOBODY})"
    suffixes = "|".join(wording.lexicon.one("own", "suffix") for wording in wordings())
    return Subject(
        named=re.compile(org, re.I),
        account=re.compile(f"[@＠]?{org}[ _-]?(?:{suffixes})?$", re.I),
        statements=tuple(
            {what: re.compile(wording.lexicon.one("speaks", what, org=org), re.I) for what in STATEMENTS}
            for wording in wordings()
        ),
    )


def _bounded(name: str) -> str:
    """*name* as a pattern: whole words where its script parts words."""
    begin = r"\b" if re.match(r"[a-z0-9]", name, re.I) else ""
    end = r"\b" if re.search(r"[a-z0-9]$", name, re.I) else ""
    return f"{begin}{re.escape(name)}{end}"


@cache
def _automaton() -> tuple[AhoCorasick, tuple[str, ...]]:
    pairs = [
        (trigger, topic) for wording in wordings() for topic in TOPICS for trigger in wording.lexicon.triggers(topic)
    ]
    return AhoCorasick([trigger for trigger, _ in pairs]), tuple(topic for _, topic in pairs)


def touched(text: str) -> frozenset[str]:
    """Which of TOPICS *text*, in small letters, may speak of: a cheap look that misses none."""
    automaton, topics = _automaton()
    try:
        found = automaton.find_matches_as_indexes(text, overlapping=True)
    except UnicodeEncodeError:  # half a surrogate pair
        found = automaton.find_matches_as_indexes(text.encode("utf-8", "replace").decode(), overlapping=True)
    return frozenset(topics[place] for place, _, _ in found)
