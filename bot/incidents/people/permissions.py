"""Who may see, act and close: people against acts and levels. Pure: what Slack knows of a person comes in.

``may`` is asked on the way of every act, ``may_see`` on the way of every view. What is not done is kept on the
timeline by ``refused``, and ``ask`` has somebody who could do it told.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from bot.incidents.escalation import Because, disowned, restart
from bot.incidents.rows import owed
from bot.records import TOCSIN, Act, ActKind, AlertKind, Decision, Incident, Policy, Status
from engine.post import Level

MEMBERS, CHANNEL = "members", "channel"
"""What a role may name instead of people: the full members of the workspace, the members of the topic's channel."""

KEPT_APART = timedelta(minutes=10)
"""The same refusal of the same person, and the same question to the same person, count once in so long."""

_PERSON = re.compile(r"^[UW][A-Z0-9]{2,}$")
_GROUP = re.compile(r"^(?:@\S+|S[A-Z0-9]{6,})$")


class Right(StrEnum):
    VIEW = "view"
    RESPOND = "respond"  # acknowledge, note, assign, snooze, escalate, correct
    CLOSE = "close"  # resolve, false alarm
    CONFIGURE = "configure"  # add topics


_CLOSING = (ActKind.RESOLVE, ActKind.FALSE_ALARM, ActKind.MERGE, ActKind.SET_LEVEL)
"""What ends an alarm, or may quieten it."""


class ActorKind(StrEnum):
    """What somebody is in the workspace."""

    MEMBER = "member"
    GUEST = "guest"
    BOT = "bot"
    LEFT = "left"  # the account is deactivated
    STRANGER = "stranger"  # of another workspace
    UNKNOWN = "unknown"  # Slack has not said it in time


class Barrier(StrEnum):
    """Why somebody may not."""

    BOT = "bot"
    LEFT = "left"
    STRANGER = "stranger"
    GUEST = "guest"  # a guest whom no role names
    OUTSIDE = "outside"  # no member of the topic's channel
    UNNAMED = "unnamed"  # the settings name others
    CLOSING = "closing"  # orange and red are closed by the owner, leads and the policy's people
    UNCHECKED = "unchecked"  # Slack has not said in time what must be known


_NEVER = {
    ActorKind.BOT: Barrier.BOT,
    ActorKind.LEFT: Barrier.LEFT,
    ActorKind.STRANGER: Barrier.STRANGER,
}


@dataclass(frozen=True, kw_only=True)
class Actor:
    """Somebody as they stand to one channel; *groups* are the user groups of the settings that they are in.

    *in_channel* and *private* are None where Slack has not said it in time.
    """

    id: str
    kind: ActorKind = ActorKind.MEMBER
    email: str = ""
    groups: frozenset[str] = frozenset()
    in_channel: bool | None = True
    private: bool | None = False


@dataclass(frozen=True, kw_only=True)
class Permissions:
    """What the settings say: Slack ids, e-mail addresses, user groups (``@handle``, ``S…``), MEMBERS, CHANNEL.

    Whatever they say, the owner, those whom the policy names and *leads* may see, act on and close an incident.
    """

    view: tuple[str, ...] = (MEMBERS,)
    respond: tuple[str, ...] = (CHANNEL,)
    close: tuple[str, ...] = ()
    configure: tuple[str, ...] = (MEMBERS,)
    leads: tuple[str, ...] = ()

    @property
    def groups(self) -> tuple[str, ...]:
        """Every user group that is named."""
        named = (*self.view, *self.respond, *self.close, *self.configure)
        return tuple(dict.fromkeys(name for name in named if is_group(name)))


USUAL = Permissions()


@dataclass(frozen=True, kw_only=True)
class NotAllowed:
    """Somebody may not, *why*, and *who_could*: the ids or e-mail addresses of people, the nearest first."""

    why: Barrier
    right: Right
    who_could: tuple[str, ...] = ()

    @property
    def hides(self) -> bool:
        """True for somebody to whom it is as if a hidden incident were not there."""
        return self.why in (Barrier.OUTSIDE, Barrier.GUEST, Barrier.UNNAMED)


def may(actor: Actor, kind: ActKind, incident: Incident, permissions: Permissions = USUAL) -> NotAllowed | None:
    """Why *actor* may not do this to *incident*; None if they may."""
    right = right_of(kind)
    why = _barrier(actor, right, incident, permissions)
    return _not_allowed(actor, why, right, permissions, incident.policy, incident.owner)


def may_see(actor: Actor, policy: Policy, *, owner: str = "", permissions: Permissions = USUAL) -> NotAllowed | None:
    """Why *actor* may not see a topic of *policy*, or the incident of it that *owner* has; None if they may."""
    why = _never(actor)
    if why is None and not _responsible(actor, policy, owner, permissions):
        why = _hidden(actor) or _not_looking(actor, permissions)
    return _not_allowed(actor, why, Right.VIEW, permissions, policy, owner)


def may_configure(actor: Actor, permissions: Permissions = USUAL) -> NotAllowed | None:
    """Why *actor* may not add topics; None if they may."""
    why = _never(actor)
    if why is None and not _named(actor, permissions.leads):
        why = _beyond(actor, permissions.configure)
    return _not_allowed(actor, why, Right.CONFIGURE, permissions)


def right_of(kind: ActKind) -> Right:
    return Right.CLOSE if kind in _CLOSING else Right.RESPOND


def taken_unchecked(barred: NotAllowed, kind: ActKind) -> bool:
    """True for an acknowledgement that waits for no answer of Slack's: it is taken, and checked afterwards."""
    return barred.why is Barrier.UNCHECKED and kind is ActKind.ACKNOWLEDGE


def is_person(name: str) -> bool:
    """True for a Slack id of a person, or an e-mail address."""
    return bool(_PERSON.match(name)) or "@" in name[1:]


def is_group(name: str) -> bool:
    """True for a user group: its handle with an @, or its id."""
    return bool(_GROUP.match(name))


def refused(
    timeline: Iterable[Act], barred: NotAllowed, *, by: str, deed: str, origin: Mapping[str, str], now: datetime
) -> Act | None:
    """The row that says that *by* may not do *deed*; None if the *timeline* said so a moment ago."""
    for row in timeline:
        if row.kind is ActKind.REFUSED and (row.by, row.detail.get("deed")) == (by, deed) and _lately(row, now):
            return None
    detail = {"deed": deed, "why": barred.why.value, "origin": dict(origin)}
    return Act(kind=ActKind.REFUSED, at=now, by=by, detail=detail, key=f"refused.{by}.{deed}.{_slot(now)}")


def ask(
    incident: Incident,
    timeline: Sequence[Act],
    *,
    by: str,
    to: str,
    kind: ActKind,
    origin: Mapping[str, str],
    now: datetime,
) -> Decision | None:
    """Have *to* told that *by* asks for an act of *kind*; None if somebody asked them for it a moment ago."""
    for row in timeline:
        same = row.kind is ActKind.ASKED and (row.detail.get("to"), row.detail.get("deed")) == (to, kind.value)
        if same and _lately(row, now):
            return None
    key = f"asked.{to}.{kind.value}.{_slot(now)}"
    payload: Mapping[str, Any] = {"because": Because.ASKED.value, "by": by, "right": right_of(kind).value}
    detail = {"to": to, "deed": kind.value, "origin": dict(origin)}
    row = Act(kind=ActKind.ASKED, at=now, by=by, detail=detail, key=key)
    return Decision(acts=(row,), alerts=(owed(incident, AlertKind.PAGE, now, payload, target=to, key=key),))


def take_back(incident: Incident, barred: NotAllowed, *, by: str, now: datetime) -> Decision:
    """Undo an acknowledgement that was taken unchecked, and that *by* turned out not to be allowed."""
    because = Because.NOT_ALLOWED
    why = {"because": because.value, "owner": by, "why": barred.why.value}
    key = f"taken_back.{incident.id}.{incident.version}"
    row = Act(kind=ActKind.UNACKNOWLEDGED, at=now, by=TOCSIN, detail=why, key=key)
    if incident.status is not Status.ACKNOWLEDGED or incident.owner != by:
        return Decision(acts=(row,))
    free = disowned(incident)
    again = restart(free, because=Because.UNACKNOWLEDGED, now=now)
    told = (owed(free, AlertKind.UPDATE, now), owed(free, AlertKind.NOTICE, now, why))
    return Decision(incident=again.incident, acts=(row, *again.acts), alerts=(*told, *again.alerts))


def _barrier(actor: Actor, right: Right, incident: Incident, permissions: Permissions) -> Barrier | None:
    never = _never(actor)
    if never is not None or _responsible(actor, incident.policy, incident.owner, permissions):
        return never
    hidden = _hidden(actor)
    if hidden is not None:
        return hidden
    closing = _beyond(actor, permissions.close)
    if closing is None:
        return None
    responding = _beyond(actor, permissions.respond)
    if right is Right.RESPOND or incident.level > Level.ORANGE or responding is not None:
        return responding
    return Barrier.UNCHECKED if closing is Barrier.UNCHECKED else Barrier.CLOSING


def _never(actor: Actor) -> Barrier | None:
    return _NEVER.get(actor.kind)


def _responsible(actor: Actor, policy: Policy, owner: str, permissions: Permissions) -> bool:
    """True for those who are there to answer for it. Those whom the settings name need no Slack to say who they are;
    an owner does: they may have become that unchecked."""
    owns = actor.id == owner and actor.kind is not ActorKind.UNKNOWN
    return owns or _named(actor, permissions.leads) or _named(actor, _on_policy(policy))


def _hidden(actor: Actor) -> Barrier | None:
    """Why a topic is not even shown: its channel is private, or nobody can say whether it is."""
    if actor.private is False or actor.in_channel:
        return None
    return Barrier.UNCHECKED if actor.private is None or actor.in_channel is None else Barrier.OUTSIDE


def _not_looking(actor: Actor, permissions: Permissions) -> Barrier | None:
    everybody = (*permissions.view, *permissions.respond, *permissions.close, *permissions.configure)
    if actor.in_channel or _named(actor, everybody):
        return None
    if actor.kind is ActorKind.MEMBER and MEMBERS in permissions.view:
        return None
    if actor.in_channel is None or actor.kind is ActorKind.UNKNOWN:
        return Barrier.UNCHECKED
    return Barrier.GUEST if actor.kind is ActorKind.GUEST else Barrier.UNNAMED


def _beyond(actor: Actor, who: Sequence[str]) -> Barrier | None:
    """Why *actor* is not one of *who*; None if they are."""
    if _named(actor, who):
        return None
    if actor.kind is ActorKind.UNKNOWN:
        return Barrier.UNCHECKED
    if actor.kind is ActorKind.GUEST:
        return Barrier.GUEST
    if MEMBERS in who or (CHANNEL in who and actor.in_channel):
        return None
    if CHANNEL in who:
        return Barrier.UNCHECKED if actor.in_channel is None else Barrier.OUTSIDE
    return Barrier.UNNAMED


def _named(actor: Actor, names: Iterable[str]) -> bool:
    own = {actor.id, *actor.groups, *([actor.email.casefold()] if actor.email else ())}
    return any((name.casefold() if is_person(name) and "@" in name else name) in own for name in names)


def _on_policy(policy: Policy) -> list[str]:
    return [target for step in policy.steps for target in step.notify if is_person(target)]


def _not_allowed(
    actor: Actor,
    why: Barrier | None,
    right: Right,
    permissions: Permissions,
    policy: Policy | None = None,
    owner: str = "",
) -> NotAllowed | None:
    if why is None:
        return None
    listed = {Right.CLOSE: permissions.close, Right.CONFIGURE: permissions.configure}.get(right, permissions.respond)
    could = [owner, *permissions.leads, *(_on_policy(policy) if policy else ()), *filter(is_person, listed)]
    others = [name for name in could if name and name not in (actor.id, actor.email)]
    return NotAllowed(why=why, right=right, who_could=tuple(dict.fromkeys(others)))


def _lately(row: Act, now: datetime) -> bool:
    return abs(now - row.at) < KEPT_APART


def _slot(now: datetime) -> int:
    """The number of the stretch of KEPT_APART that *now* is in: two who write at once have the same key."""
    return int(now.timestamp() // KEPT_APART.total_seconds())
