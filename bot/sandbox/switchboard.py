"""Holds the parts of the local Slack together: what the Web API's methods and the people both reach for."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any

from bot.sandbox.people.payloads import event
from bot.sandbox.rates import Rates
from bot.sandbox.records import BOT_USER, Message
from bot.sandbox.sockets import AppResponse, Outbox
from bot.sandbox.tickets import Tickets
from bot.sandbox.workspace import Workspace

SLACKBOT = "USLACKBOT"


@dataclass(frozen=True, kw_only=True)
class InjectedFault:
    """An answer to the bot that only a mistake in the bot explains: broken blocks, a late trigger."""

    method: str
    code: str
    messages: tuple[str, ...] = ()


@dataclass(kw_only=True)
class Order:
    """A failure that a test or a person ordered for the next calls of a method."""

    method: str
    times: int
    code: str = ""
    status: int = 200
    retry_after: int | None = None
    after_the_deed: bool = False
    hang_up: bool = False  # close the connection without an answer
    only: Callable[[dict[str, Any]], bool] = field(default=lambda arguments: True)


@dataclass(kw_only=True)
class Credentials:
    """Made up afresh for every sandbox. *dead* is Slack's code for a bot token that no longer works."""

    bot_token: str = field(default_factory=lambda: f"xoxb-sandbox-{secrets.token_hex(12)}")
    app_token: str = field(default_factory=lambda: f"xapp-sandbox-{secrets.token_hex(12)}")
    signing_secret: str = field(default_factory=lambda: secrets.token_hex(16))
    dead: str = ""


class Switchboard:
    """The workspace, the way to the bot, and what Slack remembers about both."""

    def __init__(
        self,
        *,
        workspace: Workspace,
        outbox: Outbox,
        tickets: Tickets,
        rates: Rates,
        credentials: Credentials,
    ) -> None:
        self.workspace, self.outbox, self.tickets, self.rates = workspace, outbox, tickets, rates
        self.credentials = credentials
        self.orders: list[Order] = []
        self.faults: list[InjectedFault] = []
        self.refusals: list[InjectedFault] = []
        self.socket_tickets: set[str] = set()

    @property
    def socket_url(self) -> str:
        """A fresh WebSocket address, good for one connection."""
        ticket = secrets.token_urlsafe(16)
        self.socket_tickets.add(ticket)
        return f"{self.workspace.site.replace('http', 'ws', 1)}/socket?ticket={ticket}"

    def response_url(self, reader: str, channel: str, *, ts: str = "", thread_ts: str = "") -> str:
        ticket = self.tickets.response(reader, channel, ts=ts, thread_ts=thread_ts)
        return f"{self.workspace.site}/hooks/{ticket}"

    def tell_bot(self, kind: str, body: dict[str, Any]) -> Future[AppResponse] | None:
        """Send an event if the app subscribes to *kind* (``app_mention``, ``message.im``, …)."""
        if kind not in self.workspace.app.events:
            return None
        number = self.workspace.number()
        at = int(self.workspace.clock.now().timestamp())
        payload = event(body, event_id=f"Ev{number:09d}", at=at, bot_user=BOT_USER)
        return self.outbox.submit("events_api", payload)

    def notice(self, reader: str, channel: str, text: str) -> Message:
        """Slack itself says something to one person."""
        ts = self.workspace.timestamp()
        return self.workspace.put(Message(channel=channel, ts=ts, author=SLACKBOT, text=text, only_for=reader))
