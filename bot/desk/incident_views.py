"""What a card of an incident shows: loaded from the database as it is at that moment, for the desk and the notifier."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.desk.overview import Overview
from bot.desk.view_models import NO_TREND, IncidentView, in_order, shown
from bot.infra.clock import Clock
from bot.records import Incident

if TYPE_CHECKING:
    from bot.config.settings import Settings
    from bot.store import Store

SHOWN_POSTS = 3
LOOKED_AT = 20
"""Of an incident's evidence so many posts are looked at for the ones that a card shows."""


class IncidentViews:
    def __init__(self, store: Store, settings: Settings, clock: Clock) -> None:
        self._store, self._settings, self._clock = store, settings, clock
        self._overview = Overview(store, clock)

    def of(self, incident: Incident) -> IncidentView:
        """*incident* with its posts, its trend and its record."""
        now, evidence = self._clock.now(), incident.evidence[:LOOKED_AT]
        posts = in_order(self._store.posts.get(evidence), incident.evidence)
        read = self._store.posts.read_as(incident.topic_id, evidence)
        record = self._store.topics.get(incident.topic_id)
        return IncidentView(
            incident=incident,
            now=now,
            posts=shown((read.get(post.id, post) for post in posts), SHOWN_POSTS),
            health=self._store.sources.health(now),
            trend=self._overview.trend(record) if record and not incident.status.closed else NO_TREND,
            timeline=tuple(self._store.incidents.timeline(incident.id)),
            names=self._settings.names,
        )
