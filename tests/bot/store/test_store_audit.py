"""What belongs to no incident is on the record too: done or refused, by whom, from where."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from bot.records import AuditEntry
from bot.store import Store
from tests.conftest import NOW

ENTRY = AuditEntry(
    at=NOW, by="U1", deed="add_topic", about="盐蕨 🌾", outcome="guest",
    origin={"channel": "C1", "via": "command", "team": "T1"}, key="refused.U1.add_topic.1",
)  # fmt: skip


def test_a_row_comes_back_as_it_was_given(store: Store) -> None:
    assert store.audit.add(ENTRY)
    assert store.audit.since(NOW) == [ENTRY]
    assert store.audit.since(NOW + timedelta(seconds=1)) == []


def test_a_key_is_written_once_and_what_has_none_as_often_as_it_happens(store: Store) -> None:
    assert store.audit.add(ENTRY)
    assert not store.audit.add(replace(ENTRY, about="again"))
    plain = replace(ENTRY, key="", at=NOW + timedelta(minutes=1))
    assert store.audit.add(plain)
    assert store.audit.add(plain)
    assert store.audit.since(NOW) == [ENTRY, plain, plain]
