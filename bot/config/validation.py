"""Says what is wrong with settings: their shape (what pydantic found) and their links (names
that name nothing, names given twice, steps out of order).

Links are looked at in the raw values, so that they are told even where the shape is wrong too.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from bot.config import durations
from bot.config.locations import Path, SettingsFault, Tree, either, guessed
from bot.i18n.localised import LocalisedText, localised
from bot.i18n.queries import query_fault_text
from bot.incidents.people.permissions import CHANNEL, MEMBERS, Right, is_group, is_person

_SHAPES = {
    "missing": "missing",
    "string_type": "string_type",
    "int_type": "int_type", "int_parsing": "int_type", "int_from_float": "int_type",
    "float_type": "float_type", "float_parsing": "float_type",
    "bool_type": "bool_type", "bool_parsing": "bool_type",
    "tuple_type": "tuple_type",
    "dict_type": "dict_type",
    "model_type": "model_type", "model_attributes_type": "model_type",
    "too_short": "too_short",
    "greater_than_equal": "greater_than_equal",
    "less_than_equal": "less_than_equal",
    "string_too_long": "string_too_long",
    "string_too_short": "string_too_short",
}  # fmt: skip
"""Pydantic's name of a fault → the sentence's in ``settings.shape``."""

_PATTERNS = {
    "id": "id",
    "slack": "slack",
    "email": "email",
    "url": "url",
    "lang": "lang",
    "languages": "lang",
    "name": "name",
}
"""The setting whose pattern was not kept → the sentence's name in ``settings.pattern``."""

_QUOTED = re.compile(r"'([^']*)'")
_SLACK_ID = re.compile(r"^[CGDUW][A-Z0-9]{6,}$")
_SECTIONS = ("channels", "people", "policies", "queries", "topics", "sources")


def shape_faults(tree: Tree, error: ValidationError, keys: Mapping[str, Sequence[str]]) -> list[SettingsFault]:
    """One fault for each thing that pydantic found. *keys* holds the known keys of each section."""
    return [_shape_fault(tree, detail, keys) for detail in error.errors(include_url=False)]


def link_faults(tree: Tree, *, default_policy: str, topic_channel: str) -> list[SettingsFault]:
    """Names that stand twice or stand for nothing, steps out of order, sources without an address."""
    value: Mapping[str, Any] = tree.value or {}
    found = [*_twice(value)]
    found += _policies(value, default_policy)
    found += _targets(value, topic_channel)
    found += _roles(value)
    found += _order(value)
    found += _addresses(value)
    found += _unreachable(value)
    found += _written_out(value)
    return [tree.fault(path, text) for path, text in found]


def _shape_fault(tree: Tree, detail: ErrorDetails, keys: Mapping[str, Sequence[str]]) -> SettingsFault:
    path = tuple(step for step in detail["loc"] if step != "[key]")
    context = detail.get("ctx", {})
    return tree.fault(path, _text(detail, path, keys), offset=context.get("position"))


def _text(detail: ErrorDetails, path: Path, keys: Mapping[str, Sequence[str]]) -> LocalisedText:
    kind, context = detail["type"], detail.get("ctx", {})
    names = [step for step in path if isinstance(step, str)]
    if detail["input"] is None and kind != "missing":
        return localised("settings.no_value")
    if kind == "extra_forbidden":
        section = names[-2] if len(names) > 1 else ""
        return guessed(localised("settings.unknown_key", key=path[-1]), str(path[-1]), keys.get(section, ()))
    if kind in ("literal_error", "enum"):
        known = either(_QUOTED.findall(context["expected"]))
        return localised("settings.choice", given=detail["input"], known=known)
    if kind == "string_pattern_mismatch":
        return localised(f"settings.pattern.{_PATTERNS.get(names[-1], 'other')}")
    if kind in _SHAPES:
        return localised(f"settings.shape.{_SHAPES[kind]}", **{name: _number(given) for name, given in context.items()})
    return _told(context, detail["msg"])


def _told(context: Mapping[str, Any], message: str) -> LocalisedText:
    """What a validator of ours raised; else what pydantic says."""
    error = context.get("error")
    text = context.get("text") or getattr(error, "text", None)
    if isinstance(text, LocalisedText):
        return text
    why = str(error) if error else message[:1].lower() + message[1:]
    return localised("settings.other", why=why)


def _number(given: object) -> str:
    return f"{given:g}" if isinstance(given, int | float) else str(given)


def _entries(root: Mapping[str, Any], section: str) -> Iterator[tuple[int, Mapping[str, Any]]]:
    entries = root.get(section)
    for position, entry in enumerate(entries if isinstance(entries, list) else ()):
        if isinstance(entry, dict):
            yield position, entry


def _names(root: Mapping[str, Any], section: str) -> list[str]:
    return [entry["name"] for _, entry in _entries(root, section) if isinstance(entry.get("name"), str)]


def _twice(root: Mapping[str, Any]) -> Iterator[tuple[Path, LocalisedText]]:
    for section in _SECTIONS:
        known: dict[str, str] = {}
        for position, entry in _entries(root, section):
            name = entry.get("name")
            if not isinstance(name, str):
                continue
            if name.strip().casefold() in known:
                yield (section, position, "name"), localised("settings.name_taken", name=name, section=section)
            known[name.strip().casefold()] = name


def _policies(root: Mapping[str, Any], default: str) -> Iterator[tuple[Path, LocalisedText]]:
    known = [*_names(root, "policies"), default]
    for position, topic in _entries(root, "topics"):
        name = topic.get("policy", default)
        if isinstance(name, str) and name.strip() not in known:
            yield ("topics", position, "policy"), guessed(localised("settings.no_policy", name=name), name, known)


def _written_out(root: Mapping[str, Any]) -> Iterator[tuple[Path, LocalisedText]]:
    """Queries that are sound by themselves, and not with the saved ones that they name."""
    from engine.query.query import QueryError, parse
    from engine.query.saved import written_out

    saved = {
        entry["name"]: entry["query"]
        for _, entry in _entries(root, "queries")
        if isinstance(entry.get("name"), str) and _sound(entry.get("query"))
    }
    for section in ("queries", "topics") if saved else ():
        for position, entry in _entries(root, section):
            if _sound(entry.get("query")):
                try:
                    parse(written_out(entry["query"], saved))
                except QueryError as error:
                    yield (section, position, "query"), query_fault_text(error.note)


def _sound(query: object) -> bool:
    from engine.query.query import QueryError, parse

    try:
        return isinstance(query, str) and bool(parse(query))
    except QueryError:
        return False


def _targets(root: Mapping[str, Any], topic_channel: str) -> Iterator[tuple[Path, LocalisedText]]:
    """Channels and people that are named and not listed. ``#name`` and ids need no listing."""
    channels, people = _names(root, "channels"), _names(root, "people")
    named: list[tuple[Path, object]] = [(("default_channel",), root.get("default_channel"))]
    named += [(("topics", at, "channel"), topic.get("channel")) for at, topic in _entries(root, "topics")]
    for path, name in named:
        if isinstance(name, str) and not _reachable(name, channels):
            yield path, _no_channel(name, channels)
    for path, name in _notified(root):
        known = [*people, *channels, topic_channel]
        if isinstance(name, str) and not _reachable(name, known):
            yield path, guessed(localised("settings.no_target", name=name), name, known)


def _roles(root: Mapping[str, Any]) -> Iterator[tuple[Path, LocalisedText]]:
    """Names in roles that are nobody's, and ``channel`` where there is none yet."""
    roles, people = root.get("roles"), _names(root, "people")
    for role, names in roles.items() if isinstance(roles, dict) else ():
        for place, name in enumerate(names if isinstance(names, list) else ()):
            if not isinstance(name, str) or is_person(name) or is_group(name):
                continue
            known = [*people, MEMBERS, *([] if role == Right.CONFIGURE else [CHANNEL])]
            if name.strip().casefold() not in {one.strip().casefold() for one in known}:
                yield ("roles", role, place), guessed(localised("settings.no_role", name=name), name, known)


def _no_channel(name: str, channels: Sequence[str]) -> LocalisedText:
    plain = localised("settings.no_channel", name=name)
    text = guessed(plain, name, channels)
    return localised("settings.no_channel_listed", name=name) if text is plain else text


def _notified(root: Mapping[str, Any]) -> Iterator[tuple[Path, object]]:
    for at, policy in _entries(root, "policies"):
        for number, step in _entries(policy, "steps"):
            targets = step.get("notify")
            for place, target in enumerate(targets if isinstance(targets, list) else ()):
                yield ("policies", at, "steps", number, "notify", place), target


def _reachable(name: str, known: Sequence[str]) -> bool:
    folded = {other.removeprefix("#").strip().casefold() for other in known}
    return name.startswith("#") or bool(_SLACK_ID.match(name)) or name.strip().casefold() in folded


def _order(root: Mapping[str, Any]) -> Iterator[tuple[Path, LocalisedText]]:
    for at, policy in _entries(root, "policies"):
        before = None
        for number, step in _entries(policy, "steps"):
            try:
                after = durations.parse(str(step.get("after", "")))
            except ValueError:
                continue
            if before is not None and after < before:
                yield (
                    ("policies", at, "steps", number, "after"),
                    localised("settings.step_order"),
                )
            before = after


def _addresses(root: Mapping[str, Any]) -> Iterator[tuple[Path, LocalisedText]]:
    for at, source in _entries(root, "sources"):
        kind, place = source.get("kind"), ("sources", at)
        if kind in ("rss", "jsonfeed", "json") and not source.get("url"):
            yield place, localised("settings.needs_url", kind=kind)
        if kind == "jsonl" and not source.get("path"):
            yield place, localised("settings.needs_path")
        if kind != "json" and source.get("mapping"):
            yield (*place, "mapping"), localised("settings.no_mapping")


def _unreachable(root: Mapping[str, Any]) -> Iterator[tuple[Path, LocalisedText]]:
    for at, person in _entries(root, "people"):
        if not person.get("slack") and not person.get("email"):
            yield ("people", at), localised("settings.unreachable")
