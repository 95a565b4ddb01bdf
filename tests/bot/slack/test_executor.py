"""The ack comes at once whatever the work takes, and every fault becomes a sentence to the person who asked."""

from __future__ import annotations

import inspect
import threading

import httpx
import pytest

from bot.briefs.prompts import parse
from bot.briefs.writer import BriefWriter
from bot.errors import StoreError
from bot.infra.clock import VirtualClock
from bot.sandbox.sockets import sign
from bot.slack import listeners
from bot.slack.requests import SlackRequest
from bot.store import Store
from engine.errors import EngineError
from engine.post import Level
from tests.bot.slack.office import Office, over_http, running


def test_slow_work_delays_no_ack(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """More slow questions than Bolt has threads: each is acknowledged at once, and a click is still served."""
    gate, topics = threading.Event(), office.desk.topics
    monkeypatch.setattr(office.desk, "topics", lambda: (gate.wait(60), topics())[1])
    office.rings(Level.ORANGE)
    ada = office.person("Ada")
    for _ in range(7):
        ada.types("quiet", "/opinion topics")
    ada.clicks(ada.reads("pr")[0], "Acknowledge")
    office.server.sandbox.until(lambda: "owns this" in (office.deliver() or ada.reads("pr")[0].plain()))
    assert not ada.reads("quiet")
    gate.set()
    office.done()
    assert len(ada.reads("quiet")) == 7
    office.clean()


def test_a_database_that_is_away_is_said_in_a_sentence(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    def away() -> None:
        raise StoreError("database.busy", place="x", seconds=1)

    monkeypatch.setattr(office.desk, "topics", away)
    mei = office.person("Mei")
    mei.types("quiet", "/opinion topics")
    office.done()
    [answer] = mei.reads("quiet")
    assert "数据库暂时无法连接" in answer.plain()


def test_a_broken_prompt_is_told_in_its_own_words(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not as if the database were away."""
    monkeypatch.setattr(office.desk, "_writer", BriefWriter(lambda _messages: "", name="some model"))
    monkeypatch.setattr("bot.briefs.writer.load", lambda name: parse("no head", name))
    office.posts = office.stored({"a": "Sick after Lumen Tea"})
    office.rings(Level.ORANGE)
    office.after(minutes=1)
    for name, sentence in (("Ada", "The prompt incident_brief is damaged"), ("Mei", "提示词 incident_brief 已损坏")):
        who = office.person(name)
        who.types("pr", "/opinion brief 1")
        office.done()
        [answer] = [one for one in who.reads("pr") if one.ephemeral]
        assert answer.plain().startswith(sentence)


def test_what_the_engine_refuses_is_told_in_its_own_words(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    def foreign() -> None:
        raise EngineError("model.no_file", name="<!channel>", file="config.json")

    monkeypatch.setattr(office.desk, "topics", foreign)
    mei = office.person("Mei")
    mei.types("quiet", "/opinion topics")
    office.done()
    [answer] = mei.reads("quiet")
    assert answer.plain().startswith("模型“<!channel>”缺少 config.json")
    assert not answer.pings


def test_an_unforeseen_fault_carries_a_reference(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(office.desk, "topics", broken)
    ada = office.person("Ada")
    ada.types("quiet", "/opinion topics")
    office.done()
    [answer] = ada.reads("quiet")
    assert "Something went wrong here" in answer.plain()
    assert "ZeroDivision" not in answer.plain()


def test_a_form_that_opens_too_late_says_so(office: Office) -> None:
    office.server.sandbox.fail_next("views.open", error="expired_trigger_id")
    ada = office.person("Ada")
    ada.types("quiet", "/opinion add")
    office.done()
    [answer] = ada.reads("quiet")
    assert "try it again" in answer.plain()


def test_with_a_revoked_token_people_can_still_act(office: Office) -> None:
    incident = office.rings(Level.ORANGE)
    ada = office.person("Ada")
    [card] = ada.reads("pr")
    office.server.sandbox.revoke_token()
    ada.clicks(card, "Acknowledge")
    office.done()
    found = office.store.incidents.get(incident.id)
    assert found is not None
    assert found.owner == ada.id


def test_an_answer_whose_address_has_expired_comes_as_a_direct_message(office: Office) -> None:
    ada = office.person("Ada")
    asked = SlackRequest(event="e1", user=ada.id, url=f"{office.server.url}/hooks/none", text="topics")
    office.executor.take(asked, listeners.Listeners(office.executor)._handlers.command).result(60)
    assert "2 topics" in ada.reads(ada.direct)[-1].plain()


def test_every_listener_is_short() -> None:
    found = [
        function
        for name, function in inspect.getmembers(listeners.Listeners, inspect.isfunction)
        if "ack" in inspect.signature(function).parameters
    ]
    assert len(found) >= 7
    for function in found:
        assert len(inspect.getsource(function).splitlines()) <= 15, function.__name__


def test_the_same_works_over_signed_http(store: Store, clock: VirtualClock) -> None:
    with running(store, clock, listens=False) as office, over_http(office) as url:
        office.rings(Level.ORANGE)
        ada = office.person("Ada")
        ada.clicks(ada.reads("pr")[0], "Acknowledge")
        ada.types("quiet", "/opinion topics")
        office.done()
        assert "@Ada owns this" in ada.reads("pr")[0].plain()
        assert "2 topics" in ada.reads("quiet")[-1].plain()
        forged = httpx.post(url, content="command=/opinion", headers=sign("wrong", "command=/opinion", 1))
        assert forged.status_code == 401
