"""The one turn of a topic: absorb what arrived, measure, judge, decide, record, and do what is due.

The worker takes it over the database, replay, backtests, the nightly tuning and the bench take it in memory: what rings
in one rings in all of them. Pure but for the state and the ledgers that it is handed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

from bot.incidents.closing import leading_stories
from bot.incidents.lifecycle import sweep
from bot.incidents.matters import Circumstances, decisions, stories_told
from bot.records import Act, Decision, Incident, Policy, TopicRecord
from engine.post import Assessment, SourceHealth
from engine.tuning.tuning import DEFAULT, Tuning
from engine.watch.expected import Calendar
from engine.watch.severity import Held
from engine.watch.signals import measure
from engine.watch.snapshot import Measured, Snapshot, look
from engine.watch.state import WatchState
from engine.watch.watch import Absorbed, Arrival, Update, absorb, judge

LOOK_EVERY = timedelta(minutes=5)
"""How long after its last turn a topic that is not calm is looked at again without new posts: levels fall, and
incidents resolve, without posts too."""


class Ledger(Protocol):
    """Where one setting's level and incidents are kept: those that are live, and those closed not long ago
    (``closing.REOPENABLE``), in the order in which they opened."""

    @property
    def tuning(self) -> Tuning: ...

    @property
    def incidents(self) -> Sequence[Incident]: ...

    held: Held

    def write(self, decision: Decision) -> Incident | None:
        """Write what was decided; the incident as it stands then, None if there was nothing to write."""


@dataclass(frozen=True, kw_only=True)
class Change:
    """An incident as it stands after a decision, and what that put on its timeline."""

    incident: Incident
    acts: tuple[Act, ...]


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What a turn made of a topic under one setting: how it stands, and what changed."""

    assessment: Assessment
    changes: tuple[Change, ...]


@dataclass(frozen=True, kw_only=True)
class TopicTurn:
    """What a turn did: to the stories once, and under each setting in the order of their ledgers."""

    absorbed: Absorbed
    verdicts: tuple[Verdict, ...]

    @property
    def update(self) -> Update:
        """The turn under its first setting."""
        return Update(absorbed=self.absorbed, assessment=self.verdicts[0].assessment)


def take_turn(
    state: WatchState,
    arrivals: Sequence[Arrival],
    ledgers: Sequence[Ledger],
    *,
    topic: TopicRecord,
    policy: Policy,
    health: SourceHealth,
    now: datetime,
) -> TopicTurn:
    """Take *arrivals* into *state* (which is changed), and let level and incident of each of *ledgers* follow."""
    named = {story for ledger in ledgers for story in stories_told(ledger.incidents, now)}
    kept = {story for ledger in ledgers for story in leading_stories(ledger.incidents, now)}
    absorbed = absorb(state, arrivals, topic=topic.topic, now=now, named=named, kept=kept)
    calendar = Calendar(days=topic.expected, zone=ZoneInfo(policy.timezone))
    snapshot = look(state, now=now, watched_since=topic.watched_since, calendar=calendar)
    measures = measure(snapshot)
    verdicts = [_follow(each, snapshot, measures, topic=topic, policy=policy, health=health) for each in ledgers]
    return TopicTurn(absorbed=absorbed, verdicts=tuple(verdicts))


def restless(ledger: Ledger) -> bool:
    """True while a topic is looked at every LOOK_EVERY although nothing arrives."""
    return any(not each.status.closed for each in ledger.incidents) or ledger.held.level is not None


def _follow(
    ledger: Ledger,
    snapshot: Snapshot,
    measures: Sequence[Measured],
    *,
    topic: TopicRecord,
    policy: Policy,
    health: SourceHealth,
) -> Verdict:
    before, tuning = ledger.held, ledger.tuning
    assessment, ledger.held = judge(snapshot, measures, before=before, health=health, tuning=tuning)
    about = Circumstances(topic=topic, policy=policy, health=health, tuning=tuning, snapshot=snapshot, before=before)
    made = list(decisions(ledger.incidents, assessment, about))
    changes = [_written(ledger, each) for each in made]
    changes += [_written(ledger, sweep(each, now=snapshot.now)) for each in ledger.incidents if not each.status.closed]
    return Verdict(assessment=assessment, changes=tuple(each for each in changes if each is not None))


def _written(ledger: Ledger, decision: Decision) -> Change | None:
    incident = ledger.write(decision)
    return None if incident is None else Change(incident=incident, acts=decision.acts)


class MemoryLedger:
    """A ledger that keeps nothing beyond the process: for replay and measurements. Incidents are numbered from 1."""

    def __init__(self, tuning: Tuning = DEFAULT) -> None:
        self.tuning = tuning
        self.held = Held()
        self._incidents: dict[int, Incident] = {}

    @property
    def incidents(self) -> Sequence[Incident]:
        return tuple(self._incidents.values())

    def write(self, decision: Decision) -> Incident | None:
        if decision.incident is None:
            return None
        incident = decision.incident
        if incident.id == 0:
            incident = replace(incident, id=max(self._incidents, default=0) + 1)
        self._incidents[incident.id] = replace(incident, version=incident.version + 1)
        return self._incidents[incident.id]
