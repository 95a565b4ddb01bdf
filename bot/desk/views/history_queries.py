"""What people can ask of the past: a backtest of a topic, and the digest of the last days."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from bot.backtest.core import MOST_DAYS, USUAL_DAYS, Backtest, BacktestRequest, NothingToTestError, ask, over_history
from bot.errors import DeskError
from bot.i18n.speech import Speech
from bot.i18n.zones import zone_named
from bot.infra.clock import Clock
from bot.ports import JobRunner, Policies
from bot.records import TopicRecord, TuningRecord
from bot.work.nightly_tuning import REMEMBERED
from bot.work.subprocess_jobs import JobError
from engine.tuning.tuning import DEFAULT, Tally
from engine.tuning.tuning_from_history import PastIncident, Ruling, tallies

if TYPE_CHECKING:
    from bot.store import Store

DIGEST = timedelta(days=7)


@dataclass(frozen=True, kw_only=True)
class ChartedBacktest:
    """A backtest with its picture (PNG), and how the thresholds stand that it tested."""

    found: Backtest
    picture: bytes
    tuning: TuningRecord | None = None


@dataclass(frozen=True, kw_only=True)
class DigestLine:
    """A topic in the digest: the incidents that were opened, and what people made of them."""

    record: TopicRecord
    opened: int
    false: int
    unconfirmed: int
    tuning: TuningRecord | None = None


@dataclass(frozen=True, kw_only=True)
class Digest:
    """The days from *since* to *until*. *tallies* are those of each signal over the last half year."""

    since: datetime
    until: datetime
    lines: tuple[DigestLine, ...]
    tallies: dict[str, Tally]


class HistoryQueries:
    """Computes in the *background*, one backtest at a time."""

    def __init__(self, store: Store, settings: Policies, clock: Clock, background: JobRunner) -> None:
        self._store, self._settings, self._clock, self._background = store, settings, clock, background
        self._testing = threading.Lock()

    def backtest(self, record: TopicRecord, days: float | None, *, language: str) -> ChartedBacktest:
        """What would have rung on a topic as it is tuned now, in the last *days*.

        Takes as long as its history. Raises DeskError.
        """
        if days is not None and not 1 <= days <= MOST_DAYS:
            raise DeskError("sorry.backtest_days", most=MOST_DAYS)
        tuning = self._store.tunings.get(record.id)
        asked = ask(
            record,
            self._settings.policy(record.policy),
            now=self._clock.now(),
            days=USUAL_DAYS if days is None else days,
            tunings=[tuning.tuning if tuning else DEFAULT],
        )
        if not self._testing.acquire(blocking=False):
            raise DeskError("sorry.backtest_busy")
        try:
            found, picture = self._background.do(drawn, asked, language)
        except NothingToTestError:
            raise DeskError("sorry.backtest_nothing") from None
        except JobError as error:
            raise DeskError("sorry.backtest_failed", reason=error.text) from error
        finally:
            self._testing.release()
        return ChartedBacktest(found=found, picture=picture, tuning=tuning)

    def digest(self, records: Sequence[TopicRecord]) -> Digest:
        """What rang on these topics in the last week, how well it fits the budgets, and how right each signal was."""
        now = self._clock.now()
        known = self._store.history.cases(now, since=now - REMEMBERED)
        cases = {record.id: known.get(record.id, []) for record in records}
        tunings = {one.topic_id: one for one in self._store.tunings.all()}
        return Digest(
            since=now - DIGEST,
            until=now,
            lines=tuple(_line(record, cases[record.id], tunings.get(record.id), now - DIGEST) for record in records),
            tallies=tallies(case for each in cases.values() for case in each),
        )


def drawn(store: Store, asked: BacktestRequest, language: str) -> tuple[Backtest, bytes]:
    """A backtest of stored history and its picture."""
    from bot.backtest.charts import png

    found = over_history(store, asked)
    return found, png(found, Speech(language, zone=zone_named(asked.policy.timezone)))


def _line(record: TopicRecord, cases: list[PastIncident], tuning: TuningRecord | None, since: datetime) -> DigestLine:
    recent = [case.ruling for case in cases if case.opened_at >= since]
    return DigestLine(
        record=record,
        opened=len(recent),
        false=recent.count(Ruling.FALSE),
        unconfirmed=recent.count(Ruling.UNCONFIRMED),
        tuning=tuning,
    )
