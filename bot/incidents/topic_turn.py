"""The one turn of a topic: absorb what arrived, measure, judge, decide, record, and do what is due.

The worker takes it over the database, replay, backtests, the nightly tuning and the bench take it in memory: what rings
in one rings in all of them. Pure but for the state and the ledgers that it is handed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Protocol

from bot.incidents.lifecycle import decide, in_mind, sweep
from bot.records import Act, Decision, Incident, Policy, TopicRecord
from engine.post import Assessment, SourceHealth
from engine.watch.severity import Held
from engine.watch.signals import measure
from engine.watch.snapshot import Measured, Snapshot, look
from engine.watch.state import WatchState
from engine.watch.tuning import DEFAULT, Tuning
from engine.watch.watch import Absorbed, Arrival, Update, absorb, judge

LOOK_EVERY = timedelta(minutes=5)
"""How long after its last turn a topic that is not calm is looked at again without new posts: levels fall, and
incidents resolve, without posts too."""


class Ledger(Protocol):
    """Where one setting's level and incident are kept: *incident* is the topic's live one, else that closed last."""

    @property
    def tuning(self) -> Tuning: ...

    @property
    def incident(self) -> Incident | None: ...

    held: Held

    def write(self, decision: Decision) -> Incident | None:
        """Write what was decided; the incident as it stands then, None if there was nothing to write."""


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What a turn made of a topic under one setting: how it stands, what was written, and its incident then."""

    assessment: Assessment
    acts: tuple[Act, ...]
    incident: Incident | None


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
    named = {story for ledger in ledgers for story in stories_told(ledger.incident, now)}
    absorbed = absorb(state, arrivals, topic=topic.topic, now=now, named=named)
    snapshot = look(state, now=now, watched_since=topic.watched_since)
    measures = measure(snapshot)
    verdicts = [_follow(each, snapshot, measures, topic=topic, policy=policy, health=health) for each in ledgers]
    return TopicTurn(absorbed=absorbed, verdicts=tuple(verdicts))


def restless(ledger: Ledger) -> bool:
    """True while a topic is looked at every LOOK_EVERY although nothing arrives."""
    live = ledger.incident is not None and not ledger.incident.status.closed
    return live or ledger.held.level is not None


def stories_told(incident: Incident | None, now: datetime) -> tuple[str, ...]:
    """The stories that people were told of, whose ids stay whatever becomes one with them."""
    return incident.stories if incident is not None and in_mind(incident, now) else ()


def _follow(
    ledger: Ledger,
    snapshot: Snapshot,
    measures: Sequence[Measured],
    *,
    topic: TopicRecord,
    policy: Policy,
    health: SourceHealth,
) -> Verdict:
    now = snapshot.now
    assessment, ledger.held = judge(snapshot, measures, before=ledger.held, health=health, tuning=ledger.tuning)
    decision = _decided(ledger.incident, assessment, topic=topic, policy=policy, now=now)
    ledger.write(decision)
    swept = sweep(ledger.incident, now=now) if ledger.incident is not None else Decision()
    ledger.write(swept)
    return Verdict(assessment=assessment, acts=(*decision.acts, *swept.acts), incident=ledger.incident)


def _decided(
    incident: Incident | None, assessment: Assessment, *, topic: TopicRecord, policy: Policy, now: datetime
) -> Decision:
    """What should happen to the topic's incident; a paused topic opens none."""
    if topic.paused and (incident is None or incident.status.closed):
        return Decision()
    return decide(incident, assessment, topic=topic, policy=policy, now=now)


class MemoryLedger:
    """A ledger that keeps nothing beyond the process: for replay and measurements. Incidents are numbered from 1."""

    def __init__(self, tuning: Tuning = DEFAULT) -> None:
        self.tuning = tuning
        self.held = Held()
        self.incident: Incident | None = None
        self._numbers = 0

    def write(self, decision: Decision) -> Incident | None:
        if decision.incident is None:
            return None
        incident = decision.incident
        if incident.id == 0:
            self._numbers += 1
            incident = replace(incident, id=self._numbers)
        self.incident = replace(incident, version=incident.version + 1)
        return self.incident
