"""What is wrong in a settings file and where: every fault at once, each with its line and column.

The places come from the YAML node tree, so that they hold for values that a program would otherwise only know
by their path (``topics[2].query``).
"""

from __future__ import annotations

import difflib
import pathlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import yaml

from bot.errors import TocsinError
from bot.i18n.catalogue import DEFAULT
from bot.i18n.localised import LocalisedText, localised
from bot.i18n.speech import Speech

Path = tuple[str | int, ...]
"""The way to a value: keys and positions."""


@dataclass(frozen=True, kw_only=True)
class SettingsFault:
    """One thing wrong. *line*, *column* count from 1; *where* is a path (``topics[2].query``) or empty."""

    line: int
    column: int
    where: str
    text: LocalisedText

    def sentence(self, speech: Speech) -> str:
        """What is wrong, without the place."""
        return speech.text(self.text)

    def said(self, speech: Speech) -> str:
        """The place and what is wrong there."""
        place = {"line": str(self.line), "column": str(self.column), "sentence": self.sentence(speech)}
        if self.where:
            return speech.say("settings.place_of", where=self.where, **place)
        return speech.say("settings.place", **place)


class SettingsError(TocsinError):
    """The settings cannot be used; ``faults`` says everything that is wrong, in the order of the file.

    As a string it speaks the *language* of the settings, as far as that can be told.
    """

    def __init__(
        self, file: str, faults: Iterable[SettingsFault], *, language: str = DEFAULT, folder: pathlib.Path | None = None
    ) -> None:
        self.file, self.language = file, language
        self.faults = tuple(sorted(faults, key=lambda fault: (fault.line, fault.column, fault.where)))
        super().__init__(self.said(Speech(language, folder)))

    def said(self, speech: Speech) -> str:
        head = speech.say("settings.count", file=self.file, n=len(self.faults))
        return "\n".join([head, *(f"  {fault.said(speech)}" for fault in self.faults)])


def where(path: Sequence[str | int]) -> str:
    """*path* as a person reads it: positions count from 1, as in "the 2nd topic"."""
    text = ""
    for step in path:
        text += f"[{step + 1}]" if isinstance(step, int) else f".{step}" if text else step
    return text


class _Loader(yaml.SafeLoader):
    """Leaves a date as it is written: whoever wants one says what is wrong with 2026-02-30, and where."""


_Loader.add_constructor("tag:yaml.org,2002:timestamp", lambda _, node: str(node.value))


class Tree:
    """A parsed YAML file that remembers where each of its values stands."""

    def __init__(self, text: str) -> None:
        """SettingsError-free: *text* that is not YAML raises ``yaml.YAMLError`` (see ``syntax_fault``)."""
        loader = _Loader(text)
        try:
            self._root = loader.get_single_node()
            self.value = loader.construct_document(self._root) if self._root is not None else None
        finally:
            loader.dispose()
        self._doubles = list(_doubles(self._root, ())) if self._root is not None else []

    def fault(self, path: Path, text: LocalisedText, *, offset: int | None = None) -> SettingsFault:
        """A fault at *path*, or at the nearest thing above it that is in the file.

        *offset* points at a character inside a string that stands on one line.
        """
        mark, value = self._find(path)
        column = mark.column + 1
        if offset is not None and isinstance(value, yaml.ScalarNode) and value.style in (None, '"', "'"):
            column = value.start_mark.column + 1 + offset + (1 if value.style else 0)
        return SettingsFault(line=mark.line + 1, column=column, where=where(path), text=text)

    def doubles(self) -> list[SettingsFault]:
        """Keys that stand twice in one mapping: YAML would silently keep only the last."""
        return [
            SettingsFault(
                line=mark.line + 1, column=mark.column + 1, where=where(path),
                text=localised("settings.twice"),
            )
            for path, mark in self._doubles
        ]  # fmt: skip

    def _find(self, path: Path) -> tuple[yaml.Mark, yaml.Node | None]:
        node: yaml.Node | None = self._root
        mark = node.start_mark if node is not None else yaml.Mark("", 0, 0, 0, None, 0)
        for step in path:
            found = _child(node, step)
            if found is None:
                return mark, None
            mark, node = found
        return mark, node


def syntax_fault(error: yaml.YAMLError) -> SettingsFault:
    """The fault of a file that is not YAML at all."""
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
    return SettingsFault(line=line, column=column, where="", text=_syntax(str(getattr(error, "problem", None) or "")))


def _syntax(problem: str) -> LocalisedText:
    if "\\t" in problem:
        return localised("settings.no_yaml_tab")
    if "mapping values are not allowed" in problem:
        return localised("settings.no_yaml_colon", problem=problem)
    return localised("settings.no_yaml", problem=problem or localised("settings.unreadable"))


def guessed(text: LocalisedText, word: str, known: Iterable[str]) -> LocalisedText:
    """*text*, asking whether the known word that is most like *word* was meant; *text* alone if none is like it."""
    close = difflib.get_close_matches(word, list(known), n=1, cutoff=0.6)
    return localised("settings.nearest", sentence=text, word=close[0]) if close else text


def either(words: Sequence[str]) -> str | LocalisedText:
    """``'rss', 'json' or 'jsonl'``."""
    first, *rest = (f"'{word}'" for word in words)
    if not rest:
        return first
    before: str | LocalisedText = first
    for word in rest[:-1]:
        before = localised("settings.comma", before=before, after=word)
    return localised("settings.or", before=before, after=rest[-1])


def _child(node: yaml.Node | None, step: str | int) -> tuple[yaml.Mark, yaml.Node] | None:
    """The place and node of one step: a key's place for a mapping, an item's for a list."""
    if isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
        return node.value[step].start_mark, node.value[step]
    if isinstance(node, yaml.MappingNode):
        for key, value in reversed(node.value):
            if key.value == step:
                return key.start_mark, value
    return None


def _doubles(node: yaml.Node, path: Path) -> Iterator[tuple[Path, yaml.Mark]]:
    if isinstance(node, yaml.SequenceNode):
        for position, item in enumerate(node.value):
            yield from _doubles(item, (*path, position))
    elif isinstance(node, yaml.MappingNode):
        known: set[str] = set()
        for key, value in node.value:
            if isinstance(key, yaml.ScalarNode):
                if key.value in known:
                    yield (*path, key.value), key.start_mark
                known.add(key.value)
                yield from _doubles(value, (*path, key.value))
