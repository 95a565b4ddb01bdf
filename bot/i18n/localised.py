"""A sentence that is not worded yet: what is kept, logged or handed on until somebody's language is known."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, kw_only=True)
class LocalisedText:
    """*code* is a key of the catalogue, *values* fill its gaps; a value may itself be such a text."""

    code: str
    values: Mapping[str, str | int | float | LocalisedText] = field(default_factory=dict)


Value = str | int | float | LocalisedText


def localised(code: str, /, **values: object) -> LocalisedText:
    """The text *code* with *values*; what is neither a text nor a number is taken as it prints, fit to be stored."""
    return LocalisedText(code=code, values={name: _value(value) for name, value in values.items()})


def _value(value: object) -> Value:
    if isinstance(value, int | float | LocalisedText) and not isinstance(value, bool):
        return value
    return str(value).encode("utf-8", "replace").decode("utf-8")  # half a surrogate pair fits in no database
