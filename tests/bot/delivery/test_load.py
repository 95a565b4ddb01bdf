"""Under load, and with a Slack that is slow or asks for a rest: nothing is sent twice, refused or put off in vain."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from bot.delivery.bundles import AT_ONCE
from bot.delivery.notifier import Notifier
from bot.infra.clock import VirtualClock
from bot.records import TopicRecord
from bot.slack.bolt_app import client
from bot.store import Store
from engine.post import Level, Topic
from tests.bot.slack.office import Office, running

MATTERS = 60


@pytest.fixture
def strict(store: Store, clock: VirtualClock, monkeypatch: pytest.MonkeyPatch) -> Iterator[Office]:
    """An office in a workspace whose limits are counted by the same clock; they are lifted until a test is ready.

    Each matter has its card here, however many there are at once.
    """
    monkeypatch.setitem(AT_ONCE, Level.ORANGE, 1000)
    with running(store, clock, listens=False, rates=True) as opened:
        opened.server.sandbox.board.rates.strict = False
        yield opened


def named(number: int) -> str:
    return f"Matter {number}"


def watch(office: Office, number: int, channel: str) -> None:
    since = office.clock.now() - timedelta(days=14)
    topic = Topic(name=named(number), query=f"matter{number}", aliases=(named(number),))
    record = TopicRecord(
        id=0, topic=topic, channel=channel, policy="default", speak="en", budget_per_week=2.0, watched_since=since
    )  # fmt: skip
    office.store.topics.add(record, since)


def crowded(office: Office, matters: int) -> None:
    """So many incidents, each with a card in the channel and one that was paged to a person."""
    for number in range(matters):
        watch(office, number, "C0000000PR")
        office.rings(Level.ORANGE, topic=named(number), deliver=False)
    office.deliver()
    office.after(minutes=16)
    assert sum(len(office.store.alerts.cards(number)) for number in range(1, matters + 1)) == 2 * matters


def change(office: Office, matters: int) -> None:
    """Every incident's numbers move, so that every card is out of date."""
    office.clock.set(office.clock.now() + timedelta(minutes=6))
    for number in range(matters):
        office.rings(Level.ORANGE, topic=named(number), text="moved", deliver=False)


def seconds(office: Office, count: int) -> None:
    for _ in range(count):
        office.clock.set(office.clock.now() + timedelta(seconds=1))
        office.deliver()


def out_of_date(office: Office) -> int:
    return len([alert for alert in office.store.alerts.owed() if alert.kind == "update"])


def test_many_cards_are_redrawn_at_slacks_pace_and_a_persons_act_goes_first(strict: Office) -> None:
    crowded(strict, MATTERS)
    change(strict, MATTERS)
    strict.server.sandbox.board.rates.strict = True
    seconds(strict, 10)
    assert out_of_date(strict) > MATTERS / 3
    strict.act("acknowledge", number=MATTERS)
    seconds(strict, 5)
    owned = [one.plain() for one in strict.person("Ada").reads("pr") if "@Ada owns this" in one.plain()]
    assert len(owned) == 1
    lead = strict.person("Lead")
    assert sum("@Ada owns this" in one.plain() for one in lead.reads(lead.direct)) == 1
    seconds(strict, 150)
    assert not out_of_date(strict)
    assert not strict.server.sandbox.refusals
    moved = [one for one in strict.person("Ada").reads("pr") if "moved" in one.plain()]
    assert len(moved) == MATTERS


def test_a_redraw_goes_on_with_the_card_at_which_it_stopped(office: Office) -> None:
    office.rings(Level.ORANGE)
    office.after(minutes=16)
    drawn: list[str] = []

    def counted(arguments: dict[str, Any]) -> bool:
        drawn.append(str(arguments["channel"]))
        return len(drawn) == 2

    office.server.sandbox.fail_next("chat.update", retry_after=30, times=1, only=counted)
    office.act("acknowledge")
    office.deliver()
    assert len(drawn) == 2
    office.after(seconds=31)
    first, second = {*drawn}, drawn[1]
    assert len(first) == 2
    lead = office.person("Lead")
    assert "@Ada owns this" in lead.reads(lead.direct)[0].plain()
    assert "@Ada owns this" in office.person("Ada").reads("pr")[0].plain()
    assert drawn.count(second) == 1  # the order was spent: later calls are not asked


def test_a_rest_that_slack_wants_of_updates_is_shared_by_all_of_them_and_by_nothing_else(office: Office) -> None:
    office.rings(Level.ORANGE)
    office.rings(Level.ORANGE, topic="北山乳业")
    office.server.sandbox.fail_next("chat.update", retry_after=600)
    office.act("acknowledge", number=1)
    office.act("acknowledge", number=2)
    office.rings(Level.RED)
    assert any("Worse" in one.plain() for one in office.person("Ada").reads("pr"))
    office.after(seconds=590)
    assert "@Ada owns this" not in office.person("Ada").reads("gongguan")[0].plain()
    office.after(seconds=11)
    assert "由 @Ada 负责" in office.person("Ada").reads("gongguan")[0].plain()
    assert not out_of_date(office)


def test_a_rest_that_slack_wants_in_one_channel_stops_posts_there_and_only_there(office: Office) -> None:
    calls: list[str] = []

    def there(arguments: dict[str, Any]) -> bool:
        calls.append(str(arguments["channel"]))
        return arguments["channel"] == "C0000000PR"

    office.server.sandbox.fail_next("chat.postMessage", times=1000, retry_after=600, only=there)
    office.rings(Level.ORANGE)
    office.rings(Level.RED, topic="北山乳业")
    assert len(office.person("Ada").reads("gongguan")) == 1
    for _ in range(59):
        office.after(seconds=10)
    assert not [one for one in office.person("Ada").reads("pr") if not one.ephemeral]
    assert calls.count("C0000000PR") == 1
    office.server.sandbox.board.orders.clear()
    office.after(seconds=15)
    assert len(office.person("Ada").reads("pr")) == 1


CHANNELS = ("C0000000PR", "C0000000ZH", "C000000DSK", "C00000QUIE")


def test_two_processes_with_a_slow_slack_send_nothing_twice(office: Office) -> None:
    """Four messages are claimed at once, and each takes longer to send than half a claim lasts; after every one of
    them the other process looks for work."""
    posted: list[str] = []
    clients = [client(office.server.bot_token, office.server.api_url) for _ in range(2)]
    first, second = (Notifier(office.store, each, office.clock, office.settings, spacing=0) for each in clients)
    send = clients[0].chat_postMessage

    def slow(**arguments: Any) -> Any:
        answer = send(**arguments)
        posted.append(arguments["metadata"]["event_payload"]["key"])
        office.clock.set(office.clock.now() + timedelta(seconds=40))
        second.send()
        return answer

    def noted(**arguments: Any) -> Any:
        posted.append(arguments["metadata"]["event_payload"]["key"])
        return send(**arguments)

    clients[0].chat_postMessage, clients[1].chat_postMessage = slow, noted  # type: ignore[method-assign]
    for number, channel in enumerate(CHANNELS):
        watch(office, number, channel)
    for number in range(len(CHANNELS)):
        office.rings(Level.RED, topic=named(number), deliver=False)
    for turn in range(30):
        for one in office.store.incidents.open():
            office.act("note", number=one.id, text=f"turn {turn}")
        while first.send() + first.redraws.tick():
            pass
    assert len(posted) >= 30 * len(CHANNELS)
    assert len(posted) == len(set(posted)), "a message was sent twice"
