"""What people can ask and do. Loads, lets the core decide, records. Knows no Slack and words nothing.

Every method may be called from any thread and takes as long as the database does: call it off Bolt's threads.
"""

from __future__ import annotations

import copy
from dataclasses import replace
from typing import TYPE_CHECKING

import structlog

from bot.briefs.writer import BriefWriter
from bot.desk.access import Access, BarredError
from bot.desk.day_entering import DayEntering
from bot.desk.joint_acts import JointActs, RefusedError
from bot.desk.outcome import Outcome
from bot.desk.people import person_named
from bot.desk.refusals import Refusals
from bot.desk.taken_clicks import TakenClicks
from bot.desk.team_notes import TeamNotes
from bot.desk.team_time import TeamTime
from bot.desk.topic_adding import TopicAdding
from bot.desk.topic_names import named
from bot.desk.views.export import IncidentExport, exported
from bot.desk.views.history_queries import HistoryQueries
from bot.desk.views.incident_views import IncidentViews
from bot.desk.views.overview import Overview
from bot.desk.views.post_queries import PostQueries
from bot.desk.views.view_models import IncidentList, IncidentView, SourceList, TopicLine, TopicView, topic_view
from bot.errors import DeskError
from bot.incidents.acts import outdated, stands
from bot.incidents.closing import is_grave
from bot.incidents.lifecycle import ActRequest, Refusal
from bot.incidents.lifecycle import act as decide_act
from bot.incidents.people.permissions import Barrier, NotAllowed, Permissions, taken_unchecked
from bot.infra.clock import Clock
from bot.ports import JobRunner, Rematch, Viewer
from bot.records import Act, ActKind, Decision, Incident, TopicRecord
from bot.work.explanations import ExplanationClient
from bot.work.subprocess_jobs import InlineJobRunner

if TYPE_CHECKING:
    from bot.config.settings import Settings
    from bot.store import Store


log = structlog.get_logger("tocsin.desk")


class Desk:
    def __init__(
        self,
        store: Store,
        settings: Settings,
        clock: Clock,
        ingest: Rematch | None = None,
        writer: BriefWriter | None = None,
        background: JobRunner | None = None,
        explanations: ExplanationClient | None = None,
    ) -> None:
        self._store, self._settings, self._clock = store, settings, clock
        self._writer, self._explanations = writer or BriefWriter(), explanations
        self._overview = Overview(store, clock, settings.zone)
        self._views = IncidentViews(store, settings, clock)
        self.joint = JointActs(store, clock)
        self.clicks, self.team_notes = TakenClicks(store, clock), TeamNotes(store, clock)
        self.time = TeamTime(clock=clock, zone=settings.zone, morning=settings.day_begins)
        self.history = HistoryQueries(store, settings, clock, background or InlineJobRunner(store))
        self.refusals, self._access = Refusals(store, clock), Access(settings)
        self.adding = TopicAdding(store=store, settings=settings, clock=clock, access=self._access, ingest=ingest)
        self.expecting = DayEntering(store=store, time=self.time, access=self._access)

    def seen_by(self, viewer: Viewer) -> Desk:
        """The same desk for one person: it shows what they may see, and does what they may do."""
        theirs = copy.copy(self)
        theirs._access = Access(self._settings, viewer, self._told)
        theirs.adding = replace(self.adding, access=theirs._access)
        theirs.expecting = replace(self.expecting, access=theirs._access)
        return theirs

    @property
    def posts(self) -> PostQueries:
        """What can be asked and said of the posts of an incident."""
        return PostQueries(
            store=self._store,
            settings=self._settings,
            clock=self._clock,
            writer=self._writer,
            explanations=self._explanations,
            find=self._incident,
            check=self.check,
        )

    @property
    def language(self) -> str:
        return self._settings.language

    @property
    def permissions(self) -> Permissions:
        return self._settings.permissions

    @property
    def default_channel(self) -> str:
        """What Slack is given for the channel of last resort."""
        return self._settings.channel_id(self._settings.default_channel)

    def policies(self) -> tuple[str, ...]:
        """The names of the policies that a topic can have, the default one first."""
        written = [part.name for part in self._settings.policies]
        return tuple(dict.fromkeys(["default", *written]))

    def first(self, event_id: str) -> bool:
        """False if Slack sent this before."""
        return self._store.deduplication.first(event_id, self._clock.now())

    def topic(self, name: str) -> TopicView:
        """How a topic stands now. DeskError if there is none of this name."""
        record = self._topic(name)
        now = self._clock.now()
        incident = next((one for one in self._open() if one.topic_id == record.id), None)
        return topic_view(
            record,
            self._overview.summary(record),
            incident=incident,
            last=self._store.incidents.last_closed(record.id),
            posts=self.posts.loudest(record, incident),
            health=self._store.sources.health(now),
            what_if=self._overview.what_if(record),
            tuning=self._store.tunings.get(record.id),
        )

    def topics(self) -> tuple[TopicLine, ...]:
        open_ones = {one.topic_id: one for one in reversed(self._open())}
        return tuple(self._overview.line(record, open_ones.get(record.id)) for record in self.records())

    def records(self) -> list[TopicRecord]:
        """The topics that are watched, by name."""
        return self._access.visible(self._store.topics.all())

    def incidents(self, *, closed: bool = False) -> IncidentList:
        now = self._clock.now()
        found = self._access.visible(self._store.incidents.recent(10)) if closed else self._open()
        return IncidentList(incidents=tuple(found), now=now, closed=closed, health=self._store.sources.health(now))

    def incident(self, number: int) -> IncidentView:
        """An incident with its record; *number* 0 is the only open one. DeskError if there is none."""
        view = self.posts.with_taken_out(self.view(self._incident(number)))
        record = self._store.topics.get(view.incident.topic_id)
        return (
            replace(view, what_if=self._overview.what_if(record))
            if record and not view.incident.status.closed
            else view
        )

    def export(self, number: int) -> IncidentExport:
        """All that is known of an incident, for a file; *number* 0 is the only open one. DeskError if there is none."""
        return exported(self._store, self.incident(number))

    def watched(self, name: str) -> TopicRecord:
        """The topic that goes by *name*. DeskError if there is none."""
        return self._topic(name)

    def sources(self) -> SourceList:
        now = self._clock.now()
        return SourceList(sources=tuple(self._store.sources.all()), health=self._store.sources.health(now), now=now)

    def act(self, number: int, request: ActRequest, *, again: bool = False) -> Outcome:
        """Carry out what a person asks for, alone; *number* 0 is the only open incident. DeskError if there is none.

        BarredError if they may not. An acknowledgement does not wait for Slack to say whether they may. *again*: it was
        begun before, so that what is on the timeline already is done.
        """
        found = self._incident(number, request)
        request = self._completed(found, request)
        done = self._done(found, request)
        if done and (again or stands(found, request, done=done, now=self._clock.now())):
            return Outcome(request=request, incident=found, repeated=True)
        if done:  # the same click as one that was undone since: a card that was not drawn again yet
            request = replace(request, key=f"{request.key}@{found.version}")
            if request.kind is not ActKind.ACKNOWLEDGE:
                return Outcome(request=request, incident=found, refusal=outdated(found, request))
        rule = self._access.rule(request.kind, found)
        barred = rule(found)
        request = replace(request, unchecked=barred is not None and taken_unchecked(barred, request.kind))
        seen: list[int] = []

        def decide(current: Incident) -> Decision:
            seen[:] = [current.version]
            if not request.unchecked and (barred := rule(current)):
                raise BarredError(barred, current, request.kind)
            decision = decide_act(current, request, now=self._clock.now())
            if isinstance(decision, Refusal):
                raise RefusedError(decision, current)
            return decision

        try:
            if request.kind in (ActKind.MERGE, ActKind.SPLIT):
                incident = self.joint.do(found, request, lambda current: self.check(request, current))
            else:
                incident = self._store.incidents.change(found.id, decide)
        except BarredError as error:
            self._keep(error, request)
            raise
        except RefusedError as refused:
            now, done = self._clock.now(), self._done(found, request)
            repeated = done is not None and stands(refused.incident, request, done=done, now=now)
            return Outcome(request=request, incident=refused.incident, refusal=refused.refusal, repeated=repeated)
        log.info("act", incident=incident.id, kind=request.kind.value, version=incident.version)
        # Of a double click, the second may come while the first is written: then nothing was left to write.
        repeated = seen == [incident.version]
        return Outcome(request=request, incident=incident, repeated=repeated, stale=done is not None)

    def _completed(self, incident: Incident, request: ActRequest) -> ActRequest:
        """*request* with the policy that the incident's topic has now, where it asks for that."""
        if request.kind is not ActKind.USE_POLICY:
            return request
        record = self._store.topics.get(incident.topic_id)
        return replace(request, policy=self._settings.policy(record.policy if record else incident.policy.name))

    def barred(self, incident: Incident, kind: ActKind) -> NotAllowed | None:
        """Why the person may not do this to *incident*; None if they may."""
        return self._access.rule(kind, incident)(incident)

    def check(self, request: ActRequest, incident: Incident, *, unsure: bool = False) -> None:
        """BarredError, and a row of its timeline, if the person may not do this; *unsure*: unless it cannot be told."""
        barred = self.barred(incident, request.kind)
        if barred is not None and not (unsure and barred.why is Barrier.UNCHECKED):
            error = BarredError(barred, incident, request.kind)
            self._keep(error, request)
            raise error

    def grave(self, number: int, request: ActRequest) -> bool:
        """True if *request* is about an incident that is not closed without a reason. DeskError, BarredError."""
        return is_grave(self._incident(number, request))

    def objection(self, incident: Incident, request: ActRequest) -> Refusal | None:
        """Why *request* would be refused as things stand; None if it would be done."""
        decision = decide_act(incident, request, now=self._clock.now())
        return decision if isinstance(decision, Refusal) else None

    def person(self, name: str, *, by: str) -> str:
        """The Slack id (or e-mail address) of somebody named in a command. DeskError if nobody is called so."""
        return person_named(name, self._settings.people, by=by)

    def view(self, incident: Incident) -> IncidentView:
        """What a card of *incident* shows, from the database as it is now."""
        return self._views.of(incident)

    def _topic(self, name: str) -> TopicRecord:
        record = self._store.topics.find(name)
        if record is not None and not record.paused and self._access.visible([record]):
            return record
        return named(name, self.records())

    def _told(self, incident: Incident) -> list[str]:
        """The channels in which a card of *incident* stands."""
        return [card.channel for card in self._store.alerts.cards(incident.id) if not card.channel.startswith("D")]

    def _open(self, *, urgent: bool = False) -> list[Incident]:
        return self._access.visible(self._store.incidents.open(), urgent=urgent)

    def _incident(self, number: int, acting: ActRequest | None = None) -> Incident:
        """The incident of this number. What is hidden from the person is not there; that they tried to act is kept."""
        urgent = acting is not None and acting.kind is ActKind.ACKNOWLEDGE
        found = self._store.incidents.find(number) if number else None
        if found is not None:
            hidden = self._access.hidden(found, urgent=urgent)
            if hidden is None or (acting is not None and taken_unchecked(hidden, acting.kind)):
                return found
            if acting is not None:
                self._keep(BarredError(hidden, found), acting)
            if not hidden.hides:
                raise BarredError(hidden)
        open_ones = tuple(self._open(urgent=urgent))
        if number:
            raise DeskError("sorry.no_incident", number=number, incidents=open_ones)
        if len(open_ones) != 1:
            raise DeskError("sorry.several_open" if open_ones else "sorry.none_open", incidents=open_ones)
        return open_ones[0]

    def _keep(self, error: BarredError, request: ActRequest) -> None:
        self.refusals.keep(
            error.barred, by=request.by, deed=request.kind.value, origin=request.origin, incident=error.incident
        )

    def _done(self, incident: Incident, request: ActRequest) -> Act | None:
        """Just this deed, if it is on the timeline: a double click, Slack repeating itself, or an old card."""
        return next((act for act in self._store.incidents.timeline(incident.id) if act.key == request.key), None)
