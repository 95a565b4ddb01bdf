"""Real crises on the shipped settings: when the watch rang, and when it should have.

Titles of a hot-search board around three crises, and tweets to six airlines in a week with a storm. Nothing here is
chosen on these streams, and nothing of them is kept.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import groupby
from pathlib import Path

from bot.backtest.post_file import caught, moment, read_posts
from bot.bench.detection.stream_readings import Read, cached
from bot.bench.detection.watch_runs import WatchAlarm, WatchedTopic
from bot.errors import LocalisedError
from engine.post import Level, Post, SourceHealth, Topic
from engine.query.query import parse
from engine.watch.reasons import ReasonCode
from engine.watch.watch import Arrival

STORM = datetime(2015, 2, 22, tzinfo=UTC)
GRACE = timedelta(hours=2)


@dataclass(frozen=True, kw_only=True)
class Crisis:
    """A crisis on a board: its first title, and the times by which the topic should be yellow and orange."""

    file: str
    query: str
    alias: str
    begins: str
    yellow_by: str
    orange_by: str = ""


CRISES = (
    Crisis(
        file="hotsearch_xibei", query="西贝 OR 罗永浩", alias="西贝",
        begins="2025-09-10T12:37Z", yellow_by="2025-09-10T13:30Z", orange_by="2025-09-11T13:30Z",
    ),
    Crisis(
        file="hotsearch_huaxizi", query="花西子 OR 李佳琦", alias="花西子",
        begins="2023-09-10T08:15Z", yellow_by="2023-09-10T10:00Z", orange_by="2023-09-11T05:20Z",
    ),
    Crisis(
        file="hotsearch_zhongxuegao", query="钟薛高", alias="钟薛高",
        begins="2022-07-02T13:25Z", yellow_by="2022-07-02T15:20Z",
    ),
)  # fmt: skip

AIRLINES = {
    "US Airways": 'USAirways OR "US Airways"',
    "Delta": "JetBlue OR Delta",
    "United": "united",
    "Southwest": "SouthwestAir OR Southwest",
    "Virgin America": 'VirginAmerica OR "Virgin America"',
    "American": 'AmericanAir OR "American Airlines"',
}
"""The queries of the airlines; the set's tweets to JetBlue bear the label of Delta."""
STRUCK = ("US Airways", "Delta", "United")
SPARED = ("Southwest", "Virgin America")


@dataclass(frozen=True, kw_only=True)
class StreamCheck:
    """One thing that was asked of a stream, what came of it, and whether that is what was asked."""

    stream: str
    asked: str
    found: str
    met: bool


def hot_search(folder: Path, crises: Sequence[Crisis] = CRISES, *, read: Read = cached) -> list[StreamCheck]:
    """What came of *crises* on the board: in time, once each, and nothing before."""
    return [verdict for crisis in crises for verdict in _judge_crisis(crisis, folder / f"{crisis.file}.jsonl", read)]


def _judge_crisis(crisis: Crisis, path: Path, read: Read) -> list[StreamCheck]:
    topic = Topic(name=crisis.alias, query=crisis.query, aliases=(crisis.alias,))
    bells = watch_over(path, topic, read=read)
    begins = moment(crisis.begins)
    early = [bell for bell in bells if bell.at < begins]
    opened = sum(bell.opened for bell in bells if bell.at >= begins)
    found = [
        _by(topic.name, bells, Level.YELLOW, begins, moment(crisis.yellow_by)),
        StreamCheck(stream=topic.name, asked="quiet before", found=f"{len(early)} bells", met=not early),
        StreamCheck(stream=topic.name, asked="one incident", found=f"{opened}", met=opened == 1),
    ]
    if crisis.orange_by:
        found.insert(1, _by(topic.name, bells, Level.ORANGE, begins, moment(crisis.orange_by)))
    return found


def _by(stream: str, bells: Sequence[WatchAlarm], level: Level, begins: datetime, limit: datetime) -> StreamCheck:
    """Whether *level* was reached between *begins* and *limit*."""
    at = next((bell.at for bell in bells if bell.at >= begins and not level.graver_than(bell.level)), None)
    asked = f"{level.colour} by {limit:%m-%d %H:%M}"
    said = "never" if at is None else f"{at:%m-%d %H:%M}"
    return StreamCheck(stream=stream, asked=asked, found=said, met=at is not None and at <= limit)


def airlines(path: Path, *, read: Read = cached) -> list[StreamCheck]:
    """The week of the airlines, each of them a topic."""
    limits = limits_of(path)
    found = []
    for name, query in AIRLINES.items():
        aliases = (name, query.split()[0])
        topic = Topic(name=name, query=query, aliases=tuple(dict.fromkeys(aliases)))
        bells = watch_over(path, topic, read=read)
        that_day = [bell for bell in bells if STORM <= bell.at < STORM + timedelta(days=1)]
        if name in STRUCK:
            found.append(_by(name, that_day, Level.YELLOW, STORM, limits[name]))
        elif name in SPARED:
            said = f"{len(that_day)} bells"
            found.append(StreamCheck(stream=name, asked="blue at most that day", found=said, met=not that_day))
        else:
            found.append(_in_counts(name, bells))
    return found


def _in_counts(name: str, bells: Sequence[WatchAlarm]) -> StreamCheck:
    codes = [signal.reason.code for bell in bells for signal in bell.assessment.signals]
    said = f"{codes.count(ReasonCode.SURGE_MULTIPLE)} multiples in {len(codes)} reasons"
    met = bool(codes) and ReasonCode.SURGE_MULTIPLE not in codes
    return StreamCheck(stream=name, asked="counts, no multiples", found=said, met=met)


def limits_of(path: Path) -> dict[str, datetime]:
    """For each struck airline two hours after its negative tweets of the day pass 1.5 times the mean day before."""
    days: dict[str, dict[str, list[datetime]]] = {}
    with path.open(encoding="utf-8") as lines:
        for row in map(json.loads, lines):
            if row["label"] == "negative":
                at = moment(row["published"])
                days.setdefault(row["brand"], {}).setdefault(f"{at:%Y-%m-%d}", []).append(at)
    today = f"{STORM:%Y-%m-%d}"
    found = {}
    for name in STRUCK:
        before = [len(times) for day, times in days[name].items() if day < today]
        passed = int(1.5 * sum(before) / len(before))
        found[name] = sorted(days[name][today])[passed] + GRACE
    return found


def watch_over(path: Path, topic: Topic, *, read: Read = cached) -> list[WatchAlarm]:
    """What the shipped settings ring for *topic* over the posts of *path*; raises LocalisedError."""
    query = parse(topic.query)
    posts = list(read_posts(path))
    if not posts:
        raise LocalisedError("history.no_posts", path=path)
    matched = list(caught(posts, query))
    readings = dict(zip((post.id for post in matched), read(matched, topic), strict=True))
    watched = WatchedTopic(topic, since=posts[0].published, health=SourceHealth(total=1))
    for _, batch in groupby(matched, key=_minute):
        arrivals = [Arrival(post=post, reading=readings[post.id]) for post in batch]
        now = arrivals[-1].post.published
        watched.wait_until(now)
        watched.look(arrivals, now)
    watched.wait_until(posts[-1].published)
    return watched.bells


def _minute(post: Post) -> datetime:
    return post.published.replace(second=0, microsecond=0)
