"""The one catalogue: every sentence that a person reads, one YAML file a language, the same keys in each.

A further language is one more file in this folder: nothing else names the languages that there are.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable
from types import MappingProxyType

import yaml

DEFAULT = "en"
"""The language of whoever has none of those that there are."""


def languages(folder: Traversable | None = None) -> tuple[str, ...]:
    """The languages that there are, DEFAULT first."""
    found = {file.name.removesuffix(".yaml") for file in (folder or _folder()).iterdir() if file.name.endswith(".yaml")}
    return DEFAULT, *sorted(found - {DEFAULT})


@cache
def templates(language: str, folder: Traversable | None = None) -> Mapping[str, str]:
    """Every template of *language* by its dotted key; raises FileNotFoundError for a language that there is not."""
    text = (folder or _folder()).joinpath(f"{language}.yaml").read_text(encoding="utf-8")
    return MappingProxyType(dict(_flat(yaml.safe_load(text))))


def _folder() -> Traversable:
    return resources.files(__package__)


def _flat(tree: Mapping[str, object], above: str = "") -> Iterator[tuple[str, str]]:
    for key, value in tree.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{above}{key}.")
        else:
            yield f"{above}{key}", str(value)


LANGUAGES = languages()
