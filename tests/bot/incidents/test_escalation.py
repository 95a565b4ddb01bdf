"""What time does to an incident: the pages, the reminder, and what was missed."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.incidents.escalation import Due, due, spacing
from bot.incidents.lifecycle import sweep
from bot.records import ActKind, AlertKind, Decision, Policy, PolicyStep, Status
from tests.bot.incidents.cases import (
    POLICY,
    START,
    acknowledged,
    assessed,
    at,
    does,
    follow,
    kinds,
    opened,
    stored,
    told,
)


class TestEscalation:
    def test_each_step_is_paged_at_its_minute_and_the_last_one_repeated(self) -> None:
        incident, seen = opened(), []
        while incident.next_action_at is not None:
            now = incident.next_action_at
            decision = sweep(incident, now=now)
            pages = [target for kind, target in told(decision) if kind == "page"]
            seen.append(((now - START).total_seconds() / 60, pages))
            incident = stored(incident, decision)
        assert seen == [
            (10, ["U_OFFICER", "#war-room"]),
            (30, ["U_BOSS"]),
            (50, ["U_BOSS"]),
            (70, ["U_BOSS"]),
        ]

    def test_the_last_page_says_so(self) -> None:
        incident, last = opened(), []
        while incident.next_action_at is not None:
            decision = sweep(incident, now=incident.next_action_at)
            last.append(next(a.payload["last"] for a in decision.alerts if a.kind is AlertKind.PAGE))
            incident = stored(incident, decision)
        assert last == [False, False, False, True]

    def test_lateness_does_not_add_up(self) -> None:
        incident = opened()
        late = sweep(incident, now=at(10.9))
        assert late.incident is not None
        assert late.incident.next_action_at == at(30)

    def test_before_its_moment_nothing_happens(self) -> None:
        assert sweep(opened(), now=at(9.9)) == Decision()

    def test_steps_missed_while_nothing_ran_are_caught_up_at_once(self) -> None:
        decision = sweep(opened(), now=at(500))
        pages = [target for kind, target in told(decision) if kind == "page"]
        assert pages == ["U_OFFICER", "#war-room", "U_BOSS"]
        assert decision.incident is not None
        assert decision.incident.next_action_at == at(520)

    def test_steps_in_any_order_are_paged_by_their_minutes(self) -> None:
        assert opened(policy=replace(POLICY, steps=POLICY.steps[::-1])).next_action_at == at(10)

    def test_a_lone_step_repeats_every_quarter_of_an_hour_in_the_topics_channel(self) -> None:
        incident = opened(policy=Policy(steps=(PolicyStep(after_minutes=0, notify=("topic",)),), repeat=1))
        assert incident.next_action_at == at(15)
        assert told(sweep(incident, now=at(15))) == [("page", "#acme")]

    @pytest.mark.parametrize(
        ("minutes", "gap"), [((0,), 15), ((7,), 15), ((0, 10), 10), ((5, 5), 15), ((30, 0, 10), 20), ((0, 0.5), 0.5)]
    )
    def test_the_last_step_repeats_after_as_long_as_it_waited_itself(
        self, minutes: tuple[float, ...], gap: float
    ) -> None:
        steps = tuple(PolicyStep(after_minutes=minute, notify=("U_LEAD",)) for minute in minutes)
        assert spacing(Policy(steps=steps)) == timedelta(minutes=gap)

    def test_a_step_before_the_opening_is_paged_with_it(self) -> None:
        early = (PolicyStep(after_minutes=-5, notify=("U_LEAD",)), PolicyStep(after_minutes=10, notify=("U_BOSS",)))
        incident = opened(policy=Policy(steps=early))
        assert (incident.step, incident.next_action_at) == (1, at(10))

    def test_nobody_is_paged_after_it_was_acknowledged(self) -> None:
        assert sweep(acknowledged(), now=at(30)) == Decision()


class TestTheOwner:
    def test_is_asked_how_it_stands(self) -> None:
        incident = acknowledged()
        assert incident.next_action_at == at(61)
        decision = sweep(incident, now=at(61))
        assert told(decision) == [("reminder", "#acme")]
        assert decision.alerts[0].payload == {"owner": "U_ANNA"}
        assert kinds(decision) == [ActKind.REMINDED]

    def test_loses_it_without_an_answer_and_all_are_paged_again(self) -> None:
        incident = acknowledged()
        incident = stored(incident, sweep(incident, now=at(61)))
        assert incident.next_action_at == at(121)
        decision = sweep(incident, now=at(121))
        assert told(decision) == [("notice", "#acme"), ("page", "U_LEAD")]
        assert decision.incident is not None
        assert (decision.incident.status, decision.incident.owner) == (Status.OPEN, "")
        assert decision.incident.next_action_at == at(131)

    @pytest.mark.parametrize("kind", [ActKind.NOTE, ActKind.ESCALATE, ActKind.ACKNOWLEDGE])
    def test_keeps_it_with_any_act(self, kind: ActKind) -> None:
        incident = acknowledged()
        incident = stored(incident, sweep(incident, now=at(61)))
        incident = stored(incident, does(incident, kind, 90, text="on it"))
        assert (incident.status, incident.owner) == (Status.ACKNOWLEDGED, "U_ANNA")
        assert incident.reminded_at is None
        assert incident.next_action_at == at(150)

    def test_is_left_alone_while_all_is_calm(self) -> None:
        incident = acknowledged()
        incident = stored(incident, follow(incident, assessed(None), 30))
        assert incident.next_action_at is None

    def test_is_reminded_again_and_again_where_nothing_expires(self) -> None:
        incident = acknowledged(policy=replace(POLICY, unacknowledge_minutes=0))
        for minutes in (61, 121, 181):
            decision = sweep(incident, now=at(minutes))
            assert told(decision) == [("reminder", "#acme")]
            incident = stored(incident, decision)

    def test_loses_it_unreminded_where_the_policy_has_no_reminder(self) -> None:
        incident = acknowledged(policy=replace(POLICY, reminder_minutes=0))
        assert due(incident) is Due.UNACKNOWLEDGE
        assert incident.next_action_at == at(121)

    def test_is_given_time_to_answer(self) -> None:
        incident = acknowledged(policy=replace(POLICY, unacknowledge_minutes=60))
        incident = stored(incident, sweep(incident, now=at(61)))
        assert incident.next_action_at == at(66)

    def test_has_five_minutes_to_answer_at_least(self) -> None:
        incident = acknowledged(policy=replace(POLICY, unacknowledge_minutes=64))
        incident = stored(incident, sweep(incident, now=at(61)))
        assert incident.next_action_at == at(66)

    def test_is_asked_again_and_keeps_it_where_the_policy_never_takes_it_away(self) -> None:
        incident = acknowledged(policy=replace(POLICY, unacknowledge_minutes=0))
        incident = stored(incident, sweep(incident, now=at(61)))
        assert (incident.reminded_at, incident.next_action_at) == (at(61), at(121))

    def test_is_never_disturbed_where_the_policy_says_so(self) -> None:
        policy = replace(POLICY, reminder_minutes=0, unacknowledge_minutes=0)
        assert acknowledged(policy=policy).next_action_at is None
