"""Adding a topic from Slack: may this person, is the draft sound, and what of the stored posts fits it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import structlog

from bot.desk import drafts
from bot.desk.access import Access, BarredError
from bot.desk.drafts import Draft, FieldFault
from bot.desk.refusals import Refusals
from bot.desk.topic_preview import SPAN, TopicPreview, previewed
from bot.incidents.people.permissions import Barrier
from bot.infra.clock import Clock
from bot.ports import Rematch
from bot.records import AuditEntry, TopicRecord
from engine.post import Note, Topic

if TYPE_CHECKING:
    from bot.config.settings import Settings
    from bot.store import Store

ADD = "add_topic"

log = structlog.get_logger("tocsin.desk")


@dataclass(frozen=True, kw_only=True)
class TopicAdded:
    """A topic that is watched now; *matched* of the stored posts of its last 30 days of *total*
    fit it; *remarks* on its query."""

    record: TopicRecord
    matched: int = 0
    total: int = 0
    remarks: tuple[Note, ...] = ()


@dataclass(frozen=True, kw_only=True)
class TopicAdding:
    """*access* says what the person may do. Both done and refused additions are in the audit trail."""

    store: Store
    settings: Settings
    clock: Clock
    access: Access
    ingest: Rematch | None = None

    def check(self, by: str, origin: Mapping[str, str], *, unsure: bool = False) -> None:
        """BarredError, and a row of the audit trail, if the person may not add topics; *unsure* as for acts."""
        barred = self.access.configuring()
        if barred is not None and not (unsure and barred.why is Barrier.UNCHECKED):
            Refusals(self.store, self.clock).keep(barred, by=by, deed=ADD, origin=origin)
            raise BarredError(barred)

    def faults(self, draft: Draft) -> Mapping[str, FieldFault]:
        """What is wrong with a draft, by field; empty if it can be added."""
        return drafts.faults(draft, lambda name: self.store.topics.find(name) is not None, self.settings.saved)

    def add(self, draft: Draft, *, by: str, origin: Mapping[str, str] | None = None) -> TopicAdded:
        """Watch a new topic at once, with the stored posts of its last 30 days as its baseline.

        Raises BarredError, DuplicateTopic, QueryError.
        """
        self.check(by, origin or {})
        draft, remarks = draft.clean(), self.remarks(draft)
        draft = replace(draft, query=self._written_out(draft))
        now = self.clock.now()
        record = self.store.topics.add(self._record(draft), now)
        log.info("topic_added", topic=record.id, by=by)
        self.store.audit.add(AuditEntry(at=now, by=by, deed=ADD, about=draft.name, origin=origin or {}))
        matched = self.ingest.rematch(record.id) if self.ingest else 0
        total = self.store.posts.count(now - SPAN)
        return TopicAdded(record=record, matched=matched, total=total, remarks=remarks)

    def remarks(self, draft: Draft) -> tuple[Note, ...]:
        """What the author of the draft's query may have meant otherwise. Raises QueryError."""
        from engine.query.query import parse
        from engine.query.saved import saved_remarks

        return (*parse(draft.query).remarks, *saved_remarks(draft.query, self.settings.saved))

    def query_fault(self, query: str) -> FieldFault | None:
        """What is wrong with *query*; None if nothing is."""
        return drafts.query_fault(query, self.settings.saved)

    def preview(self, query: str) -> TopicPreview:
        """What *query* would bring, from the stored posts of 30 days. Raises QueryError."""
        draft = Draft(name="", query=query).clean()
        found = previewed(self.store, self._written_out(draft), now=self.clock.now(), zone=self.settings.timezone)
        return replace(found, remarks=self.remarks(draft))

    def _written_out(self, draft: Draft) -> str:
        """The draft's query with the saved ones that it names. Raises QueryError."""
        from engine.query.query import parse
        from engine.query.saved import written_out

        return parse(written_out(draft.query, self.settings.saved)).text

    def _record(self, draft: Draft) -> TopicRecord:
        channel = draft.channel or self.settings.channel_id(self.settings.default_channel)
        return TopicRecord(
            id=0,
            topic=Topic(name=draft.name, query=draft.query, aliases=draft.aliases or (draft.name,)),
            channel=channel,
            policy=draft.policy,
            speak=draft.speak or self.settings.channel_language(channel),
            budget_per_week=2.0,
            watched_since=self.clock.now(),
            origin="slack",
        )
