"""Lists of feeds as feed readers export them (OPML). What is taken over are names and addresses."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.i18n.localised import LocalisedText, localised
from bot.ingest.fetch.charset import decode
from bot.ingest.sources.batch import web_address
from bot.ingest.sources.errors import FormatError
from bot.ingest.sources.markup import one_line


@dataclass(frozen=True, kw_only=True)
class Listed:
    """A feed of an OPML file; its *name* is unique in the list."""

    name: str
    url: str


def parse(body: bytes, *, path: str, taken: Sequence[str] = ()) -> list[Listed]:
    """The feeds that *body* lists, each address once, under names that are not in *taken*.

    Raises ``FormatError`` for anything that is no OPML.
    """
    import listparser

    text = decode(body)
    if "<opml" not in text[:20_000].lower():
        raise FormatError("source.not_opml", path=path, why=localised("source.why.no_opml"))
    parsed = listparser.parse(text)
    feeds = {url: one_line(feed.title or "") for feed in parsed.feeds if (url := web_address(feed.url))}
    if not feeds:
        raise FormatError("source.not_opml", path=path, why=_why(parsed))
    names = {name.casefold() for name in taken}
    return [Listed(name=_unique(title or url, names), url=url) for url, title in feeds.items()]


def _why(parsed: object) -> str | LocalisedText:
    fault = getattr(parsed, "bozo_exception", None)
    return str(fault)[:160] if fault else localised("source.why.no_feeds")


def _unique(name: str, names: set[str]) -> str:
    """*name*, shortened to fit, with a number behind it if it is already in *names*, which grows."""
    found, number = name[:100], 1
    while found.casefold() in names:
        number += 1
        found = f"{name[:90]} {number}"
    names.add(found.casefold())
    return found
