"""Where a message goes when its conversation does not take it: the next one, then everybody, then the last resort."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import structlog

from bot.delivery.last_resort import LastResort
from bot.delivery.pacing import PacedError
from bot.delivery.postings import Postings, below
from bot.delivery.routes import LONGEST_TRYING, lasting, routes
from bot.delivery.slack_errors import DeliveryFailure, FailureKind, refusal
from bot.desk.views.view_models import IncidentView
from bot.i18n.speech import Speech
from bot.infra.clock import Clock
from bot.infra.error_trail import log_expected
from bot.records import TOCSIN, Act, ActKind, Alert, Card, Decision
from bot.slack.directory import FAULTS
from bot.slack.render import calls, parts
from bot.slack.render.last_words import last_words

if TYPE_CHECKING:
    from bot.config.settings import Settings
    from bot.store import Store

REFUSED_BY_ALL_S = 300.0
"""After so long a message that no conversation took is offered to all of them again."""

log = structlog.get_logger("tocsin.notifier")


class UndeliveredError(Exception):
    """*alert*, with what is known now of its tries, could not be sent."""

    def __init__(self, alert: Alert, failure: DeliveryFailure) -> None:
        super().__init__()
        self.alert, self.failure = alert, failure


class Detours:
    """For one thread. ``trouble`` says what keeps messages from where they belong, or is empty."""

    def __init__(
        self, store: Store, clock: Clock, settings: Settings, postings: Postings, last_resort: LastResort
    ) -> None:
        self._store, self._clock, self._settings = store, clock, settings
        self._postings, self._last_resort = postings, last_resort
        self._troubles: dict[str, tuple[str, frozenset[str]]] = {}
        self._broken: set[str] = set()

    @property
    def trouble(self) -> str:
        return next((sentence for sentence, _ in self._troubles.values()), "")

    def send(self, alert: Alert, view: IncidentView, cards: list[Card]) -> tuple[Card, ...]:
        """Post *alert* where it is taken; the cards that now stand in Slack. Raises UndeliveredError, PacedError."""
        channel_id = self._settings.channel_id
        default = channel_id(self._settings.default_channel)
        chain = routes(alert, view.incident, default=default, channel_id=channel_id)
        first, reached = alert.route, bool(alert.route)
        for number, target in enumerate(chain[first:], first):
            tried = alert if number == first else replace(alert, route=number, failures=0, failing_since=None)
            try:
                return (self._offered(tried, view, cards, target, original=chain[0]),)
            except PacedError as paced:
                if not reached:
                    raise  # nothing was tried: it is as if it had not been claimed
                raise UndeliveredError(tried, _wait(paced)) from paced
            except FAULTS as error:
                self._refused(tried, view, target, refusal(error))
                reached = True
        sentence = self._speech.say("resort.trouble", number=str(view.incident.id))
        self._troubles[chain[0]] = sentence, frozenset(map(channel_id, chain))
        return self._everybody(replace(alert, route=len(chain)), view, cards, chain[0])

    def _offered(self, alert: Alert, view: IncidentView, cards: list[Card], target: str, *, original: str) -> Card:
        """Post *alert* to *target*, saying where it was meant to go if that was not here."""
        channel = self._postings.conversation(self._settings.channel_id(target))
        lead = "" if target == original else self._lead(alert, view, original, channel)
        thread = below(alert, cards, channel) if target == original else _parent(cards, channel)
        made = self._postings.post(alert, view, thread, channel, lead=lead)
        taken = {made.channel} if made.channel != channel else {channel, target, self._settings.channel_id(target)}
        self._broken -= taken  # whoever waited for one of these, or for the token, waits no longer
        self._troubles = {key: one for key, one in self._troubles.items() if key and not taken & one[1]}
        return made

    def _refused(self, tried: Alert, view: IncidentView, target: str, found: DeliveryFailure) -> None:
        """Raise UndeliveredError if *target* is to be tried again; return if it is given up, which is written down."""
        now = self._clock.now()
        if found.trouble in (FailureKind.UNSURE, FailureKind.GONE, FailureKind.TOKEN):
            tried = replace(tried, failures=tried.failures + 1, failing_since=tried.failing_since or now)
        if found.trouble is FailureKind.TOKEN:
            self._troubles[""] = found.reason(self._speech), frozenset()
            self._write_down(tried, view, target, found)
            if now - (tried.failing_since or now) >= LONGEST_TRYING:
                tried = self._resort(tried, view, found)
        elif found.trouble is FailureKind.CONTENT:
            self._write_down(tried, view, target, found)
            tried = self._resort(tried, view, found)
        elif target in self._broken or lasting(tried, found, now):
            self._broken.add(target)
            self._write_down(tried, view, target, found)
            return
        raise UndeliveredError(tried, found)

    def _everybody(self, alert: Alert, view: IncidentView, cards: list[Card], original: str) -> tuple[Card, ...]:
        """No conversation takes it: tell the people of the settings, each directly, and the last resort."""
        found = self._first_refusal(alert, view, original)
        made: list[Card] = []
        for person in self._settings.people:
            target = person.slack or person.email or ""
            try:
                channel = self._postings.conversation(target)
                lead = self._lead(alert, view, original, channel)
                made.append(self._postings.post(alert, view, _parent(cards, channel), channel, lead=lead))
            except PacedError as paced:
                raise UndeliveredError(alert, _wait(paced)) from paced
            except FAULTS as error:
                log_expected(log.warning, "person_not_reached", error, incident=view.incident.id)
        alert = self._resort(alert, view, found)
        if not made:
            again = replace(alert, route=0, failures=0, failing_since=None)
            raise UndeliveredError(again, replace(found, wait=REFUSED_BY_ALL_S))
        return tuple(made)

    def _resort(self, alert: Alert, view: IncidentView, found: DeliveryFailure) -> Alert:
        """*alert*, once the last resort was told of it."""
        if alert.resorted:
            return alert
        title, body = last_words(view, self._speech, found.reason(self._speech))
        return replace(alert, resorted=self._last_resort.ring(title, body))

    def _lead(self, alert: Alert, view: IncidentView, original: str, channel: str) -> str:
        """What stands above a message that was meant for another conversation: which one, and why it is here."""
        speech = self._postings.speech(channel, view.incident)
        reason = self._first_refusal(alert, view, original).reason(speech)
        lead = calls.meant_for(original, reason, speech, view.names)
        return f"{parts.who(view.incident.owner)} {lead}" if view.incident.owner else lead

    def _first_refusal(self, alert: Alert, view: IncidentView, original: str) -> DeliveryFailure:
        """Why *original* did not take it, as the timeline has it."""
        key = _key(alert, original)
        written = self._store.incidents.timeline(view.incident.id)
        code = next((str(act.detail.get("error", "")) for act in written if act.key == key), "")
        return DeliveryFailure(trouble=FailureKind.ROUTE, code=code)

    def _write_down(self, alert: Alert, view: IncidentView, target: str, found: DeliveryFailure) -> None:
        """Put a message that did not arrive on the timeline, once however often it is tried."""
        reason = found.reason(Speech(view.incident.speak))
        act = Act(
            kind=ActKind.DELIVERY_FAILED,
            at=self._clock.now(),
            by=TOCSIN,
            detail={"target": target, "error": found.code, "reason": reason},
            key=_key(alert, target),
        )
        self._store.incidents.change(view.incident.id, lambda _: Decision(acts=(act,)))

    @property
    def _speech(self) -> Speech:
        return Speech(self._settings.language, zone=self._settings.zone)


def _parent(cards: list[Card], channel: str) -> Card | None:
    return next((shown for shown in cards if shown.channel == channel and not shown.thread_ts), None)


def _key(alert: Alert, target: str) -> str:
    return f"undelivered.{alert.key}" if target == alert.target else f"undelivered.{alert.key}.{target}"


def _wait(paced: PacedError) -> DeliveryFailure:
    return DeliveryFailure(trouble=FailureKind.RATE, code="ratelimited", wait=paced.wait)
