"""The life of an incident: what happens to it when the level changes, when time passes, when people act.

Pure. ``decide``, ``sweep`` and ``act`` take an incident as it is stored and say what should be written: the
store counts its version up, the notifier delivers what is owed. An alert's key names the version that it was
decided at, so that deciding twice owes once.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta

from bot.incidents.acts import TRANSITIONS, ActRequest, Refusal, Refused, act, closed
from bot.incidents.escalation import Because, Due, come_due, due, noted, owed, page, reminded, restart, watch_over
from bot.records import (
    TOCSIN,
    Act,
    ActKind,
    Alert,
    AlertKind,
    Decision,
    Incident,
    Policy,
    Status,
    TopicRecord,
)
from engine.post import Assessment, Level

__all__ = ["TRANSITIONS", "ActRequest", "Refusal", "Refused", "act", "decide", "sweep"]

REMEMBERED_STORIES = 200

IN_MIND = timedelta(hours=24)
"""For how long a closed incident still has a say in whether a new one is opened."""

SCORE_STEP = 5.0
"""Points by which the score must have moved for a card to be drawn again at once."""

REDRAW = timedelta(minutes=5)
"""A card whose numbers moved by less is drawn again at most so often."""

MUCH_WORSE = 2
"""Levels by which a matter must rise to be taken from its owner, unless it turns red."""


def decide(
    incident: Incident | None, assessment: Assessment, *, topic: TopicRecord, policy: Policy, now: datetime
) -> Decision:
    """Say what should happen to *incident*, the topic's live or last closed one, as *assessment* sees it.

    Without a live one, a new one is opened if the level is what *policy* asks for. One that was closed lately
    (``in_mind``) stands against that, unless things are graver now than they ever were then, or another story leads.
    """
    if incident is not None and not incident.status.closed:
        return _follow(incident, assessment, now)
    level = assessment.level
    if level is None or policy.opens_at.graver_than(level):
        return Decision()
    if incident is not None and in_mind(incident, now) and not _graver_or_new(incident, assessment, level):
        return Decision()
    return _open(incident, assessment, topic=topic, policy=policy, now=now)


def sweep(incident: Incident, *, now: datetime) -> Decision:
    """Do what *incident* waits for, if its moment has come."""
    if incident.next_action_at is None or not come_due(incident, now):
        return Decision()
    incident = replace(incident, next_action_at=min(now, incident.next_action_at))
    match due(incident):
        case Due.WAKE:
            return _wake(incident, now)
        case Due.PAGE | Due.REPEAT:
            return _with(page(incident, now=now), alerts=[owed(incident, AlertKind.UPDATE, now)])
        case Due.REMIND:
            return _remind(incident, now)
        case Due.UNACKNOWLEDGE:
            return _unacknowledge(incident, now)
        case None:
            return Decision()


def _open(
    before: Incident | None, assessment: Assessment, *, topic: TopicRecord, policy: Policy, now: datetime
) -> Decision:
    level = assessment.level
    assert level is not None
    # A topic and a time name an incident until it has a number, so no two of a topic open at the same moment.
    opened_at = now if before is None else max(now, before.opened_at + timedelta(microseconds=1))
    incident = Incident(
        topic_id=topic.id,
        topic=topic.topic.name,
        channel=topic.channel,
        speak=topic.speak,
        level=level,
        peak=level,
        score=assessment.score,
        headline=assessment.headline,
        policy=policy,
        opened_at=opened_at,
        assessed_at=now,
    )
    incident = _taken_over(incident, assessment, now)
    opened = noted(incident, ActKind.OPENED, now, {"level": level.value, **_account(assessment)})
    card = owed(incident, AlertKind.CARD, now)
    return _with(restart(incident, because=Because.OPENED, now=now), acts=[opened], alerts=[card])


def in_mind(incident: Incident, now: datetime) -> bool:
    """True while *incident* is live, or was closed not long ago."""
    return incident.closed_at is None or now - incident.closed_at <= IN_MIND


def _graver_or_new(incident: Incident, assessment: Assessment, level: Level) -> bool:
    """True if things are graver than they ever were in *incident*, or another story leads."""
    return level.graver_than(incident.peak) or _leads_anew(incident, assessment)


def _leads_anew(incident: Incident, assessment: Assessment) -> bool:
    """True if the story that leads now is none of *incident*'s."""
    return bool(assessment.stories) and assessment.stories[0] not in incident.stories


def _follow(incident: Incident, assessment: Assessment, now: datetime) -> Decision:
    before = None if incident.calm_since else incident.level
    if assessment.level != before:
        return _moved(incident, assessment, before, now)
    if before is None and _calm_enough(incident, now) and not _on_boards(assessment):
        return _stand_down(incident, now)
    if _worth_drawing(incident, assessment, now):
        fresh = _taken_over(incident, assessment, now)
        return Decision(incident=fresh, alerts=(owed(fresh, AlertKind.UPDATE, now),))
    return Decision()


def _moved(incident: Incident, assessment: Assessment, before: Level | None, now: datetime) -> Decision:
    """The level is another one than *before* (None = calm): milder, graver, or grave enough to ring again."""
    level = assessment.level
    graver = level is not None and level.graver_than(before)
    moved = replace(
        _taken_over(incident, assessment, now),
        level=level or Level.BLUE,
        peak=min(level or incident.peak, incident.peak),
        calm_since=now if level is None else None,
    )
    span: dict[str, object] = {"from": before and before.value, "to": level and level.value}
    kind = ActKind.RAISED if graver else ActKind.LOWERED
    acts = [noted(moved, kind, now, {**span, **_account(assessment)})]
    alerts = [owed(moved, AlertKind.UPDATE, now)]
    if level is None or not graver or incident.policy.opens_at.graver_than(level):
        quiet = moved if due(moved) else replace(moved, next_action_at=None)
        return Decision(incident=quiet, acts=tuple(acts), alerts=tuple(alerts))
    alerts.append(owed(moved, AlertKind.WORSE, now, {"owner": incident.owner, **span}))
    return _with(_worse(incident, moved, assessment, now), acts=acts, alerts=alerts)


def _worse(incident: Incident, moved: Incident, assessment: Assessment, now: datetime) -> Decision:
    """Who must hear of it: the owner; the whole policy, if there is none or it got much worse."""
    awake = replace(moved, snoozed_until=None, headline=assessment.headline or moved.headline)
    acts: list[Act] = []
    if incident.snoozed_until is not None:
        acts.append(noted(awake, ActKind.SNOOZE_ENDED, now, {"because": Because.RAISED.value}))
    if awake.status is Status.OPEN:
        return _with(restart(awake, because=Because.RAISED, now=now), acts=acts)
    if _outgrown(incident, awake.level):
        detail = {"owner": incident.owner, "because": Because.RAISED.value}
        acts.append(noted(awake, ActKind.UNACKNOWLEDGED, now, detail))
        again = restart(_disowned(awake), because=Because.RAISED, now=now, also=[incident.owner])
        return _with(again, acts=acts)
    told = owed(awake, AlertKind.PAGE, now, {"because": Because.RAISED.value}, target=incident.owner)
    return Decision(incident=watch_over(awake, now=now), acts=tuple(acts), alerts=(told,))


def _outgrown(incident: Incident, level: Level) -> bool:
    """True if the matter is no longer what its owner took: red as never before, or two levels up at once."""
    if level is Level.RED and level.graver_than(incident.peak):
        return True
    return incident.level.value - level.value >= MUCH_WORSE


def _calm_enough(incident: Incident, now: datetime) -> bool:
    minutes = incident.policy.resolve_minutes
    assert incident.calm_since is not None
    return minutes > 0 and now >= incident.calm_since + timedelta(minutes=minutes)


def _on_boards(assessment: Assessment) -> bool:
    """True while hot-search boards show more of the topic than usual: what millions read is not over, however calm."""
    return any(signal.name == "board" for signal in assessment.signals)


def _stand_down(incident: Incident, now: datetime) -> Decision:
    done = closed(replace(incident, assessed_at=now), Status.RESOLVED, by=TOCSIN, now=now)
    why = {"because": Because.STOOD_DOWN.value}
    return Decision(
        incident=done,
        acts=(noted(done, ActKind.RESOLVE, now, why),),
        alerts=(owed(done, AlertKind.UPDATE, now), owed(done, AlertKind.NOTICE, now, why)),
    )


def _worth_drawing(incident: Incident, assessment: Assessment, now: datetime) -> bool:
    """True if the card would say something else: at once if it matters, every few minutes otherwise."""
    seen = (incident.score, incident.reasons, incident.notes, incident.evidence)
    if seen == (assessment.score, assessment.signals, assessment.notes, assessment.evidence):
        return _leads_anew(incident, assessment)
    return (
        _leads_anew(incident, assessment)
        or abs(assessment.score - incident.score) >= SCORE_STEP
        or [signal.name for signal in assessment.signals] != [signal.name for signal in incident.reasons]
        or assessment.notes != incident.notes
        or now >= incident.assessed_at + REDRAW
    )


def _taken_over(incident: Incident, assessment: Assessment, now: datetime) -> Incident:
    """*incident* with the facts of *assessment*, whatever the level."""
    stories = dict.fromkeys((*assessment.stories, *incident.stories))
    return replace(
        incident,
        score=assessment.score,
        stories=tuple(stories)[:REMEMBERED_STORIES],
        reasons=assessment.signals,
        notes=assessment.notes,
        evidence=assessment.evidence,
        assessed_at=now,
    )


def _wake(incident: Incident, now: datetime) -> Decision:
    because = Because.SNOOZE_ENDED
    why = {"because": because.value}
    awake = replace(incident, snoozed_until=None)
    acts = [noted(awake, ActKind.SNOOZE_ENDED, now)]
    alerts = [owed(awake, AlertKind.UPDATE, now), owed(awake, AlertKind.NOTICE, now, why)]
    if awake.status is Status.OPEN:
        return _with(restart(awake, because=because, now=now), acts=acts, alerts=alerts)
    return Decision(incident=watch_over(awake, now=now), acts=tuple(acts), alerts=tuple(alerts))


def _remind(incident: Incident, now: datetime) -> Decision:
    asked = reminded(incident, now=now)
    owner = {"owner": incident.owner}
    return Decision(
        incident=asked,
        acts=(noted(asked, ActKind.REMINDED, now, owner),),
        alerts=(owed(asked, AlertKind.REMINDER, now, owner),),
    )


def _unacknowledge(incident: Incident, now: datetime) -> Decision:
    because = Because.UNACKNOWLEDGED
    free = _disowned(incident)
    why = {"because": because.value, "owner": incident.owner}
    acts = [noted(free, ActKind.UNACKNOWLEDGED, now, why)]
    notice = owed(free, AlertKind.NOTICE, now, why)
    alerts = [owed(free, AlertKind.UPDATE, now), notice]
    return _with(restart(free, because=because, now=now), acts=acts, alerts=alerts)


def _disowned(incident: Incident) -> Incident:
    return replace(
        incident,
        status=Status.OPEN,
        owner="",
        acknowledged_at=None,
        acknowledged_by="",
        reminded_at=None,
    )


def _account(assessment: Assessment) -> dict[str, object]:
    """What the timeline keeps of *assessment*: the numbers, and the signals that carried it; never a post's text."""
    return {"score": assessment.score, "signals": [each.name for each in assessment.signals if each.weight > 0]}


def _with(decision: Decision, *, acts: Iterable[Act] = (), alerts: Iterable[Alert] = ()) -> Decision:
    """*decision*, and before its own rows those of what led to it."""
    return replace(decision, acts=(*acts, *decision.acts), alerts=(*alerts, *decision.alerts))
