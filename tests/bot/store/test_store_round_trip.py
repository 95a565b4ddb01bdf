"""Whatever an incident holds comes back exactly, from either database."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.records import Act, ActKind, Alert, AlertKind, Decision, Incident, Policy, PolicyStep, Status
from bot.store import Store
from engine.post import Level, Note, Signal

NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)

text = st.text(max_size=20)
plain = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20)
numbers = st.floats(allow_nan=False)
finite = st.floats(allow_nan=False, allow_infinity=False)
zones = st.sampled_from([UTC, timezone(timedelta(hours=8)), timezone(-timedelta(hours=3, minutes=30))])
times = st.datetimes(datetime(1990, 1, 1), datetime(2090, 1, 1), timezones=zones)
maybe = st.none() | times
several = st.lists(text, max_size=3).map(tuple)
levels = st.sampled_from(Level)
counts = st.integers(0, 1000)
json = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | finite | text,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(text, inner, max_size=3),
    max_leaves=8,
)
details = st.dictionaries(text, json, max_size=3)

notes = st.builds(
    Note,
    code=text,
    values=st.dictionaries(text, st.none() | st.integers(-(2**53), 2**53) | finite | text | several, max_size=3),
)
signals = st.builds(
    Signal, name=text, value=numbers, baseline=st.none() | numbers, weight=numbers, reason=notes, evidence=several
)
policies = st.builds(
    Policy,
    name=text,
    opens_at=levels,
    steps=st.lists(st.builds(PolicyStep, after_minutes=finite, notify=several), max_size=3).map(tuple),
    repeat=counts,
    reminder_minutes=finite,
    unacknowledge_minutes=finite,
    resolve_minutes=finite,
)
incidents = st.builds(
    Incident,
    id=st.just(0),
    version=st.just(0),
    topic_id=st.just(1),
    topic=plain,
    channel=plain,
    speak=plain,
    status=st.just(Status.RESOLVED),
    level=levels,
    peak=levels,
    score=finite,
    headline=plain,
    stories=several,
    reasons=st.lists(signals, max_size=3).map(tuple),
    notes=st.lists(notes, max_size=2).map(tuple),
    evidence=several,
    policy=policies,
    opened_at=times,
    assessed_at=times,
    calm_since=maybe,
    owner=plain,
    acknowledged_at=maybe,
    acknowledged_by=plain,
    snoozed_until=maybe,
    closed_at=maybe,
    closed_by=plain,
    step=counts,
    rounds=counts,
    reminded_at=maybe,
    last_act_at=maybe,
    next_action_at=maybe,
)
acts = st.builds(Act, kind=st.sampled_from(ActKind), at=times, by=plain, detail=details, key=st.just("a"))
alerts = st.builds(
    Alert,
    key=plain,
    kind=st.sampled_from(AlertKind),
    target=plain,
    level=levels,
    at=times,
    payload=details,
)


@settings(
    max_examples=25,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(incident=incidents, act=acts, alert=alerts)
def test_incident_comes_back_exactly(store: Store, build: Any, incident: Incident, act: Act, alert: Alert) -> None:
    """Reasons, policy, details and times: equal to the last digit, and every time in UTC."""
    topic = (store.topics.all() or [build.stored_topic()])[0]
    with store.turn(topic.id, NOW) as turn:
        turn.keep([], build.update())
        stored = turn.write(Decision(incident=incident, acts=(act,), alerts=(alert,)))
    assert stored is not None
    found = store.incidents.get(stored.id)
    assert found == stored
    for name in incident.__dataclass_fields__:
        if name not in ("id", "version"):
            assert getattr(found, name) == getattr(incident, name), name
    assert found is not None
    assert found.opened_at.tzinfo is UTC
    assert store.incidents.timeline(stored.id) == [act]
    [owed] = store.alerts.owed(stored.id)
    assert (owed.key, owed.kind, owed.target, owed.level) == (alert.key, alert.kind, alert.target, alert.level)
    assert (owed.at, owed.payload) == (alert.at, alert.payload)
