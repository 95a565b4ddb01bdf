"""Who people are: asked of Slack once in a while, by pages, and never waited for longer than one can."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import pytest

from bot.incidents.people.permissions import ActorKind, Permissions
from bot.sandbox import App, Room, SandboxServer, Somebody, Subteam
from bot.slack.bolt_app import client
from bot.slack.gate import foreign
from bot.slack.lookups import Lookups
from bot.slack.membership import ANEW_S, CHANNEL_S, Membership, Visitor, Workplace, profile_of
from bot.slack.requests import CLICKED, SENT, TYPED, Attempt, attempt, request_of

HOME = Workplace(team="T1", name="Tea")
GRID = Workplace(team="T1", enterprise="E1")
ORG = Workplace(team="T1", enterprise="E1", org_wide=True)
PATIENCE = 30.0
"""A busy machine is slow, not wrong."""


class Clock:
    """Seconds that pass only when a test says so."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def seconds() -> Clock:
    return Clock()


@pytest.fixture
def slack() -> Iterator[SandboxServer]:
    crowd = [Somebody(name=f"Somebody {number}", id=f"U{number:04d}") for number in range(1200)]
    people = [
        *crowd,
        Somebody(name="Ada", id="UADA", email="ada@x.example"),
        Somebody(name="Guest", id="UGUEST", guest="single"),
        Somebody(name="Robot", id="UROBOT", bot=True),
        Somebody(name="Partner", id="UPARTNER", team="T0ELSEWHER"),
        Somebody(name="Former", id="UFORMER", deleted=True),
    ]
    rooms = [
        Room(name="pr", id="C0PR", people=("Ada", *(one.name for one in crowd))),
        Room(name="war-room", id="C0WAR", private=True, people=("Ada",)),
        Room(name="locked", id="C0LOCKED", private=True, bot=False),
        Room(name="desk", id="C0DESK", people=("Guest",)),
    ]
    groups = [Subteam(handle="chiefs", people=("Ada",))]
    with SandboxServer(channels=rooms, people=people, groups=groups, rates=False) as running:
        yield running


@pytest.fixture
def membership(slack: SandboxServer, seconds: Clock) -> Iterator[Membership]:
    lookups = Lookups(seconds=seconds)
    permissions = Permissions(close=("@chiefs", "@nobody"))
    yield Membership(client(slack.bot_token, slack.api_url), permissions, default_channel="C0DESK", lookups=lookups)
    lookups.stop()


def visitor(membership: Membership, who: str) -> Visitor:
    return Visitor(membership, who, urgent=PATIENCE, patience=PATIENCE)


@pytest.mark.parametrize(
    ("who", "kind"),
    [
        ("UADA", ActorKind.MEMBER),
        ("UGUEST", ActorKind.GUEST),
        ("UROBOT", ActorKind.BOT),
        ("UPARTNER", ActorKind.STRANGER),
        ("UFORMER", ActorKind.LEFT),
        ("UNOBODY", ActorKind.STRANGER),
    ],
)
def test_people_are_told_apart(membership: Membership, who: str, kind: ActorKind) -> None:
    assert visitor(membership, who).at("").kind is kind


def test_a_person_is_known_with_address_groups_and_channel(membership: Membership) -> None:
    ada = visitor(membership, "UADA").at("C0WAR")
    assert (ada.email, ada.groups, ada.in_channel, ada.private) == ("ada@x.example", {"@chiefs"}, True, True)


def test_a_channel_of_thousands_is_read_to_its_last_page(membership: Membership) -> None:
    assert all(visitor(membership, who).at("C0PR").in_channel for who in ("U0000", "U1199", "UADA"))
    assert visitor(membership, "UGUEST").at("C0PR").in_channel is False


def test_a_channel_is_known_by_its_name_too(membership: Membership) -> None:
    assert visitor(membership, "UADA").at("#war-room").private is True
    assert visitor(membership, "UADA").at("#PR").in_channel is True


def test_for_a_channel_that_cannot_be_seen_the_default_channel_answers_and_it_counts_as_private(
    membership: Membership,
) -> None:
    for channel in ("C0LOCKED", "C0NOWHERE", "#nowhere"):
        guest, ada = visitor(membership, "UGUEST").at(channel), visitor(membership, "UADA").at(channel)
        assert (guest.in_channel, guest.private) == (True, True)
        assert (ada.in_channel, ada.private) == (False, True)


def test_a_look_at_a_public_channel_asks_for_no_members(membership: Membership, slack: SandboxServer) -> None:
    slack.sandbox.fail_next("conversations.members", error="fatal_error", times=9)
    looking = visitor(membership, "UADA").at("C0PR", looking=True)
    assert (looking.private, looking.in_channel) == (False, None)


def test_an_answer_is_kept_and_a_fresh_one_is_asked_for_before_anybody_is_refused(
    membership: Membership, slack: SandboxServer, seconds: Clock
) -> None:
    assert visitor(membership, "UGUEST").at("C0PR").in_channel is False
    slack.sandbox.joins("Guest", "pr")
    assert visitor(membership, "UGUEST").at("C0PR").in_channel is False
    seconds.now = ANEW_S + 1
    assert visitor(membership, "UGUEST").at("C0PR", anew=True).in_channel is True
    slack.sandbox.leaves("Guest", "pr")
    seconds.now += CHANNEL_S + 1
    assert visitor(membership, "UGUEST").at("C0PR").in_channel is False


def test_while_slack_fails_the_last_answer_stands_but_refuses_nobody(
    membership: Membership, slack: SandboxServer, seconds: Clock
) -> None:
    assert visitor(membership, "UADA").at("C0WAR").in_channel is True
    seconds.now = 10_000.0
    slack.sandbox.revoke_token("fatal_error")
    old = visitor(membership, "UADA").at("C0WAR")
    assert (old.kind, old.in_channel, old.private) == (ActorKind.MEMBER, True, True)
    anew = visitor(membership, "UADA").at("C0WAR", anew=True)
    assert (anew.kind, anew.in_channel, anew.private) == (ActorKind.UNKNOWN, None, None)


def test_without_the_scope_of_user_groups_only_these_are_lost(seconds: Clock) -> None:
    app = App(scopes=("users:read", "users:read.email", "channels:read", "groups:read"))
    with SandboxServer(channels=["pr"], people=[Somebody(name="Ada", id="UADA")], app=app, rates=False) as narrow:
        lookups = Lookups(seconds=seconds)
        web = client(narrow.bot_token, narrow.api_url)
        known = Membership(web, Permissions(close=("@chiefs",)), default_channel="#pr", lookups=lookups)
        ada = visitor(known, "UADA").at("#pr")
        assert (ada.kind, ada.in_channel, ada.groups) == (ActorKind.MEMBER, True, frozenset())
        lookups.stop()


def test_nobody_waits_for_a_slack_that_hangs_and_it_is_asked_once(seconds: Clock) -> None:
    gate, asked = threading.Event(), []

    def hangs() -> str:
        asked.append(1)
        gate.wait(60)
        return "at last"

    lookups = Lookups(seconds=seconds)
    under_way = [lookups.ask("x", hangs, fresh=60) for _ in range(3)]
    assert [one.wait(0) for one in under_way] == [None, None, None]
    gate.set()
    assert under_way[0].wait(PATIENCE) == "at last"
    assert lookups.ask("x", hangs, fresh=60).wait(0) == "at last"
    assert len(asked) == 1
    lookups.stop()


@pytest.mark.parametrize(
    ("told", "home", "kind"),
    [
        ({"team_id": "T2", "enterprise_user": {"enterprise_id": "E1"}}, GRID, ActorKind.MEMBER),
        ({"team_id": "T2", "enterprise_user": {"enterprise_id": "E2"}}, GRID, ActorKind.STRANGER),
        ({"team_id": "T2"}, HOME, ActorKind.STRANGER),
        ({"team_id": "T1", "is_stranger": True}, HOME, ActorKind.STRANGER),
        ({"team_id": "T2", "enterprise_user": {"enterprise_id": "E1"}}, ORG, ActorKind.MEMBER),
        ({"team_id": "T1"}, None, ActorKind.MEMBER),
        ({"team_id": "T1", "is_ultra_restricted": True}, HOME, ActorKind.GUEST),
    ],
)
def test_a_colleague_of_the_same_enterprise_is_no_stranger(
    told: dict[str, Any], home: Workplace | None, kind: ActorKind
) -> None:
    assert profile_of("U1", told).kind(home) is kind


@pytest.mark.parametrize(
    ("body", "home", "outside"),
    [
        ({"team_id": "T1"}, HOME, False),
        ({"team_id": "T2"}, HOME, True),
        ({"team": {"id": "T1"}, "user": {"id": "U", "team_id": "T2"}}, HOME, True),
        ({"team": None, "user": {"id": "U", "team_id": "T1"}}, HOME, False),
        ({"team": {"id": "T2"}, "enterprise": {"id": "E1"}, "user": {"id": "U", "team_id": "T2"}}, GRID, False),
        ({"team_id": "T2", "enterprise_id": "E2"}, GRID, True),
        ({"team": None, "enterprise": {"id": "E1"}, "user": {"id": "U", "team_id": "E1"}}, ORG, False),
        ({"team_id": "T1"}, ORG, True),
        ({}, HOME, True),
    ],
)
def test_what_comes_from_elsewhere_is_told_by_every_workspace_that_a_payload_names(
    body: dict[str, Any], home: Workplace, outside: bool
) -> None:
    assert foreign(body, home) is outside


def pressed(action: str, value: str, *, chosen: bool = False) -> dict[str, Any]:
    what = {"selected_option": {"value": value}} if chosen else {"value": value}
    return {"type": "block_actions", "actions": [{"action_id": action, **what}]}


@pytest.mark.parametrize(
    ("body", "wanted"),
    [
        ({"command": "/opinion", "text": "认领12"}, Attempt(deed="acknowledge", number=12, via=TYPED)),
        ({"command": "/opinion", "text": "add X"}, Attempt(deed="add_topic", via=TYPED)),
        ({"command": "/opinion", "text": "incidents"}, Attempt(via=TYPED)),
        (pressed("tocsin_resolve", "7:3"), Attempt(deed="resolve", number=7)),
        (pressed("tocsin_more", "snooze:7:3", chosen=True), Attempt(deed="snooze", number=7)),
        (pressed("tocsin_post", "wrong:7:99", chosen=True), Attempt(deed="correct", number=7)),
        (pressed("tocsin_post", "why:7:99", chosen=True), Attempt(number=7)),
        (pressed("tocsin_ask_0", "7:resolve:U1"), Attempt(number=7)),
        (pressed("tocsin_resolve", "nonsense"), Attempt(via=CLICKED)),
        ({"type": "view_submission", "view": {}}, Attempt(via=SENT)),
        ({}, Attempt(via=CLICKED)),
    ],
)
def test_what_somebody_wants_is_told_before_anything_is_done(body: dict[str, Any], wanted: Attempt) -> None:
    assert attempt(body) == wanted


def test_a_request_says_from_where_it_comes() -> None:
    body = {"command": "/opinion", "text": "ack 1", "user_id": "U1", "team_id": "T1", "channel_id": "C1"}
    assert request_of(body | {"trigger_id": "t"}).origin == {"channel": "C1", "via": "command", "team": "T1"}
