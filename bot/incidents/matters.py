"""Which incident of a topic a turn is about, where it has several. Pure.

A topic has one incident as long as all that is told belongs together. A story that is a stranger to it, and grave by
itself, opens its own; from then on each follows its own stories. What was closed is measured by what was said since.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.incidents.closing import MOST, REOPENABLE, warn
from bot.incidents.lifecycle import decide, follow, in_mind, open_new
from bot.records import Decision, Incident, Policy, TopicRecord
from engine.post import Assessment, Level, SourceHealth
from engine.stories.similarity import strangers
from engine.tuning.tuning import Tuning
from engine.watch.parts import of_stories, since
from engine.watch.severity import Held
from engine.watch.signals import measure
from engine.watch.snapshot import Snapshot
from engine.watch.watch import judge
from engine.watch.windows import Column

LOOKED_AT = 3
"""Stories, the gravest first, that are tried for an incident of their own."""

HOUR = timedelta(hours=1)


@dataclass(frozen=True, kw_only=True)
class Circumstances:
    """All that decisions about a topic's incidents are made of, at one moment and under one setting."""

    topic: TopicRecord
    policy: Policy
    health: SourceHealth
    tuning: Tuning
    snapshot: Snapshot

    @property
    def now(self) -> datetime:
        return self.snapshot.now

    @property
    def posts(self) -> int:
        """Live posts of the last hour."""
        return int(self.snapshot.column(Column.LIVE, HOUR).sum())

    def said_since(self, at: datetime) -> int:
        """Negative posts that are remembered since *at*, within the last day."""
        return sum(each.negative and each.at > at for each in self.snapshot.notables)

    def judged(self, part: Snapshot, before: Held) -> tuple[Assessment, Held]:
        """How grave *part* of the topic is by itself."""
        return judge(part, measure(part), before=before, health=self.health, tuning=self.tuning)


def decisions(incidents: Sequence[Incident], assessment: Assessment, turn: Circumstances) -> Iterator[Decision]:
    """What becomes of *incidents*: the topic's live ones and those closed in the last days. *assessment* is of all."""
    incidents = [each for each in incidents if each.closed_at is None or turn.now - each.closed_at <= REOPENABLE]
    live = [each for each in incidents if not each.status.closed]
    if live:
        yield from _live(live, assessment, turn)
    elif not turn.topic.paused:
        yield _after_the_close(incidents, assessment, turn)
    for each in incidents:
        if each.status.closed:
            yield _warned(each, assessment, turn)


def _live(live: Sequence[Incident], assessment: Assessment, turn: Circumstances) -> Iterator[Decision]:
    strange = _strange_stories(live, turn)
    if len(live) == 1 and not live[0].split:
        yield follow(live[0], _without(assessment, strange, turn), now=turn.now, posts=turn.posts)
    else:
        for each in live:
            yield _own(each, live, strange, turn)
    if len(live) < MOST and not turn.topic.paused:
        yield _matter_of_its_own(live, strange, turn)


def _without(assessment: Assessment, strange: Sequence[str], turn: Circumstances) -> Assessment:
    """*assessment* headed by what belongs to the incident; a stranger is not taken for a part of it."""
    if not strange:
        return assessment
    mine = tuple(each for each in assessment.stories if each not in strange)
    headline = turn.snapshot.state.stories.by_id[mine[0]].headline if mine else ""
    return replace(assessment, stories=mine, headline=headline)


def _own(incident: Incident, live: Sequence[Incident], strange: Sequence[str], turn: Circumstances) -> Decision:
    """One of several live incidents under what its own stories tell; the first one takes what is nobody's."""
    mine = set(incident.stories)
    if incident is live[0]:
        others = {story for each in live[1:] for story in each.stories}
        mine = set(turn.snapshot.state.stories.by_id) - others - set(strange)
    found, held = turn.judged(of_stories(turn.snapshot, mine), incident.held)
    if (held.level, held.below_since) != (incident.held.level, incident.held.below_since):
        incident = replace(incident, held=replace(held, carriers=()))
        decision = follow(incident, found, now=turn.now, posts=turn.posts)
        return decision if decision.incident is not None else Decision(incident=incident)
    return follow(incident, found, now=turn.now, posts=turn.posts)


def _strange_stories(live: Sequence[Incident], turn: Circumstances) -> list[str]:
    """Of the gravest stories those that belong to no live incident and resemble none of their stories."""
    known = {story for each in live for story in each.stories}
    stories = turn.snapshot.state.stories
    told = [stories.by_id[story] for story in known if story in stories.by_id]
    fresh = [story for story in turn.snapshot.stories[:LOOKED_AT] if story.id not in known]
    return [story.id for story in fresh if told and strangers(story, told, turn.snapshot.state.vocabulary)]


def _matter_of_its_own(live: Sequence[Incident], strange: Sequence[str], turn: Circumstances) -> Decision:
    """A new incident for the first of the *strange* stories that is grave by itself."""
    for story in strange:
        found, held = turn.judged(of_stories(turn.snapshot, {story}), Held())
        if _grave_by_itself(found) and not turn.policy.opens_at.graver_than(found.level):
            latest = max(each.opened_at for each in live)
            opened = open_new(found, topic=turn.topic, policy=turn.policy, now=turn.now, after=latest, split=True)
            assert opened.incident is not None
            return replace(opened, incident=replace(opened.incident, held=replace(held, carriers=())))
    return Decision()


def _grave_by_itself(found: Assessment) -> bool:
    """True if it is orange, or yellow by what is said to have happened."""
    if found.level is None or found.level > Level.YELLOW:
        return False
    first = max(found.signals, key=lambda signal: signal.weight, default=None)
    return found.level < Level.YELLOW or (first is not None and first.name == "gravity")


def _after_the_close(incidents: Sequence[Incident], assessment: Assessment, turn: Circumstances) -> Decision:
    """A topic without a live incident: what is measured since the last close opens one, or lets the old one go on."""
    latest = max(incidents, key=lambda each: (each.closed_at or turn.now, each.id), default=None)
    if latest is not None and latest.closed_at is not None and in_mind(latest, turn.now):
        part = since(turn.snapshot, latest.closed_at)
        assessment = replace(turn.judged(part, Held())[0], facts=assessment.facts)
    leading = set(assessment.stories[:1])
    again = [each for each in incidents if leading & set(each.stories) and not each.merged_into]
    chosen = max(again, key=lambda each: (each.closed_at or turn.now, each.id), default=latest)
    return decide(
        chosen,
        assessment,
        topic=turn.topic,
        policy=turn.policy,
        now=turn.now,
        posts=turn.posts,
        said=turn.said_since(chosen.closed_at) if chosen and chosen.closed_at else 0,
        after=max((each.opened_at for each in incidents), default=None),
    )


def _warned(incident: Incident, assessment: Assessment, turn: Circumstances) -> Decision:
    if incident.closed_at is None or not in_mind(incident, turn.now):
        return Decision()
    return warn(incident, assessment.level, posts=turn.said_since(incident.closed_at), now=turn.now)


def stories_told(incidents: Sequence[Incident]) -> set[str]:
    """The stories that people were told of, whose ids stay whatever becomes one with them."""
    return {story for each in incidents for story in each.stories}
