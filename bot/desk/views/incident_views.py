"""What a card of an incident shows: loaded from the database as it is at that moment, for the desk and the notifier."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import TYPE_CHECKING

from bot.desk.views.overview import Overview
from bot.desk.views.view_models import NO_TREND, IncidentView, in_order, shown
from bot.incidents.links import links
from bot.infra.clock import Clock
from bot.records import Incident
from engine.post import Post

if TYPE_CHECKING:
    from bot.config.settings import Settings
    from bot.store import Store

SHOWN_POSTS = 3
LOOKED_AT = 20
"""Of an incident's evidence so many posts are looked at for the ones that a card shows."""

PROVED = 20
"""Of an incident's facts so many, the latest, are shown with the post that proves them."""

BEGAN, STORIES, MOST = timedelta(hours=24), 3, 60
"""How long before it was opened an incident may have begun, in how many of its stories, with how many posts of each."""


class IncidentViews:
    def __init__(self, store: Store, settings: Settings, clock: Clock) -> None:
        self._store, self._settings, self._clock = store, settings, clock
        self._overview = Overview(store, clock, settings.zone)

    def of(self, incident: Incident) -> IncidentView:
        """*incident* with its posts, its trend and its record."""
        now, evidence = self._clock.now(), incident.evidence[:LOOKED_AT]
        posts = in_order(self._store.posts.get(evidence), incident.evidence)
        read = self._store.posts.read_as(incident.topic_id, evidence)
        record = self._store.topics.get(incident.topic_id)
        timeline = tuple(self._store.incidents.timeline(incident.id))
        return IncidentView(
            incident=incident,
            now=now,
            posts=shown((read.get(post.id, post) for post in posts), SHOWN_POSTS),
            health=self._store.sources.health(now),
            trend=self._overview.trend(record, incident.closed_at) if record else NO_TREND,
            timeline=timeline,
            names=self._settings.names,
            linked=tuple(one for number in links(timeline) if (one := self._store.incidents.get(number))),
            first=self._first(incident),
            proofs=self._proofs(incident),
        )

    def _proofs(self, incident: Incident) -> Mapping[str, Post]:
        """The best post for each of the latest facts."""
        wanted = [fact.evidence[0] for fact in incident.facts[-PROVED:] if fact.evidence]
        return {post.id: post for post in self._store.posts.get(list(dict.fromkeys(wanted)))}

    def _first(self, incident: Incident) -> Post | None:
        """The first post of the incident's stories; None if they were there long before it."""
        begin, end = incident.opened_at - BEGAN, incident.opened_at + timedelta(seconds=1)
        found: list[Post] = []
        for story in incident.stories[:STORIES]:
            read = self._store.posts.read(incident.topic_id, since=begin, until=end, story=story, limit=MOST)
            if len(read) == MOST:
                return None
            found += [each.post for each in read]
        return min(found, key=lambda post: (post.published, post.id), default=None)
