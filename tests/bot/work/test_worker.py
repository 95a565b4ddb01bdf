"""The worker over a real store and a real stream: at least once, recorded once, and nothing holds up the rest."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import pytest
import redis
from structlog.testing import capture_logs

from bot.i18n.remarks import remark
from bot.i18n.speech import Speech
from bot.incidents.lifecycle import ActRequest, act
from bot.incidents.links import links
from bot.infra.clock import VirtualClock
from bot.infra.stream import Stream
from bot.records import (
    ActKind,
    AlertKind,
    Decision,
    Incident,
    Item,
    NewPost,
    Policy,
    PolicyStep,
    Ref,
    SourceRecord,
    Status,
    TopicRecord,
    TuningRecord,
)
from bot.store import Store
from bot.work.worker import Worker
from engine.post import Level, Post, Reading, Sentiment, Standing, Topic
from engine.tuning.tuning import Tally, Tuning

POLICY = Policy(steps=(PolicyStep(after_minutes=0, notify=("topic", "U_LEAD")),))


class Settings:
    def policy(self, name: str) -> Policy:
        return POLICY


@dataclass
class WordReader:
    """Reads by words, so that a test can say in the post what the reading shall be."""

    batches: list[int] = field(default_factory=list)
    stopped: bool = False

    def read(self, pairs: Sequence[tuple[Post, Topic]]) -> list[Reading]:
        self.batches.append(len(pairs))
        if self.stopped or any("unreadable" in post.text for post, _ in pairs):
            raise RuntimeError("the text: unreadable")
        return [_reading(post) for post, _ in pairs]


def _reading(post: Post) -> Reading:
    bad = 0.95 if "grave" in post.text else 0.05
    risks = {"injury": 0.95} if "grave" in post.text else {}
    sentiment = Sentiment(negative=bad, neutral=0.03, positive=0.97 - bad)
    return Reading(post_id=post.id, lang="en", sentiment=sentiment, risks=risks)


@dataclass
class Desk:
    """What a test needs to hand posts to a worker and to see what came of them."""

    store: Store
    stream: Stream
    clock: VirtualClock
    topics: list[TopicRecord]
    source: SourceRecord
    reader: WordReader = field(default_factory=WordReader)
    numbers: Iterator[int] = field(default_factory=lambda: iter(range(1, 10_000)))

    def worker(self, name: str = "anna", idle_ms: int = 60_000) -> Worker:
        return Worker(self.store, self.stream, self.reader, self.clock, Settings(), name, batch=8, idle_ms=idle_ms)

    def post(
        self, *texts: str, topics: Sequence[int] = (0,), quiet: bool = False, published: datetime | None = None
    ) -> list[Ref]:
        now = self.clock.now()
        caught = frozenset(self.topics[number].id for number in topics)
        new = [
            NewPost(
                item=Item(external_id=str(next(self.numbers)), published=published or now, text=text),
                published=published or now,
                lang="en",
                content_hash=text,
                matches=caught,
                quiet=quiet,
            )
            for text in texts
        ]
        added = self.store.posts.add(self.source, new, now)
        refs = [Ref(one.post_id, topic) for one in added for topic in one.topic_ids]
        self.stream.publish(refs)
        self.store.posts.published(refs)
        return refs

    def crisis(self, count: int = 4) -> list[Ref]:
        return self.post(*(f"grave news of Acme, part {next(self.numbers)}" for _ in range(count)))

    def read(self, topic: int = 0) -> int:
        now = self.clock.now()
        return len(
            self.store.posts.read(
                self.topics[topic].id, since=now - timedelta(days=9), until=now + timedelta(days=1), limit=1000
            )
        )

    def unread(self, refs: Sequence[Ref]) -> int:
        return len(self.store.posts.pending(refs))

    def later(self, **span: float) -> None:
        self.clock.set(self.clock.now() + timedelta(**span))

    def incident(self) -> Incident:
        (incident,) = self.store.incidents.recent()
        return incident


@pytest.fixture
def desk(store: Store, valkey_url: str, clock: VirtualClock) -> Iterator[Desk]:
    (source,) = store.sources.sync(
        [SourceRecord(id=0, name="wire", kind="rss", url="http://x.test", every=60, standing=Standing.OUTLET)]
    )
    records = [
        TopicRecord(
            id=0,
            topic=Topic(name=name, query=name),
            channel=f"#{name}",
            policy="default",
            speak="en",
            budget_per_week=1,
            watched_since=clock.now() - timedelta(days=30),
        )
        for name in ("acme", "bolt")
    ]
    store.topics.sync(records, clock.now())
    with redis.Redis.from_url(valkey_url) as client:
        yield Desk(store, Stream(client), clock, store.topics.all(), source)


def test_a_post_is_read_and_taken_off_the_stream(desk: Desk) -> None:
    refs = desk.post("a kettle", "another kettle")
    assert desk.worker().tick(0) == 2
    assert (desk.read(), desk.unread(refs), desk.stream.lag()) == (2, 0, 0)


def test_with_nothing_to_do_it_does_nothing(desk: Desk) -> None:
    assert desk.worker().tick(0) == 0
    assert desk.reader.batches == []


def test_a_post_of_two_topics_is_read_for_each(desk: Desk) -> None:
    desk.post("kettles and bolts", topics=(0, 1))
    assert desk.worker().tick(0) == 2
    assert (desk.read(0), desk.read(1)) == (1, 1)


def test_grave_posts_open_an_incident_with_the_messages_owed(desk: Desk) -> None:
    desk.crisis()
    desk.worker().tick(0)
    incident = desk.incident()
    assert incident.level <= Level.ORANGE
    assert {(alert.kind, alert.target) for alert in desk.store.alerts.owed()} == {
        (AlertKind.CARD, "#acme"),
        (AlertKind.PAGE, "U_LEAD"),
    }


def test_one_happening_that_two_topics_watch_is_recognised_on_both_sides(desk: Desk) -> None:
    """By the posts of their stories; the cards are drawn again, and name each other."""
    desk.crisis()
    desk.worker().tick(0)
    own = desk.incident()
    for alert in desk.store.alerts.owed():
        desk.store.alerts.sent(alert.id, desk.clock.now())
    desk.post(*(f"grave news of Acme and Bolt, part {next(desk.numbers)}" for _ in range(4)), topics=(0, 1))
    desk.worker().tick(0)
    ours, theirs = sorted(desk.store.incidents.recent(), key=lambda one: one.id)
    assert ours.id == own.id
    noted = [links(desk.store.incidents.timeline(each.id)) for each in (ours, theirs)]
    assert noted == [(theirs.id,), (ours.id,)]
    redrawn = {alert.incident_id for alert in desk.store.alerts.owed() if alert.kind is AlertKind.UPDATE}
    assert redrawn == {ours.id, theirs.id}


def test_two_happenings_on_one_day_stay_strangers(desk: Desk) -> None:
    desk.crisis()
    desk.post(*(f"grave news of Bolt, part {next(desk.numbers)}" for _ in range(4)), topics=(1,))
    desk.worker().tick(0)
    desk.post("grave news of both", topics=(0, 1))
    desk.worker().tick(0)
    assert [links(desk.store.incidents.timeline(each.id)) for each in desk.store.incidents.recent()] == [(), ()]


def test_quiet_posts_are_read_and_ring_nothing(desk: Desk) -> None:
    refs = desk.post(*(f"grave news {number}" for number in range(8)), quiet=True)
    desk.worker().tick(0)
    assert desk.unread(refs) == 0
    assert desk.store.incidents.recent() == []


def test_more_posts_of_the_matter_open_no_second_incident(desk: Desk) -> None:
    worker = desk.worker()
    for _ in range(4):
        desk.crisis()
        worker.tick(0)
        desk.later(minutes=10)
    assert len(desk.store.incidents.recent()) == 1


def test_what_was_read_before_is_acknowledged_and_not_read_again(desk: Desk) -> None:
    refs = desk.crisis()
    worker = desk.worker()
    worker.tick(0)
    desk.stream.publish(refs)
    desk.reader.batches.clear()
    assert worker.tick(0) == 4
    assert desk.reader.batches == []
    assert desk.stream.lag() == 0


def test_the_batch_of_a_dead_worker_is_done_by_another(desk: Desk) -> None:
    desk.crisis()
    desk.stream.read("dead", 10)
    assert desk.worker("ben").tick(0) == 0
    assert desk.worker("ben", idle_ms=0).tick(0) == 4
    assert desk.incident().topic == "acme"


def test_two_workers_with_the_same_batch_record_it_once(desk: Desk) -> None:
    """The second one has read the posts when the first has recorded them already."""
    desk.crisis()
    slow, fast = desk.worker("slow"), desk.worker("fast", idle_ms=0)

    class Overtaken(WordReader):
        def read(self, pairs: Sequence[tuple[Post, Topic]]) -> list[Reading]:
            fast.tick(0)
            return super().read(pairs)

    slow._reader = Overtaken()
    slow.tick(0)
    assert desk.read() == 4
    assert [row.kind for row in desk.store.incidents.timeline(desk.incident().id)].count(ActKind.OPENED) == 1


def test_one_post_that_cannot_be_read_does_not_hold_up_the_others(desk: Desk) -> None:
    refs = desk.post("a kettle", "unreadable", "another kettle")
    desk.worker().tick(0)
    assert (desk.read(), desk.unread(refs), desk.stream.lag()) == (2, 1, 1)


def test_a_post_that_can_never_be_read_is_set_aside_after_three_tries(desk: Desk) -> None:
    (ref,) = desk.post("unreadable")
    worker = desk.worker(idle_ms=0)
    with capture_logs() as logs:
        for _ in range(3):
            worker.tick(0)
    assert desk.store.posts.failed() == [ref]
    assert desk.stream.lag() == 0
    assert next(line for line in logs if line["event"] == "post_set_aside")["post"] == ref.post_id
    assert "the text" not in str(logs)


def test_a_suspect_is_read_alone_and_done_if_it_was_innocent(desk: Desk) -> None:
    desk.post("a kettle", "another kettle")
    for _ in range(2):
        desk.stream.reclaim("dead", 0, 8) or desk.stream.read("dead", 8)
    assert desk.worker(idle_ms=0).tick(0) == 2
    assert desk.reader.batches == [1, 1]
    assert desk.store.posts.failed() == []


def test_a_post_that_kills_every_worker_is_set_aside_unread(desk: Desk) -> None:
    (ref,) = desk.post("deadly")
    (delivery,) = desk.stream.read("dead", 1)
    for _ in range(2):
        desk.stream.reclaim("dead", 0, 1)
        desk.stream.suspect(delivery.id)  # and then the process was gone
    desk.worker(idle_ms=0).tick(0)
    assert desk.store.posts.failed() == [ref]
    assert desk.reader.batches == []


def test_a_reader_that_recovers_has_lost_nothing(desk: Desk) -> None:
    desk.reader.stopped = True
    desk.crisis()
    worker = desk.worker(idle_ms=0)
    assert worker.tick(0) == 0
    desk.reader.stopped = False
    assert worker.tick(0) == 4


def test_a_topic_that_was_paused_meanwhile_rings_nothing(desk: Desk) -> None:
    refs = desk.crisis()
    desk.store.topics.pause(desk.topics[0].id)
    desk.worker().tick(0)
    assert desk.unread(refs) == 0
    assert desk.store.incidents.recent() == []


def test_a_stream_that_lost_everything_is_owed_what_is_unread(desk: Desk, valkey_url: str) -> None:
    worker = desk.worker()
    worker.tick(0)
    refs = desk.crisis()
    with redis.Redis.from_url(valkey_url) as client:
        client.flushall()
    worker.tick(0)
    desk.later(minutes=1)
    assert sorted(desk.store.posts.unpublished(desk.clock.now(), 100)) == sorted(refs)


def test_what_an_empty_stream_should_hold_is_owed_to_it_again(desk: Desk, valkey_url: str) -> None:
    """A server that was restarted from its file may have lost the last entries, but not the group."""
    worker = desk.worker()
    worker.tick(0)
    refs = desk.crisis()
    with redis.Redis.from_url(valkey_url) as client:
        client.xtrim(desk.stream.name, 0, approximate=False)
    desk.later(minutes=6)
    worker.tick(0)
    assert sorted(desk.store.posts.unpublished(desk.clock.now(), 100)) == sorted(refs)


def test_levels_fall_and_the_incident_resolves_without_a_new_post(desk: Desk) -> None:
    worker = desk.worker()
    desk.crisis()
    worker.tick(0)
    for _ in range(60):
        desk.later(hours=3)
        worker.tick(0)
    incident = desk.incident()
    assert incident.status is Status.RESOLVED
    kinds = [row.kind for row in desk.store.incidents.timeline(incident.id)]
    assert (kinds[0], kinds[-1]) == (ActKind.OPENED, ActKind.RESOLVE)
    assert ActKind.LOWERED in kinds


def test_topics_are_assessed_every_few_minutes_and_not_at_each_tick(desk: Desk) -> None:
    worker = desk.worker()
    desk.crisis()
    worker.tick(0)
    before = desk.store.topics.state(desk.topics[0].id).dump()
    desk.later(minutes=4)
    worker.tick(0)
    assert desk.store.topics.state(desk.topics[0].id).dump() == before


def test_after_a_false_alarm_the_same_story_stays_silent(desk: Desk) -> None:
    worker = desk.worker()
    desk.crisis()
    worker.tick(0)
    incident = desk.incident()

    def judged(found: Incident) -> Decision:
        request = ActRequest(kind=ActKind.FALSE_ALARM, by="U_ANNA", key="click", text="a namesake")
        decision = act(found, request, now=desk.clock.now())
        assert isinstance(decision, Decision)
        return decision

    desk.store.incidents.change(incident.id, judged)
    desk.later(minutes=10)
    worker.tick(0)
    assert desk.incident().status is Status.FALSE_ALARM


def test_logs_name_the_incident_and_never_quote_a_post(desk: Desk) -> None:
    with capture_logs() as logs:
        desk.crisis()
        desk.worker().tick(0)
    opened = next(line for line in logs if line["event"] == "incident_opened")
    assert (opened["incident"], opened["topic"]) == (desk.incident().id, "acme")
    assert "grave news" not in str(logs)


def test_a_month_that_a_source_delivers_at_once_opens_nothing(desk: Desk) -> None:
    worker, now = desk.worker(), desk.clock.now()
    for day in range(1, 29):
        desk.post(f"grave news of day {day}", f"more of day {day}", published=now - timedelta(days=day))
    while worker.tick(0):
        pass
    assert desk.store.incidents.open() == []
    assert desk.read() == 18  # of the nine days that are looked at


def test_a_query_that_was_widened_starts_a_new_baseline_for_the_worker_too(desk: Desk) -> None:
    worker, record = desk.worker(), desk.topics[0]
    desk.post("calm news of Acme")
    worker.tick(0)
    wider = replace(record, topic=replace(record.topic, query="acme OR kettle"))
    desk.store.topics.sync([wider, *desk.topics[1:]], desk.clock.now())
    desk.later(hours=1)
    desk.post("calm news of a kettle")
    worker.tick(0)
    state = desk.store.topics.state(record.id)
    assert state.baseline.changed_at == desk.clock.now()
    desk.later(hours=8)
    desk.post(*(f"calm news of kettle {n}" for n in range(60)))
    while worker.tick(0):
        pass
    assert desk.store.incidents.open() == []


def test_what_a_topic_has_learned_rules_its_assessments(desk: Desk) -> None:
    """A signal that was wrong before counts for less here, and the incident says so."""
    tuning = Tuning(trust={"gravity": 0.5}, tallies={"gravity": Tally(real=0, false=5)})
    desk.store.tunings.keep(TuningRecord(topic_id=desk.topics[0].id, tuning=tuning, learned_at=desk.clock.now()))
    desk.crisis()
    desk.worker().tick(block_ms=10)
    incident = desk.incident()
    assert "Gravity counts for half here: 5 of its 5 alerts were false alarms." in [
        remark(note, Speech("en")) for note in incident.notes
    ]
    assert incident.level is Level.YELLOW
