"""``tocsin match`` and ``tocsin preview``: what a query catches, of given posts or of stored ones."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any, TextIO

import typer

from bot.backtest.post_file import post_of_row, read_posts, tidied
from bot.config.environment import Environment
from bot.config.settings import Settings, load
from bot.desk.topic_preview import SPAN, TopicPreview, previewed
from bot.errors import LocalisedError
from bot.i18n.localised import localised
from bot.i18n.previews import preview_doubts, preview_head, preview_words
from bot.i18n.queries import match_explanation, query_remark
from bot.i18n.speech import Speech
from bot.infra.clock import SystemClock
from bot.records import TopicRecord
from engine.post import Note, Post
from engine.query.query import parse
from engine.query.saved import saved_remarks, written_out
from engine.text.masking import mask

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
SHOWN = 120  # characters of a sample


@dataclass(frozen=True, kw_only=True)
class QueryOptions:
    """What was typed: a *query*, or the *topic* of the store whose query is meant; *posts* is a file of them."""

    query: str = ""
    topic: str = ""
    posts: Path | None = None
    settings: Path
    language: str
    as_json: bool = False
    explain: bool = False


def match(wanted: QueryOptions, lines: TextIO) -> None:
    """Say of each post (JSON) or bare line whether the query catches it. Raises LocalisedError, QueryError."""
    query, speech = parse(_asked(wanted)[0]), Speech(wanted.language)
    for number, line in zip(count(1), lines, strict=False):
        if not line.strip():
            continue
        post = tidied(_post(line, number))
        row: dict[str, Any] = {"id": post.id, "matched": query.matches(post)}
        if wanted.explain:
            row["because"] = match_explanation(query.explain(post), speech)
        typer.echo(json.dumps(row, ensure_ascii=False) if wanted.as_json else _line(row, post))
    for note in query.remarks:
        typer.echo(query_remark(note, speech), err=True)


def _post(line: str, number: int) -> Post:
    """A post, or the text of one; of a post nothing but its text is needed here."""
    try:
        row = json.loads(line)
    except (ValueError, RecursionError):
        row = None
    if not isinstance(row, dict):
        return Post(id=str(number), published=EPOCH, text=line.rstrip("\n"))
    try:
        return post_of_row({"id": str(number), "published": EPOCH.isoformat(), "text": "", **row})
    except (ValueError, TypeError) as error:
        raise LocalisedError("history.no_post", path="stdin", line=str(number)) from error


def _line(row: dict[str, Any], post: Post) -> str:
    mark = "+" if row["matched"] else "-"
    return f"{mark} {row['id']}  {row.get('because') or ' '.join(post.body.split())[:SHOWN]}"


def preview(wanted: QueryOptions) -> None:
    """Print what the query would bring. Raises LocalisedError, QueryError, StoreError."""
    view, speech = _from_file(wanted) if wanted.posts else _from_store(wanted), Speech(wanted.language)
    if wanted.as_json:
        typer.echo(json.dumps(as_dict(view), ensure_ascii=False))
        return
    for line in lines_of(view, speech):
        typer.echo(line)


def _asked(wanted: QueryOptions) -> tuple[str, tuple[Note, ...]]:
    """The query, with the saved ones of the settings where there are any; and what is to be said of it."""
    if not wanted.query:
        raise LocalisedError("history.no_query_typed")
    saved = load(wanted.settings).saved if wanted.settings.exists() else {}
    parse(wanted.query)  # a fault points into what was typed
    return written_out(wanted.query, saved), saved_remarks(wanted.query, saved)


def _from_file(wanted: QueryOptions) -> TopicPreview:
    from engine.preview.preview import preview as look_through

    assert wanted.posts is not None
    query, remarks = _asked(wanted)
    asked = parse(query)
    posts = [tidied(post) for post in read_posts(wanted.posts)]
    last = max((post.published for post in posts), default=EPOCH + SPAN)
    recent = (post for post in posts if post.published > last - SPAN)
    found = look_through(asked, recent)
    return TopicPreview(query=query, found=found, since=last - SPAN, now=last, remarks=(*asked.remarks, *remarks))


def _from_store(wanted: QueryOptions) -> TopicPreview:
    from bot.store import Store

    now = SystemClock().now()
    with Store.open(Environment().database) as store:
        store.migrate()
        record = _record(store.topics.all(), wanted.topic) if wanted.topic else None
        query, remarks = (record.topic.query, ()) if record and not wanted.query else _asked(wanted)
        zone = _zone(wanted.settings)
        languages = record.topic.languages if record else ()
        view = previewed(store, query, now=now, zone=zone, languages=languages)
    return replace(view, remarks=(*view.remarks, *remarks))


def _zone(path: Path) -> str:
    return load(path).timezone if path.exists() else Settings.model_fields["timezone"].default


def _record(known: list[TopicRecord], name: str) -> TopicRecord:
    for record in known:
        if record.topic.name.casefold() == name.casefold():
            return record
    names = ", ".join(one.topic.name for one in known) or localised("history.no_topics")
    raise LocalisedError("history.unknown_topic", name=name, known=names)


def lines_of(view: TopicPreview, speech: Speech) -> Iterator[str]:
    """The preview as text, a line at a time."""
    found = view.found
    yield from preview_head(found, SPAN // timedelta(days=1), speech, capped=view.capped)
    if found.matched:
        yield from _block(f"{speech.say('preview.words')}:", preview_words(found, speech))
    yield from _block(f"{speech.say('preview.doubts')}:", preview_doubts(found, view.remarks, speech))
    if found.matched:
        yield from _block(f"{speech.say('preview.by_day')}:", (f"{day}  {n:,}" for day, n in found.days))
        shown = (f"{post.published:%Y-%m-%d %H:%M}Z  {_excerpt(post)}" for post in found.samples)
        yield from _block(f"{speech.say('preview.samples', n=len(found.samples))}:", shown)


def _block(title: str, lines: Iterator[str]) -> Iterator[str]:
    told = [f"  {line}" for line in lines]
    yield from ["", title, *told] if told else ()


def _excerpt(post: Post) -> str:
    return " ".join(mask(post.body).split())[:SHOWN]


def as_dict(view: TopicPreview) -> dict[str, Any]:
    """The preview for JSON."""
    found = view.found
    return {
        "query": view.query,
        "posts": found.total,
        "matched": found.matched,
        "share": round(found.share, 4),
        "everything": found.everything,
        "capped": view.capped,
        "days": {f"{day}": n for day, n in found.days},
        "words": [
            {"word": one.word, "posts": one.posts, "removes" if one.excludes else "alone": one.alone}
            for one in found.words
        ],
        "namesakes": [
            {"word": one.word, "posts": one.posts, "of": one.looked_at, "beside": list(one.beside),
             "instead": one.instead or None}
            for one in found.namesakes
        ],
        "remarks": [{"code": note.code, **note.values} for note in view.remarks],
        "samples": [{"id": post.id, "published": post.published.isoformat(), "text": mask(post.body)[:400]}
                    for post in found.samples],
    }  # fmt: skip
