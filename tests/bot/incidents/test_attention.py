"""Over many simulated days: an incident is never alone and never noisy."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest

from bot.bench import attention
from bot.bench.attention import LevelAt, swinging
from bot.incidents.escalation import next_morning
from bot.incidents.lifecycle import decide, follow, sweep
from bot.records import ActKind, Alert, AlertKind, Incident, Policy, PolicyStep, Status
from engine.post import Fact, FactKind, Level
from tests.bot.incidents.cases import POLICY, START, TOPIC, assessed, does, stored

MESSAGES = (AlertKind.CARD, AlertKind.WORSE, AlertKind.PAGE, AlertKind.REMINDER, AlertKind.NOTICE, AlertKind.FACT)
DAY = timedelta(days=1)


def live(level_at: LevelAt, *, policy: Policy = POLICY, **more: Any) -> tuple[Sequence[Alert], Incident]:
    lived = attention.live(level_at, policy=policy, **more)
    return lived.told, lived.incident


@pytest.mark.parametrize(
    "policy",
    [POLICY, Policy(), replace(POLICY, repeat=0), replace(POLICY, steps=POLICY.steps[:1])],
    ids=["three steps", "no steps", "no rounds", "one step"],
)
def test_red_that_nobody_owns_is_called_out_until_somebody_does(policy: Policy) -> None:
    told, incident = live(lambda _: Level.RED, days=7, policy=policy)
    assert incident.status is Status.OPEN
    assert incident.next_action_at is not None
    gaps = [later.at - earlier.at for earlier, later in pairwise(told)]
    assert max(gaps) <= timedelta(hours=25)
    pages = {alert.at for alert in told if alert.kind is AlertKind.PAGE}
    assert len([at for at in pages if at > START + 2 * DAY]) == 5  # each of the last mornings
    assert {at.hour for at in pages if at > START + 2 * DAY} == {9}


def test_yellow_that_nobody_owns_is_left_after_the_rounds_of_its_policy() -> None:
    told, incident = live(lambda _: Level.YELLOW, days=2)
    assert incident.next_action_at is None
    assert max(alert.at for alert in told) < START + timedelta(hours=2)


def test_an_owner_who_never_answers_again_is_asked_and_then_all_are_called_for_as_long_as_it_lasts() -> None:
    told, incident = live(lambda _: Level.ORANGE, days=30, acknowledged=True)
    assert incident.status is Status.OPEN
    assert AlertKind.REMINDER in [alert.kind for alert in told]
    assert all(any(START + n * DAY <= alert.at < START + (n + 1) * DAY for alert in told) for n in range(29))


def test_an_owner_under_a_policy_that_asks_nobody_is_asked_each_morning() -> None:
    silent = replace(POLICY, reminder_minutes=0, unacknowledge_minutes=0)
    told, incident = live(lambda _: Level.RED, days=5, policy=silent, acknowledged=True)
    assert incident.owner == attention.OWNER
    assert [alert.kind for alert in told].count(AlertKind.REMINDER) in (4, 5)


@pytest.mark.parametrize(
    ("level", "every", "acknowledged", "most"),
    [
        (Level.YELLOW, timedelta(minutes=15), True, 8),
        (Level.ORANGE, timedelta(hours=1), True, 10),
        (Level.ORANGE, timedelta(hours=1), False, 16),
        (Level.RED, timedelta(minutes=30), True, 10),
    ],
)
def test_a_level_that_swings_all_day_is_no_noise(level: Level, every: timedelta, acknowledged: bool, most: int) -> None:
    told, incident = live(swinging(level, every), days=1, acknowledged=acknowledged)
    assert len(told) <= most
    if acknowledged:
        assert (incident.status, incident.owner) == (Status.ACKNOWLEDGED, attention.OWNER)


def test_a_snooze_sleeps_through_what_swings() -> None:
    incident = stored(None, decide(None, assessed(Level.YELLOW), topic=TOPIC, policy=POLICY, now=START))
    incident = stored(incident, does(incident, ActKind.SNOOZE, 1, minutes=240.0))
    for minute, level in ((10, None), (20, Level.YELLOW), (30, None), (40, Level.YELLOW)):
        decision = follow(incident, assessed(level), now=START + timedelta(minutes=minute))
        incident = stored(incident, decision)
        assert incident.snoozed_until == incident.next_action_at


def test_a_snooze_lasts_although_the_last_word_is_old_but_not_into_a_new_wave() -> None:
    first = stored(None, decide(None, assessed(Level.ORANGE), topic=TOPIC, policy=POLICY, now=START))
    incident = stored(first, does(first, ActKind.SNOOZE, 1, minutes=1440.0))
    for half_hour in range(2, 24):
        decision = follow(incident, assessed((None, Level.ORANGE)[half_hour % 2]), now=START + half_hour * DAY / 48)
        incident = stored(incident, decision)
    assert incident.snoozed_until is not None
    calm = stored(incident, follow(incident, assessed(None), now=START + DAY / 2))
    later = follow(calm, assessed(Level.ORANGE), now=START + DAY / 2 + timedelta(hours=3))
    assert ActKind.SNOOZE_ENDED in [row.kind for row in later.acts]


def test_a_first_step_that_waits_is_paged_although_the_level_swings_faster() -> None:
    patient = replace(POLICY, steps=(PolicyStep(after_minutes=20, notify=("U_LEAD",)),))
    told, _ = live(swinging(Level.YELLOW, timedelta(minutes=15)), days=0.2, policy=patient)
    assert "U_LEAD" in [alert.target for alert in told if alert.kind is AlertKind.PAGE]


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        (datetime(2026, 3, 28, 20, tzinfo=UTC), datetime(2026, 3, 29, 7, tzinfo=UTC)),  # the clocks went forward
        (datetime(2026, 10, 24, 20, tzinfo=UTC), datetime(2026, 10, 25, 8, tzinfo=UTC)),  # and back
        (datetime(2026, 6, 1, 6, 59, tzinfo=UTC), datetime(2026, 6, 2, 7, tzinfo=UTC)),  # too near to be a pause
    ],
)
def test_the_morning_is_that_of_the_team(now: datetime, expected: datetime) -> None:
    assert next_morning(Policy(timezone="Europe/Berlin"), now) == expected


def fact(key: str, minute: float, kind: FactKind = FactKind.OUTLET, story: str = "s1") -> Fact:
    return Fact(key=key, kind=kind, at=START + timedelta(minutes=minute), story=story)


def known(*facts: Fact) -> Callable[[timedelta], tuple[Fact, ...]]:
    return lambda since: tuple(each for each in facts if each.at <= START + since)


def news(told: list[Alert]) -> list[tuple[float, list[str]]]:
    return [
        ((alert.at - START) / timedelta(minutes=1), list(alert.payload["facts"]))
        for alert in told
        if alert.kind is AlertKind.FACT
    ]


def test_each_fact_is_told_once_and_several_within_ten_minutes_together() -> None:
    facts = known(fact("a", 20), fact("b", 25), fact("c", 29), fact("d", 70))
    told, _ = live(lambda _: Level.RED, days=0.2, facts_at=facts, acknowledged=True)
    assert news(told) == [(30, ["a", "b", "c"]), (80, ["d"])]


def test_what_was_known_when_it_opened_is_no_news() -> None:
    first = replace(assessed(Level.RED), facts=(fact("a", 0),))
    incident = stored(None, decide(None, first, topic=TOPIC, policy=POLICY, now=START))
    assert [each.key for each in incident.facts] == ["a"]
    assert follow(incident, first, now=START + timedelta(minutes=1)).incident is None


def test_what_belongs_to_no_story_of_it_is_not_its_news() -> None:
    told, incident = live(lambda _: Level.RED, days=0.1, facts_at=known(fact("a", 20, story="other")))
    assert news(told) == []
    assert incident.facts == ()


def test_what_waits_at_yellow_is_told_as_soon_as_red_allows() -> None:
    def level_at(since: timedelta) -> Level:
        return Level.YELLOW if since < timedelta(minutes=40) else Level.RED

    facts = known(fact("a", 5), fact("b", 20), fact("c", 42))
    told, _ = live(level_at, days=0.1, facts_at=facts, acknowledged=True)
    assert news(told) == [(15, ["a"]), (52, ["b", "c"])]


@pytest.mark.parametrize(("level", "an_hour"), [(Level.RED, 4), (Level.ORANGE, 2), (Level.YELLOW, 1)])
def test_messages_about_facts_keep_a_distance(level: Level, an_hour: int) -> None:
    many = known(*(fact(f"f{minute}", minute) for minute in range(3, 600)))
    told, incident = live(lambda _: level, days=0.5, facts_at=many, acknowledged=True)
    times = [at for at, _ in news(told)]
    assert max(sum(start <= at < start + 60 for at in times) for start in times) <= an_hour
    assert sorted(key for _, keys in news(told) for key in keys) == sorted(f"f{minute}" for minute in range(3, 600))
    assert incident.untold == ()


def test_that_nothing_is_new_is_said_once() -> None:
    incident = stored(None, decide(None, assessed(Level.ORANGE), topic=TOPIC, policy=POLICY, now=START))
    quiet = []
    for minute in range(1, 600):
        now = START + timedelta(minutes=minute)
        for made in (follow(incident, assessed(Level.ORANGE), now=now, posts=40), None):
            decision = made if made is not None else sweep(incident, now=now)
            quiet += [alert for alert in decision.alerts if alert.kind is AlertKind.FACT]
            incident = stored(incident, decision) if decision.incident is not None else incident
    assert len(quiet) == 1
    [said] = [each for each in incident.facts if each.kind is FactKind.QUIET]
    assert (said.values["posts"], said.values["minutes"]) == (40, 120)


def test_a_step_of_a_policy_without_people_is_no_reason_for_silence() -> None:
    empty = Policy(steps=(PolicyStep(after_minutes=0, notify=("topic",)),), repeat=0)
    told, _ = live(lambda _: Level.RED, days=2, policy=empty)
    assert [alert.target for alert in told if alert.kind is AlertKind.PAGE][-1] == "#acme"


def test_what_is_known_is_kept_as_it_stands_now_and_told_again_only_when_a_rumour_is_confirmed() -> None:
    def harm(minute: float, **values: object) -> Fact:
        return replace(fact("casualties.dead.2", minute, FactKind.CASUALTIES), values=values)  # type: ignore[arg-type]

    def facts_at(since: timedelta) -> tuple[Fact, ...]:
        minute = since / timedelta(minutes=1)
        if minute < 20:
            return ()
        return (harm(20, confirmed=minute >= 120, saying=1 if minute < 60 else 3),)

    told, incident = live(lambda _: Level.RED, days=0.2, facts_at=facts_at, acknowledged=True)
    assert news(told) == [(30, ["casualties.dead.2"]), (130, ["casualties.dead.2"])]
    assert incident.facts[0].values == {"confirmed": True, "saying": 3}
