"""Brings the store to what the settings say, and tells open incidents what that means for them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

import structlog

from bot.incidents.settings_changes import looks_like, not_watched, perhaps_renamed, policy_changed, renamed
from bot.ports import Policies, Rematch
from bot.records import Incident, TopicRecord

if TYPE_CHECKING:
    from bot.config.settings import Settings
    from bot.store import Store

log = structlog.get_logger("tocsin.settings")


def take_over(settings: Settings, store: Store, ingest: Rematch, now: datetime) -> None:
    """Sync topics and sources, match what is new again, and settle the incidents that are concerned."""
    known = {record.id for record in store.topics.all(paused=True)}
    changed = store.topics.sync(settings.topic_records(now), now)
    store.sources.sync(settings.source_records())
    for topic in changed:
        ingest.rematch(topic.id)
    settle(settings, store, [topic for topic in changed if topic.id not in known], now)


def settle(policies: Policies, store: Store, fresh: Sequence[TopicRecord], now: datetime) -> None:
    """Tell each open incident that its topic is gone, has another name, or has another policy. *fresh* topics are
    new."""
    for incident in store.incidents.open():
        record = store.topics.get(incident.topic_id)
        if record is None or store.topics.gone(record.id):
            _gone(store, incident, record, fresh, now)
            continue
        _still_watched(policies, store, incident, record, now)


def _gone(
    store: Store, incident: Incident, record: TopicRecord | None, fresh: Sequence[TopicRecord], now: datetime
) -> None:
    guesses = [new for new in fresh if record is not None and looks_like(record, new)]
    if not guesses:
        store.incidents.change(incident.id, lambda current: not_watched(current, now=now))
        return
    name = guesses[0].topic.name
    log.warning("topic_renamed_perhaps", topic=incident.topic_id, fresh=guesses[0].id)
    timeline = store.incidents.timeline(incident.id)
    store.incidents.change(incident.id, lambda current: perhaps_renamed(current, timeline, name, now=now))


def _still_watched(policies: Policies, store: Store, incident: Incident, record: TopicRecord, now: datetime) -> None:
    policy, timeline = policies.policy(record.policy), store.incidents.timeline(incident.id)
    store.incidents.change(incident.id, lambda current: renamed(current, record, now=now))
    store.incidents.change(incident.id, lambda current: policy_changed(current, timeline, policy, now=now))
