"""What people set: a level until a time, another policy, and a close that was too early."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.incidents.escalation import due
from bot.incidents.lifecycle import ActRequest, Refusal, Refused, act, follow, sweep
from bot.records import ActKind, AlertKind, Incident, Policy, PolicyStep, Status
from engine.post import Fact, FactKind, Level
from tests.bot.incidents.cases import POLICY, acknowledged, assessed, at, does, kinds, opened, stored, told

OTHER = Policy(
    name="board",
    steps=(PolicyStep(after_minutes=0, notify=("U_CHAIR",)), PolicyStep(after_minutes=5, notify=("U_PRESS",))),
)


def set_level(incident: Incident, level: Level | None, minute: float = 2, *, minutes: float = 60) -> Incident:
    made = does(incident, ActKind.SET_LEVEL, minute, level=level, minutes=minutes, text="we know more")
    return stored(incident, made)


def looked(incident: Incident, level: Level | None, minute: float) -> Incident:
    made = follow(incident, assessed(level), now=at(minute))
    return stored(incident, made) if made.incident is not None else incident


class TestALevelByHand:
    def test_holds_against_what_is_measured_until_its_time(self) -> None:
        incident = set_level(opened(Level.YELLOW), Level.RED)
        assert (incident.level, incident.peak, incident.set_by) == (Level.RED, Level.RED, "U_ANNA")
        assert looked(incident, Level.YELLOW, 61).level is Level.RED

    def test_then_what_is_measured_counts_again_and_the_timeline_says_so(self) -> None:
        incident = set_level(opened(Level.YELLOW), Level.RED)
        made = follow(incident, assessed(Level.YELLOW), now=at(62))
        assert kinds(made) == [ActKind.EXPIRED, ActKind.LOWERED]
        assert made.incident is not None
        assert (made.incident.level, made.incident.set_level, made.incident.set_until) == (Level.YELLOW, None, None)
        assert made.acts[0].detail == {"level": 1, "by": "U_ANNA"}

    def test_its_end_is_written_once_where_the_level_is_measured_just_so(self) -> None:
        incident = set_level(opened(Level.RED), Level.RED)
        made = follow(incident, assessed(Level.RED), now=at(62))
        assert kinds(made) == [ActKind.EXPIRED]
        assert made.incident is not None
        assert made.incident.set_level is None
        assert [alert.kind for alert in made.alerts] == [AlertKind.UPDATE]
        assert kinds(follow(stored(incident, made), assessed(Level.RED), now=at(63))) == []

    def test_a_person_ends_it_before_its_time(self) -> None:
        incident = set_level(set_level(opened(Level.YELLOW), Level.RED), None, 5)
        assert (incident.set_level, incident.level) == (None, Level.RED)
        assert looked(incident, Level.YELLOW, 6).level is Level.YELLOW

    def test_graver_than_what_people_were_told_it_calls_whoever_is_called_first(self) -> None:
        made = does(opened(Level.YELLOW), ActKind.SET_LEVEL, 12, level=Level.RED, minutes=60, text="two hurt")
        assert ("page", "U_LEAD") in told(made)
        assert made.incident is not None
        assert (made.incident.step, made.incident.next_action_at) == (1, at(22))

    def test_what_was_calm_is_called_out_again_although_people_were_told_of_it_before(self) -> None:
        incident = looked(opened(Level.ORANGE), None, 20)
        assert due(incident) is None
        incident = set_level(incident, Level.ORANGE, 30, minutes=600)
        assert incident.next_action_at == at(35)
        assert ("page", "U_OFFICER") in told(sweep(incident, now=at(35)))

    def test_what_is_set_to_blue_calls_nobody(self) -> None:
        assert set_level(opened(Level.RED), Level.BLUE).next_action_at is None

    @pytest.mark.parametrize("level", [Level.RED, Level.BLUE, None])
    def test_its_owner_who_sets_it_has_answered_the_reminder(self, level: Level | None) -> None:
        incident = acknowledged(Level.ORANGE)
        if level is None:
            incident = set_level(incident, Level.YELLOW, 2, minutes=600)
        incident = stored(incident, sweep(incident, now=incident.next_action_at or at(61)))
        assert incident.reminded_at is not None
        incident = set_level(incident, level, 90)
        assert incident.reminded_at is None
        assert incident.next_action_at == (None if level is Level.BLUE else at(150))

    def test_it_leaves_a_snooze_alone(self) -> None:
        incident = opened(Level.YELLOW)
        incident = stored(incident, does(incident, ActKind.SNOOZE, 1, minutes=240))
        incident = set_level(incident, Level.RED)
        assert incident.snoozed_until == incident.next_action_at == at(241)

    @pytest.mark.parametrize(
        ("more", "why"),
        [
            ({"level": Level.RED, "minutes": 60.0}, Refused.REASON),
            ({"level": Level.RED, "minutes": 0.0, "text": "x"}, Refused.SPAN),
            ({"level": Level.RED, "minutes": 8 * 24 * 60.0, "text": "x"}, Refused.SPAN),
            ({"level": None}, Refused.SAME),
        ],
    )
    def test_without_reason_or_end_it_is_refused(self, more: dict, why: Refused) -> None:
        outcome = act(opened(), ActRequest(kind=ActKind.SET_LEVEL, by="U_ANNA", key="k", **more), now=at(3))
        assert isinstance(outcome, Refusal)
        assert outcome.why is why


class TestAnotherPolicy:
    def test_calls_from_its_first_step_on(self) -> None:
        incident = stored(opened(), sweep(opened(), now=at(10)))
        made = does(incident, ActKind.USE_POLICY, 12, policy=OTHER)
        assert ("page", "U_CHAIR") in told(made)
        assert made.incident is not None
        assert (made.incident.policy, made.incident.step, made.incident.next_action_at) == (OTHER, 1, at(17))
        assert ("page", "U_PRESS") in told(sweep(stored(incident, made), now=at(17)))

    def test_an_owned_one_stays_with_its_owner_and_calls_its_first_step_when_help_is_asked_for(self) -> None:
        incident = replace(acknowledged(), step=3, rounds=2)
        made = does(incident, ActKind.USE_POLICY, 12, policy=OTHER)
        assert told(made) == []
        incident = stored(incident, made)
        assert (incident.owner, incident.next_action_at) == ("U_ANNA", at(72))
        assert ("page", "U_CHAIR") in told(does(incident, ActKind.ESCALATE, 13))

    def test_one_that_sleeps_wakes_under_it(self) -> None:
        incident = opened()
        incident = stored(incident, does(incident, ActKind.SNOOZE, 1, minutes=60))
        incident = stored(incident, does(incident, ActKind.USE_POLICY, 2, policy=OTHER))
        assert incident.snoozed_until == at(61)
        assert ("page", "U_CHAIR") in told(sweep(incident, now=at(61)))

    def test_the_same_is_refused(self) -> None:
        outcome = act(opened(), ActRequest(kind=ActKind.USE_POLICY, by="U_A", key="k", policy=POLICY), now=at(3))
        assert isinstance(outcome, Refusal)
        assert outcome.why is Refused.SAME


class TestOpenedAgain:
    def shut(self, incident: Incident, minute: float = 5) -> Incident:
        return stored(incident, does(incident, ActKind.RESOLVE, minute, text="over"))

    def test_it_goes_on_with_its_owner(self) -> None:
        incident = self.shut(acknowledged(Level.RED))
        again = stored(incident, does(incident, ActKind.REOPEN, 20, by="U_BEN"))
        assert (again.status, again.owner, again.next_action_at) == (Status.ACKNOWLEDGED, "U_ANNA", at(80))

    def test_without_one_it_calls_from_the_first_step_on(self) -> None:
        made = does(self.shut(opened(Level.RED)), ActKind.REOPEN, 20)
        assert ("page", "U_LEAD") in told(made)
        assert made.incident is not None
        assert (made.incident.status, made.incident.next_action_at) == (Status.OPEN, at(30))

    def test_what_ended_in_calm_does_not_end_again_at_the_next_look(self) -> None:
        incident = looked(opened(Level.ORANGE), None, 20)
        incident = looked(incident, None, 20 + 720)
        assert incident.status is Status.RESOLVED
        incident = stored(incident, does(incident, ActKind.REOPEN, 800))
        assert looked(incident, None, 800 + 719).status is Status.OPEN
        assert looked(incident, None, 800 + 720).status is Status.RESOLVED

    def test_the_news_that_the_close_cut_off_is_told_when_it_goes_on(self) -> None:
        hospital = Fact(key="hospital", kind=FactKind.CASUALTIES, at=at(3), story="s1")
        incident = opened(Level.ORANGE)
        learned = follow(incident, replace(assessed(Level.ORANGE), facts=(hospital,)), now=at(4))
        incident = self.shut(stored(incident, learned))
        assert sweep(incident, now=at(60)).incident is None
        incident = stored(incident, does(incident, ActKind.REOPEN, 60))
        assert incident.tell_at == at(70)
        incident = stored(incident, sweep(replace(incident, next_action_at=None), now=at(70)))
        assert (incident.untold, incident.facts_told_at) == ((), at(70))

    @pytest.mark.parametrize(("days", "possible"), [(6.9, True), (7.1, False)])
    def test_for_seven_days(self, days: float, possible: bool) -> None:
        request = ActRequest(kind=ActKind.REOPEN, by="U_ANNA", key="k")
        outcome = act(self.shut(opened(Level.RED)), request, now=at(5 + days * 24 * 60))
        assert isinstance(outcome, Refusal) is not possible
        if isinstance(outcome, Refusal):
            assert (outcome.why, outcome.by) == (Refused.LATE, "U_ANNA")
