"""Delivers the messages that the store owes: the card first, then calls when it got worse; ``redraws`` draws again.

A message is drawn from the database at the moment it is sent. None is lost: what fails is owed again; a conversation
that does not take it is followed by the next one, then by everybody whom the settings name and by the last resort, and
the timeline says so. None is sent twice: see ``bot.delivery.message_sender`` and ``bot.delivery.claims``.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import structlog
from pydantic import SecretStr
from slack_sdk import WebClient

from bot.delivery import outbox
from bot.delivery.bundles import BundledCards
from bot.delivery.claims import LEASE_S, ClaimLostError, Claims
from bot.delivery.detours import Detours, UndeliveredError
from bot.delivery.last_resort import LastResort
from bot.delivery.message_sender import MessageSender
from bot.delivery.pacing import PacedError, Pacing
from bot.delivery.postings import Postings
from bot.delivery.reader_language import ReaderLanguage
from bot.delivery.redraws import Redraws
from bot.delivery.slack_errors import FailureKind
from bot.desk.views.incident_views import IncidentViews
from bot.desk.views.view_models import IncidentView
from bot.incidents.links import PAGED_ONCE, links
from bot.incidents.rows import owed
from bot.infra.clock import Clock
from bot.records import Alert, AlertKind, Card, Decision, Incident
from bot.slack.directory import Directory, is_person

if TYPE_CHECKING:
    from bot.config.settings import Settings
    from bot.store import Store

BATCH = 4
LONGEST_WAIT_S = 300.0

log = structlog.get_logger("tocsin.notifier")


class Notifier:
    """*spacing* is the seconds between two messages into one channel; Slack wants one. *lease* is how long what was
    claimed stays ours without a sign of life."""

    def __init__(
        self,
        store: Store,
        client: WebClient,
        clock: Clock,
        settings: Settings,
        *,
        spacing: float = 1.0,
        lease: float = LEASE_S,
        last_resort: LastResort | None = None,
    ) -> None:
        self._store, self._clock = store, clock
        self._views = IncidentViews(store, settings, clock)
        self._claims, drawing = Claims(store.alerts, clock, lease=lease), Claims(store.alerts, clock, lease=lease)
        self._pacing = Pacing(store.pace, clock, spacing=spacing)
        directory = Directory(client, language=settings.language)
        sender, redrawer = (
            MessageSender(client, directory, self._pacing, guard=claims.keep) for claims in (self._claims, drawing)
        )
        language = ReaderLanguage(redrawer, directory, settings)
        self.redraws = Redraws(store, clock, self._views, redrawer, language, drawing)
        speaks = ReaderLanguage(sender, directory, settings)
        postings = Postings(sender, speaks)
        self._bundles = BundledCards(store, clock, settings, sender, speaks)
        self._detours = Detours(store, clock, settings, postings, last_resort or LastResort(SecretStr("")))
        self._resting: dict[str, datetime] = {}

    @property
    def trouble(self) -> str:
        """The plain sentence of what keeps messages from where they belong (a revoked token), or an empty string."""
        return self._detours.trouble

    def tick(self) -> int:
        """One look at both kinds of work, for whoever has but one thread."""
        return self.redraws.tick() + self.send()

    def send(self) -> int:
        """Deliver what is owed and due, a few at a time, the gravest first; how many were dealt with.

        Call it again at once while it does something.
        """
        now = self._clock.now()
        resting = [target for target, until in self._resting.items() if now < until <= now + _LONGEST_REST]
        kinds = (AlertKind.UPDATE,)
        claimed = self._store.alerts.claim(now, BATCH, self._claims.lease, besides=kinds, resting=resting)
        self._claims.take(claimed)
        return sum(self._deal_with(alert) for alert in claimed)

    def _deal_with(self, alert: Alert) -> bool:
        """True if something came of it; False if it must wait for Slack, or is somebody else's by now."""
        self._claims.begin([alert])
        try:
            self._claims.keep()
            self._send(alert)
        except PacedError as paced:
            self._rest(alert, paced.wait)
            self._store.alerts.release([alert], self._clock.now())
            return False
        except ClaimLostError:
            log.warning("claim_lost", incident=alert.incident_id, alert=alert.id)
            return False
        finally:
            self._claims.end()
        return True

    def _send(self, alert: Alert) -> None:
        incident = self._store.incidents.get(alert.incident_id)
        if incident is None or outbox.moot(alert, incident, self._clock.now()) or self._called(alert, incident):
            log.info("alert_moot", incident=alert.incident_id, alert=alert.id, kind=alert.kind.value)
            self._store.alerts.sent(alert.id, self._clock.now())
            return
        cards = self._store.alerts.cards(incident.id)
        parcel = outbox.parcel(alert, self._store.alerts.owed(incident.id), posted=bool(cards))
        view = self._views.of(incident)
        try:
            made = () if self._bundled(parcel.alert, incident, cards) else self._deliver(parcel.alert, view, cards)
        except UndeliveredError as error:
            self._failed(error, incident)
            return
        self._store.alerts.sent(alert.id, self._clock.now(), *made)
        if parcel.folded:
            self._store.alerts.fold(parcel.folded, alert.id)
        self._rest(alert, self._pacing.spacing)
        self._drawn_meanwhile(alert, view, made)
        log.info("alert_sent", incident=incident.id, alert=alert.id, kind=alert.kind.value, folded=len(parcel.folded))

    def _called(self, alert: Alert, incident: Incident) -> bool:
        """True if who is paged was paged a moment ago about the same happening, or about what was told with it, and
        what that was about was as grave."""
        if alert.kind is not AlertKind.PAGE:
            return False
        others = self._store.bundles.beside(incident.id)
        if is_person(alert.target):
            others += links(self._store.incidents.timeline(incident.id))
        since = self._clock.now() - PAGED_ONCE
        return bool(others) and self._store.alerts.paged(alert.target, others, since, incident.level)

    def _bundled(self, alert: Alert, incident: Incident, cards: list[Card]) -> bool:
        return not cards and self._bundles.take(alert, incident)

    def _deliver(self, alert: Alert, view: IncidentView, cards: list[Card]) -> tuple[Card, ...]:
        """Send one alert, wherever it is taken; the cards that now stand in Slack and are new."""
        return self._detours.send(alert, view, cards)

    def _drawn_meanwhile(self, alert: Alert, view: IncidentView, made: tuple[Card, ...]) -> None:
        """A card that was drawn before something changed, or is only a reply yet, is owed a redraw."""
        current = self._store.incidents.get(view.incident.id)
        if current is None or not made:
            return
        changed = current.version != view.incident.version
        if not changed and not any(one.drawn < alert.id for one in made):
            return
        redraw = replace(owed(current, AlertKind.UPDATE, self._clock.now()), key=f"redraw.{alert.key}")
        self._store.incidents.change(current.id, lambda _: Decision(alerts=(redraw,)))

    def _failed(self, error: UndeliveredError, incident: Incident) -> None:
        alert, found = error.alert, error.failure
        log.error("alert_not_sent", incident=incident.id, alert=alert.id, trouble=found.trouble.value, code=found.code)
        if found.trouble is FailureKind.CONTENT:
            self._store.alerts.failed(alert.id, found.code)
            return
        longest = LONGEST_WAIT_S if alert.resorted else LONGEST_WAIT_S / 5
        wait = found.wait or min(longest, 2.0 ** min(alert.failures or alert.attempts + 1, 9))
        due_at = self._clock.now() + timedelta(seconds=min(wait, _LONGEST_REST.total_seconds()))
        self._store.alerts.retry(alert.id, due_at, found.code, tried=alert)

    def _rest(self, alert: Alert, seconds: float) -> None:
        """Send nothing to the alert's target for so long: we know already that Slack would not like it."""
        self._resting[alert.target] = self._clock.now() + min(timedelta(seconds=seconds), _LONGEST_REST)


_LONGEST_REST = timedelta(minutes=15)
