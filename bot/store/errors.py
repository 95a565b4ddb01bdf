"""What can go wrong with the store, each in a plain sentence."""

from __future__ import annotations

from bot.errors import TocsinError


class StoreError(TocsinError):
    """The database cannot be used, or what was asked of it cannot be done."""


class DuplicateTopic(StoreError):  # noqa: N818 — it reads as what it is
    def __init__(self, name: str) -> None:
        super().__init__(f"There is already a topic called “{name}”.")
        self.name = name


class Missing(StoreError):  # noqa: N818
    """A row that somebody names by id is not there."""

    def __init__(self, what: str, key: object) -> None:
        super().__init__(f"There is no {what} {key}.")
        self.what, self.key = what, key
