"""What people can ask and do. Loads, lets the core decide, records. Knows no Slack and words nothing.

Every method may be called from any thread and takes as long as the database does: call it off Bolt's threads.
"""

from __future__ import annotations

import copy
import re
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

import structlog

from bot.briefs.writer import BriefWriter
from bot.desk.access import Access, BarredError
from bot.desk.history_queries import HistoryQueries
from bot.desk.incident_views import IncidentViews
from bot.desk.joint_acts import JointActs, RefusedError
from bot.desk.overview import Overview
from bot.desk.refusals import Refusals
from bot.desk.taken_clicks import TakenClicks
from bot.desk.team_time import TeamTime
from bot.desk.topic_adding import TopicAdding
from bot.desk.topic_names import named
from bot.desk.view_models import (
    BriefView,
    Evidence,
    IncidentList,
    IncidentView,
    ShownPost,
    SourceList,
    TopicLine,
    TopicView,
    WhyView,
    against_first,
    shown,
    topic_view,
)
from bot.errors import DeskError
from bot.incidents.acts import outdated, stands
from bot.incidents.lifecycle import ActRequest, Refusal
from bot.incidents.lifecycle import act as decide_act
from bot.incidents.permissions import Barrier, NotAllowed, Permissions, taken_unchecked
from bot.infra.clock import Clock
from bot.ports import JobRunner, Rematch, Viewer
from bot.records import Act, ActKind, Correction, Decision, Incident, TopicRecord
from bot.work.explanations import ExplanationClient
from bot.work.subprocess_jobs import InlineJobRunner
from engine.post import Polarity

if TYPE_CHECKING:
    from bot.config.settings import Settings
    from bot.store import Store

SHOWN_POSTS = 3
BRIEFED_POSTS = 20
BEFORE_IT_OPENED = timedelta(days=1)
"""A crisis begins before its incident: what was said on the day before is told too."""

SECOND = timedelta(seconds=1)
_PERSON = re.compile(r"^[UW][A-Z0-9]{2,}$")

log = structlog.get_logger("tocsin.desk")


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What became of a person's act: the incident as it stands now, and why nothing was done, if nothing was.

    *repeated*: the same person had done the same already, so that there is nothing to say. *stale*: it was clicked on
    a card that was out of date, and done all the same.
    """

    request: ActRequest
    incident: Incident
    refusal: Refusal | None = None
    repeated: bool = False
    stale: bool = False


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
        self._overview, self._views = Overview(store, clock), IncidentViews(store, settings, clock)
        self.joint = JointActs(store, clock)
        self.clicks = TakenClicks(store, clock)
        self.time = TeamTime(clock=clock, zone=settings.zone, morning=settings.day_begins)
        self.history = HistoryQueries(store, settings, clock, background or InlineJobRunner(store))
        self.refusals, self._access = Refusals(store, clock), Access(settings)
        self.adding = TopicAdding(store=store, settings=settings, clock=clock, access=self._access, ingest=ingest)

    def seen_by(self, viewer: Viewer) -> Desk:
        """The same desk for one person: it shows what they may see, and does what they may do."""
        theirs = copy.copy(self)
        theirs._access = Access(self._settings, viewer, self._told)
        theirs.adding = replace(self.adding, access=theirs._access)
        return theirs

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
        day = timedelta(hours=24)
        read = self._store.posts.read(record.id, since=now - day, until=now + SECOND, limit=12, loudest=True)
        return topic_view(
            record,
            self._overview.summary(record),
            incident=next((one for one in self._open() if one.topic_id == record.id), None),
            posts=shown(against_first(read), SHOWN_POSTS),
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
        view = self.view(self._incident(number))
        record = self._store.topics.get(view.incident.topic_id)
        return (
            replace(view, what_if=self._overview.what_if(record))
            if record and not view.incident.status.closed
            else view
        )

    def brief(self, number: int, *, language: str) -> BriefView:
        """What an incident is about, in *language*; *number* 0 is the only open one. DeskError if there is none."""
        incident, now = self._incident(number), self._clock.now()
        began = incident.opened_at - BEFORE_IT_OPENED
        found = self._store.posts.read(incident.topic_id, since=began, until=now, limit=BRIEFED_POSTS, loudest=True)
        posts = against_first(found)
        told = self._writer.brief(incident, posts, language=language)
        named = self._store.posts.get(sorted({post for sentence in told.sentences for post in sentence.posts}))
        return BriefView(incident=incident, brief=told, posts={post.id: post for post in named})

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

        def decide(current: Incident) -> Decision:
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
        return Outcome(request=request, incident=incident, stale=done is not None)

    def evidence(self, number: int, post_id: str) -> Evidence:
        """A post of an incident, as it was read. DeskError if either is not there."""
        incident = self._incident(number)
        read = self._store.posts.read_as(incident.topic_id, [post_id]).get(post_id)
        for post in self._store.posts.get([post_id]):
            polarity = read.reading.sentiment.label if read else None
            return Evidence(incident=incident, shown=ShownPost(post=post, polarity=polarity))
        raise DeskError("sorry.no_post")

    def why(self, number: int, post_id: str) -> WhyView:
        """Which words of a post of an incident carried its reading. DeskError if it is not there, or nobody can say."""
        found = self.evidence(number, post_id)
        told = self._explanations.why(found.shown.post, found.incident.topic_id) if self._explanations else None
        if told is None:
            raise DeskError("sorry.unexplained")
        return WhyView(post=found.shown.post, explanation=told)

    def correct(self, number: int, post_id: str, polarity: Polarity, request: ActRequest) -> bool:
        """Keep what a person says of a post's sentiment; False if the same person had said so already."""
        found = self.evidence(number, post_id)
        self.check(request, found.incident)
        verdict = Correction(
            topic_id=found.incident.topic_id,
            post_id=post_id,
            by=request.by,
            polarity=polarity,
            at=self._clock.now(),
            incident_id=found.incident.id,
        )
        new = self._store.corrections.say(verdict, key=request.key, origin=request.origin)
        log.info("corrected", incident=found.incident.id, post=post_id, polarity=polarity.value, new=new)
        return new

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

    def objection(self, incident: Incident, request: ActRequest) -> Refusal | None:
        """Why *request* would be refused as things stand; None if it would be done."""
        decision = decide_act(incident, request, now=self._clock.now())
        return decision if isinstance(decision, Refusal) else None

    def person(self, name: str, *, by: str) -> str:
        """The Slack id (or e-mail address) of somebody named in a command. DeskError if nobody is called so."""
        if name == "me":
            return by
        if _PERSON.match(name):
            return name
        for known in self._settings.people:
            if name.casefold() in (known.name.casefold(), (known.email or "").casefold()):
                return known.slack or known.email or ""
        raise DeskError("sorry.no_person", name=name)

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
