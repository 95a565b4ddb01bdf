"""What people can ask and say of the posts of an incident: one of them, why it was read so, a correction, a brief."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import structlog

from bot.briefs.writer import BriefWriter
from bot.desk.corrected import corrected, taken_out
from bot.desk.views.view_models import (
    BriefView,
    Evidence,
    IncidentView,
    ShownPost,
    WhyView,
    against_first,
    in_order,
    shown,
    shown_post,
)
from bot.errors import DeskError
from bot.incidents.lifecycle import ActRequest
from bot.infra.clock import Clock
from bot.records import NOT_ABOUT, ActKind, Correction, Incident, ReadPost, TopicRecord
from bot.work.explanations import ExplanationClient
from engine.post import Polarity, SourceHealth

if TYPE_CHECKING:
    from bot.config.settings import Settings
    from bot.store import Store
    from bot.store.topics.turn import Turn

SHOWN_POSTS = 3
BRIEFED_POSTS = 20
STORIES, OF_A_STORY = 3, 12
"""Of an incident's stories so many, those that carry it, are looked at for their loudest posts."""

BEFORE_IT_OPENED = timedelta(days=1)
"""A crisis begins before its incident: what was said on the day before is told too."""

DAY, SECOND = timedelta(days=1), timedelta(seconds=1)
TAKEN_OUT = 5

log = structlog.get_logger("tocsin.desk")


@dataclass(frozen=True, kw_only=True)
class PostQueries:
    """*find* gives the incident of a number, 0 being the only open one, or raises DeskError; *check* raises BarredError
    for what the person may not do."""

    store: Store
    settings: Settings
    clock: Clock
    writer: BriefWriter
    explanations: ExplanationClient | None
    find: Callable[[int], Incident]
    check: Callable[[ActRequest, Incident], None]

    def loudest(self, record: TopicRecord, incident: Incident | None) -> tuple[ShownPost, ...]:
        """The posts that stand for what is said of a topic: those of its open *incident*, or the loudest of the day."""
        of_it = self._of(incident, BRIEFED_POSTS) if incident else []
        if len(found := shown(of_it, SHOWN_POSTS)) == SHOWN_POSTS:
            return found
        of_the_day = against_first(self._loudest(record.id, self.clock.now() - DAY, OF_A_STORY))
        return shown(_once([*of_it, *of_the_day]), SHOWN_POSTS)

    def brief(self, number: int, *, language: str) -> BriefView:
        """What an incident is about, in *language*. DeskError if there is none."""
        incident = self.find(number)
        posts = self._of(incident, BRIEFED_POSTS)
        if len(posts) < BRIEFED_POSTS and not incident.split:
            began = incident.opened_at - BEFORE_IT_OPENED
            posts = _once([*posts, *against_first(self._loudest(incident.topic_id, began, BRIEFED_POSTS))])
        told = self.writer.brief(incident, posts[:BRIEFED_POSTS], language=language)
        named = self.store.posts.get(sorted({post for sentence in told.sentences for post in sentence.posts}))
        return BriefView(incident=incident, brief=told, posts={post.id: post for post in named})

    def with_taken_out(self, view: IncidentView) -> IncidentView:
        """*view* with the posts that people said are not about the topic, the latest first."""
        acts = [act for act in reversed(view.timeline) if act.kind is ActKind.CORRECT]
        wanted = dict.fromkeys(str(act.detail["post"]) for act in acts if act.detail.get("polarity") == NOT_ABOUT)
        read = self.store.posts.read_as(view.incident.topic_id, wanted)
        found = [shown_post(read[key]) for key in wanted if key in read and not read[key].about]
        return replace(view, taken_out=tuple(found[:TAKEN_OUT]))

    def evidence(self, number: int, post_id: str) -> Evidence:
        """A post of an incident, as it was read. DeskError if either is not there."""
        incident = self.find(number)
        read = self.store.posts.read_as(incident.topic_id, [post_id]).get(post_id)
        if read is not None:
            return Evidence(incident=incident, shown=shown_post(read), about=read.about)
        for post in self.store.posts.get([post_id]):
            return Evidence(incident=incident, shown=ShownPost(post=post))
        raise DeskError("sorry.no_post")

    def why(self, number: int, post_id: str) -> WhyView:
        """Which words of a post of an incident carried its reading. DeskError if it is not there, or nobody can say."""
        found = self.evidence(number, post_id)
        told = self.explanations.why(found.shown.post, found.incident.topic_id) if self.explanations else None
        if told is None:
            raise DeskError("sorry.unexplained")
        return WhyView(post=found.shown.post, explanation=told)

    def correct(self, number: int, post_id: str, polarity: Polarity | None, request: ActRequest) -> bool:
        """Let what a person says of a post count at once: its tone, or with None that it is not about the topic.

        The topic is looked at again in the same turn. False if the same person had said so already.
        """
        incident = self.evidence(number, post_id).incident
        self.check(request, incident)
        verdict = Correction(
            topic_id=incident.topic_id,
            post_id=post_id,
            by=request.by,
            polarity=polarity,
            at=self.clock.now(),
            incident_id=incident.id,
        )
        health = self.store.sources.health(verdict.at)
        with self.store.turn(incident.topic_id, verdict.at) as turn:
            new = self._said(turn, verdict, request, health)
        log.info("corrected", incident=incident.id, post=post_id, polarity=verdict.word, new=new)
        return new

    def _said(self, turn: Turn, verdict: Correction, request: ActRequest, health: SourceHealth) -> bool:
        from bot.incidents.topic_turn import take_turn

        evidence, now = turn.incident(verdict.incident_id).evidence, verdict.at
        overruled = turn.overrule(verdict)
        if overruled is None:
            return False
        policy = self.settings.policy(turn.topic.policy)
        taken = take_turn(turn.state, overruled.back, [turn], topic=turn.topic, policy=policy, health=health, now=now)
        turn.keep([], taken.update)
        place = evidence.index(verdict.post_id) if verdict.post_id in evidence else None
        gone = overruled.posts if verdict.polarity is None else frozenset[str]()
        turn.write(corrected(turn.incident(verdict.incident_id), verdict, request, place=place, gone=gone))
        for other in turn.incidents:
            if other.id != verdict.incident_id:
                turn.write(taken_out(other, verdict, gone))
        return True

    def _of(self, incident: Incident, limit: int) -> list[ReadPost]:
        """The posts that stand for *incident*: its evidence, then the loudest of its stories since it began."""
        read = self.store.posts.read_as(incident.topic_id, incident.evidence[:limit])
        proofs = in_order([each.post for each in read.values() if each.about], incident.evidence)
        began, found = incident.opened_at - BEFORE_IT_OPENED, list[ReadPost]()
        for story in incident.stories[:STORIES]:
            found += self._loudest(incident.topic_id, began, OF_A_STORY, story)
        return _once([*(read[post.id] for post in proofs), *against_first(found)])[:limit]

    def _loudest(self, topic_id: int, since: datetime, limit: int, story: str | None = None) -> Sequence[ReadPost]:
        """With what is published in this very second."""
        until = self.clock.now() + SECOND
        return self.store.posts.read(topic_id, since=since, until=until, story=story, limit=limit, loudest=True)


def _once(posts: Iterable[ReadPost]) -> list[ReadPost]:
    found: dict[str, ReadPost] = {}
    for read in posts:
        found.setdefault(read.post.id, read)
    return list(found.values())
