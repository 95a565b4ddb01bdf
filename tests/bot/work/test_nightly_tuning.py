"""Learning: each topic from its own past and its team's judgements, and from nothing that comes later."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TypeVar

import pytest
from structlog.testing import capture_logs

from bot.i18n.remarks import remark
from bot.i18n.speech import Speech
from bot.infra.clock import VirtualClock
from bot.records import ActKind, Basis, Policy
from bot.store import Store
from bot.work.nightly_tuning import NightlyTuning, learn, nightfall
from bot.work.subprocess_jobs import InlineJobRunner, JobStoppedError
from tests.bot.past import BEGAN, Past, Policies, calm, grumble, past

T = TypeVar("T")
DAY = timedelta(days=1)
NOW = BEGAN + 34 * DAY
GRUMBLES = tuple(BEGAN + timedelta(days=days, hours=12) for days in (12, 17, 22, 27, 31))


@pytest.fixture
def halden(store: Store) -> Past:
    """Five weeks with five hours of harmless grumbling."""
    made = past(store)
    made.heard([*calm(34), *(post for at in GRUMBLES for post in grumble(at))])
    return made


def test_a_small_budget_makes_a_topic_stricter(store: Store, halden: Past) -> None:
    """The smallest strictness that keeps the budget: stricter than with a large one, and kept by it."""
    generous = learn(store, replace(halden.topic, budget_per_week=10.0), Policy(), NOW)
    strict = learn(store, replace(halden.topic, budget_per_week=0.25), Policy(), NOW)
    assert generous.basis is strict.basis is Basis.OWN
    assert generous.tuning.strictness == 0.5
    assert strict.tuning.strictness > generous.tuning.strictness
    assert strict.bells <= 0.25 * strict.days / 7
    assert strict.days == pytest.approx(28)


def test_what_people_confirmed_costs_nothing(store: Store, halden: Past) -> None:
    """Bells that were real do not count against the budget: no need to be stricter for them."""
    before = learn(store, replace(halden.topic, budget_per_week=0.25), Policy(), NOW)
    for at in GRUMBLES:
        halden.rang(at + timedelta(minutes=30), ActKind.RESOLVE)
    after = learn(store, replace(halden.topic, budget_per_week=0.25), Policy(), NOW)
    assert after.tuning.strictness < before.tuning.strictness


def test_nothing_of_later_is_used(store: Store, halden: Past) -> None:
    """What is written, brought in or judged after the moment of learning changes nothing of what is learned."""
    moment = BEGAN + 25 * DAY
    early = learn(store, halden.topic, Policy(), moment)
    before = halden.rang(moment - 2 * DAY, ActKind.ACKNOWLEDGE)
    known = learn(store, halden.topic, Policy(), moment)
    halden.heard(grumble(moment + DAY, 60))
    halden.heard(grumble(moment - DAY, 60), seen=moment + timedelta(hours=1))
    halden.rang(moment + 2 * DAY, ActKind.FALSE_ALARM, signals=("volume",))
    assert learn(store, halden.topic, Policy(), moment) == known
    assert before.id
    assert early.days == known.days


def test_a_signal_that_keeps_being_wrong_is_trusted_less(store: Store, halden: Past) -> None:
    """Four of five alerts were false alarms: (4 + 1) / (5 + 5) against the 4 of 5 that was expected."""
    for number, at in enumerate(GRUMBLES):
        halden.rang(at, ActKind.RESOLVE if number == 0 else ActKind.FALSE_ALARM)
    learned = learn(store, halden.topic, Policy(), NOW)
    assert learned.tuning.trust == {"negative_volume": pytest.approx(0.625)}
    [note] = learned.tuning.notes(["negative_volume", "volume"])
    assert remark(note, Speech("en")) == "Negative volume counts for 62% here: 4 of its 5 alerts were false alarms."
    assert remark(note, Speech("zh")) == "“负面声量”在本话题中只按62%计：5 次预警中有 4 次是误报。"


def test_a_new_topic_takes_what_others_have_learned(store: Store, halden: Past) -> None:
    fresh = past(store, "Norden", since=NOW - 5 * DAY)
    lonely = learn(store, fresh.topic, Policy(), NOW)
    assert (lonely.basis, lonely.tuning.strictness) == (Basis.NONE, 1.0)
    strict = learn(store, replace(halden.topic, budget_per_week=0.25), Policy(), NOW)
    store.tunings.keep(strict)
    taught = learn(store, fresh.topic, Policy(), NOW)
    assert (taught.basis, taught.tuning.strictness) == (Basis.OTHERS, strict.tuning.strictness)


def test_every_topic_learns_once_a_night(store: Store, halden: Past) -> None:
    clock = VirtualClock(NOW)
    leads = [True]
    learner = NightlyTuning(store, Policies(), clock, InlineJobRunner(store), lambda: leads[0])
    assert (learner.tick(), learner.tick()) == (1, 0)
    first = store.tunings.get(halden.topic.id)
    clock.set(NOW + DAY)
    leads[0] = False
    assert learner.tick() == 0
    leads[0] = True
    assert learner.tick() == 1
    second = store.tunings.get(halden.topic.id)
    assert first is not None
    assert second is not None
    assert (first.learned_at, second.learned_at) == (NOW, NOW + DAY)


def test_a_fault_in_one_topic_stops_no_other(store: Store, halden: Past) -> None:
    class Broken(Policies):
        def policy(self, name: str) -> Policy:
            if name == "broken":
                raise ValueError(name)
            return Policy()

    store.topics.add(replace(halden.topic, topic=replace(halden.topic.topic, name="Bad"), policy="broken"), BEGAN)
    learner = NightlyTuning(store, Broken(), VirtualClock(NOW), InlineJobRunner(store), lambda: True)
    assert learner.tick() == 1
    assert [one.topic_id for one in store.tunings.all()] == [halden.topic.id]


def test_a_service_that_stops_is_no_fault(store: Store, halden: Past) -> None:
    class Ended(InlineJobRunner):
        def do(self, work: Callable[..., T], *args: object) -> T:
            raise JobStoppedError("job.stopping")

    with capture_logs() as logs:
        assert NightlyTuning(store, Policies(), VirtualClock(NOW), Ended(store), lambda: True).tick() == 0
    assert logs == []


@pytest.mark.parametrize(
    ("hour", "expected"),
    [(18, datetime(2026, 3, 1, 19)), (19, datetime(2026, 3, 2, 19)), (23, datetime(2026, 3, 2, 19))],
)
def test_the_night_begins_at_nineteen_utc(hour: int, expected: datetime) -> None:
    now = datetime(2026, 3, 2, hour, 30, tzinfo=BEGAN.tzinfo)
    assert nightfall(now) == expected.replace(tzinfo=BEGAN.tzinfo)
