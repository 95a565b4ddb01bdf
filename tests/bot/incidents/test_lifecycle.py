"""What the level does to an incident: it opens, rises, falls and ends."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.incidents.escalation import held
from bot.incidents.lifecycle import decide, sweep
from bot.records import TOCSIN, ActKind, AlertKind, Decision, Incident, Policy, PolicyStep, Status
from engine.post import Assessment, Level, Note, Signal
from tests.bot.incidents.cases import (
    POLICY,
    START,
    TOPIC,
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


class TestOpening:
    @pytest.mark.parametrize("level", [None, Level.BLUE])
    def test_what_is_milder_than_the_policy_asks_for_opens_nothing(self, level: Level | None) -> None:
        assert follow(None, assessed(level), 0) == Decision()

    def test_blue_opens_if_the_policy_says_so(self) -> None:
        assert opened(Level.BLUE, replace(POLICY, opens_at=Level.BLUE)).level is Level.BLUE

    def test_it_posts_the_card_and_pages_the_first_step(self) -> None:
        decision = follow(None, assessed(Level.ORANGE), 0)
        assert told(decision) == [("card", "#acme"), ("page", "U_LEAD")]
        assert kinds(decision) == [ActKind.OPENED, ActKind.PAGED]
        assert decision.incident is not None
        assert decision.incident.next_action_at == at(10)

    def test_the_card_alone_tells_the_topics_channel(self) -> None:
        policy = Policy(steps=(PolicyStep(after_minutes=0, notify=("topic", "#acme")),))
        decision = decide(None, assessed(Level.RED), topic=TOPIC, policy=policy, now=START)
        assert told(decision) == [("card", "#acme")]
        assert kinds(decision) == [ActKind.OPENED]

    def test_a_first_step_that_waits_is_not_paged_yet(self) -> None:
        policy = Policy(steps=(PolicyStep(after_minutes=5, notify=("U_LEAD",)),))
        decision = decide(None, assessed(Level.RED), topic=TOPIC, policy=policy, now=START)
        assert told(decision) == [("card", "#acme")]
        assert told(sweep(stored(None, decision), now=at(5))) == [("page", "U_LEAD")]

    def test_a_policy_without_steps_posts_the_card_and_waits_for_nothing(self) -> None:
        incident = opened(policy=Policy())
        assert incident.next_action_at is None

    def test_the_policy_is_frozen_on_it(self) -> None:
        incident = opened()
        later = decide(incident, assessed(Level.RED), topic=TOPIC, policy=Policy(name="new"), now=at(3))
        assert later.incident is not None
        assert later.incident.policy == POLICY

    def test_it_carries_what_the_assessment_found(self) -> None:
        incident = opened()
        assert (incident.headline, incident.evidence) == ("Acme recalls its kettles", ("1", "2"))
        assert (incident.topic, incident.channel, incident.stories) == ("Acme", "#acme", ("s1",))


class TestAfterClosing:
    def closed(self, kind: ActKind = ActKind.RESOLVE) -> Incident:
        incident = opened(Level.ORANGE)
        return stored(incident, does(incident, kind))

    @pytest.mark.parametrize("kind", [ActKind.RESOLVE, ActKind.FALSE_ALARM])
    @pytest.mark.parametrize("level", [None, Level.BLUE])
    def test_what_is_milder_than_the_policy_asks_for_changes_nothing(self, kind: ActKind, level: Level | None) -> None:
        assert follow(self.closed(kind), assessed(level), 60) == Decision()

    @pytest.mark.parametrize("kind", [ActKind.RESOLVE, ActKind.FALSE_ALARM])
    def test_the_same_story_goes_on_as_the_same_incident_and_rings(self, kind: ActKind) -> None:
        shut = self.closed(kind)
        decision = follow(shut, assessed(Level.YELLOW, stories=("s1", "s2")), 60)
        assert decision.incident is not None
        assert (decision.incident.id, decision.incident.status) == (shut.id, Status.OPEN)
        assert (decision.incident.closed_at, decision.incident.closed_by) == (None, "")
        assert (decision.incident.level, decision.incident.peak) == (Level.YELLOW, Level.ORANGE)
        assert kinds(decision)[0] is ActKind.REOPENED
        assert told(decision) == [("notice", "#acme"), ("page", "U_ANNA"), ("page", "U_LEAD")]
        why = next(alert.payload for alert in decision.alerts if alert.kind is AlertKind.NOTICE)
        assert (why["closed_by"], why["was"], why["closed_at"]) == ("U_ANNA", shut.status.value, at(1).isoformat())

    def test_seven_days_later_it_is_a_new_one(self) -> None:
        week = 7 * 24 * 60 + 1
        same = follow(self.closed(), assessed(Level.YELLOW), week - 1)
        fresh = follow(self.closed(), assessed(Level.YELLOW), week + 1)
        assert same.incident is not None
        assert fresh.incident is not None
        assert (same.incident.id, fresh.incident.id) == (1, 0)

    def test_what_was_merged_is_not_reopened(self) -> None:
        gone = replace(self.closed(), merged_into=9)
        decision = follow(gone, assessed(Level.YELLOW), 60)
        assert decision.incident is not None
        assert decision.incident.id == 0

    @pytest.mark.parametrize("stories", [("s2", "s1"), ()])
    def test_another_leading_story_or_none_opens_a_new_one(self, stories: tuple[str, ...]) -> None:
        decision = follow(self.closed(), assessed(Level.YELLOW, stories=stories), 60)
        assert decision.incident is not None
        assert decision.incident.id == 0
        assert told(decision)[0] == ("card", "#acme")

    def test_two_incidents_of_one_moment_have_different_keys(self) -> None:
        first = follow(None, assessed(Level.YELLOW), 0)
        shut = stored(stored(None, first), does(stored(None, first), ActKind.RESOLVE, 0))
        second = follow(shut, assessed(Level.RED, stories=("s2",)), 0)
        assert not {alert.key for alert in first.alerts} & {alert.key for alert in second.alerts}


class TestRising:
    def test_an_open_incident_says_so_and_pages_from_the_start(self) -> None:
        incident = opened()
        incident = stored(incident, sweep(incident, now=at(10)))
        decision = follow(incident, assessed(Level.ORANGE), 12)
        assert told(decision) == [("worse", "#acme"), ("page", "U_LEAD")]
        assert kinds(decision) == [ActKind.RAISED, ActKind.PAGED]
        assert decision.incident is not None
        assert decision.incident.next_action_at == at(22)
        worse = next(alert for alert in decision.alerts if alert.kind is AlertKind.WORSE)
        assert (worse.payload["from"], worse.payload["to"], worse.level) == (3, 2, Level.ORANGE)

    def test_the_owner_of_an_acknowledged_one_is_told_and_keeps_it(self) -> None:
        decision = follow(acknowledged(), assessed(Level.ORANGE), 30)
        assert told(decision) == [("worse", "#acme"), ("page", "U_ANNA")]
        assert decision.incident is not None
        assert decision.incident.status is Status.ACKNOWLEDGED
        assert decision.incident.next_action_at == at(90)

    @pytest.mark.parametrize("level", [Level.YELLOW, Level.ORANGE])
    def test_turning_red_takes_it_from_its_owner_and_pages_all(self, level: Level) -> None:
        decision = follow(acknowledged(level), assessed(Level.RED), 30)
        assert told(decision) == [("worse", "#acme"), ("page", "U_ANNA"), ("page", "U_LEAD")]
        assert ActKind.UNACKNOWLEDGED in kinds(decision)
        assert decision.incident is not None
        assert (decision.incident.status, decision.incident.owner) == (Status.OPEN, "")
        assert decision.incident.next_action_at == at(40)

    def test_two_levels_at_once_take_it_from_its_owner(self) -> None:
        policy = replace(POLICY, opens_at=Level.BLUE)
        decision = follow(acknowledged(Level.BLUE, policy), assessed(Level.ORANGE), 30)
        assert decision.incident is not None
        assert decision.incident.status is Status.OPEN

    @pytest.mark.parametrize("lull", [Level.ORANGE, Level.YELLOW, None])
    def test_red_again_after_a_lull_is_no_news_and_leaves_it_to_its_owner(self, lull: Level | None) -> None:
        incident = acknowledged(Level.RED)
        incident = stored(incident, follow(incident, assessed(lull), 30))
        decision = follow(incident, assessed(Level.RED), 60)
        assert told(decision) == []
        assert kinds(decision) == [ActKind.RAISED]
        assert decision.incident is not None
        assert (decision.incident.status, decision.incident.owner) == (Status.ACKNOWLEDGED, "U_ANNA")

    @pytest.mark.parametrize(
        ("lull", "minutes", "news"),
        [(None, 179, False), (None, 180, True), (Level.YELLOW, 449, False), (Level.YELLOW, 450, True)],
    )
    def test_it_is_news_after_three_hours_of_calm_or_eight_in_all(
        self, lull: Level | None, minutes: int, news: bool
    ) -> None:
        incident = acknowledged(Level.ORANGE)
        incident = stored(incident, follow(incident, assessed(lull), 30))
        decision = follow(incident, assessed(Level.ORANGE), 30 + minutes)
        assert told(decision) == ([("worse", "#acme"), ("page", "U_ANNA")] if news else [])

    def test_what_leads_now_becomes_the_headline(self) -> None:
        worse = assessed(Level.ORANGE)
        news = follow(opened(), replace(worse, headline="Three hurt by kettles"), 5).incident
        silent = follow(opened(), replace(worse, headline=""), 5).incident
        assert news is not None
        assert silent is not None
        assert (news.headline, silent.headline) == ("Three hurt by kettles", "Acme recalls its kettles")

    def test_an_owner_whose_snooze_it_ends_is_reminded_an_hour_later(self) -> None:
        incident = acknowledged()
        incident = stored(incident, does(incident, ActKind.SNOOZE, minutes=240))
        decision = follow(incident, assessed(Level.ORANGE), 30)
        assert decision.incident is not None
        assert (decision.incident.snoozed_until, decision.incident.next_action_at) == (None, at(90))

    def test_it_ends_a_snooze(self) -> None:
        incident = opened()
        incident = stored(incident, does(incident, ActKind.SNOOZE, minutes=240))
        decision = follow(incident, assessed(Level.ORANGE), 30)
        assert decision.incident is not None
        assert decision.incident.snoozed_until is None
        assert ActKind.SNOOZE_ENDED in kinds(decision)
        assert ("page", "U_LEAD") in told(decision)

    def test_the_peak_remembers_the_gravest(self) -> None:
        incident = opened()
        incident = stored(incident, follow(incident, assessed(Level.RED), 20))
        incident = stored(incident, follow(incident, assessed(Level.YELLOW), 30))
        assert (incident.level, incident.peak) == (Level.YELLOW, Level.RED)


class TestFalling:
    def test_it_only_redraws_the_card(self) -> None:
        decision = follow(opened(Level.RED), assessed(Level.ORANGE), 5)
        assert [alert.kind for alert in decision.alerts] == [AlertKind.UPDATE]
        assert kinds(decision) == [ActKind.LOWERED]

    def test_the_paging_goes_on_while_the_policy_would_still_open(self) -> None:
        decision = follow(opened(Level.RED), assessed(Level.YELLOW), 5)
        assert decision.incident is not None
        assert decision.incident.next_action_at == at(10)

    @pytest.mark.parametrize("level", [None, Level.BLUE])
    def test_nobody_is_paged_about_what_has_become_mild(self, level: Level | None) -> None:
        decision = follow(opened(), assessed(level), 5)
        assert decision.incident is not None
        assert decision.incident.next_action_at is None
        assert held(decision.incident)

    @pytest.mark.parametrize("level", [None, Level.BLUE])
    def test_when_it_rises_again_at_once_the_paging_goes_on_where_it_was(self, level: Level | None) -> None:
        incident = opened()
        incident = stored(incident, follow(incident, assessed(level), 5))
        decision = follow(incident, assessed(Level.YELLOW), 7)
        assert told(decision) == []
        assert decision.incident is not None
        assert (decision.incident.step, decision.incident.next_action_at) == (1, at(12))

    def test_a_new_wave_rings_from_the_first_step(self) -> None:
        incident = opened()
        incident = stored(incident, follow(incident, assessed(None), 5))
        decision = follow(incident, assessed(Level.YELLOW), 5 + 180)
        assert told(decision) == [("worse", "#acme"), ("page", "U_LEAD")]

    def test_from_calm_to_blue_is_on_the_timeline_and_disturbs_nobody(self) -> None:
        incident = opened()
        incident = stored(incident, follow(incident, assessed(None), 5))
        decision = follow(incident, assessed(Level.BLUE), 60)
        assert told(decision) == []
        assert kinds(decision) == [ActKind.RAISED]
        assert decision.incident is not None
        assert decision.incident.calm_since is None

    def test_calm_is_blue_and_since_now(self) -> None:
        incident = acknowledged(Level.RED)
        calm = follow(incident, assessed(None, score=12, stories=()), 5).incident
        assert calm == replace(
            incident, level=Level.BLUE, score=12, reasons=(), assessed_at=at(5), calm_since=at(5), next_action_at=None
        )

    def test_long_calm_resolves_it(self) -> None:
        incident = opened()
        incident = stored(incident, follow(incident, assessed(None), 60))
        assert follow(incident, assessed(None), 60 + 719) == Decision()
        decision = follow(incident, assessed(None), 60 + 720)
        assert decision.incident is not None
        assert decision.incident.status is Status.RESOLVED
        assert decision.incident.closed_by == TOCSIN
        assert told(decision) == [("notice", "#acme")]

    def test_it_waits_while_a_board_still_shows_the_matter(self) -> None:
        incident = opened()
        incident = stored(incident, follow(incident, assessed(None), 60))
        calm = assessed(None, score=14)
        shown = Signal(name="board", value=1, baseline=0.0, weight=14, reason=Note(code="board"))
        on_board = follow(incident, replace(calm, signals=(shown,)), 60 + 720)
        assert ActKind.RESOLVE not in kinds(on_board)
        assert kinds(follow(incident, calm, 60 + 720)) == [ActKind.RESOLVE]

    def test_with_no_minutes_set_it_never_resolves_by_itself(self) -> None:
        incident = opened(policy=replace(POLICY, resolve_minutes=0))
        incident = stored(incident, follow(incident, assessed(None), 60))
        assert follow(incident, assessed(None), 100_000) == Decision()


class TestTheSameLevel:
    def test_what_waits_for_nothing_although_it_should_is_called_out_again(self) -> None:
        """An earlier version left what nobody owned alone after the last round."""
        alone = replace(opened(Level.RED), step=3, rounds=2, next_action_at=None)
        seen = follow(alone, assessed(Level.RED), 60).incident
        assert seen is not None
        assert seen.next_action_at == at(65)

    def test_the_same_facts_write_nothing(self) -> None:
        assert follow(opened(), assessed(Level.YELLOW), 60) == Decision()

    @pytest.mark.parametrize("now", [assessed(Level.YELLOW, score=56), assessed(Level.YELLOW, signal="gravity")])
    def test_what_matters_redraws_the_card_at_once(self, now: Assessment) -> None:
        decision = follow(opened(), now, 1)
        assert [alert.kind for alert in decision.alerts] == [AlertKind.UPDATE]
        assert kinds(decision) == []
        assert decision.incident is not None
        assert decision.incident.next_action_at == at(10)

    def test_small_changes_wait_some_minutes(self) -> None:
        assert follow(opened(), assessed(Level.YELLOW, score=51), 4.9) == Decision()
        assert follow(opened(), assessed(Level.YELLOW, score=51), 5).incident is not None

    def test_five_points_are_no_small_change(self) -> None:
        assert follow(opened(), assessed(Level.YELLOW, score=54.9), 1) == Decision()
        assert follow(opened(), assessed(Level.YELLOW, score=55), 1).incident is not None
        assert follow(opened(), assessed(Level.YELLOW, score=45), 1).incident is not None

    def test_a_new_remark_or_another_leading_story_redraws_the_card_at_once(self) -> None:
        same = assessed(Level.YELLOW)
        remark = replace(same, notes=({"en": "1 of 3 sources is silent", "zh": "1 个来源中断"},))
        for now in (remark, replace(same, stories=("s2", "s1")), replace(remark, stories=("s2",))):
            decision = follow(opened(), now, 1)
            assert [alert.kind for alert in decision.alerts] == [AlertKind.UPDATE]
            assert decision.incident is not None
            assert (decision.incident.notes, decision.incident.assessed_at) == (now.notes, at(1))

    def test_other_proofs_or_numbers_wait_some_minutes(self) -> None:
        same = assessed(Level.YELLOW)
        louder = replace(same, signals=(replace(same.signals[0], value=91),))
        for now in (replace(same, evidence=("3",)), louder):
            assert follow(opened(), now, 4.9) == Decision()
            drawn = follow(opened(), now, 5).incident
            assert drawn is not None
            assert (drawn.evidence, drawn.reasons) == (now.evidence, now.signals)

    def test_stories_are_collected(self) -> None:
        incident = opened()
        incident = stored(incident, follow(incident, assessed(Level.YELLOW, stories=("s2", "s3")), 1))
        assert incident.stories == ("s2", "s3", "s1")

    def test_the_latest_two_hundred_are_kept(self) -> None:
        stories = tuple(f"n{number}" for number in range(200))
        decision = follow(opened(), assessed(Level.YELLOW, stories=stories), 1)
        assert decision.incident is not None
        assert decision.incident.stories == stories
