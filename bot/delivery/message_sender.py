"""Posting to Slack so that a message is there once: paced, marked with its key, looked for before a retry."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import structlog
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from bot.delivery.slack_errors import FailureKind, refusal
from bot.infra.error_trail import log_expected
from bot.slack.directory import Directory
from bot.slack.render.blocks import BlockMessage

log = structlog.get_logger("tocsin.notifier")

EVENT_TYPE = "tocsin_alert"
PAGES, PAGE_SIZE = 3, 200
"""How far back a message is looked for: a retry comes soon, and its channel is no torrent."""


@dataclass(frozen=True, kw_only=True)
class Posted:
    """A message as Slack has it. *thread_ts* is empty if it stands in the channel itself."""

    channel: str
    ts: str
    thread_ts: str = ""


class RateLimiter:
    """At most one message a *spacing* seconds into a channel. In the system's time: it is Slack's limit."""

    def __init__(self, spacing: float = 1.0, seconds: Callable[[], float] = time.monotonic) -> None:
        self._spacing, self._seconds = spacing, seconds
        self._free: dict[str, float] = {}
        self._stop = threading.Event()

    def wait(self, channel: str) -> None:
        """Wait until *channel* may be written to, and take its turn."""
        remaining = self._free.get(channel, 0.0) - self._seconds()
        if remaining > 0:
            self._stop.wait(remaining)
        self._free[channel] = self._seconds() + self._spacing

    def stop(self) -> None:
        """Wait for nothing any more."""
        self._stop.set()


class MessageSender:
    """The client must not retry by itself (``bot.slack.bolt_app.client``). Raises SlackApiError, or what a lost
    connection raises; ``bot.delivery.slack_errors`` says what it means."""

    def __init__(self, client: WebClient, directory: Directory, *, spacing: float = 1.0) -> None:
        self._client, self._directory, self.pace = client, directory, RateLimiter(spacing)
        self._direct: dict[str, str] = {}
        self._people: dict[str, str] = {}

    def conversation(self, target: str) -> str:
        """What Slack is given for *target*: a channel's id or name as it is, a person's direct conversation."""
        person = self._directory.by_email(target) if "@" in target else target
        if person[:1] not in "UW" or not person.isalnum():
            return person
        if person not in self._direct:
            answer = self._client.conversations_open(users=person)
            channel = str((answer.get("channel") or {}).get("id") or "")
            self._direct[person], self._people[channel] = channel, person
        return self._direct[person]

    def reader(self, channel: str) -> str:
        """The person behind a direct conversation, or an empty string."""
        if channel[:1] != "D":
            return ""
        if channel not in self._people:
            answer = self._client.conversations_info(channel=channel)
            self._people[channel] = str((answer.get("channel") or {}).get("user") or "")
        return self._people[channel]

    def post(
        self,
        channel: str,
        message: BlockMessage,
        *,
        key: str,
        thread_ts: str = "",
        loud: bool = False,
        sent_before: bool = False,
    ) -> Posted:
        """Put *message* into *channel*, or below *thread_ts* (and, *loud*, in the channel too).

        With *sent_before* it is looked for first: an earlier try may have arrived although its answer did not.
        """
        if sent_before and (found := self._find(channel, key, thread_ts)):
            log.info("message_found", key=key)
            return found
        try:
            return self._post(channel, message, key=key, thread_ts=thread_ts, loud=loud)
        except SlackApiError as error:
            if refusal(error).code != "not_in_channel" or not self._join(channel):
                raise
        return self._post(channel, message, key=key, thread_ts=thread_ts, loud=loud)

    def update(self, channel: str, ts: str, message: BlockMessage) -> None:
        """Draw a message again."""
        self._client.chat_update(channel=channel, ts=ts, **message.arguments())

    def read(self, channel: str, ts: str, thread_ts: str) -> Mapping[str, Any] | None:
        """A reply as it stands in Slack; None if it is gone."""
        answer = self._client.conversations_replies(
            channel=channel, ts=thread_ts, oldest=ts, latest=ts, inclusive=True, limit=2
        )
        rows: list[dict[str, Any]] = answer.get("messages") or []
        return next((row for row in rows if row.get("ts") == ts), None)

    def _post(self, channel: str, message: BlockMessage, *, key: str, thread_ts: str, loud: bool) -> Posted:
        self.pace.wait(channel)
        arguments: dict[str, Any] = {"thread_ts": thread_ts, "reply_broadcast": loud} if thread_ts else {}
        answer = self._client.chat_postMessage(
            channel=channel,
            unfurl_links=False,
            unfurl_media=False,
            metadata={"event_type": EVENT_TYPE, "event_payload": {"key": key}},
            **message.arguments(),
            **arguments,
        )
        return _posted(str(answer["channel"]), answer.get("message") or {}, str(answer["ts"]))

    def _find(self, channel: str, key: str, thread_ts: str) -> Posted | None:
        """The message with *key*, if it is there. Where we may not look, it is taken for lost: rather two than none."""
        try:
            for row in self._rows(channel, thread_ts):
                metadata = row.get("metadata") or {}
                if metadata.get("event_type") == EVENT_TYPE and (metadata.get("event_payload") or {}).get("key") == key:
                    return _posted(channel, row, str(row["ts"]))
        except SlackApiError as error:
            if refusal(error).trouble in (FailureKind.RATE, FailureKind.UNSURE):
                raise
            log_expected(log.warning, "message_not_sought", error)
        return None

    def _rows(self, channel: str, thread_ts: str) -> Iterator[Mapping[str, Any]]:
        cursor = ""
        for _ in range(PAGES):
            asked: dict[str, Any] = {"channel": channel, "limit": PAGE_SIZE, "include_all_metadata": True}
            if cursor:
                asked["cursor"] = cursor
            if thread_ts:
                answer = self._client.conversations_replies(ts=thread_ts, **asked)
            else:
                answer = self._client.conversations_history(**asked)
            yield from answer.get("messages") or ()
            cursor = str((answer.get("response_metadata") or {}).get("next_cursor") or "")
            if not cursor:
                return

    def _join(self, channel: str) -> bool:
        """Become a member of a public channel; False if Slack does not let us."""
        try:
            self._client.conversations_join(channel=channel)
        except SlackApiError:
            return False
        return True


def _posted(channel: str, row: Mapping[str, Any], ts: str) -> Posted:
    thread = str(row.get("thread_ts") or "")
    return Posted(channel=channel, ts=ts, thread_ts="" if thread == ts else thread)
