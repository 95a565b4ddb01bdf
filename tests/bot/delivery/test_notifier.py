"""What is owed arrives, once, in order, or somewhere else with the reason said; nothing is lost."""

from __future__ import annotations

from datetime import timedelta

from bot.incidents.links import linked
from bot.records import ActKind, AlertKind
from engine.post import Level
from tests.bot.slack.office import Office


def cards(office: Office, channel: str = "pr") -> list[str]:
    return [one.plain() for one in office.person("Ada").reads(channel)]


def test_an_answer_that_is_lost_after_the_deed_makes_no_second_message(office: Office) -> None:
    office.server.sandbox.fail_next("chat.postMessage", hang_up=True, after_the_deed=True)
    office.rings(Level.ORANGE)
    assert len(cards(office)) == 1
    office.after(seconds=10)
    assert len(cards(office)) == 1
    assert not office.store.alerts.owed()
    office.rings(Level.RED)
    assert "🔴 Lumen Tea: complaints are rising" in cards(office)[0]


def test_the_same_holds_for_a_reply_and_for_a_page_in_person(office: Office) -> None:
    office.rings(Level.YELLOW)
    office.server.sandbox.fail_next("chat.postMessage", hang_up=True, after_the_deed=True)
    office.rings(Level.ORANGE)
    office.after(seconds=10)
    [card] = [one for one in office.person("Ada").reads("pr") if not one.message.thread_ts]
    assert len(card.thread) == 1
    office.server.sandbox.fail_next("chat.postMessage", status=500, after_the_deed=True)
    office.after(minutes=16)
    office.after(seconds=10)
    lead = office.person("Lead")
    assert len(lead.reads(lead.direct)) == 1


def test_a_connection_that_breaks_before_the_deed_costs_only_time(office: Office) -> None:
    office.server.sandbox.fail_next("chat.postMessage", hang_up=True)
    office.rings(Level.ORANGE)
    assert not cards(office)
    office.after(seconds=10)
    assert len(cards(office)) == 1


def test_a_crash_between_deed_and_record_makes_no_second_message(office: Office) -> None:
    """The process dies after Slack took the message: the alert is still claimed, and claimed again when it expires."""
    office.rings(Level.ORANGE, deliver=False)
    [alert] = office.store.alerts.claim(office.clock.now(), 1, 60)
    view = office.desk.view(office.store.incidents.get(alert.incident_id))
    office.notifier._deliver(alert, view, [])
    office.after(seconds=30)
    assert len(cards(office)) == 1
    office.after(seconds=61)
    assert len(cards(office)) == 1
    assert len(office.store.alerts.cards(1)) == 1


def test_too_fast_waits_as_long_as_slack_asks(office: Office) -> None:
    office.server.sandbox.fail_next("chat.postMessage", retry_after=30)
    office.rings(Level.ORANGE)
    office.after(seconds=20)
    assert not cards(office)
    office.after(seconds=11)
    assert len(cards(office)) == 1


def test_an_archived_channel_falls_back_to_the_default_one(office: Office) -> None:
    office.server.sandbox.archive("pr")
    incident = office.rings(Level.ORANGE)
    [card] = office.person("Ada").reads("desk")
    assert "meant for #pr, where it could not be delivered: the channel is archived" in card.plain()
    assert card.buttons == ["Acknowledge", "Resolve"]
    [act] = [one for one in office.store.incidents.timeline(incident.id) if one.kind is ActKind.DELIVERY_FAILED]
    assert act.detail["error"] == "is_archived"
    office.rings(Level.RED)
    assert "🔴 Lumen Tea: complaints are rising" in card.fresh().plain()
    assert "Worse" in card.fresh().thread[-1].plain()
    assert len(office.person("Ada").reads("desk")) == 2  # the card, and the call that is shown in the channel too


def test_a_channel_that_is_archived_later_moves_the_matter_too(office: Office) -> None:
    office.rings(Level.YELLOW)
    office.server.sandbox.archive("pr")
    office.rings(Level.ORANGE)
    [card] = office.person("Ada").reads("desk")
    assert "archived" in card.plain()
    assert "🟠 Lumen Tea: complaints are rising" in card.plain()
    assert not office.store.alerts.owed()


def test_a_public_channel_is_joined_where_that_is_all_it_takes(office: Office) -> None:
    office.server.sandbox.remove_bot("pr")
    office.rings(Level.ORANGE)
    assert len(cards(office)) == 1


def test_a_person_who_is_unknown_is_paged_through_the_default_channel(office: Office) -> None:
    office.server.sandbox.fail_next("conversations.open", error="user_disabled")
    office.rings(Level.ORANGE)
    office.after(minutes=16)
    [card] = office.person("Ada").reads("desk")
    assert "meant for Lead" in card.plain()
    assert "the account is deactivated" in card.plain()


def test_a_person_known_by_e_mail_is_found(office: Office) -> None:
    record = office.topic()
    office.rings(Level.ORANGE)
    assert record
    office.act("assign", to="agency@sandbox.example")
    office.deliver()
    agency = office.person("Agency")
    assert "assigned this to you" in agency.reads(agency.direct)[-1].plain()


def test_a_revoked_token_loses_nothing(office: Office) -> None:
    office.server.sandbox.revoke_token()
    incident = office.rings(Level.ORANGE)
    assert "Slack refuses Tocsin’s token" in office.notifier.trouble
    office.after(minutes=2)
    office.rings(Level.RED)
    failed = [one for one in office.store.incidents.timeline(incident.id) if one.kind is ActKind.DELIVERY_FAILED]
    assert len(failed) == 1
    office.server.sandbox.revoke_token("")
    office.after(minutes=5)
    [card] = office.person("Ada").reads("pr")
    assert "🔴 Lumen Tea: complaints are rising" in card.plain()
    assert not office.notifier.trouble
    assert not office.store.alerts.owed()


def test_what_piled_up_while_slack_was_away_is_one_card(office: Office) -> None:
    office.server.sandbox.fail_next("chat.postMessage", status=503)
    office.rings(Level.YELLOW)
    for level in (Level.ORANGE, Level.YELLOW, Level.RED):
        office.clock.set(office.clock.now() + timedelta(minutes=1))
        office.rings(level, deliver=False)
    office.after(minutes=10)
    [card] = office.person("Ada").reads("pr")
    assert "🔴 Lumen Tea: complaints are rising" in card.plain()
    assert not card.thread


def test_updates_fold_and_a_reply_names_the_level_it_began_at(office: Office) -> None:
    office.rings(Level.YELLOW)
    office.rings(Level.ORANGE, deliver=False)
    office.rings(Level.RED, deliver=False)
    office.deliver()
    [card] = [one for one in office.person("Ada").reads("pr") if not one.message.thread_ts]
    [reply] = card.thread
    assert "Worse: yellow → 🔴 red" in reply.plain()


def test_blocks_that_slack_refuses_still_ring_as_words(office: Office) -> None:
    office.server.sandbox.fail_next("chat.postMessage", error="invalid_blocks")
    office.rings(Level.ORANGE)
    [card] = office.person("Ada").reads("pr")
    assert not card.blocks
    assert "🟠 Lumen Tea: complaints are rising" in card.text
    assert "Nobody owns this yet" in card.text


def test_a_message_that_slack_will_never_take_is_written_down(office: Office) -> None:
    office.server.sandbox.fail_next("chat.postMessage", error="invalid_blocks", times=2)
    incident = office.rings(Level.ORANGE)
    assert not [one for one in office.store.alerts.owed() if one.kind is AlertKind.CARD]
    assert [one for one in office.store.incidents.timeline(incident.id) if one.kind is ActKind.DELIVERY_FAILED]


def test_a_card_that_somebody_deleted_is_left_alone_until_it_gets_worse(office: Office) -> None:
    office.rings(Level.YELLOW)
    [card] = office.person("Ada").reads("pr")
    office.server.sandbox.delete_message(card.message)
    office.rings(Level.ORANGE)
    alive = [one for one in office.person("Ada").reads("pr") if "complaints are rising" in one.plain()]
    assert len(alive) == 1
    assert "🟠 Lumen Tea" in alive[0].plain()
    office.rings(Level.RED)
    assert "🔴 Lumen Tea: complaints are rising" in alive[0].fresh().plain()


def test_nobody_is_woken_for_what_somebody_has_taken(office: Office) -> None:
    office.rings(Level.ORANGE)
    office.clock.set(office.clock.now() + timedelta(minutes=16))
    office.sweep()
    office.act("acknowledge")
    office.deliver()
    lead = office.person("Lead")
    assert not lead.reads(lead.direct)


def test_the_gravest_goes_first(office: Office) -> None:
    office.rings(Level.YELLOW, topic="北山乳业", deliver=False)
    office.rings(Level.RED, deliver=False)
    office.deliver()
    [grave], [mild] = office.person("Ada").reads("pr"), office.person("Ada").reads("gongguan")
    assert grave.ts < mild.ts


def test_a_persons_card_speaks_the_persons_language(office: Office) -> None:
    office.rings(Level.ORANGE)
    office.act("assign", to="U000000MEI")
    office.deliver()
    mei = office.person("Mei")
    assert "将本事件指派给您" in mei.reads(mei.direct)[-1].plain()
    office.rings(Level.RED)
    assert "🔴 Lumen Tea：负面帖子增多" in mei.reads(mei.direct)[0].plain()


def test_who_is_paged_about_a_happening_is_paged_once_although_two_topics_watch_it(office: Office) -> None:
    """And the card of each names the other."""
    first = office.rings(Level.ORANGE)
    second = office.rings(Level.ORANGE, topic="北山乳业")
    for one, other in ((first, second), (second, first)):
        office.store.incidents.change(one.id, lambda now, other=other: linked(now, other, now=office.clock.now()))
    office.deliver()
    lead = office.person("Lead")
    assert "北山乳业" in cards(office)[0]
    assert "Lumen Tea" in cards(office, "gongguan")[0]
    office.after(minutes=15)
    assert len(lead.reads(lead.direct)) == 1


def test_two_happenings_page_twice(office: Office) -> None:
    office.rings(Level.ORANGE)
    office.rings(Level.ORANGE, topic="北山乳业")
    office.after(minutes=15)
    assert len((lead := office.person("Lead")).reads(lead.direct)) == 2
