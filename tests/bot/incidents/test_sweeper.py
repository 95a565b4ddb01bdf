"""The sweep over a real store: what is due is done once, however late."""

from __future__ import annotations

from datetime import timedelta

import pytest
from structlog.testing import capture_logs

from bot.incidents.lifecycle import decide
from bot.incidents.sweeper import Sweeper
from bot.infra.clock import VirtualClock
from bot.records import ActKind, AlertKind, Incident, Policy, PolicyStep, TopicRecord
from bot.store import Store
from engine.post import Assessment, Level, Topic
from engine.watch.watch import Absorbed, Update

POLICY = Policy(
    steps=(
        PolicyStep(after_minutes=0, notify=("topic",)),
        PolicyStep(after_minutes=10, notify=("U_LEAD",)),
    ),
    repeat=1,
)


def _topic(store: Store, clock: VirtualClock, name: str) -> TopicRecord:
    record = TopicRecord(
        id=0,
        topic=Topic(name=name, query=name),
        channel=f"#{name}",
        policy="default",
        speak="en",
        budget_per_week=1,
        watched_since=clock.now(),
    )
    return store.topics.add(record, clock.now())


def _opened(store: Store, clock: VirtualClock, name: str = "acme") -> Incident:
    topic, now = _topic(store, clock, name), clock.now()
    assessment = Assessment(at=now, level=Level.ORANGE, score=70, headline="Acme")
    with store.turn(topic.id, now) as turn:
        update = Update(absorbed=Absorbed(), assessment=assessment)
        turn.keep([], update)
        incident = turn.write(decide(None, assessment, topic=topic, policy=POLICY, now=now))
    assert incident is not None
    return incident


@pytest.fixture
def sweeper(store: Store, clock: VirtualClock) -> Sweeper:
    return Sweeper(store, clock)


def _pages(store: Store) -> list[str]:
    return [alert.target for alert in store.alerts.owed() if alert.kind is AlertKind.PAGE]


def test_nothing_is_done_before_its_time(store: Store, clock: VirtualClock, sweeper: Sweeper) -> None:
    _opened(store, clock)
    clock.set(clock.now() + timedelta(minutes=9))
    assert sweeper.tick() == 0
    assert _pages(store) == []


def test_each_step_is_paged_in_its_time_and_then_with_growing_pauses(
    store: Store, clock: VirtualClock, sweeper: Sweeper
) -> None:
    incident = _opened(store, clock)
    for _ in range(240):
        clock.set(clock.now() + timedelta(minutes=1))
        sweeper.tick()
    assert set(_pages(store)) == {"U_LEAD"}
    paged = [row.at for row in store.incidents.timeline(incident.id) if row.kind is ActKind.PAGED]
    assert [(at - incident.opened_at).total_seconds() / 60 for at in paged] == [10, 20, 50, 110, 230]


def test_what_a_stopped_service_missed_is_done_by_the_first_sweep(store: Store, clock: VirtualClock) -> None:
    _opened(store, clock)
    clock.set(clock.now() + timedelta(hours=5))
    assert Sweeper(store, clock).tick() == 1
    assert _pages(store) == ["U_LEAD"]


def test_a_second_sweeper_finds_nothing_left(store: Store, clock: VirtualClock, sweeper: Sweeper) -> None:
    incident = _opened(store, clock)
    clock.set(clock.now() + timedelta(minutes=10))
    store.incidents.due = lambda *_: [incident.id]  # type: ignore[method-assign]  # both asked at once
    assert (sweeper.tick(), Sweeper(store, clock).tick()) == (1, 0)
    assert _pages(store) == ["U_LEAD"]


def test_a_fault_in_one_incident_does_not_stop_the_others(store: Store, clock: VirtualClock, sweeper: Sweeper) -> None:
    first, _ = _opened(store, clock), _opened(store, clock, "bolt")
    clock.set(clock.now() + timedelta(minutes=10))
    change = store.incidents.change

    def broken(number: int, *more: object) -> object:
        if number == first.id:
            raise RuntimeError("text of a post")
        return change(number, *more)  # type: ignore[arg-type]

    store.incidents.change = broken  # type: ignore[method-assign, assignment]
    with capture_logs() as logs:
        assert sweeper.tick() == 1
    assert [line["event"] for line in logs if line["log_level"] == "error"] == ["incident_not_swept"]
    assert "text of a post" not in str(logs)
