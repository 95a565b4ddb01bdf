"""The one catalogue: every sentence that a person reads, one YAML file a language, the same keys in each.

A further language is one more file in this folder: nothing else names the languages that there are.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType

import yaml

OWN = Path(__file__).parent
"""The folder of Tocsin's own languages; every function here takes another one."""

DEFAULT = "en"
"""The language of whoever has none of those that there are."""


@cache
def languages(folder: Path | None = None) -> tuple[str, ...]:
    """The languages that there are, DEFAULT first."""
    found = {file.stem for file in (folder or OWN).glob("*.yaml")}
    return DEFAULT, *sorted(found - {DEFAULT})


def spoken_in(locale: str, folder: Path | None = None) -> str | None:
    """The language of a *locale* such as ``zh-CN``; None if it is none of those that there are."""
    language = locale.replace("_", "-").split("-")[0].casefold()
    return language if language in languages(folder) else None


@cache
def templates(language: str, folder: Path | None = None) -> Mapping[str, str]:
    """Every template of *language* by its dotted key; raises FileNotFoundError for a language that there is not."""
    text = ((folder or OWN) / f"{language}.yaml").read_text(encoding="utf-8")
    return MappingProxyType(dict(_flat(yaml.safe_load(text))))


def _flat(tree: Mapping[str, object], above: str = "") -> Iterator[tuple[str, str]]:
    for key, value in tree.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{above}{key}.")
        else:
            yield f"{above}{key}", str(value)


LANGUAGES = languages()
