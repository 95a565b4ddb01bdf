"""Incidents for tests: opened, acted on and stored without a database."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from bot.incidents.lifecycle import ActRequest, act, decide
from bot.records import ActKind, AlertKind, Decision, Incident, Policy, PolicyStep, TopicRecord
from engine.post import Assessment, Level, Note, Signal, Topic

START = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
TOPIC = TopicRecord(
    id=7,
    topic=Topic(name="Acme", query="acme"),
    channel="#acme",
    policy="default",
    speak="en",
    budget_per_week=1,
    watched_since=START - timedelta(days=30),
)
POLICY = Policy(
    steps=(
        PolicyStep(after_minutes=0, notify=("topic", "U_LEAD")),
        PolicyStep(after_minutes=10, notify=("U_OFFICER", "#war-room")),
        PolicyStep(after_minutes=30, notify=("U_BOSS",)),
    ),
    repeat=2,
)


def at(minutes: float) -> datetime:
    return START + timedelta(minutes=minutes)


def assessed(
    level: Level | None, *, score: float = 50, stories: tuple[str, ...] = ("s1",), signal: str = "volume"
) -> Assessment:
    worry = Signal(
        name=signal, value=90, baseline=4.0, weight=score, reason=Note(code="drop", values={"value": 90, "usual": 4})
    )
    return Assessment(
        at=START,
        level=level,
        score=score,
        signals=(worry,) if level else (),
        stories=stories,
        headline="Acme recalls its kettles",
        evidence=("1", "2"),
    )


def stored(incident: Incident | None, decision: Decision) -> Incident:
    """What the store would hold afterwards."""
    after = decision.incident
    assert after is not None
    if after.id == 0:
        number = 1 if incident is None else incident.id + 1
        return replace(after, id=number, version=1)
    return replace(after, version=after.version + 1)


def opened(level: Level = Level.YELLOW, policy: Policy = POLICY, minutes: float = 0) -> Incident:
    return stored(None, decide(None, assessed(level), topic=TOPIC, policy=policy, now=at(minutes)))


def follow(incident: Incident | None, assessment: Assessment, minutes: float) -> Decision:
    return decide(incident, assessment, topic=TOPIC, policy=POLICY, now=at(minutes))


def does(incident: Incident, kind: ActKind, minute: float = 1, *, by: str = "U_ANNA", **more: object) -> Decision:
    if kind in (ActKind.RESOLVE, ActKind.FALSE_ALARM, ActKind.SET_LEVEL):
        more = {"text": "because"} | more
    request = ActRequest(kind=kind, by=by, key=f"k{minute}{by}{kind}", **more)  # type: ignore[arg-type]
    outcome = act(incident, request, now=at(minute))
    assert isinstance(outcome, Decision)
    return outcome


def acknowledged(level: Level = Level.YELLOW, policy: Policy = POLICY) -> Incident:
    incident = opened(level, policy)
    return stored(incident, does(incident, ActKind.ACKNOWLEDGE))


def told(decision: Decision) -> list[tuple[str, str]]:
    """Kind and target of every message, without the redrawing of cards and the lines about what people did."""
    quiet = (AlertKind.UPDATE, AlertKind.ACT)
    return [(alert.kind.value, alert.target) for alert in decision.alerts if alert.kind not in quiet]


def kinds(decision: Decision) -> list[ActKind]:
    return [row.kind for row in decision.acts]
