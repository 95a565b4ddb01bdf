"""Whatever breaks, and whatever its error says: the log holds the trail and the reference, and no word of it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, timedelta
from types import SimpleNamespace as Stub
from typing import Any

import pytest
from structlog.testing import capture_logs

from bot.incidents.people.permissions import Permissions
from bot.incidents.sweeper import Sweeper
from bot.infra.clock import VirtualClock
from bot.infra.loops import Loop
from bot.infra.stream import StreamEntry
from bot.ingest.poller import Job, Poller, schedule
from bot.records import Ref, SourceRecord
from bot.slack.executor import Executor
from bot.slack.requests import SlackRequest
from bot.work.nightly_tuning import NightlyTuning
from bot.work.worker import Worker
from engine.post import Standing

SECRET = "xoxb-1234 露明茶 made me ill, call 13912345678"


def breaks(*_: object, **__: object) -> Any:
    raise KeyError(SECRET)


def sweeper(clock: VirtualClock) -> None:
    incidents = Stub(due=lambda *_: [1], change=breaks)
    Sweeper(Stub(incidents=incidents), clock).tick()  # type: ignore[arg-type]


def worker(clock: VirtualClock) -> None:
    match = Stub(post=Stub(id="7", text=SECRET), topic_id=1)
    store = Stub(
        posts=Stub(pending=lambda _refs: [match]),
        topics=Stub(get=lambda _key: Stub(topic=Stub(name="Lumen"))),
        incidents=Stub(ids_to_assess=lambda _: []),
    )
    stream = Stub(
        reclaim=lambda *_: [], read=lambda *_: [StreamEntry(id="1", ref=Ref("7", 1))], take_loss=lambda: False,
        ack=lambda _ids: None, forget_idle=lambda _idle: None, lag=lambda: 1,
    )  # fmt: skip
    Worker(store, stream, Stub(read=breaks), clock, Stub(), "w").tick(0)  # type: ignore[arg-type]


def tuning(clock: VirtualClock) -> None:
    store = Stub(tunings=Stub(due=lambda _at: [1]), topics=Stub(get=lambda _key: Stub(policy="default")))
    background, settings = Stub(do=breaks), Stub(policy=lambda _name: None)
    NightlyTuning(store, settings, clock, background, lambda: True).tick()  # type: ignore[arg-type]


def poller(clock: VirtualClock) -> None:
    source = SourceRecord(
        id=1, name="wire", kind="rss", url="http://x.test", every=60, standing=Standing.OUTLET,
        last_poll_at=clock.now() - timedelta(hours=1),
    )  # fmt: skip
    kept: list[SourceRecord] = []
    made = Poller(Stub(sources=Stub(record=kept.append)), Stub(), Stub(get=breaks), clock, Stub(hold=lambda: True))  # type: ignore[arg-type]
    made.poll(source)
    made.close()
    assert SECRET not in str(kept[0].error)


def job(clock: VirtualClock) -> None:
    made = schedule(Stub(lead=breaks, tick=breaks), also=[Job(name="learn", run=breaks, seconds=60)])  # type: ignore[arg-type]
    for one in made.get_jobs():
        one.func()


def loop(clock: VirtualClock) -> None:
    made = Loop("deliver", breaks, pause=0.01)
    made.start()
    while not made.fault:
        pass
    made.stop()
    assert SECRET not in made.fault


FAULTS: dict[str, Callable[[VirtualClock], None]] = {
    "sweeper": sweeper, "worker": worker, "tuning": tuning, "poller": poller, "job": job, "notifier's loop": loop,
}  # fmt: skip


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_leaves_its_trail_and_a_reference_and_no_word_of_what_it_says(name: str, clock: VirtualClock) -> None:
    with capture_logs() as logged:
        FAULTS[name](clock)
    [entry, *_] = [one for one in logged if "reference" in one]
    assert entry["error"] == "KeyError"
    assert entry["trail"][-1].endswith(" breaks")
    assert len(entry["trail"]) > 1
    assert SECRET not in str(logged)
    assert "13912345678" not in str(logged)


def test_the_reference_that_a_person_reads_is_the_one_in_the_log() -> None:
    told: list[str] = []
    desk = Stub(
        language="en",
        first=lambda _event: True,
        permissions=Permissions(),
        default_channel="C1",
        time=Stub(zone=UTC),
    )
    client = Stub(
        auth_test=lambda: {"team_id": "T1"},
        users_info=lambda **_: {"user": {"locale": "en-US"}},
        chat_postMessage=lambda **sent: told.append(str(sent)),
    )
    made = Executor(desk, client)  # type: ignore[arg-type]
    with capture_logs() as logged:
        made.take(SlackRequest(event="e", user="U1", text=SECRET), breaks).result(60)
    made.stop()
    [entry] = [one for one in logged if one["event"] == "listener_failed"]
    assert entry["reference"] in told[0]
    assert entry["trail"][-1].endswith(" breaks")
    assert SECRET not in str(logged) + told[0]
