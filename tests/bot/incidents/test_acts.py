"""What people do to an incident: every cell of the table, and what comes of it."""

from __future__ import annotations

import pytest

from bot.incidents.lifecycle import TRANSITIONS, ActRequest, Refusal, Refused, act, sweep
from bot.records import ActKind, AlertKind, Decision, Policy, Status
from engine.post import Level
from tests.bot.incidents.cases import acknowledged, at, does, opened, stored, told

JOINT = (ActKind.MERGE, ActKind.SPLIT)
"""Acts on more than one incident: bot.incidents.people.joining."""


class TestActs:
    @pytest.mark.parametrize("kind", [kind for kind in TRANSITIONS[Status.OPEN] if kind not in JOINT])
    @pytest.mark.parametrize("status", list(Status))
    def test_every_cell_of_the_table(self, status: Status, kind: ActKind) -> None:
        incident = acknowledged() if status is Status.ACKNOWLEDGED else opened()
        if status.closed:
            shut = ActKind.RESOLVE if status is Status.RESOLVED else ActKind.FALSE_ALARM
            incident = stored(incident, does(incident, shut, 2, by="U_BEN"))
        more = {"to": "U_DAN", "minutes": 30, "text": "a word", "level": Level.RED, "policy": Policy(name="other")}
        request = ActRequest(kind=kind, by="U_CARLA", key="k", **more)
        outcome, expected = act(incident, request, now=at(5)), TRANSITIONS[status][kind]
        if isinstance(expected, Refused):
            assert isinstance(outcome, Refusal)
            assert outcome.why is expected
            if expected is not Refused.LIVE:
                assert outcome.by == ("U_BEN" if status.closed else "U_ANNA")
                assert outcome.at == at(2 if status.closed else 1)
        else:
            assert isinstance(outcome, Decision)
            assert outcome.incident is not None
            owned = kind is ActKind.REOPEN and outcome.incident.owner
            assert outcome.incident.status is (Status.ACKNOWLEDGED if owned else expected)
            assert (outcome.acts[0].kind, outcome.acts[0].by, outcome.acts[0].key) == (kind, "U_CARLA", "k")
            assert outcome.alerts[0].kind is AlertKind.UPDATE

    def test_the_table_has_every_status_and_every_act_of_a_person(self) -> None:
        acts = set(TRANSITIONS[Status.OPEN])
        assert set(TRANSITIONS) == set(Status)
        assert all(set(row) == acts for row in TRANSITIONS.values())
        assert len(acts) == 12

    def test_what_only_tocsin_writes_is_no_act(self) -> None:
        with pytest.raises(ValueError, match="not an act of a person"):
            act(opened(), ActRequest(kind=ActKind.PAGED, by="U", key="k"), now=at(1))

    def test_an_assignment_tells_the_new_owner(self) -> None:
        decision = does(opened(), ActKind.ASSIGN, to="U_DAN")
        assert told(decision) == [("page", "U_DAN")]
        assert decision.incident is not None
        assert (decision.incident.owner, decision.incident.acknowledged_by) == ("U_DAN", "U_ANNA")

    def test_taking_it_oneself_tells_nobody(self) -> None:
        assert told(does(opened(), ActKind.ASSIGN, to="U_ANNA")) == []

    def test_an_escalation_pages_the_next_step_now(self) -> None:
        decision = does(opened(), ActKind.ESCALATE, 2)
        assert told(decision) == [("page", "U_OFFICER"), ("page", "#war-room")]
        assert decision.incident is not None
        assert decision.incident.next_action_at == at(22)

    def test_an_escalation_past_the_last_step_pages_it_again(self) -> None:
        incident = opened()
        for minutes in (2, 3):
            incident = stored(incident, does(incident, ActKind.ESCALATE, minutes))
        assert told(does(incident, ActKind.ESCALATE, 4)) == [("page", "U_BOSS")]

    def test_an_escalation_without_steps_tells_the_topics_channel(self) -> None:
        assert told(does(opened(policy=Policy()), ActKind.ESCALATE)) == [("page", "#acme")]

    def test_an_owner_may_call_for_help_and_keeps_it(self) -> None:
        decision = does(acknowledged(), ActKind.ESCALATE, 5)
        assert told(decision) == [("page", "U_OFFICER"), ("page", "#war-room")]
        assert decision.incident is not None
        assert decision.incident.status is Status.ACKNOWLEDGED

    def test_a_snooze_stops_the_paging_until_it_ends(self) -> None:
        incident = opened()
        incident = stored(incident, does(incident, ActKind.SNOOZE, 5, minutes=120.0))
        assert sweep(incident, now=at(60)) == Decision()
        decision = sweep(incident, now=at(125))
        assert told(decision) == [("notice", "#acme"), ("page", "U_LEAD")]
        assert decision.incident is not None
        assert decision.incident.next_action_at == at(135)

    def test_the_end_of_an_owners_snooze_starts_the_reminders_clock(self) -> None:
        incident = acknowledged()
        incident = stored(incident, does(incident, ActKind.SNOOZE, 5, minutes=120.0))
        incident = stored(incident, sweep(incident, now=at(125)))
        assert (incident.status, incident.next_action_at) == (Status.ACKNOWLEDGED, at(185))

    def test_a_note_on_an_open_incident_leaves_the_paging_as_it_is(self) -> None:
        decision = does(opened(), ActKind.NOTE, 5, text=" called the plant ")
        assert decision.acts[0].detail == {"text": "called the plant"}
        assert decision.incident is not None
        assert decision.incident.next_action_at == at(10)

    @pytest.mark.parametrize(
        ("kind", "more", "why"),
        [
            (ActKind.ASSIGN, {"to": ""}, Refused.NOBODY),
            (ActKind.SNOOZE, {"minutes": 0}, Refused.SPAN),
            (ActKind.SNOOZE, {"minutes": float("nan")}, Refused.SPAN),
            (ActKind.SNOOZE, {"minutes": 7 * 24 * 60 + 1}, Refused.SPAN),
            (ActKind.NOTE, {"text": "  "}, Refused.EMPTY),
        ],
    )
    def test_what_makes_no_sense_is_refused(self, kind: ActKind, more: dict, why: Refused) -> None:
        outcome = act(opened(), ActRequest(kind=kind, by="U", key="k", **more), now=at(1))
        assert isinstance(outcome, Refusal)
        assert outcome.why is why

    def test_who_acknowledges_twice_is_told_once(self) -> None:
        request = ActRequest(kind=ActKind.ACKNOWLEDGE, by="U_ANNA", key="again")
        outcome = act(acknowledged(), request, now=at(2))
        assert isinstance(outcome, Refusal)
        assert (outcome.why, outcome.by, outcome.at) == (Refused.OWNED, "U_ANNA", at(1))
