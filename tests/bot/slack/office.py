"""A whole office: the bot in a sandbox workspace, with a real store behind it. For tests; no test itself."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

import uvicorn
from pydantic import SecretStr
from slack_bolt import App
from starlette.applications import Starlette

from bot.config.settings import Settings, read
from bot.delivery.last_resort import LastResort
from bot.delivery.notifier import Notifier
from bot.demo.stage import installed
from bot.desk.desk import Desk
from bot.desk.outcome import Outcome
from bot.incidents.lifecycle import ActRequest, decide
from bot.incidents.sweeper import Sweeper
from bot.infra.clock import VirtualClock
from bot.records import ActKind, Incident, Item, Match, NewPost, SourceRecord, TopicRecord
from bot.sandbox import Person, SandboxServer
from bot.slack.bolt_app import PATH, SocketMode, build, client, http_route
from bot.slack.executor import Executor
from bot.slack.lookups import Lookups
from bot.store import Store
from bot.work.explanations import ExplanationClient
from engine.post import Assessment, Level, Reading, Sentiment, SourceHealth
from tests.bot.past import main_incident
from tests.bot.slack.slack_samples import signal

SETTINGS = """
language: en
default_channel: "#desk"
channels:
  - {name: "#pr", id: C0000000PR}
  - {name: "#gongguan", id: C0000000ZH, language: zh}
  - {name: "#desk", id: C000000DSK}
people:
  - {name: Lead, slack: U00000LEAD}
  - {name: Agency, email: agency@sandbox.example}
policies:
  - name: default
    steps:
      - {after: 0, notify: [topic]}
      - {after: 15m, notify: [Lead]}
      - {after: 30m, notify: ["#desk"]}
    repeat: 1
    reminder: 1h
    unacknowledge: 2h
    resolve: 12h
topics:
  - {name: Lumen Tea, query: '"Lumen Tea" OR 露明茶', aliases: [Lumen Tea, 露明茶], channel: "#pr"}
  - {name: 北山乳业, query: 北山乳业, channel: "#gongguan"}
sources:
  - {name: Town Square, kind: rss, url: "https://feeds.example/square.xml"}
"""
CHANNELS = [
    {"name": "pr", "id": "C0000000PR"},
    {"name": "gongguan", "id": "C0000000ZH"},
    {"name": "desk", "id": "C000000DSK"},
    {"name": "quiet", "id": "C00000QUIE", "bot": False},
]
PEOPLE = [
    {"name": "Ada", "id": "U000000ADA"},
    {"name": "Bo", "id": "U0000000BO"},
    {"name": "Mei", "id": "U000000MEI", "locale": "zh-CN", "zone": "Asia/Shanghai"},
    {"name": "Lead", "id": "U00000LEAD"},
    {"name": "Agency", "id": "U0000AGENC", "email": "agency@sandbox.example"},
]

ACK_SECONDS = 20.0


@dataclass
class Rematched:
    """Stands in for ingest: remembers what it was asked to match again."""

    ids: list[int] = field(default_factory=list)
    matched: int = 0

    def rematch(self, topic_id: int) -> int:
        self.ids.append(topic_id)
        return self.matched


@dataclass
class Office:
    server: SandboxServer
    store: Store
    clock: VirtualClock
    settings: Settings
    notifier: Notifier
    executor: Executor
    ingest: Rematched
    desk: Desk
    app: App
    posts: tuple[str, ...] = ()

    def person(self, name: str) -> Person:
        return self.server.sandbox.person(name)

    def topic(self, name: str = "Lumen Tea") -> TopicRecord:
        found = self.store.topics.find(name)
        assert found is not None
        return found

    def rings(self, level: Level | None, *, topic: str = "Lumen Tea", text: str = "", deliver: bool = True) -> Incident:
        """What a worker does when a topic stands at *level* now."""
        from engine.watch.watch import Absorbed, Update

        assessment = self.assessment(level, text)
        record = self.topic(topic)
        with self.store.turn(record.id, self.clock.now()) as turn:
            decision = decide(
                main_incident(turn.incidents),
                assessment,
                topic=record,
                policy=self.settings.policy(record.policy),
                now=self.clock.now(),
            )
            changes = Update(absorbed=Absorbed(), assessment=assessment)
            turn.keep([], changes)
            turn.write(decision)
        if deliver:
            self.deliver()
        return self.store.incidents.recent(1)[0]

    def assessment(self, level: Level | None, text: str = "") -> Assessment:
        return Assessment(
            at=self.clock.now(),
            level=level,
            score={Level.RED: 90.0, Level.ORANGE: 70.0, Level.YELLOW: 45.0}.get(level, 10.0) if level else 0.0,
            signals=(signal(316, text),),
            stories=("story-1",),
            headline="Regulator opens inquiry into Lumen Tea",
            evidence=self.posts,
        )

    def deliver(self) -> None:
        while self.notifier.tick():
            pass

    def after(self, **span: float) -> None:
        """Let time pass, and do what falls due."""
        self.clock.set(self.clock.now() + timedelta(**span))
        Sweeper(self.store, self.clock).tick()
        self.deliver()

    def sweep(self) -> None:
        Sweeper(self.store, self.clock).tick()

    def act(self, kind: str, *, number: int = 1, by: str = "U000000ADA", to: str = "", **more: Any) -> Outcome:
        """What a person does, without Slack."""
        request = ActRequest(kind=ActKind(kind), by=by, key=uuid.uuid4().hex, to=to, **more)
        return self.desk.act(number, request)

    def done(self) -> None:
        """Wait until the bot has finished all that people asked for, and deliver what that owes."""
        self.server.sandbox.settled()
        bolts = self.app.listener_runner.listener_executor
        executor = self.executor
        for pool in (bolts, executor.acts._takers, executor.acts.pool, executor._urgent, executor._pool):
            drained(pool)
        drained(executor._answers)
        self.deliver()

    def clean(self) -> None:
        """No call of the bot was refused through a fault of its own."""
        assert not self.server.sandbox.faults

    def stored(self, texts: dict[str, str], *, reach: int | None = None) -> tuple[str, ...]:
        """Posts of the topic, read as negative, the first one of this second; their ids."""
        source = self.store.sources.all()[0]
        return stored(self.store, source, self.topic(), self.clock, texts, reach=reach)


def stored(
    store: Store,
    source: SourceRecord,
    topic: TopicRecord,
    clock: VirtualClock,
    texts: dict[str, str],
    *,
    reach: int | None = None,
) -> tuple[str, ...]:
    from engine.watch.watch import Arrival, update

    now = clock.now()
    new = [
        NewPost(
            item=Item(
                external_id=key,
                published=now,
                text=text,
                url=f"https://square.example/{key}",
                author="@drinker",
                reach=reach,
            ),
            published=now - timedelta(minutes=5 * number),
            lang="en",
            content_hash=key,
            matches=frozenset({topic.id}),
        )
        for number, (key, text) in enumerate(texts.items())
    ]
    added = store.posts.add(source, new, now)
    ids = tuple(one.post_id for one in added)
    arrivals = [
        Arrival(
            post=post,
            reading=Reading(
                post_id=post.id,
                lang="en",
                sentiment=Sentiment(negative=0.9, neutral=0.08, positive=0.02),
                risks={"health": 0.9},
            ),
        )
        for post in store.posts.get(ids)
    ]
    with store.turn(topic.id, now) as turn:
        changes = update(
            turn.state,
            arrivals,
            topic=topic.topic,
            now=now,
            watched_since=topic.watched_since,
            health=SourceHealth(total=1),
        )
        pairs = [(Match(post=one.post, topic_id=topic.id), one.reading) for one in arrivals]
        quiet = replace(changes, assessment=replace(changes.assessment, level=None))
        turn.keep(pairs, quiet)
    return ids


def drained(pool: Any) -> None:
    """Wait until every thread of *pool* has finished what it was given so far."""
    barrier = threading.Barrier(pool._max_workers + 1)
    for _ in range(pool._max_workers):
        pool.submit(barrier.wait, 60)
    barrier.wait(60)


@contextmanager
def running(
    store: Store,
    clock: VirtualClock,
    *,
    listens: bool = True,
    explanations: ExplanationClient | None = None,
    last_resort: str = "",
    written: str = SETTINGS,
    lookups: Lookups | None = None,
    **options: Any,
) -> Iterator[Office]:
    """The bot on Socket Mode, or with *listens* False only its notifier; *options* are the sandbox's.

    *written* are the settings; *lookups* keeps what Slack answers about people.
    """
    if options.get("rates"):
        options["clock"] = clock  # limits are counted in the office's time
    settings_read, resort = read(written), LastResort(SecretStr(last_resort))
    # Slack's three seconds are told by the virtual clock, and an ack is waited for: a busy machine is slow, not wrong.
    usual = {"channels": CHANNELS, "people": PEOPLE, "rates": False, "ack_seconds": ACK_SECONDS}
    usual["app"] = installed()
    with SandboxServer(**usual | {"seconds": lambda: clock.now().timestamp()} | options) as server:
        since = clock.now() - timedelta(days=14)
        store.topics.sync(settings_read.topic_records(since), since)
        store.sources.sync(settings_read.source_records())
        web_client = client(server.bot_token, server.api_url)
        notifier = Notifier(store, web_client, clock, settings_read, spacing=0, last_resort=resort)
        ingest = Rematched()
        desk = Desk(store, settings_read, clock, ingest, explanations=explanations)
        app, executor = build(
            desk, web_client, signing_secret=server.signing_secret, patience=ACK_SECONDS, lookups=lookups
        )
        socket = SocketMode(app, server.app_token, ping=3) if listens else None
        if socket:
            socket.start()
            server.sandbox.connected()
        try:
            yield Office(server, store, clock, settings_read, notifier, executor, ingest, desk, app)
        finally:
            if socket:
                socket.stop()
            executor.stop()


@contextmanager
def over_http(office: Office) -> Iterator[str]:
    """The bot reached by signed HTTP; the address that Slack posts to."""
    config = uvicorn.Config(Starlette(routes=[http_route(office.app)]), port=0, log_config=None, lifespan="off")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    pause = threading.Event()
    while not server.started:
        pause.wait(0.01)
    url = f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}{PATH}"
    office.server.sandbox.deliver_to(url)
    yield url
    server.should_exit = True
    thread.join(5)
