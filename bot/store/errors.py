"""What can go wrong with the store, each a sentence of the catalogue."""

from __future__ import annotations

from bot.errors import LocalisedError

NO_TABLES = "database.no_tables"


class StoreError(LocalisedError):
    """The database cannot be used, or what was asked of it cannot be done."""


class DuplicateTopic(StoreError):  # noqa: N818 — it reads as what it is
    def __init__(self, name: str) -> None:
        super().__init__("database.duplicate_topic", name=name)
        self.name = name


class Missing(StoreError):  # noqa: N818
    """A row that somebody names by id is not there."""

    def __init__(self, what: str, key: object) -> None:
        super().__init__("database.missing", what=what, key=str(key))
        self.what, self.key = what, key
