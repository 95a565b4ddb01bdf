"""Topics: the file rules over its own, people's are left alone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot.errors import DuplicateTopic, Missing
from bot.store import Store

NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)


def test_topic_comes_back_as_it_was_given(store: Store, build: Any) -> None:
    """Every field survives, Chinese names and aliases too."""
    given = build.topic("西贝", query="西贝 OR 罗永浩", aliases=("西贝", "Xibei"), languages=("zh",), speak="zh")
    [stored] = store.topics.sync([given], NOW)
    assert stored.topic == given.topic
    assert (stored.channel, stored.speak, stored.budget_per_week) == ("#crisis", "zh", 1.0)
    assert stored.watched_since == NOW
    assert store.topics.get(stored.id) == stored


def test_syncing_twice_changes_nothing(store: Store, build: Any) -> None:
    """The second start with the same file has nothing to match again, and no cache to renew."""
    store.topics.sync([build.topic()], NOW)
    version = store.topics.version()
    assert store.topics.sync([build.topic()], NOW + timedelta(days=1)) == []
    assert store.topics.version() == version
    assert [topic.watched_since for topic in store.topics.all()] == [NOW]


@pytest.mark.parametrize("change", [{"query": "acme OR toaster"}, {"aliases": ("ACME Inc",)}])
def test_wider_topic_is_returned(store: Store, build: Any, change: dict[str, Any]) -> None:
    """Another query or other aliases mean that the stored posts are matched again."""
    store.topics.sync([build.topic()], NOW)
    version = store.topics.version()
    [changed] = store.topics.sync([build.topic(**change)], NOW)
    assert changed.topic == build.topic(**change).topic
    assert store.topics.version() > version


def test_another_channel_needs_no_rematch(store: Store, build: Any) -> None:
    """A change that concerns no posts is kept, and grows the version."""
    store.topics.sync([build.topic()], NOW)
    version = store.topics.version()
    assert store.topics.sync([build.topic(channel="#other")], NOW) == []
    assert store.topics.all()[0].channel == "#other"
    assert store.topics.version() > version


def test_topic_that_left_the_file_is_paused_and_comes_back(store: Store, build: Any) -> None:
    """It keeps its id and history, and is matched again when it returns."""
    [first] = store.topics.sync([build.topic()], NOW)
    store.topics.sync([], NOW)
    assert store.topics.all() == []
    assert [topic.paused for topic in store.topics.all(paused=True)] == [True]
    [back] = store.topics.sync([build.topic()], NOW)
    assert (back.id, back.paused) == (first.id, False)


def test_topic_that_a_person_paused_stays_paused(store: Store, build: Any) -> None:
    """A restart must not undo what a person decided."""
    [topic] = store.topics.sync([build.topic()], NOW)
    store.topics.pause(topic.id)
    store.topics.sync([build.topic()], NOW)
    assert store.topics.all() == []
    assert store.topics.pause(topic.id, paused=False).paused is False


def test_topics_from_slack_are_left_alone(store: Store, build: Any) -> None:
    """They are in no file, so a file without them says nothing."""
    added = build.stored_topic("Borealis")
    store.topics.sync([build.topic()], NOW)
    assert store.topics.get(added.id) == added


def test_file_takes_over_a_name(store: Store, build: Any) -> None:
    """A topic of that name from Slack becomes the file's."""
    added = build.stored_topic()
    [taken] = store.topics.sync([build.topic(query="acme OR toaster")], NOW)
    assert (taken.id, taken.origin) == (added.id, "file")


def test_name_is_found_however_it_is_typed(store: Store, build: Any) -> None:
    """Case, width and spaces do not matter."""
    topic = build.stored_topic("Acme Foods")
    assert store.topics.find("  aCME   foods ") == topic
    assert store.topics.find("Ａｃｍｅ Ｆｏｏｄｓ") == topic
    assert store.topics.find("Acme") is None


def test_second_topic_of_a_name_is_refused(store: Store, build: Any) -> None:
    """The person is told the name that is taken."""
    build.stored_topic("Acme")
    with pytest.raises(DuplicateTopic, match="already a topic called “Acme”"):
        store.topics.add(build.topic("ACME"), NOW)


def test_pausing_nothing_is_said(store: Store) -> None:
    """An id that is nobody's is a fault of the caller, with a sentence."""
    with pytest.raises(Missing, match="no topic 7"):
        store.topics.pause(7)


def test_history_makes_the_watch_longer_but_never_shorter(store: Store, build: Any) -> None:
    """Imported history is coverage."""
    topic = build.stored_topic()
    store.topics.watched(topic.id, NOW - timedelta(days=14))
    store.topics.watched(topic.id, NOW - timedelta(days=3))
    found = store.topics.get(topic.id)
    assert found is not None
    assert found.watched_since == NOW - timedelta(days=14)


def test_version_grows_with_every_change(store: Store, build: Any) -> None:
    """So that whoever matches posts knows when to look again."""
    seen = [store.topics.version()]
    topic = build.stored_topic()
    seen.append(store.topics.version())
    store.topics.pause(topic.id)
    seen.append(store.topics.version())
    assert seen == sorted(set(seen))
