"""When many topics rise at once, one message tells of them; what is grave rings alone, and nothing is lost."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.incidents.links import linked
from bot.records import ActKind
from engine.post import Level
from tests.bot.delivery.test_load import named, watch
from tests.bot.slack.office import Office

CROWD = 12


@pytest.fixture
def crowd(office: Office) -> Office:
    for number in range(CROWD):
        watch(office, number, "#pr")
    return office


def rise(office: Office, *numbers: int, level: Level = Level.YELLOW, deliver: bool = True) -> None:
    for number in numbers:
        office.rings(level, topic=named(number), deliver=deliver)
        office.clock.set(office.clock.now() + timedelta(seconds=20))


def standing(office: Office) -> list[str]:
    return [one.plain() for one in office.person("Ada").reads("pr") if not one.message.thread_ts]


def test_five_topics_have_a_card_each(crowd: Office) -> None:
    rise(crowd, *range(5))
    assert len(standing(crowd)) == 5


def test_more_share_one_message_that_grows(crowd: Office) -> None:
    """Those that had a card before are named too: the question is what all of them share."""
    rise(crowd, *range(CROWD))
    told = standing(crowd)
    assert len(told) == 6
    assert "12 topics rose within 10 minutes" in told[-1]
    assert all(named(number) in told[-1] for number in range(CROWD))
    assert "/opinion incident 1" in told[-1]
    crowd.clean()


def test_what_rises_ten_minutes_later_has_its_own_card_again(crowd: Office) -> None:
    rise(crowd, *range(7))
    crowd.after(minutes=11)
    rise(crowd, 7)
    assert named(7) in standing(crowd)[-1]
    assert "topics rose" not in standing(crowd)[-1]


def test_what_is_grave_rings_alone(crowd: Office) -> None:
    rise(crowd, *range(8))
    rise(crowd, 8, level=Level.ORANGE)
    assert f"🟠 {named(8)}" in standing(crowd)[-1]
    rise(crowd, 9, 10)
    rise(crowd, 11, level=Level.RED)
    assert f"🔴 {named(11)}" in standing(crowd)[-1]


def test_forty_orange_matters_in_one_minute_are_no_forty_cards(office: Office) -> None:
    """And whoever is called for them is called for all at once, as long as nothing graver is among them."""
    for number in range(40):
        watch(office, number, "#pr")
        office.rings(Level.ORANGE, topic=named(number), deliver=False)
    office.deliver()
    told = standing(office)
    assert len(told) == 1
    assert "40 topics rose" in told[0]
    lead, ada = office.person("Lead"), office.person("Ada")
    for _ in range(4):
        office.after(minutes=15)
    assert sum(len(message.thread) + 1 for message in lead.reads(lead.direct)) <= 2
    assert len(ada.reads("desk")) <= 3
    office.clean()


def test_a_page_about_something_graver_is_sent_although_something_mild_was_called_just_now(crowd: Office) -> None:
    rise(crowd, *range(8))
    crowd.after(minutes=16)
    lead = crowd.person("Lead")
    before = len(lead.reads(lead.direct))
    assert before
    rise(crowd, 7, level=Level.RED)
    crowd.after(minutes=16)
    assert len(lead.reads(lead.direct)) > before


def test_what_gets_worse_later_gets_a_card_of_its_own(crowd: Office) -> None:
    rise(crowd, *range(8))
    rise(crowd, 7, level=Level.ORANGE)
    assert f"🟠 {named(7)}" in standing(crowd)[-1]
    crowd.act("acknowledge", number=8)
    crowd.deliver()
    assert "@Ada" in standing(crowd)[-1]


def test_of_a_bundle_nobody_is_called_twelve_times(crowd: Office) -> None:
    rise(crowd, *range(CROWD))
    crowd.after(minutes=17)
    lead = crowd.person("Lead")
    paged = sum(len(message.thread) + 1 for message in lead.reads(lead.direct))
    assert 1 <= paged <= 6  # those with a card of their own, and once for all the others
    acts = [act.kind for number in range(1, CROWD + 1) for act in crowd.store.incidents.timeline(number)]
    assert acts.count(ActKind.PAGED) >= CROWD


def test_where_posts_are_shared_it_says_so(crowd: Office) -> None:
    rise(crowd, *range(5))
    rise(crowd, 5, deliver=False)
    first, last = (crowd.store.incidents.get(number) for number in (1, 6))
    assert first is not None
    assert last is not None
    for one, other in ((first, last), (last, first)):
        crowd.store.incidents.change(one.id, lambda now, other=other: linked(now, other, now=crowd.clock.now()))
    crowd.deliver()
    assert "2 of them share the same posts: perhaps one story behind them." in standing(crowd)[-1]


def test_what_slack_refuses_of_a_bundle_is_told_by_cards(crowd: Office) -> None:
    rise(crowd, *range(5))
    crowd.server.sandbox.fail_next("chat.postMessage", error="restricted_action")
    rise(crowd, 5)
    assert named(5) in standing(crowd)[-1]
    assert "topics rose" not in standing(crowd)[-1]


def test_an_answer_that_is_lost_makes_no_second_bundle(crowd: Office) -> None:
    rise(crowd, *range(5))
    crowd.server.sandbox.fail_next("chat.postMessage", hang_up=True, after_the_deed=True)
    rise(crowd, 5)
    crowd.after(seconds=10)
    assert sum("topics rose" in one for one in standing(crowd)) == 1
