"""The formats in which the demonstration's feeds are served: RSS, Atom, JSON Feed and two kinds of home-made JSON.

Pure: lines of the story in, the body of an answer out. *start* is the story's minute 0, *base* the address that
links begin with.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from email.utils import format_datetime
from html import escape
from typing import Any

from bot.demo.storyline import Line

LOCAL = timezone(timedelta(hours=8))


@dataclass(frozen=True, kw_only=True)
class FeedChannel:
    """A feed as its readers know it; *path* is where it is served, and its ending says in which format."""

    name: str
    title: str
    path: str
    render: Callable[[FeedChannel, Sequence[Line], datetime, str], str]

    @property
    def content_type(self) -> str:
        return f"{_CONTENT_TYPES[self.path.rpartition('.')[2]]}; charset=utf-8"


_CONTENT_TYPES = {"rss": "application/rss+xml", "atom": "application/atom+xml", "json": "application/json"}


def rss(channel: FeedChannel, lines: Sequence[Line], start: datetime, base: str) -> str:
    items = "".join(
        f'<item><guid isPermaLink="false">{line.id}</guid><title>{escape(headline(line))}</title>'
        f"<link>{address(line, base)}</link><author>{escape(line.author)}</author>"
        f"<pubDate>{format_datetime(line.published(start))}</pubDate>"
        f"<description>{escape(line.text)}</description></item>"
        for line in lines
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?><rss version="2.0"><channel>'
        f"<title>{escape(channel.title)}</title><link>{base}/</link>"
        f"<description>{escape(channel.title)}</description>{items}</channel></rss>"
    )


def atom(channel: FeedChannel, lines: Sequence[Line], start: datetime, base: str) -> str:
    updated = (lines[0].published(start) if lines else start).isoformat()
    entries = "".join(
        f"<entry><id>tag:demo.invalid,2026:{line.id}</id><title>{escape(headline(line))}</title>"
        f'<link rel="alternate" href="{address(line, base)}"/>'
        f"<author><name>{escape(line.author)}</name></author>"
        f"<published>{line.published(start).isoformat()}</published>"
        f"<updated>{line.published(start).isoformat()}</updated>"
        f'<content type="text">{escape(line.text)}</content></entry>'
        for line in lines
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?><feed xmlns="http://www.w3.org/2005/Atom">'
        f"<id>tag:demo.invalid,2026:{channel.name}</id><title>{escape(channel.title)}</title>"
        f"<updated>{updated}</updated>{entries}</feed>"
    )


def json_feed(channel: FeedChannel, lines: Sequence[Line], start: datetime, base: str) -> str:
    items = [
        {
            "id": line.id,
            "url": address(line, base),
            "content_text": line.text,
            "date_published": line.published(start).isoformat(),
            "authors": [{"name": line.author}],
            "language": line.lang,
        }
        for line in lines
    ]
    version = "https://jsonfeed.org/version/1.1"
    return _json({"version": version, "title": channel.title, "home_page_url": base, "items": items})


def statuses(_: FeedChannel, lines: Sequence[Line], start: datetime, base: str) -> str:
    """A microblog's own JSON: flat, the times in milliseconds."""
    return _json(
        {
            "statuses": [
                {
                    "id_str": line.id,
                    "full_text": line.text,
                    "user": {"handle": line.author},
                    "created_ms": _milliseconds(line.published(start)),
                    "link": address(line, base),
                    "likes": line.reach or 0,
                }
                for line in lines
            ]
        }
    )


def notes(_: FeedChannel, lines: Sequence[Line], start: datetime, base: str) -> str:
    """A lifestyle app's own JSON: nested, the times local and without a zone."""
    return _json(
        {
            "code": 0,
            "data": {
                "notes": [
                    {
                        "note": {
                            "id": line.id,
                            "content": line.text,
                            "nickname": line.author,
                            "time": line.published(start).astimezone(LOCAL).strftime("%Y-%m-%d %H:%M:%S"),
                            "share": address(line, base),
                        },
                        "counts": {"like": line.reach or 0},
                    }
                    for line in lines
                ]
            },
        }
    )


def board(_: FeedChannel, lines: Sequence[Line], start: datetime, base: str) -> str:
    """A hot-search board's own JSON: titles with their heat, no text."""
    return _json(
        {
            "data": {
                "list": [
                    {
                        "id": line.id,
                        "rank": rank,
                        "word": line.text,
                        "heat": line.reach,
                        "onboard_ms": _milliseconds(line.published(start)),
                        "link": address(line, base),
                    }
                    for rank, line in enumerate(lines, start=1)
                ]
            }
        }
    )


def page(line: Line, start: datetime) -> str:
    """What a link to a post opens."""
    when = line.published(start).astimezone(LOCAL).strftime("%Y-%m-%d %H:%M")
    title = f"<h1>{escape(line.title)}</h1>" if line.title else ""
    note = (
        "这是演示：品牌、人物与事件均为虚构。"
        if line.lang == "zh"
        else "A demonstration: the brand, the people and the events are made up."
    )
    return (
        f'<!doctype html><html lang="{line.lang}"><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width"><title>Tocsin</title>'
        "<style>body{font:17px/1.6 system-ui,sans-serif;max-width:38em;margin:3em auto;padding:0 1em}"
        "small{color:#666}</style>"
        f"{title}<p>{escape(line.text)}</p><p><small>{escape(line.author)} · {when}</small></p>"
        f"<p><small>{note}</small></p></html>"
    )


CHANNELS: tuple[FeedChannel, ...] = (
    FeedChannel(name="ledger", title="Port Alder Ledger", path="/ledger.rss", render=rss),
    FeedChannel(name="chenxun", title="临澜晨讯", path="/chenxun.atom", render=atom),
    FeedChannel(name="newsroom", title="Saltfern 盐蕨", path="/newsroom.atom", render=atom),
    FeedChannel(name="reviews", title="Shop reviews 门店点评", path="/reviews.rss", render=rss),
    FeedChannel(name="nursery", title="Nursery Gate", path="/nursery.json", render=json_feed),
    FeedChannel(name="mama", title="妈妈邻里", path="/mama.json", render=json_feed),
    FeedChannel(name="chirrup", title="Chirrup", path="/chirrup.json", render=statuses),
    FeedChannel(name="beiyou", title="杯友圈", path="/beiyou.json", render=notes),
    FeedChannel(name="hotlist", title="热榜", path="/hotlist.json", render=board),
    FeedChannel(name="trending", title="Trending", path="/trending.json", render=board),
)


def headline(line: Line) -> str:
    """The title of *line*, or its beginning where it has none: feeds need one."""
    return line.title or line.text


def address(line: Line, base: str) -> str:
    return f"{base}/posts/{line.id}"


def _json(value: Mapping[str, Any]) -> str:
    return json.dumps(value, ensure_ascii=False)


def _milliseconds(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)
