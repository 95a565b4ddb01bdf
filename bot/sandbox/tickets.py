"""What Slack hands out for a while: trigger ids (3 s, once) and response addresses (30 minutes, 5 times)."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass

from bot.sandbox.errors import SlackError

TRIGGER_SECONDS = 3.0
RESPONSE_SECONDS = 30 * 60.0
RESPONSE_USES = 5


@dataclass(kw_only=True)
class Trigger:
    reader: str
    born: float
    channel: str = ""
    used: bool = False


@dataclass(kw_only=True)
class Response:
    """Where an answer to a command or a click goes. *ts* is the message that was clicked, if any."""

    reader: str
    channel: str
    born: float
    ts: str = ""
    thread_ts: str = ""
    uses: int = 0


class Tickets:
    """Gives out and takes in. *seconds* is a monotonic clock."""

    def __init__(self, seconds: Callable[[], float]) -> None:
        self._seconds = seconds
        self._triggers: dict[str, Trigger] = {}
        self._responses: dict[str, Response] = {}

    def trigger(self, reader: str, channel: str = "") -> str:
        name = f"{secrets.randbelow(10**13)}.{secrets.randbelow(10**13)}.{secrets.token_hex(16)}"
        self._triggers[name] = Trigger(reader=reader, born=self._seconds(), channel=channel)
        return name

    def spend_trigger(self, name: str) -> Trigger:
        """For whom, and where, a modal may be opened. SlackError: invalid, expired or exchanged trigger id."""
        trigger = self._triggers.get(name)
        if trigger is None:
            raise SlackError("invalid_trigger_id")
        if trigger.used:
            raise SlackError("exchanged_trigger_id")
        if self._seconds() - trigger.born > TRIGGER_SECONDS:
            raise SlackError("expired_trigger_id")
        trigger.used = True
        return trigger

    def response(self, reader: str, channel: str, *, ts: str = "", thread_ts: str = "") -> str:
        name = secrets.token_urlsafe(18)
        born = self._seconds()
        self._responses[name] = Response(reader=reader, channel=channel, born=born, ts=ts, thread_ts=thread_ts)
        return name

    def spend_response(self, name: str) -> Response:
        """The place that an answer goes to. SlackError: expired_url (or unknown), used_url (too often)."""
        response = self._responses.get(name)
        if response is None or self._seconds() - response.born > RESPONSE_SECONDS:
            raise SlackError("expired_url", status=404)
        if response.uses >= RESPONSE_USES:
            raise SlackError("used_url", status=404)
        response.uses += 1
        return response
