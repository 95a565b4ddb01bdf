"""Who may do what: people × acts × levels, as a table; what is kept of a refusal, and who is asked instead."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import product

import pytest

from bot.incidents.people.permissions import (
    Actor,
    ActorKind,
    Barrier,
    NotAllowed,
    Permissions,
    Right,
    ask,
    may,
    may_configure,
    may_see,
    refused,
    take_back,
    taken_unchecked,
)
from bot.records import Act, ActKind, AlertKind, Decision, Incident, Policy, PolicyStep, Status
from engine.post import Level
from tests.bot.incidents.cases import acknowledged, at, kinds, opened

ALL = frozenset(Level)
MILD = frozenset({Level.YELLOW, Level.BLUE})
NONE: frozenset[Level] = frozenset()
RESPONDING = (
    ActKind.ACKNOWLEDGE, ActKind.NOTE, ActKind.ASSIGN, ActKind.SNOOZE, ActKind.ESCALATE, ActKind.CORRECT,
)  # fmt: skip
CLOSING = (ActKind.RESOLVE, ActKind.FALSE_ALARM)

WHO = {
    "a member of the channel": Actor(id="U1"),
    "a member of elsewhere": Actor(id="U1", in_channel=False),
    "a guest in the channel": Actor(id="U1", kind=ActorKind.GUEST),
    "the owner": Actor(id="UOWNER", in_channel=False),
    "the owner, a guest": Actor(id="UOWNER", kind=ActorKind.GUEST),
    "a lead of elsewhere": Actor(id="ULEAD", in_channel=False, private=True),
    "somebody of the policy": Actor(id="UPOLICY", in_channel=False),
    "somebody of the policy by address": Actor(id="U1", email="duty@x.example", in_channel=False),
    "a guest whom a role names": Actor(id="UNAMED", kind=ActorKind.GUEST),
    "one of a group that may close": Actor(id="U1", in_channel=False, groups=frozenset({"@chiefs"})),
    "nobody of a private channel": Actor(id="UNAMED", in_channel=False, private=True),
    "a bot": Actor(id="U1", kind=ActorKind.BOT),
    "a bot that was made lead": Actor(id="ULEAD", kind=ActorKind.BOT),
    "a closed account": Actor(id="UOWNER", kind=ActorKind.LEFT),
    "a stranger": Actor(id="UNAMED", kind=ActorKind.STRANGER),
    "somebody unknown": Actor(id="U1", kind=ActorKind.UNKNOWN, in_channel=None, private=None),
    "the owner while Slack is silent": Actor(id="UOWNER", kind=ActorKind.UNKNOWN, in_channel=None, private=None),
    "a lead while Slack is silent": Actor(id="ULEAD", kind=ActorKind.UNKNOWN, in_channel=None, private=None),
}
TABLE: dict[str, tuple[frozenset[Level], frozenset[Level], Barrier | None, Barrier | None]] = {
    # who: at which levels they may respond, and close; why not otherwise
    "a member of the channel": (ALL, MILD, None, Barrier.CLOSING),
    "a member of elsewhere": (NONE, NONE, Barrier.OUTSIDE, Barrier.OUTSIDE),
    "a guest in the channel": (NONE, NONE, Barrier.GUEST, Barrier.GUEST),
    "the owner": (ALL, ALL, None, None),
    "the owner, a guest": (ALL, ALL, None, None),
    "a lead of elsewhere": (ALL, ALL, None, None),
    "somebody of the policy": (ALL, ALL, None, None),
    "somebody of the policy by address": (ALL, ALL, None, None),
    "a guest whom a role names": (ALL, MILD, None, Barrier.CLOSING),
    "one of a group that may close": (ALL, ALL, None, None),
    "nobody of a private channel": (NONE, NONE, Barrier.OUTSIDE, Barrier.OUTSIDE),
    "a bot": (NONE, NONE, Barrier.BOT, Barrier.BOT),
    "a bot that was made lead": (NONE, NONE, Barrier.BOT, Barrier.BOT),
    "a closed account": (NONE, NONE, Barrier.LEFT, Barrier.LEFT),
    "a stranger": (NONE, NONE, Barrier.STRANGER, Barrier.STRANGER),
    "somebody unknown": (NONE, NONE, Barrier.UNCHECKED, Barrier.UNCHECKED),
    "the owner while Slack is silent": (NONE, NONE, Barrier.UNCHECKED, Barrier.UNCHECKED),
    "a lead while Slack is silent": (ALL, ALL, None, None),
}
PERMISSIONS = Permissions(respond=("channel", "UNAMED"), close=("@chiefs",), leads=("ULEAD",))
POLICY = Policy(steps=(PolicyStep(after_minutes=0, notify=("topic", "UPOLICY", "Duty@x.example", "C0DESK")),))


def incident(level: Level, owner: str = "UOWNER") -> Incident:
    return replace(opened(Level.YELLOW, POLICY), level=level, owner=owner)


@pytest.mark.parametrize(("who", "level"), [*product(WHO, Level)], ids=lambda one: getattr(one, "name", one))
def test_the_table_of_people_acts_and_levels(who: str, level: Level) -> None:
    responds, closes, no_answer, no_end = TABLE[who]
    for kind, levels, barrier in (
        *((kind, responds, no_answer) for kind in RESPONDING),
        *((kind, closes, no_end) for kind in CLOSING),
    ):
        found = may(WHO[who], kind, incident(level), PERMISSIONS)
        assert (found is None) == (level in levels), kind
        assert found is None or found.why is barrier


def test_without_a_word_in_the_settings_the_channel_responds_and_owner_and_policy_close_the_grave() -> None:
    member, red = Actor(id="U1"), incident(Level.RED)
    assert may(member, ActKind.SNOOZE, red) is None
    found = may(member, ActKind.RESOLVE, red)
    assert found == NotAllowed(
        why=Barrier.CLOSING, right=Right.CLOSE, who_could=("UOWNER", "UPOLICY", "Duty@x.example")
    )
    assert may(replace(member, id="UOWNER"), ActKind.RESOLVE, red) is None


def test_those_who_could_come_owner_first_then_leads_then_the_policy_and_never_oneself() -> None:
    found = may(Actor(id="U1", in_channel=False), ActKind.RESOLVE, incident(Level.RED), PERMISSIONS)
    assert found is not None
    assert found.who_could == ("UOWNER", "ULEAD", "UPOLICY", "Duty@x.example")
    outside = Actor(id="UPOLICY", kind=ActorKind.BOT)
    assert "UPOLICY" not in (may(outside, ActKind.NOTE, incident(Level.RED), PERMISSIONS) or found).who_could


@pytest.mark.parametrize(
    ("who", "hidden"),
    [
        (Actor(id="U1", in_channel=None), None),
        (Actor(id="U1", in_channel=False, private=True), Barrier.OUTSIDE),
        (Actor(id="U1", in_channel=True, private=True), None),
        (Actor(id="U1", in_channel=None, private=None), Barrier.UNCHECKED),
        (Actor(id="U1", kind=ActorKind.GUEST, in_channel=False), Barrier.GUEST),
        (Actor(id="U1", kind=ActorKind.GUEST, in_channel=True), None),
        (Actor(id="UNAMED", kind=ActorKind.GUEST, in_channel=False), None),
        (Actor(id="UNAMED", kind=ActorKind.MEMBER, in_channel=False, private=True), Barrier.OUTSIDE),
        (Actor(id="UPOLICY", in_channel=False, private=True), None),
        (Actor(id="ULEAD", in_channel=False, private=True), None),
        (Actor(id="U1", kind=ActorKind.STRANGER, in_channel=True), Barrier.STRANGER),
    ],
)
def test_a_private_channels_topic_is_for_its_members_and_those_who_answer_for_it(
    who: Actor, hidden: Barrier | None
) -> None:
    found = may_see(who, POLICY, permissions=PERMISSIONS)
    assert (found and found.why) == hidden


def test_roles_can_leave_looking_and_answering_to_a_few() -> None:
    few = Permissions(view=("@press",), respond=("@press",), configure=())
    stranger_to_it, press = Actor(id="U1", in_channel=False), Actor(id="U2", groups=frozenset({"@press"}))
    assert getattr(may_see(stranger_to_it, Policy(), permissions=few), "why", None) is Barrier.UNNAMED
    assert may_see(press, Policy(), permissions=few) is None
    found = may(Actor(id="U1"), ActKind.NOTE, incident(Level.YELLOW), few)
    assert getattr(found, "why", None) is Barrier.UNNAMED
    assert may(press, ActKind.RESOLVE, incident(Level.YELLOW), few) is None


@pytest.mark.parametrize(
    ("who", "configure", "why"),
    [
        (Actor(id="U1", in_channel=False), ("members",), None),
        (Actor(id="U1", kind=ActorKind.GUEST), ("members",), Barrier.GUEST),
        (Actor(id="UNAMED", kind=ActorKind.GUEST), ("members", "UNAMED"), None),
        (Actor(id="U1"), ("UNAMED",), Barrier.UNNAMED),
        (Actor(id="ULEAD"), (), None),
        (Actor(id="U1", kind=ActorKind.BOT), ("members",), Barrier.BOT),
        (Actor(id="U1", kind=ActorKind.UNKNOWN), ("members",), Barrier.UNCHECKED),
    ],
)
def test_full_members_add_topics(who: Actor, configure: tuple[str, ...], why: Barrier | None) -> None:
    found = may_configure(who, Permissions(configure=configure, leads=("ULEAD",)))
    assert (found and found.why) == why


def test_only_an_acknowledgement_waits_for_no_answer_of_slack() -> None:
    unknown = WHO["somebody unknown"]
    for kind in (*RESPONDING, *CLOSING):
        found = may(unknown, kind, incident(Level.RED))
        assert found is not None
        assert taken_unchecked(found, kind) == (kind is ActKind.ACKNOWLEDGE)


def test_a_refusal_is_kept_once_in_ten_minutes_for_each_person_and_act() -> None:
    barred = NotAllowed(why=Barrier.GUEST, right=Right.RESPOND)
    where = {"channel": "C1", "via": "click", "team": "T1"}

    def again(minute: float, *, by: str = "U1", deed: str = "snooze") -> bool:
        return refused([first], barred, by=by, deed=deed, origin=where, now=at(minute)) is not None

    first = refused([], barred, by="U1", deed="snooze", origin=where, now=at(3))
    assert first is not None
    assert first.detail == {"deed": "snooze", "why": "guest", "origin": where}
    assert not again(4)
    assert not again(12.9)
    assert again(13)
    assert again(4, by="U2")
    assert again(4, deed="resolve")


def test_somebody_is_asked_once_in_a_while_by_whomever() -> None:
    red = incident(Level.RED)

    def asks(timeline: Sequence[Act], by: str, to: str, minute: float) -> Decision | None:
        return ask(red, timeline, by=by, to=to, kind=ActKind.RESOLVE, origin={"via": "click"}, now=at(minute))

    asked = asks([], "U1", "ULEAD", 0)
    assert asked is not None
    assert asked.incident is None
    [page] = asked.alerts
    assert (page.kind, page.target, page.payload["by"], page.payload["right"]) == (
        AlertKind.PAGE, "ULEAD", "U1", "close",
    )  # fmt: skip
    assert asked.acts[0].detail == {"to": "ULEAD", "deed": "resolve", "origin": {"via": "click"}}
    assert asks(asked.acts, "U2", "ULEAD", 1) is None
    assert asks(asked.acts, "U2", "UPOLICY", 1) is not None
    assert asks(asked.acts, "U1", "ULEAD", 10) is not None


def test_what_was_taken_unchecked_is_taken_back_and_rings_anew() -> None:
    taken, barred = acknowledged(), NotAllowed(why=Barrier.GUEST, right=Right.RESPOND)
    back = take_back(taken, barred, by="U_ANNA", now=at(5))
    assert back.incident is not None
    assert (back.incident.status, back.incident.owner) == (Status.OPEN, "")
    assert kinds(back)[0] is ActKind.UNACKNOWLEDGED
    assert {alert.kind for alert in back.alerts} >= {AlertKind.UPDATE, AlertKind.NOTICE, AlertKind.PAGE}
    handed_on = take_back(replace(taken, owner="U_BO"), barred, by="U_ANNA", now=at(5))
    assert handed_on.incident is None
