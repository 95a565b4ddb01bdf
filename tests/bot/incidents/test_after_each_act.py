"""What an incident is after each act and each moment: the whole of it, so that nothing else changed."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bot.incidents.lifecycle import ActRequest, Refusal, Refused, act, decide, sweep
from bot.incidents.transitions import LONGEST_SNOOZE
from bot.records import ActKind, Decision, Incident, Policy, Status
from engine.post import Level
from tests.bot.incidents.cases import POLICY, START, TOPIC, acknowledged, assessed, at, does, follow, opened, stored


def after(incident: Incident, decision: Decision | Refusal, **changes: Any) -> None:
    """Only *changes* happened to *incident*."""
    assert isinstance(decision, Decision)
    assert decision.incident == replace(incident, **changes)


def snoozed(incident: Incident, minute: float = 2) -> Incident:
    return stored(incident, does(incident, ActKind.SNOOZE, minute, minutes=60.0))


def asked() -> Incident:
    """Owned since the first minute, reminded at 61."""
    incident = acknowledged()
    return stored(incident, sweep(incident, now=at(61)))


def refused(incident: Incident, kind: ActKind, by: str = "U_BEN", **more: Any) -> Refusal:
    outcome = act(incident, ActRequest(kind=kind, by=by, key="k", **more), now=at(90))
    assert isinstance(outcome, Refusal)
    return outcome


class TestOpened:
    def test_it_holds_all_that_was_found(self) -> None:
        assessment = replace(assessed(Level.ORANGE, score=66), notes=({"en": "No baseline yet", "zh": "尚无基线"},))
        decision = decide(None, assessment, topic=replace(TOPIC, speak="zh"), policy=POLICY, now=at(3))
        assert decision.incident == Incident(
            topic_id=7,
            topic="Acme",
            channel="#acme",
            speak="zh",
            status=Status.OPEN,
            level=Level.ORANGE,
            peak=Level.ORANGE,
            score=66,
            headline="Acme recalls its kettles",
            stories=("s1",),
            reasons=assessment.signals,
            notes=assessment.notes,
            evidence=("1", "2"),
            policy=POLICY,
            opened_at=at(3),
            assessed_at=at(3),
            step=1,
            next_action_at=at(13),
            told=Level.ORANGE,
            told_at=at(3),
            paged_at=at(3),
        )

    def test_in_the_moment_of_the_one_before_it_is_opened_a_blink_later(self) -> None:
        shut = opened()
        shut = stored(shut, does(shut, ActKind.RESOLVE, 0))
        other = assessed(Level.RED, stories=("s2",))
        again = follow(shut, other, 0).incident
        later = follow(shut, other, 5).incident
        assert again is not None
        assert later is not None
        assert again.opened_at == START + timedelta(microseconds=1)
        assert later.opened_at == at(5)


class TestTaken:
    def test_who_acknowledges_owns_it_and_is_reminded_in_an_hour(self) -> None:
        incident = opened()
        after(
            incident,
            does(incident, ActKind.ACKNOWLEDGE, 4),
            status=Status.ACKNOWLEDGED,
            owner="U_ANNA",
            acknowledged_by="U_ANNA",
            acknowledged_at=at(4),
            last_act_at=at(4),
            next_action_at=at(64),
        )

    def test_it_is_handed_on_as_from_that_moment(self) -> None:
        incident = asked()
        after(
            incident,
            does(incident, ActKind.ASSIGN, 70, by="U_BEN", to="U_DAN"),
            owner="U_DAN",
            acknowledged_by="U_BEN",
            acknowledged_at=at(70),
            reminded_at=None,
            last_act_at=at(70),
            next_action_at=at(130),
        )

    @pytest.mark.parametrize("kind", [ActKind.ACKNOWLEDGE, ActKind.ASSIGN])
    def test_taking_it_ends_a_snooze(self, kind: ActKind) -> None:
        decision = does(snoozed(opened()), kind, 5, to="U_DAN")
        assert decision.incident is not None
        assert (decision.incident.snoozed_until, decision.incident.next_action_at) == (None, at(65))

    def test_the_owner_who_answers_a_reminder_has_owned_it_all_along(self) -> None:
        incident = asked()
        after(
            incident,
            does(incident, ActKind.ACKNOWLEDGE, 90, by="U_ANNA"),
            reminded_at=None,
            last_act_at=at(90),
            next_action_at=at(150),
        )

    def test_nobody_else_takes_it_by_answering_the_owners_reminder(self) -> None:
        assert refused(asked(), ActKind.ACKNOWLEDGE) == Refusal(
            why=Refused.OWNED,
            kind=ActKind.ACKNOWLEDGE,
            incident_id=1,
            status=Status.ACKNOWLEDGED,
            by="U_ANNA",
            at=at(1),
        )

    def test_its_owner_cannot_take_it_twice_where_nothing_was_asked(self) -> None:
        assert refused(acknowledged(), ActKind.ACKNOWLEDGE, by="U_ANNA").why is Refused.OWNED

    def test_it_is_not_assigned_to_whom_it_belongs(self) -> None:
        refusal = refused(acknowledged(), ActKind.ASSIGN, to="U_ANNA")
        assert (refusal.why, refusal.by, refusal.at) == (Refused.OWNED, "U_ANNA", at(1))


class TestSnoozed:
    def test_an_open_one_sleeps_and_stays_open(self) -> None:
        incident = opened()
        until = {"snoozed_until": at(65), "next_action_at": at(65)}
        after(incident, does(incident, ActKind.SNOOZE, 5, minutes=60.0), last_act_at=at(5), **until)

    def test_an_owned_one_sleeps_and_its_reminder_is_answered(self) -> None:
        incident = asked()
        until = {"snoozed_until": at(130), "next_action_at": at(130)}
        decision = does(incident, ActKind.SNOOZE, 70, minutes=60.0)
        after(incident, decision, reminded_at=None, last_act_at=at(70), **until)

    @pytest.mark.parametrize("incident", [opened(), acknowledged()], ids=["open", "owned"])
    def test_a_note_does_not_wake_it(self, incident: Incident) -> None:
        sleeping = snoozed(incident)
        after(sleeping, does(sleeping, ActKind.NOTE, 5, text="no news"), last_act_at=at(5))

    def test_an_escalation_wakes_it(self) -> None:
        sleeping = snoozed(opened())
        decision = does(sleeping, ActKind.ESCALATE, 5)
        after(sleeping, decision, snoozed_until=None, step=2, last_act_at=at(5), next_action_at=at(25), paged_at=at(5))

    def test_an_escalation_by_its_owner_wakes_it_and_starts_the_reminders_clock(self) -> None:
        sleeping = snoozed(acknowledged())
        decision = does(sleeping, ActKind.ESCALATE, 5)
        after(sleeping, decision, snoozed_until=None, step=2, last_act_at=at(5), next_action_at=at(65), paged_at=at(5))

    def test_calm_does_not_shorten_it(self) -> None:
        sleeping = snoozed(opened())
        calm = follow(sleeping, assessed(None), 5)
        assert calm.incident is not None
        assert calm.incident.next_action_at == at(62)

    def test_it_wakes_with_the_first_step(self) -> None:
        incident = opened()
        sleeping = snoozed(stored(incident, sweep(incident, now=at(10))), 12)
        after(sleeping, sweep(sleeping, now=at(72)), snoozed_until=None, step=1, next_action_at=at(82), paged_at=at(72))

    def test_seven_days_are_the_longest(self) -> None:
        assert timedelta(days=7) == LONGEST_SNOOZE
        week = does(opened(), ActKind.SNOOZE, 5, minutes=7 * 24 * 60.0)
        assert week.incident is not None
        assert week.incident.snoozed_until == at(5) + timedelta(days=7)


class TestClosed:
    @pytest.mark.parametrize(
        ("kind", "status"), [(ActKind.RESOLVE, Status.RESOLVED), (ActKind.FALSE_ALARM, Status.FALSE_ALARM)]
    )
    @pytest.mark.parametrize("incident", [opened(), snoozed(acknowledged()), asked()], ids=["open", "snoozed", "asked"])
    def test_nothing_is_due_any_more(self, incident: Incident, kind: ActKind, status: Status) -> None:
        after(
            incident,
            does(incident, kind, 90, by="U_BEN"),
            status=status,
            closed_at=at(90),
            closed_by="U_BEN",
            snoozed_until=None,
            reminded_at=None,
            last_act_at=at(90),
            next_action_at=None,
        )

    def test_a_note_changes_nothing_but_the_record(self) -> None:
        incident = opened()
        shut = stored(incident, does(incident, ActKind.RESOLVE, 5))
        after(shut, does(shut, ActKind.NOTE, 9, text="for the review"))

    def test_whoever_comes_later_is_told_who_closed_it_and_when(self) -> None:
        incident = acknowledged()
        shut = stored(incident, does(incident, ActKind.FALSE_ALARM, 5, by="U_CARLA"))
        assert refused(shut, ActKind.ESCALATE) == Refusal(
            why=Refused.CLOSED,
            kind=ActKind.ESCALATE,
            incident_id=1,
            status=Status.FALSE_ALARM,
            by="U_CARLA",
            at=at(5),
        )

    def test_long_calm_closes_it_whole(self) -> None:
        incident = acknowledged()
        calm = stored(incident, follow(incident, assessed(None), 60))
        after(
            calm,
            follow(calm, assessed(None), 780),
            status=Status.RESOLVED,
            assessed_at=at(780),
            closed_at=at(780),
            closed_by="tocsin",
        )

    @pytest.mark.parametrize(
        ("kind", "more", "why"),
        [
            (ActKind.ASSIGN, {}, Refused.NOBODY),
            (ActKind.SNOOZE, {"minutes": -1.0}, Refused.SPAN),
            (ActKind.NOTE, {}, Refused.EMPTY),
        ],
    )
    def test_what_makes_no_sense_names_nobody(self, kind: ActKind, more: dict[str, Any], why: Refused) -> None:
        assert refused(acknowledged(), kind, **more) == Refusal(
            why=why, kind=kind, incident_id=1, status=Status.ACKNOWLEDGED, by="", at=None
        )


class TestEscalated:
    def test_the_next_step_is_counted_from_now(self) -> None:
        incident = opened()
        after(
            incident,
            does(incident, ActKind.ESCALATE, 4),
            step=2,
            last_act_at=at(4),
            next_action_at=at(24),
            paged_at=at(4),
        )

    def test_after_the_last_step_the_repeats_go_on(self) -> None:
        incident = replace(opened(), step=3, rounds=1)
        after(incident, does(incident, ActKind.ESCALATE, 4), last_act_at=at(4), next_action_at=at(24), paged_at=at(4))

    def test_after_the_last_repeat_nothing_is_due(self) -> None:
        incident = replace(opened(), step=3, rounds=2)
        after(incident, does(incident, ActKind.ESCALATE, 4), last_act_at=at(4), next_action_at=None, paged_at=at(4))

    def test_what_is_calm_pages_once_and_then_waits_again(self) -> None:
        incident = opened()
        calm = stored(incident, follow(incident, assessed(None), 5))
        decision = does(calm, ActKind.ESCALATE, 6)
        after(calm, decision, step=2, last_act_at=at(6), next_action_at=None, paged_at=at(6))
        assert len(decision.alerts) == 4

    def test_without_steps_there_is_none_to_count(self) -> None:
        incident = opened(policy=Policy())
        after(incident, does(incident, ActKind.ESCALATE, 4), last_act_at=at(4), paged_at=at(4))


class TestPassedOver:
    def test_a_page_moves_on_to_the_next_step(self) -> None:
        incident = opened()
        after(incident, sweep(incident, now=at(10)), step=2, next_action_at=at(30), paged_at=at(10))

    def test_a_repeat_is_counted(self) -> None:
        incident = replace(opened(), step=3, next_action_at=at(50))
        after(incident, sweep(incident, now=at(51)), rounds=1, next_action_at=at(71), paged_at=at(51))

    def test_an_owner_who_was_asked_has_until_the_end_of_the_patience(self) -> None:
        incident = acknowledged()
        after(incident, sweep(incident, now=at(61)), reminded_at=at(61), next_action_at=at(121))

    def test_an_owner_who_did_not_answer_loses_it(self) -> None:
        incident = asked()
        after(
            incident,
            sweep(incident, now=at(121)),
            status=Status.OPEN,
            owner="",
            acknowledged_at=None,
            acknowledged_by="",
            reminded_at=None,
            next_action_at=at(131),
            paged_at=at(121),
        )

    def test_what_waits_for_nothing_is_left_alone(self) -> None:
        assert sweep(replace(opened(), calm_since=at(5), next_action_at=at(5)), now=at(9)) == Decision()
        assert sweep(replace(opened(), next_action_at=None), now=at(9)) == Decision()
