"""Several at once: of each thing that only one may do, exactly one does it."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

import pytest

from bot.records import Decision, Incident, Status
from bot.store import Store

NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
DAY = timedelta(days=1)
RACERS = 6

T = TypeVar("T")


def race(run: Callable[[int], T], racers: int = RACERS) -> list[T]:
    """What *run* returns in each of so many threads that start at the same moment."""
    start = threading.Barrier(racers)

    def started(number: int) -> T:
        start.wait()
        return run(number)

    with ThreadPoolExecutor(racers) as pool:
        return list(pool.map(started, range(racers)))


def test_post_is_read_in_one_turn(store: Store, build: Any) -> None:
    """The stream delivers at least once; the row lock makes it exactly once."""
    topic = build.stored_topic()
    matches = build.matched(topic, 3)

    def work(number: int) -> int:
        with store.turn(topic.id, NOW) as turn:
            unread = turn.unread(matches)
            pairs = [(match, build.reading(match.post.id)) for match in unread]
            turn.keep(pairs, build.update())
            return len(unread)

    assert sorted(race(work)) == [0] * (RACERS - 1) + [3]
    assert len(store.posts.read(topic.id, since=NOW - DAY, until=NOW + DAY)) == 3


def test_incident_is_owned_by_the_first(store: Store, build: Any) -> None:
    """Every loser of the race sees who won it."""
    incident = build.opened(build.stored_topic())

    def acknowledge(number: int) -> str:
        def decide(current: Incident) -> Decision:
            if current.status is not Status.OPEN:
                return Decision()
            return Decision(incident=replace(current, status=Status.ACKNOWLEDGED, owner=f"U{number}"))

        return store.incidents.change(incident.id, decide).owner

    assert len(set(race(acknowledge))) == 1
    found = store.incidents.get(incident.id)
    assert found is not None
    assert found.version == 2


def test_no_change_is_lost(store: Store, build: Any) -> None:
    """Each decides over what the one before wrote, turns and clicks alike."""
    topic = build.stored_topic()
    incident = build.opened(topic)

    def step(current: Incident) -> Decision:
        return Decision(incident=replace(current, step=current.step + 1))

    def work(number: int) -> None:
        if number % 2:
            store.incidents.change(incident.id, step)
            return
        with store.turn(topic.id, NOW) as turn:
            [current] = turn.incidents
            turn.keep([], build.update())
            turn.write(step(current))

    race(work)
    found = store.incidents.get(incident.id)
    assert found is not None
    assert (found.step, found.version) == (RACERS, RACERS + 1)


def test_alert_is_claimed_by_one(store: Store, build: Any) -> None:
    """And no conversation is written to by two."""
    alerts = [build.alert(str(number), target=f"#{number % 3}") for number in range(9)]
    build.opened(build.stored_topic(), *alerts)
    claimed = [alert for part in race(lambda number: store.alerts.claim(NOW, 2)) for alert in part]
    assert sorted(alert.target for alert in claimed) == ["#0", "#1", "#2"]
    assert race(lambda number: store.alerts.claim(NOW, 2)) == [[]] * RACERS


def test_event_is_first_for_one(store: Store) -> None:
    """Three quick clicks, or Slack's repeats, on different sockets."""
    assert sorted(race(lambda number: store.deduplication.first("Ev1", NOW))) == [False] * (RACERS - 1) + [True]


def test_posts_are_stored_by_one(store: Store, build: Any) -> None:
    """A poll and a push of the same items: each is new once, and copies are linked to one original."""
    topic, source = build.stored_topic(), build.stored_source()
    posts = [build.post(str(number), f"text {number % 5} of Acme", matches=(topic.id,)) for number in range(20)]
    added = race(lambda number: store.posts.add(source, posts[number:] + posts[:number], NOW))
    assert sum(not one.known for part in added for one in part) == 20
    stored = store.posts.since(NOW - DAY)
    assert (len(stored), sum(post.copy_of is None for post in stored)) == (20, 5)


def test_topics_of_one_name_are_added_once(store: Store, build: Any) -> None:
    """The others are told that the name is taken."""
    from bot.errors import DuplicateTopic

    def add(number: int) -> bool:
        try:
            store.topics.add(build.topic("Acme", origin="slack"), NOW)
        except DuplicateTopic:
            return False
        return True

    assert sum(race(add)) == 1
    assert len(store.topics.all()) == 1


def test_processes_share_a_database(database_url: str, build: Any, store: Store) -> None:
    """Three processes over the same posts, incidents, alerts and events, and every migration at once."""
    topic = build.stored_topic()
    refs = [(match.post.id, topic.id) for match in build.matched(topic, 20)]
    alerts = [build.alert(str(number), target=f"#{number}") for number in range(10)]
    incidents = [
        build.opened(build.stored_topic(f"t{number}"), *(alerts if not number else ())).id for number in range(5)
    ]
    racers = [_start(database_url, f"U{number}", refs, incidents) for number in range(3)]
    for racer in racers:
        assert racer.stdout is not None
        assert racer.stdout.readline() == "ready\n"
    won = [json.loads(racer.communicate("go\n")[0]) for racer in racers]
    assert [racer.returncode for racer in racers] == [0, 0, 0]
    assert sum(part["read"] for part in won) == 20
    assert sum(part["owned"] for part in won) == 5
    assert len({key for part in won for key in part["claimed"]}) == 10
    assert sum(len(part["claimed"]) for part in won) == 10
    assert sorted(event for part in won for event in part["first"]) == sorted(map(str, range(20)))


def _start(url: str, who: str, refs: list[tuple[str, int]], incidents: list[int]) -> subprocess.Popen[str]:
    work = json.dumps({"who": who, "refs": refs, "incidents": incidents})
    command = [sys.executable, str(Path(__file__).with_name("racer.py")), url, work]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=Path.cwd())


def test_empty_database_is_migrated_by_one(tmp_path: Path) -> None:
    """Several processes start at once on a new machine."""
    url = f"sqlite:///{tmp_path / 'new.db'}"
    racers = [_start(url, "U", [], []) for _ in range(2)]
    for racer in racers:
        racer.communicate("go\n")
    assert [racer.returncode for racer in racers] == [0, 0]


def test_write_inside_a_turn_is_refused_at_once(store: Store, build: Any) -> None:
    """On SQLite it would wait for itself; on PostgreSQL it would not belong to the turn."""
    if not store.place.endswith(".db"):
        pytest.skip("PostgreSQL locks rows, not the whole database")
    topic = build.stored_topic()
    with store.turn(topic.id, NOW), pytest.raises(RuntimeError, match="write inside a write"):
        store.deduplication.first("Ev1", NOW)
