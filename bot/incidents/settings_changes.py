"""What becomes of open incidents when the settings change under them. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from bot.incidents.closing import closed
from bot.incidents.escalation import Because
from bot.incidents.rows import noted, owed
from bot.records import TOCSIN, Act, ActKind, AlertKind, Decision, Incident, Policy, Status, TopicRecord


def not_watched(incident: Incident, *, now: datetime) -> Decision:
    """Close *incident*, whose topic left the settings, and say so in its thread."""
    if incident.status.closed:
        return Decision()
    done = closed(incident, Status.RESOLVED, by=TOCSIN, now=now)
    why = {"because": Because.NOT_WATCHED.value}
    return Decision(
        incident=done,
        acts=(noted(done, ActKind.NOT_WATCHED, now),),
        alerts=(owed(done, AlertKind.UPDATE, now), owed(done, AlertKind.NOTICE, now, why)),
    )


def perhaps_renamed(incident: Incident, timeline: Sequence[Act], name: str, *, now: datetime) -> Decision:
    """Ask, once, whether the topic called *name*, which is new, is that of *incident* under another name."""
    if incident.status.closed or _on(timeline, ActKind.RENAMED, "name", name):
        return Decision()
    why = {"because": Because.RENAMED.value, "name": name}
    return Decision(
        incident=incident,
        acts=(noted(incident, ActKind.RENAMED, now, {"name": name}),),
        alerts=(owed(incident, AlertKind.NOTICE, now, why),),
    )


def renamed(incident: Incident, record: TopicRecord, *, now: datetime) -> Decision:
    """*incident* under the name that its topic has now."""
    if incident.status.closed or incident.topic == record.topic.name:
        return Decision()
    changed = replace(incident, topic=record.topic.name)
    return Decision(incident=changed, alerts=(owed(changed, AlertKind.UPDATE, now),))


def policy_changed(incident: Incident, timeline: Sequence[Act], policy: Policy, *, now: datetime) -> Decision:
    """Say, once, that *policy* is not any more what *incident* goes by, and offer it."""
    rules = _fingerprint(policy)
    if incident.status.closed or rules == _fingerprint(incident.policy):
        return Decision()
    if _on(timeline, ActKind.POLICY_CHANGED, "rules", rules):
        return Decision()
    why = {"because": Because.POLICY_CHANGED.value, "policy": policy.name}
    return Decision(
        incident=incident,
        acts=(noted(incident, ActKind.POLICY_CHANGED, now, {"policy": policy.name, "rules": rules}),),
        alerts=(owed(incident, AlertKind.NOTICE, now, why),),
    )


def _fingerprint(policy: Policy) -> str:
    """The same for two policies that call the same people at the same times."""
    rules = (
        policy.opens_at.value, policy.steps, policy.repeat, policy.reminder_minutes, policy.unacknowledge_minutes,
        policy.resolve_minutes,
    )  # fmt: skip
    return hashlib.sha256(repr(rules).encode()).hexdigest()[:16]


def _on(timeline: Sequence[Act], kind: ActKind, name: str, value: object) -> bool:
    """True if *timeline* says so already."""
    return any(act.kind is kind and act.detail.get(name) == value for act in timeline)


def looks_like(gone: TopicRecord, fresh: TopicRecord) -> bool:
    """True if *fresh* may be *gone* under another name: the same query, or most of its names."""
    if " ".join(gone.topic.query.split()) == " ".join(fresh.topic.query.split()):
        return True
    old = {alias.casefold() for alias in (*gone.topic.aliases, gone.topic.name)}
    new = {alias.casefold() for alias in (*fresh.topic.aliases, fresh.topic.name)}
    return 2 * len(old & new) > min(len(old), len(new))
