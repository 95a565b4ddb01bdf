"""What people do to incidents: at once, whatever else is slow; kept before Slack is answered; never without a word."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest

from bot.desk.views.post_queries import PostQueries
from bot.errors import StoreError
from bot.infra.clock import VirtualClock
from bot.records import ActKind, Incident, Status
from bot.sandbox.people.person import SeenMessage
from bot.slack.executor import Executor
from bot.store import Store
from bot.work.explanations import ExplanationClient
from engine.post import Level
from tests.bot.slack.office import Office, running

BUSY = StoreError("database.busy", place="x", seconds=1)


class Silence:
    """No worker answers, for as long as the test lasts."""

    def __init__(self) -> None:
        self.over = threading.Event()

    def ask(self, request: str) -> str | None:
        self.over.wait(60)
        return None


@pytest.fixture
def unexplained(store: Store, clock: VirtualClock) -> Iterator[tuple[Office, Silence]]:
    silence = Silence()
    with running(store, clock, explanations=ExplanationClient(silence)) as opened:
        yield opened, silence


def incident(office: Office) -> Incident:
    found = office.store.incidents.get(1)
    assert found is not None
    return found


def acts(office: Office, kind: ActKind = ActKind.ACKNOWLEDGE) -> int:
    return [act.kind for act in office.store.incidents.timeline(1)].count(kind)


def whispers(office: Office, who: str = "Ada") -> list[str]:
    return [one.plain() for one in office.person(who).everything("pr") if one.ephemeral]


def rung(office: Office) -> SeenMessage:
    office.rings(Level.ORANGE)
    return office.person("Ada").reads("pr")[0]


def test_nine_questions_that_nobody_answers_delay_no_act(unexplained: tuple[Office, Silence]) -> None:
    office, silence = unexplained
    office.posts = office.stored({"a": "Sick after tea"})
    card, ada = rung(office), office.person("Ada")
    for _ in range(9):
        ada.chooses(card, f"why:1:{office.posts[0]}")
    ada.clicks(card, "Acknowledge")
    office.server.sandbox.until(lambda: incident(office).owner == ada.id)
    assert not silence.over.is_set()
    silence.over.set()
    office.done()


def test_eight_briefs_of_a_model_that_hangs_delay_no_act(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    over, brief = threading.Event(), PostQueries.brief
    monkeypatch.setattr(PostQueries, "brief", lambda *args, **named: (over.wait(60), brief(*args, **named))[1])
    rung(office)
    ada = office.person("Ada")
    for _ in range(8):
        ada.types("pr", "/opinion brief 1")
    ada.types("pr", "/opinion ack 1")
    office.server.sandbox.until(lambda: incident(office).owner == ada.id)
    over.set()
    office.done()


def test_an_act_waits_for_no_slack_that_does_not_say_who_somebody_is(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    over = threading.Event()
    monkeypatch.setattr(office.executor, "speech", lambda _asked: over.wait(60))
    card, ada = rung(office), office.person("Ada")
    ada.clicks(card, "Acknowledge")
    office.server.sandbox.until(lambda: incident(office).owner == ada.id)
    over.set()


def test_a_click_is_kept_before_slack_is_answered_and_outlives_the_process(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The process dies between ack and write: the next one does what was taken, once."""
    card, ada = rung(office), office.person("Ada")
    monkeypatch.setattr(office.executor.acts.pool, "submit", lambda *_: None)
    ada.clicks(card, "Acknowledge")
    assert acts(office) == 0
    monkeypatch.undo()
    office.clock.set(office.clock.now() + timedelta(minutes=2))
    office.executor.acts.tick()
    office.done()
    assert incident(office).owner == ada.id
    office.clock.set(office.clock.now() + timedelta(minutes=2))
    office.executor.acts.tick()
    office.done()
    assert acts(office) == 1


def test_what_was_written_before_the_process_died_is_not_done_again(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Even where things have moved on since: the owner has lost it, and must not get it back by an old click."""
    card, ada = rung(office), office.person("Ada")
    monkeypatch.setattr(office.desk.clicks, "done", lambda _click: (_ for _ in ()).throw(BUSY))
    ada.clicks(card, "Acknowledge")
    office.done()
    monkeypatch.undo()
    for _ in range(3):
        office.after(minutes=61)
    assert incident(office).status is Status.OPEN
    office.executor.acts.tick()
    office.done()
    assert incident(office).status is Status.OPEN


@pytest.mark.parametrize("act", ["click", "command", "form"])
def test_what_the_database_does_not_take_is_told_and_not_done(
    office: Office, monkeypatch: pytest.MonkeyPatch, act: str
) -> None:
    card, ada = rung(office), office.person("Ada")
    if act == "form":
        ada.chooses(card, "Add a note…")
        form = ada.waits_for_form().fills({"text": "spoke to the plant"})
    monkeypatch.setattr(office.store.clicks, "take", lambda *_: (_ for _ in ()).throw(BUSY))
    if act == "click":
        ada.clicks(card, "Acknowledge")
    elif act == "command":
        ada.types("pr", "/opinion ack 1")
    else:
        form.submits()
    office.done()
    assert whispers(office) == ["That was not taken: the database does not answer just now. Nothing was changed. "
                                "Please try it again in a moment."]  # fmt: skip
    assert acts(office) == acts(office, ActKind.NOTE) == 0


def test_a_database_that_hangs_is_told_in_time_and_what_it_takes_too_late_is_not_done(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    over, take = threading.Event(), office.store.clicks.take
    monkeypatch.setattr(office.store.clicks, "take", lambda *args: (over.wait(60), take(*args))[1])
    office.executor.patience = 0.2
    card, ada = rung(office), office.person("Ada")
    ada.clicks(card, "Acknowledge")
    ada.waits_for("pr", "was not taken")
    over.set()
    office.done()
    assert acts(office) == 0
    assert office.store.clicks.claim(office.clock.now() + timedelta(hours=1)) == []


def test_what_was_taken_is_done_when_the_database_is_there_again_and_the_person_knows(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    change = office.store.incidents.change
    card, ada = rung(office), office.person("Ada")
    monkeypatch.setattr(office.store.incidents, "change", lambda *_: (_ for _ in ()).throw(BUSY))
    ada.clicks(card, "Acknowledge")
    ada.waits_for("pr", "is kept, and is done as soon as it answers")
    monkeypatch.setattr(office.store.incidents, "change", change)
    office.executor.acts.tick()
    office.done()
    assert incident(office).owner == ada.id
    assert len(whispers(office)) == 1


def test_whoever_lost_it_takes_it_again_from_a_card_that_is_not_drawn_yet_and_is_told(office: Office) -> None:
    card, ada = rung(office), office.person("Ada")
    old = card.fresh()
    ada.clicks(old, "Acknowledge")
    office.done()
    for _ in range(2):
        office.clock.set(office.clock.now() + timedelta(minutes=61))
        office.sweep()
    assert incident(office).status is Status.OPEN
    pressed(office, old)
    office.done()
    assert incident(office).owner == ada.id
    assert "That card was out of date" in whispers(office)[-1]
    pressed(office, old)
    office.done()
    assert acts(office) == 2
    assert len(whispers(office)) == 1


def pressed(office: Office, old: SeenMessage) -> None:
    """Ada clicks on what her screen still shows."""
    from bot.sandbox.blocks.controls import button
    from bot.sandbox.people import actions

    ada = office.person("Ada")
    actions.press(ada.board, ada.member, old.message, button(old.blocks, "Acknowledge")).result(60)


def test_whoever_lost_it_to_somebody_else_is_told_whose_it_is(office: Office) -> None:
    old, ada = rung(office), office.person("Ada")
    ada.clicks(old, "Acknowledge")
    office.done()
    office.act("assign", to="U0000000BO")
    pressed(office, old)
    office.done()
    assert "already taken by @Bo" in whispers(office)[-1] or "@Bo was first" in whispers(office)[-1]


def test_an_escalation_from_a_card_that_is_out_of_date_says_so(office: Office) -> None:
    card = rung(office)
    choose = button_of(office, card)
    choose()
    choose()  # a double click
    office.done()
    assert acts(office, ActKind.ESCALATE) == 1
    assert len(whispers(office)) == 1
    office.clock.set(office.clock.now() + timedelta(minutes=5))
    choose()
    office.done()
    assert "out of date" in whispers(office)[-1]


def button_of(office: Office, card: SeenMessage) -> Callable[[], Any]:
    from bot.sandbox.blocks.controls import choice
    from bot.sandbox.people import actions

    ada, (control, row) = office.person("Ada"), choice(card.blocks, "Escalate now")
    value = {"selected_option": row}
    return lambda: actions.press(ada.board, ada.member, card.message, control, value).result(60)


def test_a_question_to_a_locked_database_is_answered_while_it_is_locked(store: Store, clock: VirtualClock) -> None:
    with running(store, clock) as office:
        release, held = threading.Event(), threading.Event()

        def hold() -> None:
            with store._database.write():
                held.set()
                release.wait(30)

        holder = threading.Thread(target=hold)
        holder.start()
        held.wait(10)
        ada = office.person("Ada")
        ada.types("quiet", "/opinion topics")
        ada.waits_for("quiet", "The database cannot be reached just now")
        assert not release.is_set()  # it was told while the lock was held
        release.set()
        holder.join(30)


def test_the_lanes_end_with_the_executor(office: Office) -> None:
    assert isinstance(office.executor, Executor)
    office.executor.stop()
    assert all(pool._shutdown for pool in (office.executor.acts.pool, office.executor.acts._takers))
