"""What happens after the ack: a question is answered and a form is opened in threads of Tocsin's own.

Acts have a lane of their own: ``bot.slack.act_lane``. Bolt's threads only hand over. Nothing that a person does can
end one of these threads: each fault becomes a plain sentence to that person and a line in the log under the same
reference.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as Late
from contextlib import suppress
from datetime import tzinfo
from typing import Any

import structlog
from slack_sdk import WebClient
from slack_sdk.webhook import WebhookClient

from bot.desk.access import BarredError
from bot.desk.desk import Desk
from bot.desk.drafts import Draft, FieldFault
from bot.desk.drafts import faults as faults_of
from bot.errors import DeskError, StoreError, TocsinError, worded
from bot.i18n.speech import Speech
from bot.incidents.people.permissions import Barrier
from bot.infra.error_trail import code_of, log_expected, log_unexpected
from bot.infra.patience import hurried
from bot.records import TakenClick
from bot.slack.act_lane import ActLane
from bot.slack.commands import spoken
from bot.slack.directory import FAULTS
from bot.slack.gate import Gate
from bot.slack.lookups import Lookups
from bot.slack.membership import URGENT_S, Membership
from bot.slack.render import messages
from bot.slack.render.blocks import BlockMessage
from bot.slack.render.escape import escaped
from bot.slack.requests import SlackRequest
from engine.errors import EngineError

log = structlog.get_logger("tocsin.slack")

PATIENCE_S = 1.5
"""How long a form or a click waits for the database before Slack gets its ack without it: it wants that in 3 s."""

LANGUAGE_S = 0.3
"""How long an act waits to know a person's language: it is written in time, if need be in the settings' one."""


Work = Callable[[SlackRequest, Speech], BlockMessage | None]


class Executor:
    """*wake* is called after every act, so that the notifier need not be waited for."""

    def __init__(
        self,
        desk: Desk,
        client: WebClient,
        *,
        wake: Callable[[], None] = lambda: None,
        threads: int = 8,
        patience: float = PATIENCE_S,
        lookups: Lookups | None = None,
    ) -> None:
        self.desk, self.client, self.wake, self.patience = desk, client, wake, patience
        self.membership = Membership(
            client, desk.permissions, default_channel=desk.default_channel, lookups=lookups or Lookups()
        )
        self.gate = Gate(desk, self.membership)
        self.gate.afterwards.start()
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="tocsin-slack")
        self._urgent = ThreadPoolExecutor(2, thread_name_prefix="tocsin-form")
        self._answers = ThreadPoolExecutor(threads, thread_name_prefix="tocsin-answer")
        self.acts = ActLane(self)
        self.stopping = threading.Event()

    def take(self, asked: SlackRequest, work: Work, *, urgent: bool = False) -> Future[None]:
        """Do *work* soon and answer with what it returns; *urgent* for what a trigger waits for (3 s)."""
        return (self._urgent if urgent else self._pool).submit(self._carry_out, asked, work)

    def faults(self, draft: Draft) -> Mapping[str, FieldFault]:
        """What is wrong with a drafted topic, told within *patience* seconds: without the database, if it is slow."""
        try:
            return self._pool.submit(self.desk.adding.faults, draft).result(self.patience)
        except (Late, TocsinError):
            return faults_of(draft, lambda name: False)

    def stop(self) -> None:
        """Finish what is under way, and take no more."""
        self.gate.afterwards.stop()
        self.stopping.set()
        self.acts.stop()
        for pool in (self._urgent, self._pool, self._answers):
            pool.shutdown(wait=True, cancel_futures=True)
        self.membership.lookups.stop()

    def request(self, click: TakenClick) -> SlackRequest:
        """What was asked for when *click* was taken."""
        return SlackRequest.restored(click.asked, again=click.attempts > 0)

    def speech_soon(self, asked: SlackRequest) -> Speech:
        """The same as ``speech``, in the settings' language if Slack takes long to tell the person's."""
        try:
            return self._answers.submit(self.speech, asked).result(LANGUAGE_S)
        except (Late, RuntimeError):  # it may be stopping
            return self._in(self.desk.language)

    def answer_soon(self, asked: SlackRequest, worded: Callable[[Speech], BlockMessage]) -> None:
        """Answer what *worded* makes, without waiting for Slack to take it."""
        with suppress(RuntimeError):  # it is stopping
            self._answers.submit(lambda: self._answer(asked, worded(self.speech(asked))))

    def speech(self, asked: SlackRequest) -> Speech:
        """The language of the answer: that of a Chinese command, else the person's."""
        profile = self.membership.profile(asked.user).wait(URGENT_S)
        language = spoken(asked.text) or (profile.language if profile else "") or self.desk.language
        return self._in(language, profile.zone if profile else None)

    def _in(self, language: str, zone: tzinfo | None = None) -> Speech:
        """*language*, with the team's time zone for somebody whose own is not known."""
        return Speech(language, zone=zone or self.desk.time.zone)

    def zone(self, asked: SlackRequest) -> tzinfo:
        """The time zone of whoever asked, as far as Slack tells it in time, else the team's."""
        profile = self.membership.profile(asked.user).wait(PATIENCE_S)
        return (profile.zone if profile else None) or self.desk.time.zone

    def turn_away(self, asked: SlackRequest) -> None:
        """Somebody of another workspace stands at the door: keep it and say so, without asking Slack who they are."""

        def told(asked: SlackRequest, _: Speech) -> BlockMessage:
            speech = self._in(spoken(asked.text) or self.desk.language)
            return self.gate.turn_away(asked, Barrier.STRANGER, speech)

        self._pool.submit(self._carry_out, asked, told, known=True)

    def tell(self, asked: SlackRequest, message: BlockMessage, *, instead: bool = False) -> None:
        """Answer so that only the person sees it; *instead* replaces the message that was clicked."""
        if asked.url:
            answer = WebhookClient(asked.url).send(
                response_type="ephemeral", replace_original=instead, **message.arguments()
            )
            if answer.status_code == 200:
                return
            log.info("answer_refused", status=answer.status_code)
        self.client.chat_postMessage(channel=asked.user, **message.arguments())

    def open(self, asked: SlackRequest, view: dict[str, Any]) -> None:
        self.client.views_open(trigger_id=asked.trigger, view=view)

    def _carry_out(self, asked: SlackRequest, work: Work, known: bool = False) -> None:
        """Do *work* once, however often Slack sends it; unless *known*, for none who must be turned away."""
        speech = self._in(self.desk.language)
        try:
            speech = speech if known else self.speech(asked)
            with hurried():
                if not self.desk.first(asked.event):
                    log.info("repeated_event")
                    return
                said = (None if known else self.gate.turned_away(asked, speech)) or work(asked, speech)
        except BarredError as error:
            said = self.gate.answer(error, speech)
        except DeskError as error:
            said = messages.sorry(error, speech)
        except Exception as error:  # the loop of a listener: a person must hear of it, whatever it is
            said = self._fault(asked, error, speech)
        if said is not None:
            self._answer(asked, said)

    def _answer(self, asked: SlackRequest, said: BlockMessage) -> None:
        try:
            self.tell(asked, said)
        except FAULTS as error:
            log_expected(log.warning, "answer_lost", error)

    def _fault(self, asked: SlackRequest, error: Exception, speech: Speech) -> BlockMessage:
        if code_of(error) in ("expired_trigger_id", "exchanged_trigger_id"):
            return messages.said(speech.say("sorry.expired"))
        reference = log_unexpected(log.error, "listener_failed", error, user=asked.user)
        if isinstance(error, StoreError):
            return messages.said(f"{speech.say('sorry.database')} ({reference})")
        if isinstance(error, TocsinError | EngineError):
            return messages.said(f"{escaped(worded(error, speech))} ({reference})")
        return messages.fault(reference, speech)
