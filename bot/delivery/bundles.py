"""Many cards at once become one message: where a dozen topics rise together, the first question is what they share.

The graver a matter is, the more of its kind have a card of their own; and what gets worse in a bundle gets one.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import structlog

from bot.delivery.message_sender import MessageSender
from bot.delivery.reader_language import ReaderLanguage
from bot.incidents.links import links
from bot.infra.clock import Clock
from bot.infra.error_trail import log_expected
from bot.records import Alert, AlertKind, Bundle, Incident
from bot.slack.directory import FAULTS
from bot.slack.render.messages import bundle as drawn
from engine.post import Level

if TYPE_CHECKING:
    from bot.config.settings import Settings
    from bot.store import Store

WITHIN = timedelta(minutes=10)
AT_ONCE = {Level.RED: 20, Level.ORANGE: 10, Level.YELLOW: 5, Level.BLUE: 5}
"""What is more than so many cards for one conversation within WITHIN is told by one message, level by level."""

log = structlog.get_logger("tocsin.notifier")


class BundledCards:
    """For one thread."""

    def __init__(
        self, store: Store, clock: Clock, settings: Settings, sender: MessageSender, language: ReaderLanguage
    ) -> None:
        self._store, self._clock, self._settings = store, clock, settings
        self._sender, self._language = sender, language

    def take(self, alert: Alert, incident: Incident) -> bool:
        """Tell of *incident*, whose card *alert* is, in a bundle; False if it needs a card of its own.

        Raises PacedError. What Slack refuses here is left to the card.
        """
        if alert.kind is not AlertKind.CARD or alert.route or alert.failures:
            return False
        since = min(alert.at, self._clock.now()) - WITHIN
        numbers = self._store.bundles.opened(alert.target, since)
        if len(numbers) <= AT_ONCE[incident.level]:
            return False
        try:
            self._tell(alert, incident, numbers)
        except FAULTS as error:
            log_expected(log.warning, "bundle_not_sent", error)
            return False
        return True

    def _tell(self, alert: Alert, incident: Incident, numbers: list[int]) -> None:
        now = self._clock.now()
        before = self._store.bundles.last(alert.target, now - WITHIN)
        told = tuple(dict.fromkeys([*(before.incidents if before else ()), *numbers]))
        if before is not None and told == before.incidents:
            return  # who came first has told of all
        incidents = [one for number in told if (one := self._store.incidents.get(number)) is not None]
        shared = {number for number in told if set(links(self._store.incidents.timeline(number))) & set(told)}
        if before is None:
            channel = self._sender.conversation(self._settings.channel_id(alert.target))
            message = drawn(incidents, self._language.speech(channel, incident), shared=len(shared))
            posted = self._sender.post(channel, message, key=f"bundle.{alert.key}", sent_before=alert.attempts > 0)
            made = Bundle(target=alert.target, channel=posted.channel, ts=posted.ts, last_at=now, incidents=told)
        else:
            message = drawn(incidents, self._language.speech(before.channel, incident), shared=len(shared))
            self._sender.update(before.channel, before.ts, message)
            made = replace(before, last_at=now, incidents=told)
        self._store.bundles.keep(made)
        log.info("bundled", incident=incident.id, n=len(told))
