"""Take over what was there before Tocsin: a history of posts, and the feeds of a feed reader."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from bot.i18n.localised import LocalisedText, localised
from bot.infra.clock import Clock
from bot.ingest.fetch.charset import decode
from bot.ingest.matching import Ingest, Ingested
from bot.ingest.sources import opml, post_format
from bot.ingest.sources.errors import FormatError, cause
from bot.records import Item

if TYPE_CHECKING:
    from bot.store import Store

AT_ONCE = 500
LONGEST_LINE = 1024 * 1024
GAP = timedelta(days=2)
"""A history with a longer hole in it says nothing about what lies before the hole."""


@dataclass(frozen=True, kw_only=True)
class Imported:
    """What came of an import; *left_out* holds the first reasons with their lines, *faulty* counts all."""

    taken: Ingested
    faulty: int = 0
    left_out: tuple[LocalisedText, ...] = ()
    earliest: datetime | None = None
    latest: datetime | None = None


def import_posts(path: Path, *, store: Store, ingest: Ingest, clock: Clock, source: str) -> Imported:
    """Store the posts of the JSONL file *path* under the source *source*, quietly: history rings nothing.

    Doing it twice equals doing it once. Raises TocsinError if there is no such file or source.
    """
    record = store.sources.find(source)
    if record is None:
        raise FormatError("source.no_source", name=source)
    taken, reasons, times = Ingested(), [], []
    for numbered in _chunks(_lines(path)):
        items, faults = _items(numbered, now=clock.now())
        taken += ingest.take(record, items, quiet=True)
        reasons += faults
        times += [item.published for item in items if item.published]
    _cover(store, times, clock.now())
    return Imported(
        taken=taken,
        faulty=len(reasons),
        left_out=tuple(reasons[:10]),
        earliest=min(times, default=None),
        latest=max(times, default=None),
    )


def covered(times: Iterable[datetime], until: datetime, *, gap: timedelta = GAP) -> datetime:
    """From when on posts at *times* tell without a hole longer than *gap* what happened up to *until*."""
    since = until
    for moment in sorted(times, reverse=True):
        if moment > since:
            continue
        if since - moment > gap:
            break
        since = moment
    return since


def _cover(store: Store, times: Sequence[datetime], now: datetime) -> None:
    """Let every topic's baseline begin with the history: it was matched against all of them."""
    for topic in store.topics.all():
        since = covered(times, min(topic.watched_since, now))
        if since < topic.watched_since:
            store.topics.watched(topic.id, since)


def _lines(path: Path) -> Iterator[tuple[int, bytes]]:
    try:
        with path.open("rb") as file:
            for number, line in enumerate(iter(lambda: file.readline(LONGEST_LINE), b""), 1):
                yield number, line.removeprefix(b"\xef\xbb\xbf")
    except FileNotFoundError as error:
        raise FormatError("source.no_import", path=path) from error
    except OSError as error:
        raise FormatError("source.unreadable_file", path=path, why=cause(error)) from error


def _chunks(lines: Iterator[tuple[int, bytes]]) -> Iterator[list[tuple[int, bytes]]]:
    while chunk := list(islice(lines, AT_ONCE)):
        yield chunk


def _items(numbered: Sequence[tuple[int, bytes]], *, now: datetime) -> tuple[list[Item], list[LocalisedText]]:
    items, reasons = [], []
    for number, line in numbered:
        if not line.strip():
            continue
        try:
            items.append(post_format.line(decode(line), now=now))
        except post_format.NotAPost as error:
            reasons.append(localised("source.item.line", number=str(number), why=error.text))
    return items, reasons


def import_opml(path: Path, settings: Path | None = None) -> str:
    """The feeds of the OPML file *path* as YAML; with *settings* they are also added to that settings file.

    A feed whose address the settings already have is left out. The file's comments and order stay.
    Raises TocsinError, and leaves the settings untouched, if either file cannot be used.
    """
    try:
        body = path.read_bytes()
    except OSError as error:
        raise FormatError("source.unreadable_file", path=path, why=cause(error)) from error
    text = _text(settings) if settings is not None and settings.exists() else ""
    known = _sources(text)
    listed = opml.parse(body, path=str(path), taken=[str(one.get("name", "")) for one in known])
    addresses = {one.get("url") for one in known}
    entries = [{"name": one.name, "kind": "rss", "url": one.url} for one in listed if one.url not in addresses]
    block = yaml.safe_dump(entries, allow_unicode=True, sort_keys=False, width=200) if entries else ""
    if settings is not None and entries:
        added = _inserted(text, block)
        _checked(added, expected=len(known) + len(entries))
        _replace(settings, added)
    return f"sources:\n{_indented(block, 2)}" if entries else ""


def _text(settings: Path) -> str:
    try:
        return settings.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise FormatError("source.broken_settings") from error
    except OSError as error:
        raise FormatError("source.unreadable_file", path=settings, why=cause(error)) from error


def _replace(settings: Path, text: str) -> None:
    """Write *text* beside the file and put it in its place, so that a crash leaves either whole."""
    beside = settings.with_name(f"{settings.name}.new")
    try:
        beside.write_text(text, encoding="utf-8")
        if settings.exists():
            shutil.copymode(settings, beside)
        beside.replace(settings.resolve())
    except OSError as error:
        raise FormatError("source.unwritable_file", path=settings, why=cause(error)) from error


def _sources(text: str) -> list[dict[str, Any]]:
    try:
        value = yaml.safe_load(text) or {}
    except yaml.YAMLError as error:
        raise FormatError("source.broken_settings") from error
    found = value.get("sources") if isinstance(value, dict) else None
    return [one for one in found or () if isinstance(one, dict)]


def _inserted(text: str, block: str) -> str:
    """*text* with *block* behind the last entry of its ``sources``, or with a section of its own."""
    node = yaml.compose(text) if text.strip() else None
    pairs = node.value if isinstance(node, yaml.MappingNode) else []
    section = next((value for key, value in pairs if key.value == "sources"), None)
    if not isinstance(section, yaml.SequenceNode) or not section.value or section.flow_style:
        if section is not None:
            raise FormatError("source.no_room_for_sources")
        return f"{text.rstrip()}\n\nsources:\n{_indented(block, 2)}".lstrip("\n")
    lines = text.splitlines(keepends=True)
    end = _last_line(section.value[-1]) + 1
    before = "".join(lines[:end])
    return (
        before + ("" if before.endswith("\n") else "\n")
        + _indented(block, section.start_mark.column) + "".join(lines[end:])
    )  # fmt: skip


def _last_line(node: yaml.Node) -> int:
    """The line of the last scalar in *node*: the end of a block lies behind the comments that follow it."""
    if isinstance(node, yaml.MappingNode) and node.value and not node.flow_style:
        return max(_last_line(value) for _, value in node.value)
    if isinstance(node, yaml.SequenceNode) and node.value and not node.flow_style:
        return max(map(_last_line, node.value))
    end: int = node.end_mark.line
    return end if node.end_mark.column else max(node.start_mark.line, end - 1)


def _checked(text: str, *, expected: int) -> None:
    if len(_sources(text)) != expected:
        raise FormatError("source.no_room_for_sources")


def _indented(block: str, width: int) -> str:
    return "".join(f"{' ' * width}{line}" for line in block.splitlines(keepends=True))
