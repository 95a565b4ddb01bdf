"""Says in plain words what is wrong with settings: their shape (what pydantic found) and their links (names
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
from bot.config.locations import Path, SettingsFault, Tree, nearest

_SENTENCES = {
    "missing": "this is missing",
    "string_type": "this must be text; put quotes around it",
    "int_type": "this must be a whole number",
    "int_parsing": "this must be a whole number",
    "int_from_float": "this must be a whole number",
    "float_type": "this must be a number",
    "float_parsing": "this must be a number",
    "bool_type": "this must be true or false",
    "bool_parsing": "this must be true or false",
    "tuple_type": "this must be a list: one line for each entry, each beginning with “- ”",
    "dict_type": "this must hold keys and values",
    "model_type": "this must hold keys and values, such as “name: …”",
    "model_attributes_type": "this must hold keys and values, such as “name: …”",
    "too_short": "this list needs at least one entry",
    "greater_than_equal": "this must be {ge:g} or more",
    "less_than_equal": "this must be {le:g} or less",
    "string_too_long": "this is too long; it may have {max_length} characters",
    "string_too_short": "this is empty",
}
_PATTERNS = {
    "id": "this is not a Slack channel id; such as C0123ABCD (in Slack: channel details, at the bottom)",
    "slack": "this is not a Slack user id; such as U0123ABCD (in Slack: profile, “Copy member ID”)",
    "email": "this is not an e-mail address",
    "url": "this is not a web address; it begins with http:// or https://",
    "lang": "a language is a code of two or three small letters, such as en or zh",
    "languages": "a language is a code of two or three small letters, such as en or zh",
}
_SLACK_ID = re.compile(r"^[CGDUW][A-Z0-9]{6,}$")
_SECTIONS = ("channels", "people", "policies", "topics", "sources")


def shape_faults(tree: Tree, error: ValidationError, keys: Mapping[str, Sequence[str]]) -> list[SettingsFault]:
    """One fault for each thing that pydantic found. *keys* holds the known keys of each section."""
    return [_shape_fault(tree, detail, keys) for detail in error.errors(include_url=False)]


def link_faults(tree: Tree, *, default_policy: str, topic_channel: str) -> list[SettingsFault]:
    """Names that stand twice or stand for nothing, steps out of order, sources without an address."""
    value: Mapping[str, Any] = tree.value or {}
    found = [*_twice(value)]
    found += _policies(value, default_policy)
    found += _targets(value, topic_channel)
    found += _order(value)
    found += _addresses(value)
    found += _unreachable(value)
    return [tree.fault(path, sentence) for path, sentence in found]


def _shape_fault(tree: Tree, detail: ErrorDetails, keys: Mapping[str, Sequence[str]]) -> SettingsFault:
    path = tuple(step for step in detail["loc"] if step != "[key]")
    context = detail.get("ctx", {})
    return tree.fault(path, _sentence(detail, path, keys), offset=context.get("position"))


def _sentence(detail: ErrorDetails, path: Path, keys: Mapping[str, Sequence[str]]) -> str:
    kind, context = detail["type"], detail.get("ctx", {})
    names = [step for step in path if isinstance(step, str)]
    if detail["input"] is None and kind != "missing":
        return "this has no value; write one, or leave the line out"
    if kind == "extra_forbidden":
        section = names[-2] if len(names) > 1 else ""
        return f"there is no setting “{path[-1]}”{nearest(str(path[-1]), keys.get(section, ()))}"
    if kind in ("literal_error", "enum"):
        return f"“{detail['input']}” is not one of {context['expected']}"
    if kind == "string_pattern_mismatch":
        return _PATTERNS.get(names[-1], "this is not written as it should be")
    if kind in _SENTENCES:
        return _SENTENCES[kind].format_map(context)
    return str(context.get("error", detail["msg"][:1].lower() + detail["msg"][1:]))


def _entries(root: Mapping[str, Any], section: str) -> Iterator[tuple[int, Mapping[str, Any]]]:
    entries = root.get(section)
    for position, entry in enumerate(entries if isinstance(entries, list) else ()):
        if isinstance(entry, dict):
            yield position, entry


def _names(root: Mapping[str, Any], section: str) -> list[str]:
    return [entry["name"] for _, entry in _entries(root, section) if isinstance(entry.get("name"), str)]


def _twice(root: Mapping[str, Any]) -> Iterator[tuple[Path, str]]:
    for section in _SECTIONS:
        known: dict[str, str] = {}
        for position, entry in _entries(root, section):
            name = entry.get("name")
            if not isinstance(name, str):
                continue
            if name.strip().casefold() in known:
                yield (section, position, "name"), f"the name “{name}” is already taken in {section}"
            known[name.strip().casefold()] = name


def _policies(root: Mapping[str, Any], default: str) -> Iterator[tuple[Path, str]]:
    known = [*_names(root, "policies"), default]
    for position, topic in _entries(root, "topics"):
        name = topic.get("policy", default)
        if isinstance(name, str) and name.strip() not in known:
            yield ("topics", position, "policy"), f"there is no policy “{name}”{nearest(name, known)}"


def _targets(root: Mapping[str, Any], topic_channel: str) -> Iterator[tuple[Path, str]]:
    """Channels and people that are named and not listed. ``#name`` and ids need no listing."""
    channels, people = _names(root, "channels"), _names(root, "people")
    named: list[tuple[Path, object]] = [(("default_channel",), root.get("default_channel"))]
    named += [(("topics", at, "channel"), topic.get("channel")) for at, topic in _entries(root, "topics")]
    for path, name in named:
        if isinstance(name, str) and not _reachable(name, channels):
            hint = nearest(name, channels) or "; list it under channels, or write “#name” or its id"
            yield path, f"there is no channel “{name}”{hint}"
    for path, name in _notified(root):
        known = [*people, *channels, topic_channel]
        if isinstance(name, str) and not _reachable(name, known):
            yield path, f"nobody and no channel is called “{name}”{nearest(name, known)}"


def _notified(root: Mapping[str, Any]) -> Iterator[tuple[Path, object]]:
    for at, policy in _entries(root, "policies"):
        for number, step in _entries(policy, "steps"):
            targets = step.get("notify")
            for place, target in enumerate(targets if isinstance(targets, list) else ()):
                yield ("policies", at, "steps", number, "notify", place), target


def _reachable(name: str, known: Sequence[str]) -> bool:
    folded = {other.removeprefix("#").strip().casefold() for other in known}
    return name.startswith("#") or bool(_SLACK_ID.match(name)) or name.strip().casefold() in folded


def _order(root: Mapping[str, Any]) -> Iterator[tuple[Path, str]]:
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
                    "a step cannot come before the step above it",
                )
            before = after


def _addresses(root: Mapping[str, Any]) -> Iterator[tuple[Path, str]]:
    for at, source in _entries(root, "sources"):
        kind, place = source.get("kind"), ("sources", at)
        if kind in ("rss", "jsonfeed", "json") and not source.get("url"):
            yield place, f"a source of kind {kind} needs a url"
        if kind == "jsonl" and not source.get("path"):
            yield place, "a source of kind jsonl needs the path of its file"
        if kind != "json" and source.get("mapping"):
            yield (*place, "mapping"), "only a source of kind json has a mapping"


def _unreachable(root: Mapping[str, Any]) -> Iterator[tuple[Path, str]]:
    for at, person in _entries(root, "people"):
        if not person.get("slack") and not person.get("email"):
            yield ("people", at), "a person needs a Slack id or an e-mail address"
