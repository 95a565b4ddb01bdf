"""A page keeps saying why somebody is called until that is answered; a closed card keeps its curve."""

from __future__ import annotations

from bot.records import ActKind, Status
from bot.sandbox.people.person import SeenMessage
from engine.post import Level
from tests.bot.slack.office import Office


def paged(office: Office, name: str) -> SeenMessage:
    [card] = [one for one in office.person(name).reads(office.person(name).direct) if "incident 1" in one.plain()]
    return card


def test_a_page_says_that_nobody_took_it_however_often_its_card_is_drawn_again(office: Office) -> None:
    office.rings(Level.RED)
    office.after(minutes=16)
    assert "nobody has acknowledged this for" in paged(office, "Lead").plain()
    office.act("note", text="who is on it?")
    office.after(minutes=5)
    assert "nobody has acknowledged this for 21 min" in paged(office, "Lead").plain()
    assert "nobody has acknowledged" in paged(office, "Lead").text
    office.clean()


def test_acknowledging_from_the_direct_message_answers_the_page_everywhere(office: Office) -> None:
    office.rings(Level.RED)
    office.after(minutes=16)
    lead = office.person("Lead")
    lead.clicks(paged(office, "Lead"), "Acknowledge")
    office.done()
    incident = office.store.incidents.get(1)
    assert incident is not None
    assert (incident.status, incident.owner) == (Status.ACKNOWLEDGED, lead.id)
    assert "nobody has acknowledged" not in paged(office, "Lead").plain()
    assert "@Lead owns this" in paged(office, "Lead").plain()
    [card] = [one for one in lead.reads("pr") if not one.ephemeral]
    assert "@Lead owns this" in card.plain()
    office.clean()


def test_acknowledging_from_the_thread_answers_the_page_and_it_does_not_come_back(office: Office) -> None:
    office.rings(Level.RED)
    office.after(minutes=31)  # the second call goes to #desk, the first one went to the lead
    [call] = [one for one in office.person("Ada").reads("desk") if not one.ephemeral]
    assert "nobody has acknowledged" in call.plain()
    office.person("Ada").clicks(call, "Acknowledge")
    office.done()
    for one in (call.fresh(), paged(office, "Lead")):
        assert "nobody has acknowledged" not in one.plain()
    office.after(hours=5)  # nothing is heard of the owner: the policy rings anew, and says so in its own words
    assert not any(card.page for card in office.store.alerts.cards(1) if card.channel == call.channel)
    office.clean()


def test_what_was_given_to_somebody_says_so_until_they_act(office: Office) -> None:
    office.rings(Level.ORANGE)
    bo = office.person("Bo")
    office.act("assign", by="U000000ADA", to=bo.id)
    office.act("note", text="he knows the plant")
    office.deliver()
    assert "@Ada assigned this to you" in paged(office, "Bo").plain()
    office.act("note", by=bo.id, text="I am calling them")
    office.deliver()
    assert "assigned this to you" not in paged(office, "Bo").plain()
    office.clean()


def test_a_closed_card_keeps_the_curve_that_it_had_when_it_was_closed(office: Office) -> None:
    office.posts = office.stored({"a": "Lumen Tea made me ill", "b": "Lumen Tea tasted of metal"})
    office.rings(Level.YELLOW)
    [card] = office.person("Ada").reads("pr")
    before = [line for line in card.plain().splitlines() if "▁" in line]
    assert before
    office.act("resolve", text="all well")
    office.after(hours=20)
    office.act("note", text="for the review")
    office.deliver()
    assert [line for line in card.fresh().plain().splitlines() if "▁" in line] == before
    assert office.store.incidents.timeline(1)[-1].kind is ActKind.NOTE
    office.clean()
