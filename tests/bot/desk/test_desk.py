"""What people can ask and do, without Slack: the store and the core answer."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from bot.desk.desk import DeskError
from bot.desk.drafts import Draft
from bot.errors import DuplicateTopic
from bot.incidents.lifecycle import ActRequest, Refused
from bot.infra.clock import VirtualClock
from bot.records import ActKind, Status
from bot.store import Store
from engine.post import Level, Polarity
from engine.query.query import QueryError
from tests.bot.slack.office import Office, running


@pytest.fixture
def office(store: Store, clock: VirtualClock) -> Iterator[Office]:
    with running(store, clock, listens=False) as opened:
        yield opened


def test_a_topic_is_found_by_its_name_or_an_alias_in_any_case(office: Office) -> None:
    assert office.desk.topic("LUMEN tea").record.topic.name == "Lumen Tea"
    assert office.desk.topic("露明茶").record.topic.name == "Lumen Tea"


def test_an_unknown_topic_names_its_neighbours(office: Office) -> None:
    with pytest.raises(DeskError) as caught:
        office.desk.topic("Lumen Tee")
    assert caught.value.code == "topic.unknown"
    assert caught.value.values["near"] == ("Lumen Tea",)
    assert set(caught.value.values["known"]) == {"Lumen Tea", "北山乳业"}


def test_a_topic_is_told_with_its_numbers_posts_and_incident(office: Office) -> None:
    office.posts = office.stored({"a": "Stomach pain after the jasmine bottle", "b": "Sick again", "c": "Third case"})
    office.rings(Level.ORANGE, deliver=False)
    view = office.desk.topic("Lumen Tea")
    assert (view.volume, view.negative) == (3, 3)
    assert sum(view.trend.volume) == 3
    assert view.shares[Polarity.NEGATIVE] == 1
    assert [shown.polarity for shown in view.posts] == [Polarity.NEGATIVE] * 3
    assert view.incident is not None
    assert view.incident.id == 1
    assert view.health.total == 1
    assert view.what_if


def test_an_incident_shows_its_evidence_in_the_engines_order(office: Office) -> None:
    first, second, third = office.stored({"a": "One", "b": "Two", "c": "Three"})
    office.posts = (third, first, second)
    incident = office.rings(Level.ORANGE, deliver=False)
    assert [shown.post.text for shown in office.desk.view(incident).posts] == ["Three", "One", "Two"]


def test_without_a_number_the_only_open_incident_is_meant(office: Office) -> None:
    with pytest.raises(DeskError, match="none_open"):
        office.desk.incident(0)
    office.rings(Level.ORANGE, deliver=False)
    assert office.desk.incident(0).incident.id == 1
    office.rings(Level.YELLOW, topic="北山乳业", deliver=False)
    with pytest.raises(DeskError, match="several_open"):
        office.desk.incident(0)
    with pytest.raises(DeskError, match="no_incident"):
        office.desk.incident(99)
    with pytest.raises(DeskError, match="no_incident"):
        office.desk.incident(10**30)


def test_open_incidents_come_gravest_first_and_closed_ones_on_demand(office: Office) -> None:
    office.rings(Level.YELLOW, deliver=False)
    office.rings(Level.RED, topic="北山乳业", deliver=False)
    assert [one.level for one in office.desk.incidents().incidents] == [Level.RED, Level.YELLOW]
    office.act("resolve", number=1)
    assert len(office.desk.incidents().incidents) == 1
    assert len(office.desk.incidents(closed=True).incidents) == 2


def test_an_act_is_done_once_however_often_it_arrives(office: Office) -> None:
    office.rings(Level.ORANGE, deliver=False)
    request = ActRequest(kind=ActKind.ESCALATE, by="U000000ADA", key="click:escalate:U000000ADA:1")
    first, again = office.desk.act(1, request), office.desk.act(1, request)
    assert first.incident == again.incident
    assert [one.kind for one in office.store.incidents.timeline(1)].count(ActKind.ESCALATE) == 1


def test_the_loser_of_a_race_is_told_who_won(office: Office) -> None:
    office.rings(Level.ORANGE, deliver=False)
    assert office.act("acknowledge", by="U000000ADA").refusal is None
    lost = office.act("acknowledge", by="U0000000BO")
    assert lost.refusal is not None
    assert (lost.refusal.why, lost.refusal.by) == (Refused.OWNED, "U000000ADA")
    assert not lost.repeated
    assert lost.incident.owner == "U000000ADA"


def test_ones_own_second_click_is_no_refusal(office: Office) -> None:
    office.rings(Level.ORANGE, deliver=False)
    request = ActRequest(kind=ActKind.ACKNOWLEDGE, by="U000000ADA", key="click:acknowledge:U000000ADA:1")
    office.desk.act(1, request)
    assert office.desk.act(1, request).repeated


def test_people_are_found_by_name_address_mention_or_me(office: Office) -> None:
    assert office.desk.person("me", by="U000000ADA") == "U000000ADA"
    assert office.desk.person("U0000000BO", by="U000000ADA") == "U0000000BO"
    assert office.desk.person("lead", by="U000000ADA") == "U00000LEAD"
    assert office.desk.person("Agency", by="U000000ADA") == "agency@sandbox.example"
    with pytest.raises(DeskError, match="no_person"):
        office.desk.person("Nobody", by="U000000ADA")


def test_an_added_topic_is_watched_at_once(office: Office) -> None:
    office.ingest.matched = 5
    added = office.desk.adding.add(Draft(name="  Cedar   Bank ", query='"Cedar Bank"', speak="zh"), by="U000000ADA")
    assert added.matched == 5
    record = office.topic("Cedar Bank")
    assert (record.origin, record.speak, record.channel) == ("slack", "zh", "C000000DSK")
    assert record.topic.aliases == ("Cedar Bank",)
    assert office.ingest.ids == [record.id]


def test_a_topic_speaks_the_language_of_its_channel(office: Office) -> None:
    added = office.desk.adding.add(Draft(name="X", query="x", channel="C0000000ZH"), by="U000000ADA")
    assert added.record.speak == "zh"


def test_a_topic_that_cannot_be_added_says_why(office: Office) -> None:
    with pytest.raises(DuplicateTopic):
        office.desk.adding.add(Draft(name="lumen tea", query="x"), by="U000000ADA")
    with pytest.raises(QueryError):
        office.desk.adding.add(Draft(name="X", query="(x"), by="U000000ADA")
    faults = office.desk.adding.faults(Draft(name="LUMEN TEA", query="(x"))
    assert faults["name"].key == "form.add.name_taken"
    assert faults["query"].position == 0
    assert set(office.desk.adding.faults(Draft(name=" ", query=" "))) == {"name", "query"}
    assert set(office.desk.adding.faults(Draft(name="x" * 81, query="x"))) == {"name"}
    assert not office.desk.adding.faults(Draft(name="X", query="x OR 露明茶"))


def test_what_slack_repeats_is_seen(office: Office) -> None:
    assert office.desk.first("event-1")
    assert not office.desk.first("event-1")


def test_a_card_is_drawn_although_its_chart_cannot_be(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    incident = office.rings(Level.ORANGE, deliver=False)

    def broken(topic_id: int) -> None:
        raise ValueError(topic_id)

    monkeypatch.setattr(office.store.topics, "state", broken)
    view = office.desk.view(incident)
    assert view.incident.status is Status.OPEN
    assert not view.trend.volume
