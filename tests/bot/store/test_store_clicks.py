"""Clicks that were taken: each once, until it is done; a dead process leaves them to the next one."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from bot.records import TakenClick
from bot.store import Store

NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
ASKED = {"event": "e", "user": "U1", "text": "认领"}
CLICK = TakenClick(work="click", asked=ASKED, details={"number": 1, "kind": "acknowledge"}, at=NOW)


def test_a_click_comes_back_as_it_was_taken(store: Store) -> None:
    kept = store.clicks.take(CLICK, "e")
    assert kept is not None
    [left] = store.clicks.claim(NOW + timedelta(minutes=1))
    assert (left.id, left.work, left.asked, left.details) == (kept.id, CLICK.work, CLICK.asked, CLICK.details)
    assert (kept.attempts, left.attempts) == (0, 1)


def test_whoever_took_it_has_time_to_do_it(store: Store) -> None:
    store.clicks.take(CLICK, "e")
    assert store.clicks.claim(NOW + timedelta(seconds=29)) == []
    assert len(store.clicks.claim(NOW + timedelta(seconds=30))) == 1
    assert store.clicks.claim(NOW + timedelta(seconds=31)) == []


def test_what_slack_sends_twice_is_taken_once(store: Store) -> None:
    assert store.clicks.take(CLICK, "e") is not None
    assert store.clicks.take(CLICK, "e") is None
    assert not store.deduplication.first("e", NOW)


def test_what_nobody_waits_for_any_more_is_not_taken_and_may_be_sent_again(store: Store) -> None:
    assert store.clicks.take(CLICK, "e", lambda: False) is None
    assert store.clicks.claim(NOW + timedelta(hours=1)) == []
    assert store.clicks.take(CLICK, "e") is not None


def test_what_is_done_is_forgotten(store: Store) -> None:
    kept = store.clicks.take(CLICK, "e")
    assert kept is not None
    store.clicks.done(kept.id)
    assert store.clicks.claim(NOW + timedelta(hours=1)) == []
