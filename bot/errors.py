"""The one root of the errors that the service raises on purpose, and of those that speak every language."""

from __future__ import annotations

import copyreg
from typing import Any

from bot.i18n.catalogue import DEFAULT
from bot.i18n.engine_faults import engine_fault
from bot.i18n.localised import LocalisedText, localised
from bot.i18n.speech import Speech
from engine.errors import EngineError


class TocsinError(Exception):
    """A fault that a person can do something about; its message is a plain sentence.

    Raised as it is only by the sandbox, which speaks as Slack does; see ``LocalisedError`` for all others.
    """

    def said(self, speech: Speech) -> str:
        """The sentence in the reader's language, as far as it has one."""
        return str(self)

    def __reduce__(self) -> tuple[Any, ...]:
        """Another process gets the same error, whatever its class was made from."""
        return copyreg.__newobj__, (type(self), *self.args), self.__dict__  # type: ignore[attr-defined]


class LocalisedError(TocsinError):
    """A fault that is told in the reader's language: *code* is a key of the catalogue, *values* fill its gaps.

    As a string, in a log or a traceback, it is the English sentence.
    """

    def __init__(self, code: str, /, **values: object) -> None:
        super().__init__()
        self.text: LocalisedText = localised(code, **values)

    @property
    def code(self) -> str:
        return self.text.code

    def said(self, speech: Speech) -> str:
        return speech.text(self.text)

    def __str__(self) -> str:
        return self.said(Speech(DEFAULT))


class DeskError(LocalisedError):
    """What was asked for cannot be done. Its *values* hold records: ``bot.slack.render.messages`` words them."""

    def __init__(self, code: str, /, **values: Any) -> None:
        super().__init__(code)
        self.values = values

    def __str__(self) -> str:
        return f"{self.code}: {self.values}" if self.values else self.code


NO_TABLES = "database.no_tables"
"""The code of a database that nobody has made the tables of."""

AWAY, BUSY = "database.away", "database.busy"
"""The codes of a database that will be there again by itself: it starts, or somebody else has locked it."""


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


def worded(error: TocsinError | EngineError, speech: Speech) -> str:
    """What the service or the engine says is wrong, in the reader's language."""
    return speech.text(engine_fault(error)) if isinstance(error, EngineError) else error.said(speech)
