"""What always holds of an incident, whatever happens to it."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.incidents.escalation import due
from bot.incidents.lifecycle import TRANSITIONS, ActRequest, Refusal, act, decide, sweep
from bot.records import Alert, AlertKind, Decision, Incident, Policy, PolicyStep, Status
from engine.post import Assessment, Level
from tests.bot.incidents.cases import START, TOPIC, assessed, at, opened, stored

LEVELS = st.sampled_from([None, *Level])
STEPS = st.lists(
    st.builds(
        PolicyStep,
        after_minutes=st.sampled_from([0, 0, 5, 10, 30, 60]),
        notify=st.lists(st.sampled_from(["topic", "#acme", "U_LEAD", "U_BOSS", "#war-room"]), max_size=3).map(tuple),
    ),
    max_size=4,
).map(tuple)
POLICIES = st.builds(
    Policy,
    opens_at=st.sampled_from(list(Level)),
    steps=STEPS,
    repeat=st.integers(0, 3),
    reminder_minutes=st.sampled_from([0, 30, 60]),
    unacknowledge_minutes=st.sampled_from([0, 30, 120]),
    resolve_minutes=st.sampled_from([0, 60, 720]),
)
ACTS = st.builds(
    ActRequest,
    kind=st.sampled_from(list(TRANSITIONS[Status.OPEN])),
    by=st.sampled_from(["U_ANNA", "U_BEN"]),
    key=st.uuids().map(str),
    to=st.sampled_from(["", "U_ANNA", "U_LEAD"]),
    minutes=st.sampled_from([0, 15, 600]),
    text=st.sampled_from(["", "a word"]),
)
ASSESSMENTS = st.builds(
    assessed,
    LEVELS,
    score=st.integers(0, 100).map(float),
    stories=st.sampled_from([(), ("s1",), ("s2", "s1"), ("s3",)]),
)
MOVES = st.lists(
    st.tuples(st.sampled_from([0, 1, 7, 45, 800]), st.one_of(ACTS, ASSESSMENTS, ASSESSMENTS, st.just("sweep"))),
    max_size=30,
)


def decided(incident: Incident | None, move: object, policy: Policy, now: datetime) -> Decision | Refusal:
    if isinstance(move, Assessment):
        return decide(incident, move, topic=TOPIC, policy=policy, now=now)
    if incident is None:
        return Decision()
    return act(incident, move, now=now) if isinstance(move, ActRequest) else sweep(incident, now=now)


def check(incident: Incident) -> None:
    assert (incident.next_action_at is None) == (due(incident) is None)
    assert (incident.tell_at is None) == (not incident.untold)
    assert set(incident.untold) <= {fact.key for fact in incident.facts}
    assert incident.peak <= incident.level
    assert incident.status.closed == (incident.closed_at is not None)
    assert (incident.status is Status.ACKNOWLEDGED) <= bool(incident.owner)
    assert (incident.status is Status.OPEN) <= (incident.owner == "")
    if incident.snoozed_until is not None:
        assert incident.next_action_at == incident.snoozed_until
    if incident.status.closed:
        assert incident.next_action_at is None
        assert sweep(incident, now=at(10**6)) == Decision()


@settings(max_examples=300)
@given(policy=POLICIES, moves=MOVES)
def test_whatever_happens_an_incident_stays_sound(policy: Policy, moves: list) -> None:
    incident: Incident | None = None
    now, owed = START, list[Alert]()
    for minutes, move in moves:
        now += timedelta(minutes=minutes)
        outcome = decided(incident, move, policy, now)
        assert outcome == decided(incident, move, policy, now)
        if isinstance(outcome, Refusal) or outcome.incident is None:
            assert isinstance(outcome, Refusal) or outcome == Decision()
            continue
        if incident is not None and incident.status.closed and outcome.incident.status.closed and outcome.incident.id:
            assert all(alert.kind in (AlertKind.UPDATE, AlertKind.ACT) for alert in outcome.alerts)
        owed += outcome.alerts
        incident = stored(incident, outcome)
        check(incident)
        if move == "sweep" and incident.next_action_at is not None:
            assert incident.next_action_at > now
    keys = [alert.key for alert in owed]
    assert len(keys) == len(set(keys))


@settings(max_examples=200)
@given(policy=POLICIES, late=st.lists(st.sampled_from([0, 1, 20, 100]), min_size=1, max_size=10))
def test_an_escalation_of_what_is_mild_never_stalls_and_always_ends(policy: Policy, late: list[int]) -> None:
    """However late the sweeps come, every target is told and the last step repeats as often as it should."""
    first = decide(None, assessed(Level.YELLOW), topic=TOPIC, policy=replace(policy, opens_at=Level.BLUE), now=START)
    incident, pages = stored(None, first), list(first.alerts)
    sweeps = 0
    while incident.next_action_at is not None:
        now = incident.next_action_at + timedelta(minutes=late[sweeps % len(late)])
        decision = sweep(incident, now=now)
        pages += decision.alerts
        incident = stored(incident, decision)
        sweeps += 1
        assert sweeps <= len(policy.steps) + policy.repeat
    told_of = {alert.target for alert in pages if alert.kind in (AlertKind.PAGE, AlertKind.CARD)}
    assert {"#acme" if t == "topic" else t for step in policy.steps for t in step.notify} <= told_of
    assert incident.step == len(policy.steps)
    assert incident.rounds == (policy.repeat if policy.steps else 0)


@settings(max_examples=100)
@given(policy=POLICIES, late=st.lists(st.sampled_from([0, 1, 20, 100]), min_size=1, max_size=10))
def test_what_is_grave_and_nobody_owns_is_called_out_every_day(policy: Policy, late: list[int]) -> None:
    incident = stored(None, decide(None, assessed(Level.RED), topic=TOPIC, policy=policy, now=START))
    now, called, end = START, [START], START + timedelta(days=30)
    for number in range(10_000):
        assert incident.next_action_at is not None
        now = incident.next_action_at + timedelta(minutes=late[number % len(late)])
        if now > end:
            break
        decision = sweep(incident, now=now)
        if any(alert.kind is AlertKind.PAGE for alert in decision.alerts):
            called.append(now)
        incident = stored(incident, decision)
    if all(step.notify for step in policy.steps):
        assert end - called[-1] < timedelta(hours=29)
        gaps = [later - earlier for earlier, later in pairwise(called)]
        assert max(gaps) < timedelta(hours=29)


@settings(max_examples=200)
@given(policy=POLICIES, moves=MOVES)
def test_a_snooze_always_ends(policy: Policy, moves: list) -> None:
    incident = opened(Level.RED, policy)
    now = START
    for minutes, move in moves:
        now += timedelta(minutes=minutes)
        outcome = decided(incident, move, policy, now)
        if isinstance(outcome, Decision) and outcome.incident is not None and outcome.incident.id:
            incident = stored(incident, outcome)
        if incident.snoozed_until is not None:
            woken = sweep(incident, now=incident.snoozed_until)
            assert woken.incident is not None
            assert woken.incident.snoozed_until is None
