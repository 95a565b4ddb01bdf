"""Who may: guests, bots, strangers and outsiders try to act, by socket and by signed HTTP, and are told who could."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from bot.infra.clock import VirtualClock
from bot.records import Act, ActKind, Status
from bot.sandbox import Person, Subteam
from bot.slack.gate import Unchecked
from bot.slack.lookups import Lookups
from bot.store import Store
from engine.post import Level
from tests.bot.slack.office import CHANNELS, PEOPLE, SETTINGS, Office, drained, over_http, running

EVERYBODY = [
    *PEOPLE,
    {"name": "Out", "id": "U000000OUT", "email": "out@agency.example"},
    {"name": "Guest", "id": "U00000GUES", "guest": "multi"},
    {"name": "Robot", "id": "U00000ROBO", "bot": True},
    {"name": "Partner", "id": "U00000PART", "team": "T0ELSEWHER"},
    {"name": "Former", "id": "U00000FORM", "deleted": True},
]
INSIDE = ("Ada", "Bo", "Mei", "Guest", "Robot", "Partner", "Former")
ROOMS = [
    {"name": "pr", "id": "C0000000PR", "people": INSIDE},
    {"name": "gongguan", "id": "C0000000ZH", "private": True, "people": ("Ada", "Mei")},
    *CHANNELS[2:],
]
MARKED = SETTINGS.replace("slack: U00000LEAD}", "slack: U00000LEAD, lead: true}").replace(
    "notify: [Lead]", "notify: [topic]"
)
ROLES = """
roles:
  respond: [channel, agency]
  close: ["@chiefs"]
  configure: [members, agency]
"""
GROUPS = [Subteam(handle="chiefs", people=("Bo",))]
OUTSIDERS = {
    "Out": "Only members of #pr may act on incident 1",
    "Guest": "Guests may read about incident 1, not act on it",
    "Robot": "Bots may not use Tocsin",
    "Partner": "Only people of the workspace Sandbox may do this",
    "Former": "This account is deactivated",
}


@pytest.fixture
def bureau(store: Store, clock: VirtualClock) -> Iterator[Office]:
    """An office with a lead, a private channel, and all kinds of people who may not."""
    with running(store, clock, written=MARKED, channels=ROOMS, people=EVERYBODY) as opened:
        yield opened


def told(person: Person, where: str) -> list[str]:
    return [one.plain() for one in person.reads(where) if one.ephemeral]


def refusals(office: Office) -> list[Act]:
    return [act for act in office.store.incidents.timeline(1) if act.kind is ActKind.REFUSED]


def tries_everything(office: Office, person: Person) -> None:
    """Acknowledge, resolve and assign, clicked and typed."""
    [card] = office.person("Ada").reads("pr")
    person.clicks(card, "Acknowledge")
    person.clicks(card, "Resolve")
    person.chooses(card, "Assign…")
    person.types("quiet", "/opinion ack 1")
    person.types("quiet", "/opinion resolve 1 it is over")
    person.types("quiet", "/opinion assign 1 me")
    office.done()


@pytest.mark.parametrize("who", OUTSIDERS)
def test_who_may_not_changes_nothing_is_told_why_and_is_on_the_record(bureau: Office, who: str) -> None:
    before, person = bureau.rings(Level.RED), bureau.person(who)
    tries_everything(bureau, person)
    assert bureau.store.incidents.get(before.id) == before
    answers = [*told(person, "pr"), *told(person, "quiet")]
    assert len(answers) == 6
    assert all(OUTSIDERS[who] in one for one in answers)
    assert not bureau.server.sandbox.workspace.stack(person.id)
    kept = refusals(bureau)
    assert sorted(act.detail["deed"] for act in kept) == ["acknowledge", "assign", "resolve"]
    assert {act.by for act in kept} == {person.id}
    assert kept[0].detail["origin"] == {"channel": "C0000000PR", "via": "click", "team": person.member.team}
    bureau.clean()


@pytest.mark.parametrize("who", OUTSIDERS)
def test_the_same_over_signed_http(store: Store, clock: VirtualClock, who: str) -> None:
    alone = running(store, clock, listens=False, written=MARKED, channels=ROOMS, people=EVERYBODY)
    with alone as office, over_http(office):
        before = office.rings(Level.RED)
        tries_everything(office, office.person(who))
        assert office.store.incidents.get(before.id) == before
        assert all(OUTSIDERS[who] in one for one in told(office.person(who), "pr"))
        assert len(refusals(office)) == 3


def test_what_a_stranger_looks_at_is_not_shown_and_kept_once(bureau: Office) -> None:
    partner = bureau.person("Partner")
    for typed in ("topics", "incidents", "topic Lumen Tea", "add"):
        partner.types("pr", f"/opinion {typed}")
    bureau.done()
    assert all("Only people of the workspace Sandbox may do this" in one for one in told(partner, "pr"))
    since = bureau.clock.now() - timedelta(minutes=1)
    kept = {(entry.deed, entry.outcome, entry.origin["team"]) for entry in bureau.store.audit.since(since)}
    assert kept == {("look", "stranger", "T0ELSEWHER"), ("add_topic", "stranger", "T0ELSEWHER")}


def test_a_form_of_a_stranger_is_refused_in_the_form(bureau: Office) -> None:
    bureau.rings(Level.YELLOW)
    ada = bureau.person("Ada")
    ada.chooses(ada.reads("pr")[0], "Add a note…")
    form = ada.waits_for_form()
    form.fills({"text": "from outside"})
    bureau.server.sandbox.workspace.change_member("Ada", team="T0ELSEWHER")
    ada.member = bureau.server.sandbox.workspace.member("Ada")
    bureau.person("Ada").form.submits()
    bureau.done()
    assert "Only people of the workspace Sandbox" in bureau.person("Ada").form.plain()
    assert [act.detail["deed"] for act in refusals(bureau)] == ["note"]


def test_a_member_who_may_not_close_a_red_one_asks_the_lead(bureau: Office) -> None:
    """The button sends the lead one message with the incident, however many ask."""
    bureau.rings(Level.RED)
    bo, mei, lead = bureau.person("Bo"), bureau.person("Mei"), bureau.person("Lead")
    bo.clicks(bo.reads("pr")[0], "Resolve")
    bureau.done()
    [refusal] = [one for one in bo.reads("pr") if one.ephemeral]
    assert "Only the owner, the lead or somebody on the policy may close a red incident" in refusal.plain()
    assert refusal.buttons == ["Ask @Lead"]
    bo.clicks(refusal, "Ask @Lead")
    bureau.done()
    assert "@Lead is asked" in told(bo, "pr")[-1]
    [page] = lead.reads(lead.direct)
    assert "@Bo asks you to close this incident" in page.plain()
    assert "Lumen Tea" in page.plain()
    mei.types("pr", "/opinion 解除 1")
    bureau.done()
    answer = next(one for one in mei.reads("pr") if one.ephemeral)
    assert "红色预警只能由认领人、负责人或预案成员关闭" in answer.plain()
    mei.clicks(answer, "请 @Lead 处理")
    bureau.done()
    assert "几分钟前已就此私信过 @Lead" in told(mei, "pr")[-1]
    assert len(lead.reads(lead.direct)) == 1
    lead.clicks(page, "Resolve")
    assert not lead.waits_for_form().fills({"Why is it over?": "the batch is withdrawn"}).submits()
    bureau.done()
    assert bureau.store.incidents.recent(1)[0].status is Status.RESOLVED
    bureau.clean()


def test_whoever_owns_it_closes_it_at_any_level_and_anybody_of_the_channel_a_yellow_one(bureau: Office) -> None:
    bureau.rings(Level.RED)
    ada = bureau.person("Ada")
    ada.clicks(ada.reads("pr")[0], "Acknowledge")
    bureau.done()
    ada.clicks(ada.reads("pr")[0], "Resolve")
    assert not ada.waits_for_form().fills({"Why is it over?": "the batch is withdrawn"}).submits()
    bureau.done()
    assert bureau.store.incidents.recent(1)[0].status is Status.RESOLVED
    bureau.clock.set(bureau.clock.now() + timedelta(days=2))
    bureau.rings(Level.YELLOW)
    bo = bureau.person("Bo")
    bo.types("pr", "/opinion resolve 1")
    bureau.done()
    assert bureau.store.incidents.recent(1)[0].closed_by == bo.id


@pytest.mark.parametrize("who", ["Robot", "Partner", "Former"])
def test_nothing_is_given_to_those_who_cannot_answer_for_it(bureau: Office, who: str) -> None:
    before, ada = bureau.rings(Level.YELLOW), bureau.person("Ada")
    ada.types("pr", f"/opinion assign 1 <@{bureau.person(who).id}>")
    bureau.done()
    assert f"@{who} cannot own an incident" in told(ada, "pr")[-1]
    assert bureau.store.incidents.get(1) == before


def test_every_act_says_from_where_it_came(bureau: Office) -> None:
    bureau.rings(Level.YELLOW)
    ada = bureau.person("Ada")
    ada.types("quiet", "/opinion note 1 typed")
    ada.chooses(ada.reads("pr")[0], "Add a note…")
    ada.waits_for_form().fills({"text": "sent"}).submits()
    bureau.done()
    notes = [act.detail["origin"] for act in bureau.store.incidents.timeline(1) if act.kind is ActKind.NOTE]
    assert notes == [
        {"channel": "C00000QUIE", "via": "command", "team": "T0SANDBOX1"},
        {"channel": "C0000000PR", "via": "form", "team": "T0SANDBOX1"},
    ]
    kept = bureau.store.audit.since(bureau.clock.now())
    assert [(entry.deed, entry.incident, entry.about, entry.outcome) for entry in kept] == [
        ("note", 1, "Lumen Tea", "done"), ("note", 1, "Lumen Tea", "done"),
    ]  # fmt: skip


HIDDEN = {
    "topics": "1 topic",
    "topic 北山乳业": "There is no topic “北山乳业”. Watched: Lumen Tea",
    "北山": "There is no command",
    "topic 北山乳": "Watched: Lumen Tea",
    "incidents": "No open incident",
    "incidents all": "There has been no incident yet",
    "incident 1": "There is no incident 1",
    "incident 2": "There is no incident 2. Open: ✅ No open incident",
    "brief 1": "There is no incident 1",
    "backtest 北山乳业": "There is no topic",
    "note 1 hello": "There is no incident 1",
    "resolve 1": "There is no incident 1",
    "ack": "No incident is open",
    "digest": "Lumen Tea",
    "help": "No open incident",
}


def test_a_private_channels_topic_is_seen_by_its_members_alone(bureau: Office) -> None:
    bureau.rings(Level.YELLOW, topic="北山乳业")
    bo, ada = bureau.person("Bo"), bureau.person("Ada")
    for typed, expected in HIDDEN.items():
        bo.types("quiet", f"/opinion {typed}")
        bureau.done()
        answer = told(bo, "quiet")[-1]
        assert expected in answer, typed
        assert "北山乳业" not in answer.replace("“北山乳业”", ""), typed
    assert sorted(act.detail["deed"] for act in refusals(bureau)) == ["note", "resolve"]
    for typed in ("topics", "topic 北山乳业", "incidents", "incident 1", "digest", "topic 北山"):
        ada.types("quiet", f"/opinion {typed}")
        bureau.done()
        assert "北山乳业" in told(ada, "quiet")[-1], typed


def test_a_lead_is_told_of_a_private_channels_incident_too(bureau: Office) -> None:
    bureau.rings(Level.YELLOW, topic="北山乳业")
    lead = bureau.person("Lead")
    lead.types("quiet", "/opinion incident 1")
    bureau.done()
    assert "北山乳业" in told(lead, "quiet")[-1]


def test_whoever_the_policy_put_a_card_before_may_answer_it(bureau: Office) -> None:
    """The default channel is told after half an hour: from then on its members act as the topic's channel does."""
    bureau.rings(Level.YELLOW, topic="北山乳业")
    bo = bureau.person("Bo")
    bo.types("quiet", "/opinion ack 1")
    bureau.done()
    assert "There is no incident 1" in told(bo, "quiet")[-1]
    bureau.after(minutes=31)
    bo.clicks(bo.reads("desk")[-1], "Acknowledge")
    bureau.done()
    assert bureau.store.incidents.recent(1)[0].owner == bo.id
    bureau.clean()


def test_somebody_who_has_just_joined_need_not_wait(bureau: Office) -> None:
    """No refusal rests on an old answer; one who has left is let in no longer than an answer is kept."""
    bureau.rings(Level.YELLOW)
    out = bureau.person("Out")
    out.types("quiet", "/opinion note 1 may I")
    bureau.done()
    assert "Only members of" in told(out, "quiet")[-1]
    bureau.server.sandbox.joins("Out", "pr")
    membership = bureau.executor.membership
    membership.lookups.seconds = lambda: 1e9  # ten seconds and more have passed
    out.types("quiet", "/opinion note 1 now I may")
    bureau.done()
    assert "Noted on incident 1" in told(out, "quiet")[-1]


def test_topics_are_added_by_full_members_and_every_addition_is_kept(bureau: Office) -> None:
    guest, ada = bureau.person("Guest"), bureau.person("Ada")
    guest.types("pr", "/opinion add Cedar Bank")
    bureau.done()
    assert "Only full members of the workspace" in told(guest, "pr")[-1]
    assert not bureau.server.sandbox.workspace.stack(guest.id)
    ada.types("pr", "/opinion add Cedar Bank")
    ada.waits_for_form().fills({"query": '"Cedar Bank"'}).submits()
    bureau.done()
    rows = bureau.store.audit.since(bureau.clock.now() - timedelta(minutes=1))
    assert [(row.by, row.deed, row.about, row.outcome) for row in rows] == [
        (guest.id, "add_topic", "", "guest"),
        (ada.id, "add_topic", "Cedar Bank", "done"),
    ]
    assert rows[1].origin["via"] == "form"


def test_roles_name_people_addresses_and_user_groups(store: Store, clock: VirtualClock) -> None:
    """The agency, outside the channel, may answer; the group's people may close; others as ever."""
    written = MARKED + ROLES
    with running(store, clock, written=written, channels=ROOMS, people=EVERYBODY, groups=GROUPS) as office:
        office.rings(Level.RED)
        agency, bo, mei = office.person("Agency"), office.person("Bo"), office.person("Mei")
        agency.types("quiet", "/opinion note 1 we call the paper")
        mei.types("quiet", "/opinion resolve 1")
        office.done()
        assert "Noted on incident 1" in told(agency, "quiet")[-1]
        assert "Only the owner" in told(mei, "quiet")[-1] or "只能由" in told(mei, "quiet")[-1]
        bo.types("quiet", "/opinion resolve 1 the paper has corrected it")
        assert not bo.waits_for_form().submits()
        office.done()
        assert "Incident 1 is resolved" in told(bo, "quiet")[-1]
        office.clean()


def silent(office: Office) -> None:
    """Slack answers no question about people and channels any more, and nothing is remembered."""
    office.server.sandbox.revoke_token("internal_error")
    office.executor.membership.lookups._kept.clear()


@pytest.mark.parametrize(("who", "stays"), [("Bo", True), ("Guest", False)])
def test_an_acknowledgement_is_taken_while_slack_is_silent_and_checked_afterwards(
    bureau: Office, who: str, stays: bool
) -> None:
    incident, person = bureau.rings(Level.ORANGE), bureau.person(who)
    [card] = person.reads("pr")
    silent(bureau)
    person.clicks(card, "Acknowledge")
    person.clicks(card, "Resolve")
    for pool in (bureau.executor.acts._takers, bureau.executor.acts.pool, bureau.executor._urgent):
        drained(pool)
    bureau.executor.gate.check_afterwards()
    taken = bureau.store.incidents.get(incident.id)
    assert taken is not None
    assert (taken.status, taken.owner) == (Status.ACKNOWLEDGED, person.id)
    acts = [act for act in bureau.store.incidents.timeline(1) if act.kind is ActKind.ACKNOWLEDGE]
    assert [act.detail["unchecked"] for act in acts] == [True]
    bureau.server.sandbox.revoke_token("")
    bureau.executor.gate.check_afterwards()
    bureau.done()
    after = bureau.store.incidents.get(incident.id)
    assert after is not None
    assert (after.owner == person.id) is stays
    assert (after.status is Status.OPEN) is not stays
    if not stays:
        assert any("may not take this" in one.plain() for one in bureau.person("Ada").everything("pr"))


def test_what_is_never_said_by_slack_is_not_checked_for_ever(store: Store, clock: VirtualClock) -> None:
    moment = [0.0]
    lookups = Lookups(seconds=lambda: moment[0])
    with running(store, clock, written=MARKED, channels=ROOMS, people=EVERYBODY, lookups=lookups) as office:
        incident = office.rings(Level.ORANGE)
        silent(office)
        gate = office.executor.gate
        gate._unchecked.append(Unchecked(user="U0000000BO", incident=incident, until=60.0))
        assert gate.check_afterwards() == 0
        moment[0] = 61.0
        assert gate.check_afterwards() == 1
