"""Every night each topic learns from its own history how easily it should ring.

Nothing of later than the moment of learning is used, and the encoder is not needed: the readings are stored.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import structlog

from bot.backtest.core import USUAL_DAYS, ask, over_history
from bot.errors import StoreError, TocsinError
from bot.infra.clock import Clock
from bot.infra.error_trail import log_expected, log_unexpected
from bot.ports import JobRunner, Policies
from bot.records import Basis, Policy, TopicRecord, TuningRecord
from bot.work.subprocess_jobs import JobStoppedError
from engine.trend import COVERAGE_DAYS
from engine.tuning import tuning_from_history
from engine.tuning.tuning import Tally, Tuning

if TYPE_CHECKING:
    from bot.store import Store

NIGHT_UTC = 19
"""The hour (UTC) after which a topic learns: three in the morning in Beijing."""

REMEMBERED = timedelta(days=180)
"""Older judgements of a signal are forgotten: sources change, and so do teams."""

TURN, STEP = timedelta(minutes=5), timedelta(hours=1)
"""Learning looks less often than the service does: it counts bells, and one that rings minutes later is the same."""

log = structlog.get_logger("tocsin.learner")


class NightlyTuning:
    """*leads* says whether this process may: one is enough."""

    def __init__(
        self, store: Store, settings: Policies, clock: Clock, background: JobRunner, leads: Callable[[], bool]
    ) -> None:
        self._store, self._settings, self._clock = store, settings, clock
        self._background, self._leads = background, leads

    def tick(self) -> int:
        """Let each topic learn that has not learned since nightfall; how many did. Raises StoreError."""
        if not self._leads():
            return 0
        return sum(self._learn(topic_id) for topic_id in self._store.tunings.due(nightfall(self._clock.now())))

    def _learn(self, topic_id: int) -> bool:
        record, now = self._store.topics.get(topic_id), self._clock.now()
        if record is None or not self._leads():
            return False
        try:
            learned = self._background.do(learn, record, self._settings.policy(record.policy), now)
            self._store.tunings.keep(learned)
        except StoreError:
            raise
        except JobStoppedError:
            return False
        except TocsinError as error:
            log_expected(log.error, "topic_not_learned", error, topic=topic_id)
            return False
        except Exception as error:  # a fault in one topic must not stop the others
            log_unexpected(log.error, "topic_not_learned", error, topic=topic_id)
            return False
        log.info(
            "topic_learned", topic=topic_id, strictness=learned.tuning.strictness, days=round(learned.days, 1),
            bells=learned.bells, basis=learned.basis.value,
        )  # fmt: skip
        return True


def nightfall(now: datetime) -> datetime:
    """The last time before *now* at which a night began."""
    tonight = now.replace(hour=NIGHT_UTC, minute=0, second=0, microsecond=0)
    return tonight if tonight <= now else tonight - timedelta(days=1)


def learn(store: Store, record: TopicRecord, policy: Policy, now: datetime) -> TuningRecord:
    """What *record*'s history up to *now* teaches about it."""
    cases = store.history.cases(now, since=now - REMEMBERED, topic_id=record.id).get(record.id, [])
    tallies = tuning_from_history.tallies(cases)
    trust = {name: part for name, found in tallies.items() if (part := tuning_from_history.trust(found, name)) < 1}
    days = _days(store, record, now)
    if days < tuning_from_history.LEAST_DAYS:
        return _borrowed(store, record, now, days, trust, tallies)
    tunings = [Tuning(strictness=strictness, trust=trust, tallies=tallies) for strictness in tuning_from_history.GRID]
    asked = replace(ask(record, policy, now=now, days=days, tunings=tunings), turn=TURN, step=STEP)
    tried = over_history(store, asked)
    days = (tried.until - tried.since) / timedelta(days=1)
    counts = {trial.tuning.strictness: trial.unconfirmed for trial in tried.trials}
    chosen = tuning_from_history.strictness_for(counts, budget_per_week=record.budget_per_week, days=days)
    return TuningRecord(
        topic_id=record.id,
        tuning=Tuning(strictness=chosen, trust=trust, tallies=tallies),
        learned_at=now,
        days=days,
        bells=counts[chosen],
        basis=Basis.OWN,
    )


def _days(store: Store, record: TopicRecord, now: datetime) -> float:
    """For how many days before *now* the topic has had a baseline; at most those that are looked at."""
    covered = (now - record.watched_since) / timedelta(days=1) - COVERAGE_DAYS
    return min(max(covered, 0.0), float(USUAL_DAYS))


def _borrowed(
    store: Store, record: TopicRecord, now: datetime, days: float, trust: dict[str, float], tallies: dict[str, Tally]
) -> TuningRecord:
    """The strictness of the others, for a topic that has too little history; its own judgements count at once."""
    others = [each.tuning.strictness for each in store.tunings.all() if each.basis is Basis.OWN]
    return TuningRecord(
        topic_id=record.id,
        tuning=Tuning(strictness=tuning_from_history.from_others(others), trust=trust, tallies=tallies),
        learned_at=now,
        days=days,
        basis=Basis.OTHERS if others else Basis.NONE,
    )
