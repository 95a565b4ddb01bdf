"""What people do to incidents has a lane of its own, which no slow question can block.

A click is written down before Slack is answered. Where the database does not take it in time, the person is told that
it was not taken, and it is not. What was taken is done here, or by whoever finds it if this process dies; done twice
it is done once, since each act has a key.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Mapping
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as Late
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import structlog

from bot.desk.access import BarredError
from bot.errors import DeskError, StoreError
from bot.i18n.speech import Speech
from bot.infra.error_trail import log_expected, log_unexpected
from bot.infra.patience import hurried
from bot.records import TakenClick
from bot.slack.render import messages
from bot.slack.render.blocks import BlockMessage

if TYPE_CHECKING:
    from bot.slack.executor import Executor
    from bot.slack.requests import SlackRequest

log = structlog.get_logger("tocsin.slack")

Act = Callable[["SlackRequest", Speech, Mapping[str, Any]], BlockMessage | None]


MOST_PUT_OFF = 50
"""What Slack does not answer is tried again so often."""


class LaterError(Exception):
    """It cannot be done now, because Slack does not answer: it is tried again."""


class _Ticket:
    """Whether a click is still waited for when it is about to be written: one of the two sides decides, once."""

    def __init__(self) -> None:
        self._lock, self._decided = threading.Lock(), False

    def take(self) -> bool:
        """True for whoever asks first."""
        with self._lock:
            first, self._decided = not self._decided, True
            return first


class ActLane:
    """*executor* answers people; *acts* are what can be done, by name."""

    def __init__(self, executor: Executor, *, threads: int = 4) -> None:
        self._executor = executor
        self._acts: dict[str, Act] = {}
        self._takers = ThreadPoolExecutor(threads, thread_name_prefix="tocsin-take")
        self.pool = ThreadPoolExecutor(threads, thread_name_prefix="tocsin-act")
        self._again: deque[TakenClick] = deque()

    def can(self, acts: Mapping[str, Act]) -> None:
        """From now on these can be done."""
        self._acts |= acts

    def take(self, asked: SlackRequest, act: str, **details: Any) -> bool:
        """Write down that *act* is wanted, before Slack is answered; the person hears of it if that cannot be done.

        False if it was not written, or nobody can say yet.
        """
        ticket, patience = _Ticket(), self._executor.patience
        keeping = self._takers.submit(self._keep, asked, act, details, ticket)
        try:
            keeping.result(patience)
        except Late:
            if ticket.take():
                self._not_taken(asked)
                return False
        except Exception:  # told below, whatever it is
            ticket.take()
        keeping.add_done_callback(lambda done: self._kept(asked, done))
        return keeping.done() and not keeping.cancelled() and keeping.exception() is None

    def tick(self) -> int:
        """Do what was taken and is not done: what the database refused here, and what a dead process left."""
        left = [self._again.popleft() for _ in range(len(self._again))]
        left += self._executor.desk.clicks.left()
        for click in left:
            self.pool.submit(self._do, click)
        return 0

    def stop(self) -> None:
        """Finish what is under way; what is not begun is done at the next start."""
        for pool in (self._takers, self.pool):
            pool.shutdown(wait=True, cancel_futures=True)

    def _keep(self, asked: SlackRequest, act: str, details: Mapping[str, Any], ticket: _Ticket) -> TakenClick | None:
        with hurried(self._executor.patience):
            return self._executor.desk.clicks.take(act, asked.kept(), details, wanted=ticket.take)

    def _kept(self, asked: SlackRequest, keeping: Future[TakenClick | None]) -> None:
        """Do what was written down; say so if it was not."""
        error = CancelledError() if keeping.cancelled() else keeping.exception()
        if error is not None:
            log_expected(log.error, "click_not_kept", error, user=asked.user)
            self._not_taken(asked)
        elif (click := keeping.result()) is None:
            log.info("repeated_event")
        else:
            with suppress(RuntimeError):  # it is stopping: the next start does it
                self.pool.submit(self._do, click)

    def _not_taken(self, asked: SlackRequest) -> None:
        log.warning("click_not_taken", user=asked.user)
        if asked.overheard:
            return
        self._executor.answer_soon(asked, lambda speech: messages.said(speech.say("sorry.not_taken")))

    def _do(self, click: TakenClick) -> None:
        """Carry out *click* and forget it, or keep it if the database is away."""
        asked = self._executor.request(click)
        speech = self._executor.speech_soon(asked)
        try:
            with hurried():
                said = self._said(click, asked, speech)
                self._executor.desk.clicks.done(click)
        except (StoreError, LaterError) as error:
            log_expected(log.error, "act_put_off", error, act=click.work, user=asked.user)
            if isinstance(error, LaterError) and click.attempts >= MOST_PUT_OFF:
                self._executor.desk.clicks.done(click)
                return
            self._again.append(replace(click, attempts=click.attempts + 1))
            said = None if asked.again else messages.said(speech.say("sorry.kept"))
        if said is not None and not asked.overheard:
            self._executor.answer_soon(asked, lambda _: said)

    def _said(self, click: TakenClick, asked: SlackRequest, speech: Speech) -> BlockMessage | None:
        """What the person is told of it. Raises StoreError if it is to be done later."""
        try:
            turned = None if asked.overheard else self._executor.gate.turned_away(asked, speech)
            return turned or self._acts[click.work](asked, speech, click.details)
        except BarredError as error:
            return self._executor.gate.answer(error, speech)
        except DeskError as error:
            return messages.sorry(error, speech)
        except (StoreError, LaterError):
            raise
        except Exception as error:  # a click that always fails must not come back for ever
            reference = log_unexpected(log.error, "listener_failed", error, user=asked.user)
            return messages.fault(reference, speech)
