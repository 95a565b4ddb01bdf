"""One turn for all: what rings in the service rings in a replay, at the same times and levels."""

from __future__ import annotations

import random
import uuid
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
import redis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from bot.backtest.post_file import read_posts
from bot.backtest.reading_cache import CachingReader
from bot.backtest.replay import EVENTS, replay
from bot.backtest.replay_source import ceiled
from bot.incidents.topic_turn import LOOK_EVERY
from bot.infra.clock import VirtualClock
from bot.infra.stream import Stream
from bot.ingest.matching import Ingest
from bot.ports import PostReader
from bot.records import Act, ActKind, Item, Policy, SourceRecord, TopicRecord
from bot.store import Store
from bot.work.worker import Worker
from engine.model.reader import Reader
from engine.post import Level, Post, Reading, Topic
from engine.query.query import parse
from engine.watch.standing import standing_of
from tests.bot.incidents.turns import WORDS, theme
from tests.bot.past import WordReader, reading_of

Told = tuple[str, datetime, int]
"""What happened to an incident (opened, raised, lowered, resolved), when, and its level then."""

MINUTE = timedelta(minutes=1)
BEGAN = datetime(2026, 1, 5, tzinfo=UTC)
HALDEN = Topic(name="Halden", query="halden", aliases=("Halden",))


class Policies:
    def policy(self, name: str) -> Policy:
        return Policy()


class Service:
    """The store, the stream and a worker, on a clock that stops at each minute in which something is to be done."""

    def __init__(self, store: Store, url: str, topic: Topic, reader: PostReader, since: datetime) -> None:
        self.store, self.clock = store, VirtualClock(since)
        self.redis = redis.Redis.from_url(url)
        self.redis.flushall()
        stream = Stream(self.redis)
        self.ingest = Ingest(store, stream, self.clock)
        self.worker = Worker(store, stream, reader, self.clock, Policies(), uuid.uuid4().hex, batch=10_000)
        record = TopicRecord(
            id=0, topic=topic, channel="#pr", policy="default", speak="en", budget_per_week=2.0, watched_since=since,
            origin="slack",
        )  # fmt: skip
        self.topic = store.topics.add(record, since)

    def source(self, name: str) -> SourceRecord:
        """The source of that name, which is pushed and never silent."""
        there = self.store.sources.all()
        if name not in {each.name for each in there}:
            new = SourceRecord(id=0, name=name, kind="webhook", url="", every=60, standing=standing_of(name))
            self.store.sources.sync([*there, new])
        found = self.store.sources.find(name)
        assert found is not None
        return found

    def run(self, posts: Sequence[Post], until: datetime) -> None:
        """Let each post arrive in its minute, and the worker ask what is due while something is up."""
        rest = list(posts)
        while rest:
            self.wait_until(ceiled(rest[0].published, MINUTE))
            while rest and rest[0].published <= self.clock.now():
                post = rest.pop(0)
                item = Item(external_id=post.id, published=post.published, text=post.text, title=post.title)
                self.ingest.take(self.source(post.source), [item], quiet=False)
            self.work()
        self.wait_until(until + timedelta(microseconds=1))

    def wait_until(self, until: datetime) -> None:
        while self.clock.now() + LOOK_EVERY < until and self.store.incidents.ids_to_assess(until):
            self.clock.set(self.clock.now() + LOOK_EVERY)
            self.work()
        self.clock.set(max(until, self.clock.now()))

    def work(self) -> None:
        while self.worker.tick(block_ms=0):
            pass

    def told(self) -> list[list[Told]]:
        """The life of each incident, in the order in which they were opened."""
        numbers = sorted(incident.id for incident in self.store.incidents.recent(1000))
        acts = [[act for act in self.store.incidents.timeline(number) if act.kind in EVENTS] for number in numbers]
        return [[(EVENTS[act.kind], act.at, level) for act, level in _levels(life)] for life in acts]


def _levels(life: Sequence[Act]) -> list[tuple[Act, int]]:
    """Each act with the level after it; what has calmed down stands at blue, and news changes none."""
    levels: list[int] = []
    for act in life:
        same = act.kind is ActKind.FACT and levels
        levels.append(levels[-1] if same else int(act.detail.get("level") or act.detail.get("to") or Level.BLUE))
    return list(zip(life, levels, strict=True))


def served(store: Store, url: str, topic: Topic, posts: Sequence[Post], reader: PostReader) -> list[list[Told]]:
    query = parse(topic.query)
    service = Service(store, url, topic, reader, since=posts[0].published)
    try:
        # what no topic catches is stored and never read: it changes nothing, and takes the test its time
        service.run([post for post in posts if query.matches(post)], until=posts[-1].published)
        return service.told()
    finally:
        service.redis.close()


def replayed(topic: Topic, posts: Sequence[Post], reader: PostReader) -> list[list[Told]]:
    lives: dict[int, list[Told]] = {}
    for change in replay(posts, topic, reader):
        lives.setdefault(change.incident, []).append((change.event, change.at, change.level))
    return list(lives.values())


def words(*seed: int) -> str:
    """A dozen words of their own: nobody repeats anybody."""
    return " ".join(uuid.UUID(int=random.Random(str(seed)).getrandbits(128)).hex[at : at + 5] for at in range(0, 30, 5))


def stream(waves: Sequence[tuple[float, int]], days: int) -> list[Post]:
    """Ordinary talk for so many *days*, and *waves* of complaints: the day of each, and how many complain."""
    calm = [(BEGAN + n * timedelta(hours=3), f"lunch at halden: {words(n)}") for n in range(8 * days)]
    angry = [
        (BEGAN + timedelta(days=day, minutes=2 * n), f"halden is slow: {words(number, n)}")
        for number, (day, size) in enumerate(waves)
        for n in range(size)
    ]
    told = sorted(calm + angry)
    return [Post(id=f"{n:05}", published=at, seen=at, text=text, source="square") for n, (at, text) in enumerate(told)]


@pytest.mark.timeout(600)
def test_a_second_wave_days_later_rings_in_both(store: Store, valkey_url: str) -> None:
    """Of another story, so that it is another incident, wherever the turn is taken."""
    posts = stream([(4.33, 12), (9.83, 12)], days=9)
    expected = replayed(HALDEN, posts, WordReader())
    assert [life[0][0] for life in expected] == ["opened", "opened"]
    assert expected[1][0][1].day == (BEGAN + timedelta(days=9.83)).day
    assert served(store, valkey_url, HALDEN, posts, WordReader()) == expected


@pytest.mark.timeout(600)
@settings(  # each example is a week of a service: few, the same every time, and none is shrunk
    max_examples=2,
    derandomize=True,
    phases=[Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    first=st.integers(10, 60), gap=st.floats(0.03, 2), second=st.integers(10, 60), grave=st.booleans(),
)  # fmt: skip
def test_whatever_the_waves_both_tell_the_same(
    valkey_url: str, tmp_path_factory: pytest.TempPathFactory, first: int, gap: float, second: int, grave: bool
) -> None:
    posts = stream([(4.2, first), (4.2 + gap, second)], days=6)
    if grave:
        at, agency = posts[-20].published, "Reuters"
        told = Post(
            id="g", published=at, seen=at, text="glass in my halden lunch", source=agency, standing=standing_of(agency)
        )
        posts = sorted([*posts, told], key=lambda post: (post.published, post.id))
    with Store.open(f"sqlite:///{tmp_path_factory.mktemp('turn')}/t.db") as store:
        store.migrate()
        assert served(store, valkey_url, HALDEN, posts, WordReader()) == replayed(HALDEN, posts, WordReader())


class ThemeReader:
    """Reads by the first word after the name: a theme's embedding; "truck" is an outlet's word of people killed."""

    def read(self, pairs: Sequence[tuple[Post, Topic]]) -> list[Reading]:
        return [self._reading(post) for post, _ in pairs]

    def _reading(self, post: Post) -> Reading:
        about = post.text.split()[1]
        grave = about == "crash"
        vector = np.asarray(theme(about, int(post.id)), np.float32)
        return replace(
            reading_of(replace(post, text=post.text if about == "lunch" else f"slow {post.text}")),
            post_id=post.id,
            risks={"injury": 0.95} if grave else {},
            embedding=vector / np.linalg.norm(vector),
        )


def themed(*waves: tuple[float, str, int, str], days: int = 6) -> list[Post]:
    """Ordinary talk, and *waves*: day, theme, how many posts two minutes apart, and who says so."""
    calm = [(BEGAN + n * timedelta(hours=3), f"halden lunch {words(n)}", "square") for n in range(8 * days)]
    loud = [
        (BEGAN + timedelta(days=day, minutes=2 * n), f"halden {about} {WORDS[about]} {words(wave, n)}", source)
        for wave, (day, about, size, source) in enumerate(waves)
        for n in range(size)
    ]
    told = sorted(calm + loud)
    return [
        Post(id=f"{n:05}", published=at, seen=at, text=text, source=source, standing=standing_of(source))
        for n, (at, text, source) in enumerate(told)
    ]


@pytest.mark.timeout(600)
def test_a_second_wave_of_the_same_story_is_the_same_incident_opened_again_in_both(
    store: Store, valkey_url: str
) -> None:
    """Four days after it ended by itself."""
    posts = themed((4.33, "price", 20, "square"), (12.9, "price", 20, "square"), days=13)
    expected = replayed(HALDEN, posts, ThemeReader())
    assert [[event for event, _, _ in life if event in ("opened", "resolved", "reopened")] for life in expected] == [
        ["opened", "resolved", "reopened"]
    ]
    assert served(store, valkey_url, HALDEN, posts, ThemeReader()) == expected


@pytest.mark.timeout(600)
def test_two_matters_and_their_facts_are_told_alike_in_both(store: Store, valkey_url: str) -> None:
    posts = themed(
        (4.33, "price", 40, "square"), (4.36, "crash", 2, "Reuters"), (4.37, "crash", 2, "BBC News"),
        (4.5, "crash", 3, "The Guardian"), days=5,
    )  # fmt: skip
    expected = replayed(HALDEN, posts, ThemeReader())
    assert [life[0][0] for life in expected] == ["opened", "opened"]
    assert "fact" in [event for life in expected for event, _, _ in life]
    assert served(store, valkey_url, HALDEN, posts, ThemeReader()) == expected


@pytest.mark.shared
@pytest.mark.timeout(900)
@pytest.mark.parametrize(
    ("file", "name", "query"),
    [
        ("hotsearch_xibei", "西贝", "西贝 OR 罗永浩"),
        ("hotsearch_huaxizi", "花西子", "花西子 OR 李佳琦"),
        ("hotsearch_zhongxuegao", "钟薛高", "钟薛高"),
    ],
)
def test_a_real_crisis_rings_the_same_in_both(
    shared: Path, store: Store, valkey_url: str, tmp_path: Path, file: str, name: str, query: str
) -> None:
    """The board's titles around three crises, with the model's own readings, until a day after the first bell."""
    topic = Topic(name=name, query=query, aliases=(name,))
    posts = list(read_posts(shared / "streams" / f"{file}.jsonl"))
    reader = CachingReader(Reader.open, tmp_path / "readings.jsonl")
    rung = next(replay(posts, topic, reader)).at
    posts = [post for post in posts if post.published < rung + timedelta(days=1)]
    expected = replayed(topic, posts, reader)
    assert expected
    assert served(store, valkey_url, topic, posts, reader) == expected
