"""End to end, as people live it: cards appear, are clicked, answered and closed, in a whole workspace."""

from __future__ import annotations

from bot.records import ActKind, Status
from engine.post import Level
from tests.bot.slack.office import Office


def test_a_card_rings_in_the_topics_channel(office: Office) -> None:
    office.posts = office.stored({"a": "<!channel> stomach pain after <https://evil.test|tea>", "b": "Sick again"})
    office.rings(Level.ORANGE)
    [card] = office.person("Ada").reads("pr")
    for expected in ("🟠 Lumen Tea: complaints are rising", "316 negative posts", "Sick again", "Nobody owns this yet"):
        assert expected in card.plain()
    assert card.buttons == ["Acknowledge", "Resolve"]
    assert not card.pings
    assert ("https://square.example/a", "Town Square ↗") in card.links
    office.clean()


def test_an_acknowledgement_changes_the_card_in_place(office: Office) -> None:
    office.rings(Level.ORANGE)
    ada = office.person("Ada")
    [card] = ada.reads("pr")
    ada.clicks(card, "Acknowledge")
    office.done()
    assert "@Ada owns this" in card.fresh().plain()
    assert card.fresh().buttons == ["Resolve"]
    assert len(ada.reads("pr")) == 1
    office.clean()


def test_three_quick_clicks_are_one_deed(office: Office) -> None:
    incident = office.rings(Level.ORANGE)
    ada = office.person("Ada")
    [card] = ada.reads("pr")
    for click in [ada.clicks(card, "Acknowledge", wait=False) for _ in range(3)]:
        click.result(10)
    office.done()
    acts = [act for act in office.store.incidents.timeline(incident.id) if act.kind is ActKind.ACKNOWLEDGE]
    assert len(acts) == 1
    assert len(ada.reads("pr")) == 1
    office.clean()


def test_of_two_who_race_the_second_is_told_who_was_first(office: Office) -> None:
    office.rings(Level.ORANGE)
    ada, bo = office.person("Ada"), office.person("Bo")
    [card] = ada.reads("pr")
    first, second = ada.clicks(card, "Acknowledge", wait=False), bo.clicks(card, "Acknowledge", wait=False)
    first.result(10), second.result(10)
    office.done()
    answers = [one.plain() for one in (*ada.reads("pr"), *bo.reads("pr")) if one.ephemeral]
    assert len(answers) == 1
    assert "was first: incident 1 was taken" in answers[0]
    assert card.fresh().plain().count("owns this") == 1
    office.clean()


def test_a_click_on_a_closed_incident_says_who_closed_it(office: Office) -> None:
    office.rings(Level.ORANGE)
    ada, bo = office.person("Ada"), office.person("Bo")
    [card] = ada.reads("pr")
    office.act("resolve", by=ada.id, text="over")  # the card is not drawn again yet
    ada.clicks(card, "Acknowledge")
    bo.chooses(card, "Escalate now")
    bo.chooses(card, "Snooze…")
    office.done()
    for person in (ada, bo):
        told = [one.plain() for one in person.reads("pr") if one.ephemeral]
        assert told
        assert all("already resolved by @Ada" in one for one in told)
    assert "✅ Resolved · Lumen Tea" in card.fresh().plain()
    assert card.fresh().buttons == ["Reopen"]
    office.clean()


def test_a_confirmation_that_is_denied_does_nothing(office: Office) -> None:
    incident = office.rings(Level.ORANGE)
    ada = office.person("Ada")
    [card] = ada.reads("pr")
    ada.clicks(card, "Resolve", confirm=False)
    office.done()
    assert office.store.incidents.get(incident.id) == incident


def test_a_snooze_is_chosen_in_a_form_and_ends(office: Office) -> None:
    office.rings(Level.ORANGE)
    ada = office.person("Ada")
    [card] = ada.reads("pr")
    ada.chooses(card, "Snooze…")
    form = ada.waits_for_form()
    assert "Incident 1" in form.plain()
    assert not form.fills({"For how long?": "2 h"}).submits()
    office.done()
    assert "Snoozed by @Ada until 10:00 UTC" in card.fresh().plain()
    ada.waits_for("pr", "Incident 1 is snoozed until")
    office.after(minutes=121)
    assert "The snooze is over" in card.fresh().thread[-1].plain()
    office.clean()


def test_an_incident_is_handed_on_and_the_new_owner_is_told(office: Office) -> None:
    office.rings(Level.ORANGE)
    ada, bo = office.person("Ada"), office.person("Bo")
    [card] = ada.reads("pr")
    ada.chooses(card, "Assign…")
    ada.waits_for_form().fills({"to": "Bo"}).submits()
    office.done()
    assert "@Bo owns this" in card.fresh().plain()
    direct = bo.reads(bo.direct)[-1]
    assert "@Ada assigned this to you" in direct.plain()
    assert "🟠 Lumen Tea: complaints are rising" in direct.plain()
    office.clean()


def test_a_false_alarm_keeps_its_reason(office: Office) -> None:
    office.rings(Level.YELLOW)
    ada = office.person("Ada")
    [card] = ada.reads("pr")
    ada.chooses(card, "False alarm…")
    ada.waits_for_form().fills({"text": "a namesake"}).submits()
    office.done()
    assert "🚫 False alarm · Lumen Tea" in card.fresh().plain()
    assert "a namesake" in card.fresh().plain()
    assert office.store.incidents.recent(1)[0].status is Status.FALSE_ALARM
    office.clean()


def test_when_it_gets_worse_the_card_changes_and_the_thread_calls(office: Office) -> None:
    office.rings(Level.YELLOW)
    ada = office.person("Ada")
    [card] = ada.reads("pr")
    office.rings(Level.RED)
    assert "yellow → 🔴 red" in card.fresh().plain()
    [reply] = card.fresh().thread
    assert "🔺 Worse: yellow → 🔴 red" in reply.plain()
    assert reply.message.broadcast
    assert "Nobody owns it yet" in reply.plain()
    assert reply.buttons == ["Acknowledge"]
    office.rings(Level.YELLOW)
    assert len(card.fresh().thread) == 1
    assert "red → 🟡 yellow" in card.fresh().plain()
    office.clean()


def test_a_call_that_was_answered_looks_answered(office: Office) -> None:
    office.rings(Level.YELLOW)
    office.rings(Level.RED)
    ada = office.person("Ada")
    [reply] = ada.reads("pr")[0].thread
    ada.clicks(reply, "Acknowledge")
    office.done()
    assert not reply.fresh().buttons
    assert "@Ada owns this" in reply.fresh().plain()
    assert "Nobody" not in reply.fresh().plain()
    assert "316 negative posts" in reply.fresh().plain()
    assert "owns this" in reply.fresh().text
    office.clean()


def test_nobody_acknowledges_and_the_next_step_is_paged_in_person(office: Office) -> None:
    office.rings(Level.ORANGE)
    office.after(minutes=16)
    lead = office.person("Lead")
    direct = lead.reads(lead.direct)[-1]
    assert "nobody has acknowledged this for 16 min" in direct.plain()
    lead.clicks(direct, "Acknowledge")
    office.done()
    assert "@Lead owns this" in direct.fresh().plain()
    assert "@Lead owns this" in office.person("Ada").reads("pr")[0].plain()
    office.after(minutes=20)
    assert not office.person("Ada").reads("desk")
    office.clean()


def test_an_owner_who_answers_the_reminder_keeps_it(office: Office) -> None:
    office.rings(Level.ORANGE)
    ada = office.person("Ada")
    [card] = ada.reads("pr")
    ada.clicks(card, "Acknowledge")
    office.done()
    office.after(minutes=61)
    reminder = card.fresh().thread[-1]
    assert reminder.pings == {"U000000ADA"}
    ada.clicks(reminder, "I’m on it")
    office.done()
    assert "@Ada is on it" in reminder.fresh().plain()
    office.after(minutes=61)
    assert office.store.incidents.get(1).status is Status.ACKNOWLEDGED
    office.clean()


def test_an_owner_who_stays_silent_loses_it(office: Office) -> None:
    office.rings(Level.ORANGE)
    ada = office.person("Ada")
    [card] = ada.reads("pr")
    ada.clicks(card, "Acknowledge")
    office.done()
    office.after(minutes=61)
    office.after(minutes=61)
    assert "Nothing was heard from @Ada" in card.fresh().thread[-1].plain()
    assert "Nobody owns this yet" in card.fresh().plain()
    office.clean()


def test_everything_is_said_in_chinese_to_a_chinese_team(office: Office) -> None:
    office.rings(Level.ORANGE, topic="北山乳业")
    mei = office.person("Mei")
    [card] = mei.reads("gongguan")
    assert "🟠 北山乳业：负面帖子增多" in card.plain()
    mei.clicks(card, "认领")
    office.done()
    assert "由 @Mei 负责" in card.fresh().plain()
    mei.types("gongguan", "/opinion 话题 北山乳业")
    answer = mei.waits_for("gongguan", "近 24 小时")
    assert answer.ephemeral
    office.clean()


QUESTIONS = {
    "": "/opinion topic Lumen Tea",
    "help": "1 open incident",
    "topic lumen tea": "posts in the last 24 hours",
    "露明茶": "osts in the last 24 hours",
    "topic Lumen Te": "Did you mean /opinion topic Lumen Tea",
    "topic <!channel>": "There is no topic",
    "topics": "2 topics",
    "incidents": "1 open incident",
    "incidents all": "Last incidents: 1",
    "incident": "What happened",
    "incident 99": "There is no incident 99",
    "sources": "Town Square",
    "snoze 1 2h": "Did you mean /opinion snooze 1 2h",
    "xyzzy plugh": "There is no command /opinion xyzzy plugh",
    "snooze 1 soon": "How long is “soon”? Say for how long (2h, 90 min, half a day) or until when",
    "暂缓 1 过会儿": "看不出“过会儿”是多久。可以写时长（2小时、90分钟、半天）",
    "assign 1 nobody-here": "There is nobody called",
}
DEEDS = [
    ("ack", "Incident 1 is yours"),
    ("note 1 spoke to the plant", "Noted on incident 1"),
    ("escalate 1", "is escalated. Told now: Lead"),
    ("assign 1 @Lead", "assigned to @Lead"),
    ("assign 1 agency", "assigned to @Agency"),
    ("snooze 1 90m", "snoozed until"),
    ("level 1 purple", "There is no level"),
    ("merge 1 into 1", "already stands so"),
    ("split 1", "just one story"),
    ("policy 1", "already stands so"),
    ("reopen 1", "there is nothing to reopen"),
    ("assign 1 me", "assigned to @Ada"),
    ("level 1 yellow 4h wait for the plant", "stays at 🟡 yellow until"),
    ("level 1 measured", "follows what is measured again"),
    ("resolve 1 statement is out", "Incident 1 is resolved"),
    ("reopen 1", "is open again"),
    ("resolve 1 statement is out", "Incident 1 is resolved"),
    ("false-alarm 1", "already resolved by @Ada"),
    ("ack", "No incident is open"),
]


def asks(office: Office, typed: str, *, who: str = "Ada", where: str = "quiet") -> str:
    """What *who* alone reads after typing it."""
    person = office.person(who)
    before = {one.ts for one in person.reads(where)}
    person.types(where, f"/opinion {typed}")
    office.done()
    [answer] = [one for one in person.reads(where) if one.ts not in before]
    assert answer.ephemeral
    return answer.plain()


def test_every_question_is_answered_to_its_author_alone(office: Office) -> None:
    office.rings(Level.ORANGE)
    for typed, expected in QUESTIONS.items():
        assert expected in asks(office, typed), typed
    assert not office.person("Bo").reads("quiet")
    office.clean()


def test_every_deed_can_be_typed(office: Office) -> None:
    office.rings(Level.YELLOW)
    for typed, expected in DEEDS:
        assert expected in asks(office, typed), typed
    assert not office.person("Bo").reads("quiet")
    office.clean()


def test_a_snooze_without_a_span_asks_for_it(office: Office) -> None:
    office.rings(Level.ORANGE)
    ada = office.person("Ada")
    ada.types("pr", "/opinion snooze")
    assert not ada.waits_for_form().fills({"For how long?": "30 min"}).submits()
    office.done()
    assert "Snoozed by @Ada until 08:30 UTC" in ada.reads("pr")[0].plain()
    office.clean()


def test_a_topic_is_added_in_a_form_and_watched_at_once(office: Office) -> None:
    office.ingest.matched = 214
    ada = office.person("Ada")
    ada.types("pr", "/opinion add Cedar Bank")
    form = ada.waits_for_form()
    errors = form.fills({"query": "(cedar OR bank"}).submits()
    assert "never closed" in errors["query"]
    errors = form.fills({"name": "lumen tea", "query": "NOT tea"}).submits()
    assert set(errors) == {"name", "query"}
    assert not form.fills({"name": "Cedar Bank", "query": '"Cedar Bank"', "aliases": "Cedar, 雪松银行"}).submits()
    office.done()
    assert "Cedar Bank is watched now" in ada.form.plain()
    assert "214 posts" in ada.form.plain()
    record = office.topic("Cedar Bank")
    assert record.topic.aliases == ("Cedar", "雪松银行")
    assert record.channel == "C000000DSK"
    assert office.ingest.ids == [record.id]
    office.clean()


def test_what_slack_sends_twice_is_done_once(office: Office) -> None:
    office.rings(Level.ORANGE)
    ada = office.person("Ada")
    office.server.sandbox.repeat_next()
    ada.types("pr", "/opinion note 1 once")
    office.done()
    acts = [act for act in office.store.incidents.timeline(1) if act.kind is ActKind.NOTE]
    assert len(acts) == 1
    assert len([one for one in ada.reads("pr") if one.ephemeral]) == 1


def test_a_broken_socket_comes_back_by_itself(office: Office) -> None:
    sandbox = office.server.sandbox
    sandbox.drop_sockets()
    sandbox.connected()
    assert "2 topics" in asks(office, "topics")


def test_a_calm_topic_says_when_its_last_incident_ended(office: Office) -> None:
    office.rings(Level.YELLOW)
    ada, mei = office.person("Ada"), office.person("Mei")
    office.act("resolve")
    office.after(hours=50)
    for person, said in ((ada, "the last one, incident 1, ended 2 d ago"), (mei, "上一起（事件 1）于 2 天前结束")):
        person.types("pr", "/opinion topic Lumen Tea")
        office.done()
        assert said in person.reads("pr")[-1].plain()
