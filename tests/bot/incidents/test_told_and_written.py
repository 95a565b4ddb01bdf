"""What people are told and what the timeline keeps, exactly: whom, why (``because``), and every detail."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from bot.incidents.lifecycle import sweep
from bot.records import TOCSIN, ActKind, Decision, Policy, PolicyStep
from engine.post import Level, Note, Signal
from tests.bot.incidents.cases import POLICY, acknowledged, assessed, at, does, follow, opened, stored

ACCOUNT = {"score": 50, "signals": ["volume"]}
UPDATE = ("update", "#acme", {})


def told(decision: Decision) -> list[tuple[str, str, Mapping[str, Any]]]:
    """Kind, target and payload of every message owed."""
    return [(alert.kind.value, alert.target, alert.payload) for alert in decision.alerts]


def line(act: str, by: str = "U_ANNA", **more: Any) -> tuple[str, str, Mapping[str, Any]]:
    """The line of an act in the thread."""
    return ("act", "#acme", {"act": act, "by": by, **more})


def drawn(by: str = "U_ANNA") -> tuple[str, str, Mapping[str, Any]]:
    """The card, drawn again after an act of *by*."""
    return ("update", "#acme", {"by": by})


def written(decision: Decision) -> list[tuple[str, Mapping[str, Any]]]:
    """Kind and detail of every row of the timeline."""
    return [(row.kind.value, row.detail) for row in decision.acts]


def why(because: str, *, step: int = 1, last: bool = False, **more: Any) -> dict[str, Any]:
    """What goes with a page of a policy of three steps."""
    return {"because": because, "step": step, "steps": 3, "last": last, **more}


class TestOpening:
    def test_the_card_goes_out_and_the_first_step_hears_that_it_was_opened(self) -> None:
        decision = follow(None, assessed(Level.ORANGE), 0)
        assert told(decision) == [("card", "#acme", {}), ("page", "U_LEAD", why("opened"))]
        assert written(decision) == [
            ("opened", {"level": 2, **ACCOUNT}),
            ("paged", {"targets": ["U_LEAD"], **why("opened")}),
        ]

    def test_the_timeline_names_only_the_signals_that_carried_it(self) -> None:
        idle = Signal(
            name="drop", value=0, baseline=20.0, weight=0, reason=Note(code="drop", values={"value": 0, "usual": 20})
        )
        weak = replace(idle, name="growth", weight=0.5)
        assessment = assessed(Level.ORANGE)
        decision = follow(None, replace(assessment, signals=(*assessment.signals, weak, idle)), 0)
        assert decision.acts[0].detail["signals"] == ["volume", "growth"]

    def test_all_of_it_is_tocsins_and_of_this_moment(self) -> None:
        decision = follow(None, assessed(Level.ORANGE), 3)
        assert {(row.by, row.at) for row in decision.acts} == {(TOCSIN, at(3))}
        assert {(alert.level, alert.at, alert.incident_id) for alert in decision.alerts} == {(Level.ORANGE, at(3), 0)}

    def test_a_key_names_topic_and_time_before_there_is_a_number_and_number_and_version_after(self) -> None:
        first = follow(None, assessed(Level.ORANGE), 0)
        assert [alert.key for alert in first.alerts] == [
            "t7@20260302T080000.000000Z.0.card.#acme",
            "t7@20260302T080000.000000Z.0.page.U_LEAD",
        ]
        assert first.acts[0].key == "t7@20260302T080000.000000Z.0.opened"
        later = sweep(stored(None, first), now=at(10))
        assert [alert.key for alert in later.alerts] == [
            "i1.1.update.#acme",
            "i1.1.page.U_OFFICER",
            "i1.1.page.#war-room",
        ]
        assert {alert.incident_id for alert in later.alerts} == {1}
        assert [row.key for row in later.acts] == ["i1.1.paged"]


class TestRising:
    def test_an_open_one_says_from_where_to_where_and_pages_because_it_was_raised(self) -> None:
        decision = follow(opened(), assessed(Level.ORANGE), 5)
        span = {"from": 3, "to": 2}
        assert told(decision) == [
            UPDATE,
            ("worse", "#acme", {"owner": "", **span}),
            ("page", "U_LEAD", why("raised")),
        ]
        assert written(decision) == [
            ("raised", {**span, **ACCOUNT}),
            ("paged", {"targets": ["U_LEAD"], **why("raised")}),
        ]

    def test_an_owned_one_names_its_owner_and_tells_the_owner_alone(self) -> None:
        decision = follow(acknowledged(), assessed(Level.ORANGE), 5)
        assert told(decision) == [
            UPDATE,
            ("worse", "#acme", {"owner": "U_ANNA", "from": 3, "to": 2}),
            ("page", "U_ANNA", {"because": "raised"}),
        ]
        assert written(decision) == [("raised", {"from": 3, "to": 2, **ACCOUNT})]

    def test_turning_red_writes_down_whose_it_was_and_pages_the_owner_with_the_first_step(self) -> None:
        decision = follow(acknowledged(), assessed(Level.RED), 5)
        assert told(decision) == [
            UPDATE,
            ("worse", "#acme", {"owner": "U_ANNA", "from": 3, "to": 1}),
            ("page", "U_ANNA", why("raised")),
            ("page", "U_LEAD", why("raised")),
        ]
        assert written(decision) == [
            ("raised", {"from": 3, "to": 1, **ACCOUNT}),
            ("unacknowledged", {"owner": "U_ANNA", "because": "raised"}),
            ("paged", {"targets": ["U_ANNA", "U_LEAD"], **why("raised")}),
        ]

    def test_a_snooze_that_it_ends_is_written_down_with_the_reason(self) -> None:
        incident = opened()
        incident = stored(incident, does(incident, ActKind.SNOOZE, minutes=60))
        assert written(follow(incident, assessed(Level.ORANGE), 5))[1] == ("snooze_ended", {"because": "raised"})

    def test_out_of_calm_it_comes_from_no_level(self) -> None:
        incident = opened()
        incident = stored(incident, follow(incident, assessed(None), 5))
        decision = follow(incident, assessed(Level.YELLOW), 5 + 180)
        assert told(decision)[1] == ("worse", "#acme", {"owner": "", "from": None, "to": 3})
        assert written(decision)[0] == ("raised", {"from": None, "to": 3, **ACCOUNT})


class TestFalling:
    @pytest.mark.parametrize(("level", "to"), [(Level.ORANGE, 2), (None, None)])
    def test_only_the_card_and_the_timeline_hear_of_it(self, level: Level | None, to: int | None) -> None:
        decision = follow(opened(Level.RED), assessed(level), 5)
        signals = ["volume"] if level else []
        assert told(decision) == [UPDATE]
        assert written(decision) == [("lowered", {"from": 1, "to": to, "score": 50, "signals": signals})]

    def test_the_thread_hears_that_it_was_resolved_because_it_stood_down(self) -> None:
        incident = opened()
        incident = stored(incident, follow(incident, assessed(None), 60))
        decision = follow(incident, assessed(None), 780)
        assert told(decision) == [UPDATE, ("notice", "#acme", {"because": "stood_down"})]
        assert written(decision) == [("resolve", {"because": "stood_down"})]
        assert decision.acts[0].by == TOCSIN


class TestTime:
    def test_the_next_step_hears_that_nobody_answered(self) -> None:
        decision = sweep(opened(), now=at(10))
        page = why("unanswered", step=2)
        assert told(decision) == [UPDATE, ("page", "U_OFFICER", page), ("page", "#war-room", page)]
        assert written(decision) == [("paged", {"targets": ["U_OFFICER", "#war-room"], **page})]

    def test_so_does_the_last_step_when_it_is_repeated(self) -> None:
        incident = opened()
        for minutes in (10, 30):
            incident = stored(incident, sweep(incident, now=at(minutes)))
        decision = sweep(incident, now=at(50))
        assert told(decision) == [UPDATE, ("page", "U_BOSS", why("unanswered", step=3))]
        incident = stored(incident, decision)
        assert told(sweep(incident, now=at(70))) == [UPDATE, ("page", "U_BOSS", why("unanswered", step=3, last=True))]

    def test_a_target_that_stands_in_two_steps_is_paged_once(self) -> None:
        twice = (
            PolicyStep(after_minutes=1, notify=("U_LEAD", "topic")),
            PolicyStep(after_minutes=2, notify=("U_LEAD",)),
        )
        decision = sweep(opened(policy=Policy(steps=twice)), now=at(5))
        assert [target for kind, target, _ in told(decision) if kind == "page"] == ["U_LEAD", "#acme"]

    def test_the_end_of_a_snooze_is_told_in_the_thread_and_pages_again(self) -> None:
        incident = opened()
        incident = stored(incident, does(incident, ActKind.SNOOZE, 1, minutes=30))
        decision = sweep(incident, now=at(31))
        assert told(decision) == [
            UPDATE,
            ("notice", "#acme", {"because": "snooze_ended"}),
            ("page", "U_LEAD", why("snooze_ended")),
        ]
        assert written(decision) == [
            ("snooze_ended", {}),
            ("paged", {"targets": ["U_LEAD"], **why("snooze_ended")}),
        ]

    def test_the_end_of_an_owners_snooze_is_told_in_the_thread_and_pages_nobody(self) -> None:
        incident = acknowledged()
        incident = stored(incident, does(incident, ActKind.SNOOZE, 2, minutes=30))
        decision = sweep(incident, now=at(32))
        assert told(decision) == [UPDATE, ("notice", "#acme", {"because": "snooze_ended"})]
        assert written(decision) == [("snooze_ended", {})]

    def test_a_reminder_names_the_owner(self) -> None:
        decision = sweep(acknowledged(), now=at(61))
        assert told(decision) == [("reminder", "#acme", {"owner": "U_ANNA"})]
        assert written(decision) == [("reminded", {"owner": "U_ANNA"})]

    def test_an_owner_who_does_not_answer_is_named_and_all_are_paged_for_that(self) -> None:
        incident = acknowledged()
        incident = stored(incident, sweep(incident, now=at(61)))
        decision = sweep(incident, now=at(121))
        lost = {"because": "unacknowledged", "owner": "U_ANNA"}
        assert told(decision) == [UPDATE, ("notice", "#acme", lost), ("page", "U_LEAD", why("unacknowledged"))]
        assert written(decision) == [
            ("unacknowledged", lost),
            ("paged", {"targets": ["U_LEAD"], **why("unacknowledged")}),
        ]


class TestPeople:
    def test_an_assignment_keeps_to_whom_and_tells_the_new_owner_by_whom(self) -> None:
        decision = does(opened(), ActKind.ASSIGN, to="U_DAN", text=" knows the plant ")
        said = line("assign", to="U_DAN", text="knows the plant")
        assert told(decision) == [drawn(), said, ("page", "U_DAN", {"because": "assigned", "by": "U_ANNA"})]
        assert written(decision) == [("assign", {"to": "U_DAN", "text": "knows the plant"})]

    def test_an_escalation_says_who_asked_for_it(self) -> None:
        decision = does(opened(), ActKind.ESCALATE, by="U_BEN")
        page = why("escalated", step=2, by="U_BEN")
        said = line("escalate", "U_BEN")
        assert told(decision) == [drawn("U_BEN"), said, ("page", "U_OFFICER", page), ("page", "#war-room", page)]
        assert written(decision) == [
            ("escalate", {}),
            ("paged", {"targets": ["U_OFFICER", "#war-room"], **page}),
        ]
        assert [row.by for row in decision.acts] == ["U_BEN", TOCSIN]

    def test_a_snooze_keeps_its_minutes(self) -> None:
        assert written(does(opened(), ActKind.SNOOZE, minutes=90.0)) == [("snooze", {"minutes": 90.0})]

    def test_what_needs_no_more_words_keeps_none(self) -> None:
        decision = does(opened(), ActKind.ACKNOWLEDGE, 4, to="U_DAN", minutes=5.0)
        assert told(decision) == [drawn(), line("acknowledge")]
        assert written(decision) == [("acknowledge", {})]
        assert (decision.acts[0].by, decision.acts[0].at) == ("U_ANNA", at(4))

    def test_an_answer_to_a_reminder_is_no_news(self) -> None:
        incident = acknowledged()
        incident = stored(incident, sweep(incident, now=at(61)))
        assert told(does(incident, ActKind.ACKNOWLEDGE, 62)) == [drawn()]

    @pytest.mark.parametrize("kind", [ActKind.RESOLVE, ActKind.FALSE_ALARM, ActKind.NOTE])
    def test_the_words_of_a_person_are_kept(self, kind: ActKind) -> None:
        assert written(does(opened(), kind, text="old photos ")) == [(kind.value, {"text": "old photos"})]

    def test_a_note_disturbs_nobody(self) -> None:
        decision = does(acknowledged(), ActKind.NOTE, 5, text="called the plant")
        assert told(decision) == [drawn(), line("note", text="called the plant")]

    def test_the_last_page_of_a_policy_of_one_step_is_its_first(self) -> None:
        policy = replace(POLICY, steps=POLICY.steps[:1], repeat=0)
        page = {"because": "escalated", "step": 1, "steps": 1, "last": True, "by": "U_ANNA"}
        decision = does(opened(policy=policy), ActKind.ESCALATE)
        assert told(decision) == [drawn(), line("escalate"), ("page", "#acme", page), ("page", "U_LEAD", page)]
