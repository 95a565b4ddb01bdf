"""What the team writes below a card, and what it pins, is on the incident's record; nothing else is read or kept."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.records import Act, ActKind
from bot.sandbox.people.person import SeenMessage
from bot.slack.team_talk import by_person, pin_of, reply_of, worded
from bot.store import Store
from engine.post import Level
from tests.bot.slack.office import PEOPLE, Office, running


def notes(office: Office, number: int = 1) -> list[Act]:
    return [act for act in office.store.incidents.timeline(number) if act.kind is ActKind.NOTE]


def card(office: Office, channel: str = "pr") -> SeenMessage:
    return next(one for one in office.person("Ada").reads(channel) if one.from_slack is False and one.buttons)


def said(office: Office, channel: str, text: str) -> SeenMessage:
    return next(one for one in office.person("Ada").reads(channel) if text in one.plain())


def test_a_reply_below_the_card_is_a_note_of_its_writer_and_the_thread_does_not_repeat_it(office: Office) -> None:
    office.rings(Level.ORANGE)
    office.person("Bo").types("pr", "The plant is closed, @Ada knows: call 13812345678", thread=card(office))
    office.done()
    [note] = notes(office)
    assert (note.by, note.detail["text"]) == ("U0000000BO", "The plant is closed, @Ada knows: call •••")
    assert [one.plain() for one in card(office).thread if "plant" in one.plain()] == [
        one.plain() for one in card(office).thread
    ]  # it stands there already
    office.person("Ada").types("pr", "/opinion incident 1")
    office.done()
    assert "@Bo wrote in the thread: “The plant is closed" in office.person("Ada").reads("pr")[-1].plain()
    office.person("Mei").types("pr", "/opinion 事件 1")
    office.done()
    assert "@Bo 在消息列中写道" in office.person("Mei").reads("pr")[-1].plain()
    office.clean()


def test_what_is_written_elsewhere_is_neither_read_nor_kept(office: Office) -> None:
    office.rings(Level.ORANGE)
    ada = office.person("Ada")
    ada.types("pr", "lunch?")
    ada.types("pr", "noodles", thread=said(office, "pr", "lunch?"))
    ada.types("desk", "what a day")
    ada.writes_to_bot("hello")
    office.done()
    assert not notes(office)
    assert not office.store.clicks.claim(office.clock.now() + timedelta(hours=1))
    office.clean()


def test_an_owner_who_writes_there_is_heard_of_and_others_are_not_the_owner(office: Office) -> None:
    office.rings(Level.ORANGE)
    office.act("acknowledge", by="U000000ADA")
    office.after(minutes=50)
    office.person("Bo").types("pr", "any news?", thread=card(office))
    office.done()
    assert office.store.incidents.get(1).next_action_at <= office.clock.now() + timedelta(minutes=10)  # type: ignore[union-attr, operator]
    office.after(minutes=11)
    assert office.store.incidents.get(1).reminded_at is not None  # type: ignore[union-attr]
    office.person("Ada").types("pr", "statement is with legal", thread=card(office))
    office.done()
    incident = office.store.incidents.get(1)
    assert incident is not None
    assert incident.reminded_at is None
    assert incident.next_action_at == office.clock.now() + timedelta(hours=1)
    office.clean()


def test_a_pin_keeps_who_wrote_it_and_who_pinned_it_once(office: Office) -> None:
    office.rings(Level.ORANGE)
    ada, mei = office.person("Ada"), office.person("Mei")
    office.person("Bo").types("pr", "The regulator called the CEO")
    message = said(office, "pr", "regulator called")
    mei.reacts(message, "eyes")
    mei.reacts(message, "pushpin")
    office.done()
    mei.reacts(message, "pushpin")  # taken away: what is known stays known
    ada.reacts(message, "pushpin")
    office.done()
    [note] = notes(office)
    assert (note.by, note.detail["pinned_by"], note.detail["text"]) == (
        "U0000000BO",
        "U000000MEI",
        "The regulator called the CEO",
    )
    ada.types("pr", "/opinion incident 1")
    office.done()
    assert "@Mei pinned what @Bo wrote: “The regulator called the CEO”" in ada.reads("pr")[-1].plain()
    office.clean()


def test_a_pin_on_a_reply_below_a_card_does_not_write_it_twice(office: Office) -> None:
    office.rings(Level.ORANGE)
    office.person("Bo").types("pr", "two shops called", thread=card(office))
    office.done()
    [reply] = [one for one in card(office).thread if "two shops" in one.plain()]
    office.person("Mei").reacts(reply, "pushpin")
    office.done()
    assert [note.detail["text"] for note in notes(office)] == ["two shops called"]
    office.clean()


def test_a_pin_on_what_tocsin_wrote_or_where_no_card_stands_is_nothing(office: Office) -> None:
    office.rings(Level.ORANGE)
    office.person("Bo").types("desk", "my password is rosebud")
    office.person("Ada").reacts(card(office), "pushpin")
    office.person("Ada").reacts(said(office, "desk", "rosebud"), "pushpin")
    office.done()
    assert not notes(office)
    office.clean()


@pytest.mark.parametrize("who", ["Robot", "Rival", "Passer"])
def test_bots_and_strangers_and_guests_that_no_role_names_are_not_written(store: Store, clock, who: str) -> None:  # type: ignore[no-untyped-def]
    people = [
        *PEOPLE,
        {"name": "Robot", "id": "U00000ROBO", "bot": True},
        {"name": "Rival", "id": "U00000RIVA", "team": "T0000RIVAL"},
        {"name": "Passer", "id": "U00000PASS", "guest": True},
    ]
    with running(store, clock, people=people) as office:
        office.rings(Level.ORANGE)
        office.server.sandbox.leaves("Passer", "pr")
        office.person("Bo").types("pr", "for the record")
        office.person(who).types("pr", "let me in", thread=card(office))
        office.person(who).reacts(said(office, "pr", "for the record"), "pushpin")
        office.done()
        assert not notes(office)
        assert not [one for one in office.person("Ada").reads("pr") if "may not" in one.plain()]
        office.clean()


@pytest.mark.parametrize(
    "event",
    [
        {"subtype": "message_changed"},
        {"subtype": "channel_join", "user": "U1"},
        {"bot_id": "B1", "user": "U1"},
        {"user": ""},
    ],
)
def test_edits_joins_and_programs_are_no_people(event: dict[str, str]) -> None:
    assert not by_person(event)
    usual = {"channel": "C1", "channel_type": "channel", "thread_ts": "1700000000.000001", "ts": "1700000001.000001"}
    assert reply_of({"event": usual | {"text": "hi"} | event}) is None


@pytest.mark.parametrize("event", [None, {}, {"item": None}, {"reaction": "pushpin", "item": {"type": "file"}}])
def test_what_is_no_message_is_left_alone(event: object) -> None:
    assert reply_of({"event": event}) is None
    assert pin_of({"event": event}) is None


def test_what_was_written_is_kept_plain_masked_and_bounded() -> None:
    text = "<@U1> see <https://a.example/x|this> &amp; <!channel> mail <mailto:a@b.example|a@b.example> " + "x" * 2000
    plain = worded(text, lambda user: "Bo")
    assert plain.startswith("@Bo see https://a.example/x & !channel mail ••• xxx")
    assert len(plain) <= 1000
