"""Draws cards again that stand in Slack already: all that is owed of an incident at once, what people did first.

A redraw goes on where it stopped: a card that shows the newest is left alone. It says nothing new to anybody, so it
waits for no conversation's turn, only for Slack's pace.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import structlog

from bot.delivery.claims import ClaimLostError, Claims
from bot.delivery.message_sender import MessageSender
from bot.delivery.pacing import UPDATE, PacedError
from bot.delivery.reader_language import ReaderLanguage
from bot.delivery.routes import MOST_TRIES
from bot.delivery.slack_errors import DeliveryFailure, FailureKind, refusal
from bot.desk.views.incident_views import IncidentViews
from bot.desk.views.view_models import IncidentView
from bot.infra.clock import Clock
from bot.records import Alert, Card, Incident, Status
from bot.slack.directory import FAULTS
from bot.slack.render import calls
from bot.slack.render.cards import card

if TYPE_CHECKING:
    from bot.store import Store

LONGEST_WAIT_S = 300.0

log = structlog.get_logger("tocsin.notifier")


class Redraws:
    """For one thread, which calls ``tick``. *sender* asks *claims* before each call."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        views: IncidentViews,
        sender: MessageSender,
        language: ReaderLanguage,
        claims: Claims,
    ) -> None:
        self._store, self._clock, self._views = store, clock, views
        self._sender, self._language, self._claims = sender, language, claims
        self._rests_until: dict[bool, datetime] = {}

    def tick(self) -> int:
        """Draw the cards of one incident again; 0 if there is none to draw, or Slack must be left in peace."""
        if self._rests(urgent=True):
            return 0
        now = self._clock.now()
        owed = self._store.alerts.claim_redraws(now, self._claims.lease, urgent=self._rests(urgent=False))
        if not owed:
            return 0
        self._claims.take(owed)
        self._claims.begin(owed)
        try:
            return self._draw(owed)
        except ClaimLostError:
            log.warning("claim_lost", incident=owed[0].incident_id)
            return 0
        finally:
            self._claims.end()

    def _draw(self, owed: Sequence[Alert]) -> int:
        incident = self._store.incidents.get(owed[0].incident_id)
        try:
            failure = self._cards(owed, incident) if incident is not None else None
        except PacedError as paced:
            self._put_off(owed, paced)
            return 0
        if failure is not None:
            self._again(owed, failure)
            return 1
        self._store.alerts.sent(owed[0].id, self._clock.now())
        self._store.alerts.fold([alert.id for alert in owed[1:]], owed[0].id)
        log.info("cards_drawn", incident=owed[0].incident_id, folded=len(owed) - 1)
        return 1

    def _cards(self, owed: Sequence[Alert], incident: Incident) -> DeliveryFailure | None:
        """Draw every card again, the replies last; what went wrong with one of them, if it can be tried again."""
        newest, urgent = owed[-1].id, any("by" in alert.payload for alert in owed)
        shown = sorted(self._store.alerts.cards(incident.id), key=lambda one: bool(one.thread_ts))
        stale = [one for one in shown if _stale(one, newest, incident)]
        view = self._views.of(incident) if stale else None
        failures = [self._one(view, one, newest, urgent, owed[0].attempts) for one in stale if view is not None]
        return next((found for found in failures if found is not None), None)

    def _one(self, view: IncidentView, shown: Card, newest: int, urgent: bool, attempts: int) -> DeliveryFailure | None:
        """Draw one card. One that is gone, or stands where nobody can write, is left as it is."""
        page = shown.page if calls.unanswered(shown.page, view) else {}
        try:
            if shown.thread_ts:
                self._settle(view, shown)
            else:
                speech = self._language.speech(shown.channel, view.incident)
                lead = calls.page_lead(page, view, speech) if page else ""
                self._sender.update(shown.channel, shown.ts, card(view, speech, lead=lead), urgent=urgent)
        except FAULTS as error:
            found = refusal(error)
            log.warning("card_not_drawn", incident=view.incident.id, channel=shown.channel, code=found.code)
            if _worth_another_try(found, attempts):
                return found
        self._store.alerts.drawn(replace(shown, drawn=newest, settled=bool(shown.thread_ts), page=page))
        return None

    def _settle(self, view: IncidentView, call: Card) -> None:
        """Take the buttons off a reply that was answered: old calls must not look open."""
        row = self._sender.read(call.channel, call.ts, call.thread_ts)
        if row is not None and any(block.get("type") == "actions" for block in row.get("blocks") or ()):
            speech = self._language.speech(call.channel, view.incident)
            self._sender.update(call.channel, call.ts, calls.settled(row["blocks"], view, speech))

    def _put_off(self, owed: Sequence[Alert], paced: PacedError) -> None:
        """Slack must be left in peace: what is drawn stays drawn, the rest comes later, people's acts before it."""
        until = self._clock.now() + timedelta(seconds=min(paced.wait, LONGEST_WAIT_S))
        if paced.kind == UPDATE:
            self._rests_until[any("by" in alert.payload for alert in owed)] = until
        self._store.alerts.release(owed, until)

    def _again(self, owed: Sequence[Alert], found: DeliveryFailure) -> None:
        wait = min(LONGEST_WAIT_S, 2.0 ** min(owed[0].attempts + 1, 9))
        for alert in owed:
            self._store.alerts.retry(alert.id, self._clock.now() + timedelta(seconds=wait), found.code, tried=alert)

    def _rests(self, *, urgent: bool) -> bool:
        until, now = self._rests_until.get(urgent), self._clock.now()
        return until is not None and now < until <= now + timedelta(seconds=LONGEST_WAIT_S)


def _stale(shown: Card, newest: int, incident: Incident) -> bool:
    if shown.drawn >= newest or shown.settled:
        return False
    return not shown.thread_ts or _answered(incident)


def _answered(incident: Incident) -> bool:
    """True if nobody needs the buttons of what was called below the card any more."""
    waits = incident.status is Status.OPEN or incident.reminded_at is not None
    return incident.status.closed or not waits


def _worth_another_try(found: DeliveryFailure, attempts: int) -> bool:
    """False for what will never work, and for a word of Slack's that nobody knows, if it says so again and again."""
    if found.trouble in (FailureKind.GONE, FailureKind.ROUTE, FailureKind.CONTENT):
        return False
    known = found.trouble is FailureKind.TOKEN or found.code.startswith("http_") or found.code[:1].isupper()
    return known or attempts + 1 < MOST_TRIES
