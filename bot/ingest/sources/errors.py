"""What can go wrong with a source: each error a sentence of the catalogue (``source.…``) with a place to look."""

from __future__ import annotations

from bot.errors import LocalisedError
from bot.i18n.localised import LocalisedText, localised


class SourceError(LocalisedError):
    """A source that could not be polled."""


class FetchError(SourceError):
    """The source could not be fetched.

    *status* is the HTTP status, 0 if there was no answer; *retry_after* the seconds that the server asked us
    to stay away, None if it asked for nothing.
    """

    def __init__(self, code: str, /, *, status: int = 0, retry_after: float | None = None, **values: object) -> None:
        super().__init__(code, **({"status": status} if status else {}), **values)
        self.status, self.retry_after = status, retry_after


class FormatError(SourceError):
    """The source was fetched, and what it brought is not what its kind promises."""


def cause(error: OSError) -> str | LocalisedText:
    """What the operating system says of *error*."""
    return error.strerror or localised("source.why.unknown")
