"""A process that is killed leaves nothing half-written, at whatever statement it dies."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from bot.records import Ref
from bot.store import Store

NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
DAY = timedelta(days=1)


def crashes(url: str, deed: str) -> Iterator[int]:
    """Kill a process at its first, second, third … statement of *deed*, until one reaches the end."""
    command = [sys.executable, str(Path(__file__).with_name("crasher.py")), url, deed, "each"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=Path.cwd()) as crasher:
        assert crasher.stdin is not None
        assert crasher.stdout is not None
        for number, line in enumerate(crasher.stdout):
            if line.strip() == "ended 0":
                return
            assert line.startswith("killed"), line
            yield number
            crasher.stdin.write("\n")
            crasher.stdin.flush()
        raise AssertionError("the crasher itself broke")


def test_killed_turn_leaves_nothing(store: Store, database_url: str, build: Any) -> None:
    """No reading without its incident, no incident without its messages; and the next worker can go on."""
    topic = build.stored_topic()
    refs = [Ref(match.post.id, topic.id) for match in build.matched(topic, 2)]
    assert (topic.id, refs) == (1, [("1", 1), ("2", 1)])
    count = 0
    for count in crashes(database_url, "turn"):  # noqa: B007 — the last one is asserted
        assert len(store.posts.pending(refs)) == 2
        assert store.posts.read(topic.id, since=NOW - DAY, until=NOW + DAY) == []
        assert store.incidents.recent() == []
        assert store.alerts.owed() == []
        assert store.incidents.ids_to_assess(NOW) == []
    assert count > 8, "a turn has more statements than that"
    assert store.posts.pending(refs) == []
    assert {post.story for post in store.posts.read(topic.id, since=NOW - DAY, until=NOW + DAY)} == {"s"}
    [incident] = store.incidents.open()
    assert [act.key for act in store.incidents.timeline(incident.id)] == ["o"]
    assert [alert.key for alert in store.alerts.owed()] == ["card", "page"]


def test_killed_batch_leaves_nothing(store: Store, database_url: str, build: Any) -> None:
    """Posts, matches, copies and fingerprints are one; the next poll adds them all."""
    build.stored_topic()
    build.stored_source()
    for _ in crashes(database_url, "add"):
        assert store.posts.since(NOW - DAY) == []
        assert store.posts.unpublished(NOW + DAY, 10) == []
    posts = store.posts.since(NOW - DAY)
    assert [post.copy_of for post in posts] == [None, posts[0].id, None]
    assert len(store.posts.unpublished(NOW + DAY, 10)) == 3


def test_killed_migration_can_be_repeated(tmp_path: Path) -> None:
    """There is no half of a schema."""
    url = f"sqlite:///{tmp_path / 'new.db'}"
    assert sum(1 for _ in crashes(url, "migrate")) > 30
    with Store.open(url) as store:
        store.migrate()
        assert store.topics.all() == []
