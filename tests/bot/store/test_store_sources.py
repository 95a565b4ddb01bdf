"""Sources: what the file says of them, what the poller learns, and when one counts as silent."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot.errors import Missing
from bot.i18n.localised import localised
from bot.store import Store
from engine.post import Standing

NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)


def test_source_comes_back_as_it_was_given(store: Store, build: Any) -> None:
    """Its options too, whatever is in them."""
    options = {"items": "data[*]", "depth": 2, "headers": {"x": "热搜"}}
    given = build.source("热搜", kind="json", standing=Standing.BOARD, options=options, allow_private=True)
    [stored] = store.sources.sync([given])
    assert replace(stored, id=0) == given
    assert store.sources.find("热搜") == stored


def test_source_that_left_the_file_is_switched_off(store: Store, build: Any) -> None:
    """Its posts stay, so it stays too; coming back it goes on where it was."""
    [first, _] = store.sources.sync([build.source("a"), build.source("b")])
    store.sources.record(replace(first, etag="x", baselined=True))
    assert [source.name for source in store.sources.sync([build.source("b")])] == ["b"]
    assert [source.enabled for source in store.sources.all()] == [False, True]
    [back, _] = store.sources.sync([build.source("a"), build.source("b")])
    assert (back.id, back.etag, back.baselined) == (first.id, "x", True)


def test_new_address_starts_anew(store: Store, build: Any) -> None:
    """Validators of the old address mean nothing, and its first poll must ring nothing."""
    [first] = store.sources.sync([build.source()])
    store.sources.record(replace(first, etag="x", baselined=True, failures=4, next_poll_at=NOW))
    [moved] = store.sources.sync([build.source(url="https://elsewhere.test/")])
    assert (moved.etag, moved.baselined, moved.failures, moved.next_poll_at) == ("", False, 0, None)


def test_what_a_poll_learned_is_kept(store: Store, build: Any) -> None:
    """Times, validators and the fault."""
    [source] = store.sources.sync([build.source()])
    polled = replace(
        source,
        etag='"1"',
        last_modified="Mon, 02 Mar 2026 08:00:00 GMT",
        next_poll_at=NOW + timedelta(minutes=1),
        last_poll_at=NOW,
        last_ok_at=NOW,
        last_item_at=NOW,
        failures=2,
        error=localised("source.web_page", host="a.example"),
        baselined=True,
    )
    store.sources.record(polled)
    assert store.sources.get(source.id) == polled


def test_poll_does_not_forget_a_newer_post(store: Store, build: Any) -> None:
    """The poller records the source that it loaded before the posts were added."""
    source = build.stored_source()
    store.posts.add(source, [build.post("1")], NOW)
    store.sources.record(replace(source, last_poll_at=NOW))
    found = store.sources.get(source.id)
    assert found is not None
    assert found.last_item_at == NOW


def test_unknown_source_is_said(store: Store, build: Any) -> None:
    """Recording a poll of nothing is a fault of the caller, with a sentence."""
    with pytest.raises(Missing, match="no source 9"):
        store.sources.record(build.source(id=9))


def test_due_are_those_that_wait(store: Store, build: Any) -> None:
    """Never polled first, then the longest overdue; no webhook, nothing that is off or in the future."""
    names = ["late", "later", "new", "next", "pushed", "off"]
    kinds = {"pushed": "webhook"}
    sources = {
        source.name: source
        for source in store.sources.sync(
            [build.source(name, kind=kinds.get(name, "rss"), enabled=name != "off") for name in names]
        )
    }
    for name, minutes in (("late", -1), ("later", -5), ("next", 1)):
        store.sources.record(replace(sources[name], next_poll_at=NOW + timedelta(minutes=minutes)))
    assert [source.name for source in store.sources.due(NOW, 10)] == ["new", "later", "late"]
    assert [source.name for source in store.sources.due(NOW, 1)] == ["new"]


@pytest.mark.parametrize(
    ("why", "changes", "silent"),
    [
        ("never polled", {}, False),
        ("well", {"last_poll_at": NOW, "last_ok_at": NOW, "last_item_at": NOW}, False),
        ("two failures", {"last_poll_at": NOW, "last_ok_at": NOW, "failures": 2}, False),
        ("three failures", {"last_poll_at": NOW, "last_ok_at": NOW, "failures": 3}, True),
        ("14 minutes", {"last_poll_at": NOW, "last_ok_at": NOW - timedelta(minutes=14)}, False),
        ("16 minutes", {"last_poll_at": NOW, "last_ok_at": NOW - timedelta(minutes=16)}, True),
        (
            "an hourly one may take 3 hours",
            {"every": 3600, "last_poll_at": NOW, "last_ok_at": NOW - timedelta(hours=2)},
            False,
        ),
        ("not polled since", {"last_poll_at": NOW - timedelta(hours=1)}, True),
        (
            "nothing new",
            {"last_poll_at": NOW, "last_ok_at": NOW, "last_item_at": NOW - timedelta(days=8)},
            True,
        ),
        ("pushed", {"kind": "webhook", "last_item_at": NOW - timedelta(days=6)}, False),
        ("pushed nothing", {"kind": "webhook", "last_item_at": NOW - timedelta(days=8)}, True),
    ],
)
def test_silence(store: Store, build: Any, why: str, changes: dict[str, Any], silent: bool) -> None:
    """Failing, unreachable or without news: silent. An answer that says so names the source."""
    [source] = store.sources.sync([replace(build.source(why), **changes)])
    store.sources.record(replace(source, **changes))
    health = store.sources.health(NOW)
    assert health.total == 1
    assert health.silent == ((why,) if silent else ())


def test_sources_that_are_off_do_not_count(store: Store, build: Any) -> None:
    """Neither as healthy nor as silent."""
    store.sources.sync([build.source("a"), build.source("b", enabled=False)])
    assert store.sources.health(NOW).total == 1
