"""How an alert looks where it is posted: a reply below its card, or a card of its own; words alone if need be."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import structlog

from bot.delivery.message_sender import MessageSender, Posted
from bot.delivery.reader_language import ReaderLanguage
from bot.delivery.slack_errors import FailureKind, refusal
from bot.desk.views.view_models import IncidentView
from bot.i18n.speech import Speech
from bot.records import Alert, AlertKind, Card, Incident
from bot.slack.directory import FAULTS
from bot.slack.render import calls
from bot.slack.render.blocks import BlockMessage
from bot.slack.render.cards import card

log = structlog.get_logger("tocsin.notifier")


class Postings:
    def __init__(self, sender: MessageSender, language: ReaderLanguage) -> None:
        self._sender, self._language = sender, language

    def conversation(self, target: str) -> str:
        """The id of the conversation that *target* means; see ``MessageSender.conversation``."""
        return self._sender.conversation(target)

    def speech(self, channel: str, incident: Incident) -> Speech:
        return self._language.speech(channel, incident)

    def post(self, alert: Alert, view: IncidentView, thread: Card | None, channel: str, *, lead: str = "") -> Card:
        """A reply below the card *thread*; without one, a card of its own in *channel*. *lead* stands above it."""
        speech = self.speech(channel, view.incident)
        if alert.kind is AlertKind.CARD or thread is None:
            above = lead or _lead(alert, view, speech)
            made = _card(alert, view, self._post(alert, channel, card(view, speech, lead=above)))
            return replace(made, page=_page(alert))
        reply = calls.reply(alert, view, speech, lead=lead)
        posted = self._post(alert, thread.channel, reply, thread_ts=thread.ts, loud=_loud(alert))
        shown = _card(alert, view, posted)  # it has buttons that must go when somebody has acted
        if not posted.thread_ts:
            # The card was deleted, and Slack put the reply into the channel: let it be the card from now on.
            return Card(incident_id=shown.incident_id, channel=shown.channel, ts=shown.ts)
        return shown

    def _post(self, alert: Alert, channel: str, made: BlockMessage, **more: Any) -> Posted:
        """Post *made*; if Slack refuses its blocks, its words alone: a bell must ring, however plainly."""
        arguments = {"key": alert.key, "sent_before": alert.attempts > 0, **more}
        try:
            return self._sender.post(channel, made, **arguments)
        except FAULTS as error:
            found = refusal(error)
            if found.trouble is not FailureKind.CONTENT or not made.blocks:
                raise
        log.error("blocks_refused", incident=alert.incident_id, code=found.code)
        return self._sender.post(channel, BlockMessage(text=made.text), **arguments)


def below(alert: Alert, cards: list[Card], channel: str) -> Card | None:
    """The card under which *alert* is called: the one in *channel*; except for a page, any other channel's."""
    parents = [shown for shown in cards if not shown.thread_ts]
    there = [shown for shown in parents if shown.channel == channel]
    if there or alert.kind is AlertKind.PAGE:
        return there[0] if there else None
    return next((shown for shown in parents if not shown.channel.startswith("D")), None)


def _lead(alert: Alert, view: IncidentView, speech: Speech) -> str:
    """What stands above the card of an alert that has no card to stand under."""
    if alert.kind is AlertKind.CARD:
        return ""
    if alert.kind is AlertKind.PAGE:
        return calls.page_lead(alert.payload, view, speech)
    return calls.reply(alert, view, speech).text


def _page(alert: Alert) -> Mapping[str, Any]:
    """Why somebody is called by a card, as long as nobody has answered."""
    if alert.kind is not AlertKind.PAGE:
        return {}
    return {**alert.payload, "to": alert.target, "at": alert.at.isoformat()}


def _loud(alert: Alert) -> bool:
    """True for what must not be buried in a thread."""
    return alert.kind in (AlertKind.WORSE, AlertKind.PAGE) or (
        alert.kind is AlertKind.NOTICE and alert.payload.get("because") != "stood_down"
    )


def _card(alert: Alert, view: IncidentView, posted: Posted) -> Card:
    return Card(
        incident_id=view.incident.id,
        channel=posted.channel,
        ts=posted.ts,
        thread_ts=posted.thread_ts,
        drawn=alert.id,
    )
