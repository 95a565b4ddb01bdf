"""Delivers the messages that the store owes: the card first, then updates of it, and calls when it got worse.

A message is drawn from the database at the moment it is sent. None is lost: what fails is owed again, what cannot
be delivered where it should goes to the default channel, and the timeline says so. None is sent twice: see
``bot.delivery.message_sender``. Run ``tick`` in one thread.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import structlog
from slack_sdk import WebClient

from bot.delivery import outbox
from bot.delivery.message_sender import MessageSender, Posted
from bot.delivery.slack_errors import DeliveryFailure, FailureKind, refusal
from bot.desk.incident_views import IncidentViews
from bot.desk.view_models import IncidentView
from bot.i18n.speech import Speech
from bot.infra.clock import Clock
from bot.records import TOCSIN, Act, ActKind, Alert, AlertKind, Card, Decision, Incident, Status
from bot.slack.directory import FAULTS, Directory
from bot.slack.render import calls, parts
from bot.slack.render.blocks import BlockMessage
from bot.slack.render.cards import card

if TYPE_CHECKING:
    from bot.config.settings import Settings
    from bot.store import Store

BATCH = 4
LEASE_S = 60.0
LONGEST_WAIT_S = 300.0

log = structlog.get_logger("tocsin.notifier")


class Notifier:
    """*spacing* is the seconds between two messages into one channel; Slack wants one."""

    def __init__(
        self, store: Store, client: WebClient, clock: Clock, settings: Settings, *, spacing: float = 1.0
    ) -> None:
        self._store, self._clock, self._settings = store, clock, settings
        self._views = IncidentViews(store, settings, clock)
        self._last_resort = settings.channel_id(settings.default_channel)
        self._directory = Directory(client, language=settings.language)
        self._mailbox = MessageSender(client, self._directory, spacing=spacing)
        self._settled: set[tuple[str, str]] = set()
        self.trouble = ""

    def tick(self) -> int:
        """Deliver what is owed and due, a few at a time, the gravest first; how many were dealt with.

        Call it again at once while it does something. ``trouble`` then holds the plain sentence of what keeps
        every message back (a revoked token), or is empty.
        """
        claimed = self._store.alerts.claim(self._clock.now(), BATCH, LEASE_S)
        for alert in claimed:
            self._deal_with(alert)
        return len(claimed)

    def stop(self) -> None:
        """Wait for no channel's turn any more; the next tick is the last."""
        self._mailbox.pace.stop()

    def _deal_with(self, alert: Alert) -> None:
        incident = self._store.incidents.get(alert.incident_id)
        if incident is None or outbox.moot(alert, incident, self._clock.now()):
            log.info("alert_moot", incident=alert.incident_id, alert=alert.id, kind=alert.kind.value)
            self._store.alerts.sent(alert.id, self._clock.now())
            return
        cards = self._store.alerts.cards(incident.id)
        parcel = outbox.parcel(alert, self._store.alerts.owed(incident.id), posted=bool(cards))
        try:
            made = self._deliver(parcel.alert, self._views.of(incident), cards)
        except FAULTS as error:
            self._failed(alert, incident, refusal(error))
            return
        self.trouble = ""
        self._store.alerts.sent(alert.id, self._clock.now(), made)
        if parcel.folded:
            self._store.alerts.fold(parcel.folded, alert.id)
        log.info("alert_sent", incident=incident.id, alert=alert.id, kind=alert.kind.value, folded=len(parcel.folded))

    def _deliver(self, alert: Alert, view: IncidentView, cards: list[Card]) -> Card | None:
        """Send one alert; the card that now stands in Slack, if it is a new one."""
        if alert.kind is AlertKind.UPDATE:
            self._update(view, cards)
            return None
        try:
            channel = self._mailbox.conversation(alert.target)
            return self._call(alert, view, _thread(alert, cards, channel), channel)
        except FAULTS as error:
            found = refusal(error)
            if found.trouble is not FailureKind.ROUTE or self._is_default(alert.target):
                raise
        self._write_down(alert, view.incident, found)
        return self._fall_back(alert, view, cards, found)

    def _call(
        self, alert: Alert, view: IncidentView, thread: Card | None, channel: str, *, lead: str = ""
    ) -> Card | None:
        """A reply below the card *thread*; without one, a card of its own in *channel*."""
        speech = self._speech(channel, view.incident)
        if alert.kind is AlertKind.CARD or thread is None:
            above = lead or self._lead(alert, view, speech)
            return _card(view, self._post(alert, channel, card(view, speech, lead=above)))
        made = calls.reply(alert, view, speech, lead=lead)
        posted = self._post(alert, thread.channel, made, thread_ts=thread.ts, loud=_loud(alert))
        if posted.thread_ts:
            return _card(view, posted)  # it has buttons that must go when somebody has acted
        # The card was deleted, and Slack put the reply into the channel: let it be the card from now on.
        self._mailbox.update(posted.channel, posted.ts, card(view, speech))
        return _card(view, posted)

    def _update(self, view: IncidentView, cards: list[Card]) -> None:
        """Draw every card again. One that is gone, or stands where nobody can write, is left as it is."""
        for shown in cards:
            try:
                if shown.thread_ts:
                    self._settle(view, shown)
                else:
                    made = card(view, self._speech(shown.channel, view.incident))
                    self._mailbox.update(shown.channel, shown.ts, made)
            except FAULTS as error:
                found = refusal(error)
                if found.trouble not in (FailureKind.GONE, FailureKind.ROUTE):
                    raise
                log.warning("card_not_drawn", incident=view.incident.id, channel=shown.channel, code=found.code)

    def _settle(self, view: IncidentView, call: Card) -> None:
        """Take the buttons off a reply that was answered: old calls must not look open."""
        incident, name = view.incident, (call.channel, call.ts)
        waits = incident.status is Status.OPEN or incident.reminded_at is not None
        if name in self._settled or (waits and not incident.status.closed):
            return
        row = self._mailbox.read(call.channel, call.ts, call.thread_ts)
        if row is not None and any(block.get("type") == "actions" for block in row.get("blocks") or ()):
            speech = self._speech(call.channel, incident)
            self._mailbox.update(call.channel, call.ts, calls.settled(row["blocks"], view, speech))
        self._settled.add(name)

    def _fall_back(self, alert: Alert, view: IncidentView, cards: list[Card], found: DeliveryFailure) -> Card | None:
        """The same into the default channel, saying where it was meant to go and why it did not."""
        channel = self._mailbox.conversation(self._last_resort)
        speech = self._speech(channel, view.incident)
        lead = calls.meant_for(alert.target, found.reason(speech), speech, view.names)
        if view.incident.owner:
            lead = f"{parts.who(view.incident.owner)} {lead}"
        thread = next((shown for shown in cards if shown.channel == channel and not shown.thread_ts), None)
        return self._call(alert, view, thread, channel, lead=lead)

    def _post(self, alert: Alert, channel: str, made: BlockMessage, **more: Any) -> Posted:
        """Post *made*; if Slack refuses its blocks, its words alone: a bell must ring, however plainly."""
        arguments = {"key": alert.key, "sent_before": alert.attempts > 0, **more}
        try:
            return self._mailbox.post(channel, made, **arguments)
        except FAULTS as error:
            found = refusal(error)
            if found.trouble is not FailureKind.CONTENT or not made.blocks:
                raise
        log.error("blocks_refused", incident=alert.incident_id, code=found.code)
        return self._mailbox.post(channel, BlockMessage(text=made.text), **arguments)

    def _lead(self, alert: Alert, view: IncidentView, speech: Speech) -> str:
        """What stands above the card of an alert that has no card to stand under."""
        if alert.kind is AlertKind.CARD:
            return ""
        if alert.kind is AlertKind.PAGE:
            return calls.page_lead(alert, view, speech)
        return calls.reply(alert, view, speech).text

    def _speech(self, channel: str, incident: Incident) -> Speech:
        """A person's own language in a direct conversation, else the channel's, or the topic's."""
        person = self._mailbox.reader(channel)
        if person:
            return Speech(self._directory.language(person))
        if channel in (incident.channel, self._settings.channel_id(incident.channel)):
            return Speech(incident.speak)
        return Speech(self._settings.channel_language(channel))

    def _is_default(self, target: str) -> bool:
        return target in (self._last_resort, self._settings.default_channel)

    def _failed(self, alert: Alert, incident: Incident, found: DeliveryFailure) -> None:
        now = self._clock.now()
        log.error("alert_not_sent", incident=incident.id, alert=alert.id, trouble=found.trouble.value, code=found.code)
        if found.trouble in (FailureKind.TOKEN, FailureKind.ROUTE):
            self.trouble = found.reason(Speech(self._settings.language))
            self._write_down(alert, incident, found)
        if found.trouble is FailureKind.CONTENT:
            self._write_down(alert, incident, found)
            self._store.alerts.failed(alert.id, found.code)
            return
        wait = found.wait or min(LONGEST_WAIT_S, 2.0 ** min(alert.attempts + 1, 9))
        self._store.alerts.retry(alert.id, now + timedelta(seconds=wait), found.code)

    def _write_down(self, alert: Alert, incident: Incident, found: DeliveryFailure) -> None:
        """Put a message that did not arrive on the timeline, once however often it is tried."""
        reason = found.reason(Speech(incident.speak))
        act = Act(
            kind=ActKind.DELIVERY_FAILED,
            at=self._clock.now(),
            by=TOCSIN,
            detail={"target": alert.target, "error": found.code, "reason": reason},
            key=f"undelivered.{alert.key}",
        )
        self._store.incidents.change(incident.id, lambda _: Decision(acts=(act,)))


def _thread(alert: Alert, cards: list[Card], channel: str) -> Card | None:
    """The card under which *alert* is called: the one in *channel*; except for a page, any other channel's."""
    parents = [shown for shown in cards if not shown.thread_ts]
    there = [shown for shown in parents if shown.channel == channel]
    if there or alert.kind is AlertKind.PAGE:
        return there[0] if there else None
    return next((shown for shown in parents if not shown.channel.startswith("D")), None)


def _loud(alert: Alert) -> bool:
    """True for what must not be buried in a thread."""
    return alert.kind in (AlertKind.WORSE, AlertKind.PAGE) or (
        alert.kind is AlertKind.NOTICE and alert.payload.get("because") != "stood_down"
    )


def _card(view: IncidentView, posted: Posted) -> Card:
    return Card(incident_id=view.incident.id, channel=posted.channel, ts=posted.ts, thread_ts=posted.thread_ts)
