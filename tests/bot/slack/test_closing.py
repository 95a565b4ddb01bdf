"""Closing a grave incident, reopening it, and what the thread is told of what people do."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.records import ActKind, Status
from engine.post import Level
from tests.bot.slack.office import Office


@pytest.mark.parametrize(("said", "title"), [("resolve", "Resolve"), ("false-alarm", "False alarm")])
@pytest.mark.parametrize("level", [Level.ORANGE, Level.RED])
def test_a_grave_incident_typed_shut_is_asked_for_its_reason_first(
    office: Office, level: Level, said: str, title: str
) -> None:
    office.rings(level)
    ada = office.person("Ada")
    office.act("acknowledge", by=ada.id)
    ada.types("pr", f"/opinion {said} 1 batch withdrawn")
    form = ada.waits_for_form()
    assert title in form.plain()
    assert "Reopen" in form.plain()
    assert office.store.incidents.get(1).status is Status.ACKNOWLEDGED  # type: ignore[union-attr]
    assert not form.submits()  # what was typed stands in it already
    office.done()
    assert office.store.incidents.get(1).status.closed  # type: ignore[union-attr]
    [row] = [act for act in office.store.incidents.timeline(1) if act.kind in (ActKind.RESOLVE, ActKind.FALSE_ALARM)]
    assert row.detail["text"] == "batch withdrawn"
    office.clean()


def test_a_click_on_resolve_asks_at_red_and_does_it_at_yellow(office: Office) -> None:
    office.rings(Level.RED)
    ada = office.person("Ada")
    office.act("acknowledge", by=ada.id)
    [card] = ada.reads("pr")
    ada.clicks(card, "Resolve")
    form = ada.waits_for_form()
    assert form.submits()  # without a reason Slack does not take it
    assert not form.fills({"Why is it over?": "regulator informed"}).submits()
    office.done()
    assert "✅ Resolved" in card.fresh().plain()
    assert "regulator informed" in card.fresh().plain()
    office.clean()


def test_the_thread_is_told_what_people_do_in_one_line_each(office: Office) -> None:
    office.rings(Level.YELLOW)
    ada = office.person("Ada")
    [card] = ada.reads("pr")
    ada.clicks(card, "Acknowledge")
    for typed in ("note 1 spoke to the plant", "snooze 1 2h", "escalate 1", "assign 1 @Lead", "resolve 1 all well"):
        ada.types("pr", f"/opinion {typed}")
        office.done()
    lines = [reply.plain() for reply in card.thread]
    for expected in (
        "@Ada acknowledged it",
        "@Ada noted: “spoke to the plant”",
        "@Ada snoozed it until",
        "@Ada escalated it",
        "@Ada assigned it to @Lead",
        "@Ada resolved it: “all well”",
    ):
        assert sum(expected in line for line in lines) == 1, expected
    assert len([one for one in ada.reads("pr") if not one.ephemeral]) <= 2  # the card, and the escalation's call
    office.clean()


def test_a_false_alarm_by_mistake_is_reopened_on_the_card(office: Office) -> None:
    office.rings(Level.RED)
    ada, bo = office.person("Ada"), office.person("Bo")
    [card] = ada.reads("pr")
    ada.clicks(card, "Acknowledge")
    office.done()
    office.act("false_alarm", by=bo.id, text="a namesake")
    office.deliver()
    ada.clicks(card.fresh(), "Reopen")
    office.done()
    incident = office.store.incidents.get(1)
    assert incident is not None
    assert (incident.status, incident.owner) == (Status.ACKNOWLEDGED, ada.id)
    assert "@Ada owns this" in card.fresh().plain()
    assert any("@Ada reopened it" in reply.plain() for reply in card.thread)
    office.clean()


def test_after_seven_days_nothing_is_reopened(office: Office) -> None:
    office.rings(Level.ORANGE)
    office.act("resolve", text="over")
    office.clock.set(office.clock.now() + timedelta(days=7, minutes=1))
    ada = office.person("Ada")
    ada.types("quiet", "/opinion reopen 1")
    office.done()
    assert "more than seven days ago" in ada.reads("quiet")[-1].plain()
    office.clean()


def test_the_record_of_an_incident_is_paged_and_whole(office: Office) -> None:
    office.rings(Level.YELLOW)
    for n in range(40):
        office.act("note", text=f"note number {n}")
    office.deliver()
    ada, read = office.person("Ada"), ""
    for page in (1, 2, 3):
        ada.types("quiet", f"/opinion incident 1 {page}")
        office.done()
        read += ada.reads("quiet")[-1].plain()
    for n in range(40):
        assert f"note number {n}”" in read
    assert "opened at yellow" in read
    office.clean()
