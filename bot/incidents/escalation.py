"""Who is told next about an incident, and when. Pure: the time comes in, decisions go out.

There are no timers. An incident carries the moment of its next action; a sweep asks for those whose moment
has come, and ``due`` says what the action is. Moments that were missed because nothing ran are caught up at
once, each target told once.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from bot.incidents.rows import Payload, noted, owed
from bot.infra.clock import come
from bot.records import ActKind, AlertKind, Decision, Incident, Policy, PolicyStep, Status
from engine.post import Level

TOPIC = "topic"
"""The target that stands for the topic's own channel."""

REPEAT_MINUTES = 15.0
"""Between the repeats where the policy's steps tell no spacing."""

GRACE_MINUTES = 5.0
"""The least time that an owner has to answer a reminder."""

NAGS = (timedelta(minutes=30), timedelta(hours=1), timedelta(hours=2))
"""After the policy's last round the pauses before an orange or red matter that nobody owns is called out again; then
it is called out each morning. What nobody owns is never silent."""

NAGGED_FROM = Level.ORANGE

LEAST_BELIEVED = timedelta(hours=1)
LONGEST_OTHER_WAIT = timedelta(days=7)
"""No snooze lasts longer, and nothing else does."""

UNTIL_MORNING = timedelta(hours=27)
"""The longest that anybody waits for the next morning, on a day of 25 hours too."""


class Due(StrEnum):
    """What an incident waits for until its ``next_action_at``."""

    WAKE = "wake"  # its snooze ends
    PAGE = "page"  # the next step of the policy
    REPEAT = "repeat"  # the last step once more, as the policy says; and then for as long as nobody owns what is grave
    REMIND = "remind"  # ask the owner how it stands
    UNACKNOWLEDGE = "unacknowledge"  # the owner did not answer: page again


class Because(StrEnum):
    """Why somebody is told: ``because`` in the payload of a page and in the detail of the timeline's row."""

    OPENED = "opened"
    RAISED = "raised"
    UNANSWERED = "unanswered"  # nobody acknowledged in time: the next step, or the last one again
    UNACKNOWLEDGED = "unacknowledged"  # the owner did not answer the reminder
    SNOOZE_ENDED = "snooze_ended"
    ESCALATED = "escalated"  # a person asked for it
    ASSIGNED = "assigned"  # a person gave it to the target
    STOOD_DOWN = "stood_down"  # calm for long enough
    REOPENED = "reopened"  # it was closed, and goes on
    STILL_RED = "still_red"  # it was closed, and is red still
    NOT_WATCHED = "not_watched"  # its topic is watched no longer
    RENAMED = "renamed"  # its topic may have another name now
    POLICY_CHANGED = "policy_changed"  # its policy was edited
    POLICY = "policy"  # another policy holds from now on
    ASKED = "asked"  # somebody who may not do it asks the target to
    NOT_ALLOWED = "not_allowed"  # the acknowledgement was taken unchecked, and should not have been


def due(incident: Incident) -> Due | None:
    """What *incident* waits for; None if nothing happens until somebody acts or its level changes."""
    if incident.status.closed:
        return None
    if incident.snoozed_until is not None:
        return Due.WAKE
    if held(incident):
        return None
    return _due_to_all(incident) if incident.status is Status.OPEN else _due_to_owner(incident)


def come_due(incident: Incident, now: datetime) -> bool:
    """True if the moment of *incident*'s next action has come, or lies further ahead than it can have been set."""
    at = incident.next_action_at
    return at is not None and come(at, now, longest_wait(incident))


def longest_wait(incident: Incident) -> timedelta:
    """The longest that *incident* can have to wait for what it waits for; an hour is always believed."""
    policy, waits = incident.policy, due(incident)
    match waits:
        case Due.WAKE if incident.snoozed_until and incident.last_act_at:
            return max(LEAST_BELIEVED, incident.snoozed_until - incident.last_act_at)
        case Due.REPEAT:
            return max(UNTIL_MORNING, spacing(policy))
        case Due.REMIND if policy.reminder_minutes <= 0:
            return UNTIL_MORNING
    minutes = {
        Due.PAGE: max((step.after_minutes for step in policy.steps), default=0.0),
        Due.REMIND: policy.reminder_minutes,
        Due.UNACKNOWLEDGE: max(GRACE_MINUTES, policy.unacknowledge_minutes),
    }
    return max(LEAST_BELIEVED, timedelta(minutes=minutes[waits])) if waits in minutes else LONGEST_OTHER_WAIT


def _due_to_all(incident: Incident) -> Due | None:
    policy = incident.policy
    if incident.step < len(policy.steps):
        return Due.PAGE
    if incident.rounds < policy.repeat and policy.steps:
        return Due.REPEAT
    return None if NAGGED_FROM.graver_than(incident.level) else Due.REPEAT


def _due_to_owner(incident: Incident) -> Due | None:
    expires = incident.policy.unacknowledge_minutes > 0
    if incident.policy.reminder_minutes > 0 and not (expires and incident.reminded_at):
        return Due.REMIND
    if expires:
        return Due.UNACKNOWLEDGE
    return None if NAGGED_FROM.graver_than(incident.level) else Due.REMIND


def held(incident: Incident) -> bool:
    """True while it is too mild to disturb anybody: calm, or milder than what its policy opens at.

    The hold ends when the level rises again, which starts the paging anew.
    """
    return incident.calm_since is not None or incident.policy.opens_at.graver_than(incident.level)


def order(policy: Policy) -> tuple[PolicyStep, ...]:
    """The steps of *policy*, the earliest first."""
    return tuple(sorted(policy.steps, key=lambda step: step.after_minutes))


def spacing(policy: Policy) -> timedelta:
    """Between the repeats of the last step: as long as it waited after the step before it."""
    minutes = [step.after_minutes for step in order(policy)]
    gap = minutes[-1] - minutes[-2] if len(minutes) > 1 else 0.0
    return timedelta(minutes=gap if gap > 0 else REPEAT_MINUTES)


def pause(incident: Incident, now: datetime) -> timedelta:
    """Before the last step is paged once more: as the policy says, then longer and longer, then until the morning."""
    nagged = incident.rounds - incident.policy.repeat
    if nagged < 0 and incident.policy.steps:
        return spacing(incident.policy)
    nagged = max(nagged, 0)
    return NAGS[nagged] if nagged < len(NAGS) else next_morning(incident.policy, now) - now


def next_morning(policy: Policy, now: datetime) -> datetime:
    """When the team's next day begins, at least the longest pause from *now*."""
    zone, hour = ZoneInfo(policy.timezone), time.fromisoformat(policy.morning)
    earliest = now + NAGS[-1]
    day = earliest.astimezone(zone).date()
    for _ in range(3):
        at = datetime.combine(day, hour, zone).astimezone(UTC)
        if at >= earliest:
            return at
        day += timedelta(days=1)
    raise AssertionError("every day has a morning")


def restart(incident: Incident, *, because: Because, now: datetime, also: Iterable[str] = ()) -> Decision:
    """Page from the first step on, its minutes counted from *now*; those of *also* are paged at once.

    The topic's own channel is left out of what is paged at once: the card or the reply that goes with the
    restart tells it already.
    """
    begun = replace(incident, step=0, rounds=0, next_action_at=None)
    targets: list[str] = []
    if due(begun) is Due.PAGE:
        wait = max(0.0, order(begun.policy)[0].after_minutes)
        begun, targets = _advanced(replace(begun, next_action_at=now + timedelta(minutes=wait)), now)
    elif due(begun) is Due.REPEAT:
        begun = replace(begun, next_action_at=now + pause(begun, now))
    told = {TOPIC, incident.channel}
    return _paged(begun, [t for t in (*also, *targets) if t not in told], because, now)


def page(incident: Incident, *, now: datetime) -> Decision:
    """Page what is due by *now*: every step whose time has come, or the last one once more."""
    if due(incident) is Due.REPEAT:
        steps = order(incident.policy)
        targets = list(steps[-1].notify if steps else (TOPIC,))
        again = replace(incident, rounds=incident.rounds + 1)
        advanced = replace(again, next_action_at=_next_page(again, now, now))
    else:
        advanced, targets = _advanced(incident, now)
    return _paged(advanced, targets, Because.UNANSWERED, now)


def resume(incident: Incident, *, now: datetime) -> Incident:
    """*incident*, whose level came back: who is told next goes on where it was, and nobody is told at once."""
    if incident.snoozed_until is not None:
        return replace(incident, next_action_at=incident.snoozed_until)
    if incident.status is not Status.OPEN:
        return _watched_again(incident, now)
    wait = _gap(incident) if due(incident) is Due.PAGE else pause(incident, now)
    since = incident.paged_at or incident.told_at or now
    at = max(since + wait, now + timedelta(minutes=GRACE_MINUTES))
    return replace(incident, next_action_at=None if due(incident) is None else at)


def _watched_again(incident: Incident, now: datetime) -> Incident:
    """An owned *incident* whose level came back: the owner who was asked still has to answer."""
    if incident.reminded_at is None or due(incident) is not Due.UNACKNOWLEDGE:
        return watch_over(incident, now=now)
    left = incident.policy.unacknowledge_minutes - incident.policy.reminder_minutes
    at = incident.reminded_at + timedelta(minutes=max(GRACE_MINUTES, left))
    return replace(incident, next_action_at=max(at, now + timedelta(minutes=GRACE_MINUTES)))


def _gap(incident: Incident) -> timedelta:
    """Between the step before the one that is paged next, and that one."""
    steps = order(incident.policy)
    before = steps[incident.step - 1].after_minutes if incident.step else 0.0
    return timedelta(minutes=steps[incident.step].after_minutes - max(0.0, before))


def escalate(incident: Incident, *, now: datetime, by: str) -> Decision:
    """Page the next step now, whatever its time; after the last one, the last one again."""
    steps = order(incident.policy)
    ahead = replace(incident, step=min(incident.step + 1, len(steps)))
    if incident.status is Status.OPEN:
        at = None if due(ahead) is None else _next_page(ahead, now, now)
        ahead = replace(ahead, next_action_at=at)
    targets = steps[ahead.step - 1].notify if steps else (TOPIC,)
    return _paged(ahead, targets, Because.ESCALATED, now, {"by": by})


def watch_over(incident: Incident, *, now: datetime) -> Incident:
    """An acknowledged *incident* whose owner has just been heard of: the reminder's clock starts anew."""
    fresh = replace(incident, reminded_at=None)
    waits = {
        None: None,
        Due.WAKE: fresh.snoozed_until,
        Due.REMIND: _asked_next(fresh.policy, now),
        Due.UNACKNOWLEDGE: now + timedelta(minutes=fresh.policy.unacknowledge_minutes),
    }
    return replace(fresh, next_action_at=waits[due(fresh)])


def reminded(incident: Incident, *, now: datetime) -> Incident:
    """*incident* after its owner was asked how it stands: the clock of the un-acknowledgement runs."""
    policy = incident.policy
    asked = replace(incident, reminded_at=now)
    if due(asked) is not Due.UNACKNOWLEDGE:
        return replace(asked, next_action_at=_asked_next(policy, now))
    minutes = max(GRACE_MINUTES, policy.unacknowledge_minutes - policy.reminder_minutes)
    return replace(asked, next_action_at=now + timedelta(minutes=minutes))


def _asked_next(policy: Policy, now: datetime) -> datetime:
    """When an owner is asked how it stands: each morning, where the policy names no time."""
    if policy.reminder_minutes > 0:
        return now + timedelta(minutes=policy.reminder_minutes)
    return next_morning(policy, now)


def _advanced(incident: Incident, now: datetime) -> tuple[Incident, list[str]]:
    """*incident* past every step whose time has come by *now*, and the targets of those steps."""
    steps, targets = order(incident.policy), list[str]()
    at = incident.next_action_at
    while incident.step < len(steps) and at is not None and at <= now:
        targets += steps[incident.step].notify
        incident = replace(incident, step=incident.step + 1)
        at = _next_page(incident, at, now)
    return replace(incident, next_action_at=at), targets


def _next_page(incident: Incident, planned: datetime, now: datetime) -> datetime | None:
    """When *incident* is paged next, the step before having been planned for *planned*."""
    steps = order(incident.policy)
    if incident.step < len(steps):
        before = steps[incident.step - 1].after_minutes if incident.step else 0.0
        return planned + timedelta(minutes=steps[incident.step].after_minutes - max(0.0, before))
    return None if due(incident) is None else now + pause(incident, now)


def _paged(
    incident: Incident, targets: Iterable[str], because: Because, now: datetime, asked: Payload | None = None
) -> Decision:
    """*incident* with a page to each of *targets*, once each."""
    chosen = list(dict.fromkeys(incident.channel if target == TOPIC else target for target in targets))
    if not chosen:
        return Decision(incident=incident)
    payload = {
        "because": because.value,
        "step": incident.step,
        "steps": len(incident.policy.steps),
        "last": incident.status is Status.OPEN and due(incident) is None,
        **(asked or {}),
    }
    incident = replace(incident, paged_at=now)
    return Decision(
        incident=incident,
        acts=(noted(incident, ActKind.PAGED, now, {"targets": chosen, **payload}),),
        alerts=tuple(owed(incident, AlertKind.PAGE, now, payload, target=target) for target in chosen),
    )


def disowned(incident: Incident) -> Incident:
    """*incident* without the owner who did not answer, or whose matter it is no longer."""
    return replace(
        incident,
        status=Status.OPEN,
        owner="",
        acknowledged_at=None,
        acknowledged_by="",
        reminded_at=None,
    )
