"""A message that is not taken goes to the next conversation, then to everybody, then out of Slack; it is told so."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from bot.infra.clock import VirtualClock
from bot.records import ActKind
from bot.store import Store
from engine.post import Level
from tests.bot.conftest import Receiver
from tests.bot.slack.office import SETTINGS, Office, running


@pytest.fixture
def guarded(store: Store, clock: VirtualClock, receiver: Receiver) -> Iterator[Office]:
    """An office with a last resort: one that takes nothing, and one that does."""
    with running(store, clock, listens=False, last_resort=f"{receiver.url}, {receiver.url}second") as opened:
        yield opened


def failed(office: Office) -> list[str]:
    acts = office.store.incidents.timeline(1)
    return [f"{act.detail['target']}: {act.detail['error']}" for act in acts if act.kind is ActKind.DELIVERY_FAILED]


def fails(office: Office, channel: str, **how: Any) -> None:
    """Every post to *channel* is answered so, for a day and longer."""
    office.server.sandbox.fail_next(
        "chat.postMessage", times=1000, only=lambda arguments: arguments.get("channel") == channel, **how
    )


def asked(office: Office) -> list[str]:
    return [one.plain() for one in office.person("Ada").reads("desk")]


def minutes(office: Office, count: int) -> None:
    for _ in range(count * 6):
        office.after(seconds=10)


@pytest.mark.parametrize(
    "how", [{"error": "is_inactive"}, {"error": "fatal_error"}, {"status": 500}, {"hang_up": True}]
)
def test_a_refusal_that_nobody_knows_falls_back_after_five_tries(office: Office, how: dict[str, Any]) -> None:
    tries: list[str] = []

    def counted(arguments: dict[str, Any]) -> bool:
        mine = bool(arguments.get("channel") == "C0000000PR")
        tries.extend(["try"] if mine else [])
        return mine

    office.server.sandbox.fail_next("chat.postMessage", times=1000, only=counted, **how)
    office.rings(Level.ORANGE)
    assert not asked(office)
    minutes(office, 1)
    assert len(tries) == 5
    [card] = asked(office)
    assert "meant for #pr, where it could not be delivered" in card
    assert failed(office)[0].startswith("C0000000PR: ")
    assert not office.store.alerts.owed()
    office.rings(Level.RED)
    assert any("Worse" in one for one in asked(office))


def test_a_refusal_that_comes_rarely_falls_back_after_ten_minutes(office: Office) -> None:
    fails(office, "C0000000PR", error="fatal_error")
    office.rings(Level.ORANGE)
    office.after(minutes=11)
    assert len(asked(office)) == 1


def test_where_every_channel_refuses_the_people_are_told_directly_and_the_last_resort_too(
    guarded: Office, receiver: Receiver
) -> None:
    for channel in ("pr", "desk"):
        guarded.server.sandbox.archive(channel)
    guarded.rings(Level.ORANGE)
    for name in ("Lead", "Agency"):
        person = guarded.person(name)
        [card] = person.reads(person.direct)
        assert "meant for #pr, where it could not be delivered: the channel is archived" in card.plain()
        assert card.buttons == ["Acknowledge", "Resolve"]
    assert len(receiver.came) == 2
    told = receiver.came[0]
    assert told["title"] == "Tocsin: 🟠 Lumen Tea: complaints are rising · incident 1"
    for expected in ("Nobody owns this yet", "the channel is archived", "/opinion ack 1"):
        assert expected in told["message"]
    assert "incident 1" in guarded.notifier.trouble
    assert failed(guarded) == ["C0000000PR: is_archived", "C000000DSK: is_archived"]
    assert not guarded.store.alerts.owed()
    guarded.server.sandbox.archive("pr", archived=False)
    guarded.rings(Level.RED)
    assert not guarded.notifier.trouble


def test_where_nobody_at_all_is_reached_it_is_offered_again_and_the_last_resort_is_told_once(
    guarded: Office, receiver: Receiver
) -> None:
    sandbox = guarded.server.sandbox
    for channel in ("pr", "desk"):
        sandbox.archive(channel)
    sandbox.fail_next("conversations.open", times=1000, error="user_disabled")
    guarded.rings(Level.ORANGE)
    minutes(guarded, 12)
    assert len([one for one in receiver.came if "🟠" in one["title"]]) == 2
    assert guarded.notifier.trouble
    sandbox.archive("pr", archived=False)
    minutes(guarded, 6)
    assert "🟠 Lumen Tea" in guarded.person("Ada").reads("pr")[0].plain()


def test_a_token_that_is_revoked_leads_to_the_last_resort_after_ten_minutes(
    guarded: Office, receiver: Receiver
) -> None:
    guarded.server.sandbox.revoke_token()
    guarded.rings(Level.RED)
    minutes(guarded, 9)
    assert not receiver.came
    minutes(guarded, 3)
    assert "🔴 Lumen Tea" in receiver.came[0]["title"]
    guarded.server.sandbox.revoke_token("")
    minutes(guarded, 6)
    assert "🔴 Lumen Tea" in guarded.person("Ada").reads("pr")[0].plain()


def test_a_scope_that_is_missing_for_one_look_up_costs_that_person_alone(store: Store, clock: VirtualClock) -> None:
    settings = SETTINGS.replace("notify: [Lead]", "notify: [Agency, Lead]")
    with running(store, clock, listens=False, written=settings) as office:
        office.server.sandbox.fail_next("users.lookupByEmail", times=1000, error="missing_scope")
        office.rings(Level.ORANGE)
        office.after(minutes=16)
        lead = office.person("Lead")
        assert len(lead.reads(lead.direct)) == 1
        [card] = asked(office)
        assert "meant for Agency" in card
        assert "lacks a permission" in card
        assert not office.notifier.trouble


def test_without_the_scope_to_look_at_conversations_a_page_arrives_all_the_same(office: Office) -> None:
    for method in ("conversations.info", "users.info", "conversations.history"):
        office.server.sandbox.fail_next(method, times=1000, error="missing_scope")
    office.rings(Level.ORANGE)
    office.after(minutes=16)
    lead = office.person("Lead")
    assert len(lead.reads(lead.direct)) == 1


def test_a_channel_that_is_given_by_name_has_one_card_although_an_answer_was_lost(
    store: Store, clock: VirtualClock
) -> None:
    settings = SETTINGS.replace('  - {name: "#pr", id: C0000000PR}\n', "")
    with running(store, clock, listens=False, written=settings) as office:
        office.server.sandbox.fail_next("chat.postMessage", hang_up=True, after_the_deed=True)
        office.rings(Level.ORANGE)
        office.after(seconds=10)
        office.rings(Level.RED)
        parents = [one for one in office.person("Ada").reads("pr") if not one.message.thread_ts]
        assert len(parents) == 1
        assert "🔴 Lumen Tea" in parents[0].plain()
        office.clean()


def test_a_channel_by_a_name_that_tocsin_is_not_in_falls_back(store: Store, clock: VirtualClock) -> None:
    settings = SETTINGS.replace('channel: "#pr"', 'channel: "#nowhere"')
    with running(store, clock, listens=False, written=settings) as office:
        office.rings(Level.ORANGE)
        [card] = asked(office)
        assert "not a member of it" in card
