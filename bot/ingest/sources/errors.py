"""What can go wrong with a source: each error a plain sentence with a place to look, in two languages."""

from __future__ import annotations

from bot.errors import TocsinError
from bot.ingest.sources.sentences import say


class SourceError(TocsinError):
    """A source that could not be polled. *code* is a key of ``sentences.SENTENCES``."""

    def __init__(self, code: str, **values: object) -> None:
        self.code, self.values = code, {name: str(value) for name, value in values.items()}
        super().__init__(say(code, "en", **self.values))

    def say(self, speak: str) -> str:
        """The sentence in the language *speak* (``en`` or ``zh``)."""
        return say(self.code, speak, **self.values)


class FetchError(SourceError):
    """The source could not be fetched.

    *status* is the HTTP status, 0 if there was no answer; *retry_after* the seconds that the server asked us
    to stay away, None if it asked for nothing.
    """

    def __init__(self, code: str, *, status: int = 0, retry_after: float | None = None, **values: object) -> None:
        super().__init__(code, **({"status": status} if status else {}), **values)
        self.status, self.retry_after = status, retry_after


class FormatError(SourceError):
    """The source was fetched, and what it brought is not what its kind promises."""
