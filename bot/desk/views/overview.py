"""How a topic stands, as the engine tells it from what is stored. Loads and asks; decides nothing."""

from __future__ import annotations

from datetime import datetime, tzinfo
from typing import TYPE_CHECKING

import structlog

from bot.desk.views.view_models import NO_TREND, TopicLine, Trend, topic_line, trend_of
from bot.infra.clock import Clock
from bot.infra.error_trail import log_unexpected
from bot.records import Incident, TopicRecord
from engine.tuning.tuning import DEFAULT, Tuning
from engine.watch.expected import Calendar

if TYPE_CHECKING:
    from bot.store import Store
    from engine.overview.summary import TopicSummary
    from engine.overview.what_if import WhatIf

log = structlog.get_logger("tocsin.overview")


class Overview:
    """The present of any topic: its summary, what would change its level, the chart of its card."""

    def __init__(self, store: Store, clock: Clock, zone: tzinfo) -> None:
        self._store, self._clock, self._zone = store, clock, zone

    def summary(self, record: TopicRecord, at: datetime | None = None) -> TopicSummary:
        """A topic now, or as it was *at* a moment that its counts still remember."""
        from engine.overview.summary import summary

        now = at or self._clock.now()
        return summary(
            self._store.topics.state(record.id),
            topic=record.topic,
            now=now,
            watched_since=record.watched_since,
            health=self._store.sources.health(now),
            tuning=self._tuning(record),
            calendar=self._calendar(record),
        )

    def line(self, record: TopicRecord, incident: Incident | None) -> TopicLine:
        """A topic in a list, with its open *incident*."""
        return topic_line(record, self.summary(record), incident)

    def what_if(self, record: TopicRecord) -> tuple[WhatIf, ...]:
        """What would raise or lower the level of a topic. An answer without it is still an answer."""
        from engine.overview.what_if import what_if

        try:
            state = self._store.topics.state(record.id)
            return what_if(
                state,
                now=self._clock.now(),
                watched_since=record.watched_since,
                tuning=self._tuning(record),
                calendar=self._calendar(record),
            )
        except Exception as error:
            log_unexpected(log.error, "outlook_unreadable", error, topic=record.id)
            return ()

    def trend(self, record: TopicRecord, at: datetime | None = None) -> Trend:
        """The chart of a card, of the day before *at*. A card without it rings; one that waits for it would not."""
        try:
            return trend_of(self.summary(record, at))
        except Exception as error:
            log_unexpected(log.error, "trend_unreadable", error, topic=record.id)
            return NO_TREND

    def _calendar(self, record: TopicRecord) -> Calendar:
        return Calendar(days=record.expected, zone=self._zone)

    def _tuning(self, record: TopicRecord) -> Tuning:
        learned = self._store.tunings.get(record.id)
        return learned.tuning if learned else DEFAULT
