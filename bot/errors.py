"""The one root of the errors that the service raises on purpose."""

from __future__ import annotations

from typing import Any


class TocsinError(Exception):
    """A fault that a person can do something about; its message is a plain sentence."""


class DeskError(TocsinError):
    """What was asked for cannot be done; *key* names the sentence, *values* what it speaks of."""

    def __init__(self, key: str, **values: Any) -> None:
        super().__init__(f"{key}: {values}" if values else key)
        self.key, self.values = key, values
