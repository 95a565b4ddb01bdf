"""Posting to Slack so that a message is there once: paced, marked with its key, looked for before a retry."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import structlog
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from bot.delivery.pacing import PacedError, Pacing
from bot.delivery.slack_errors import SCOPES, FailureKind, UnreachableError, refusal
from bot.infra.error_trail import log_expected
from bot.slack.directory import Directory, is_channel_id, is_person
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


class MessageSender:
    """The client must not retry by itself (``bot.slack.bolt_app.client``). *guard* is called before every call, and
    may raise to forbid it. Raises PacedError where Slack must be left in peace; SlackApiError, or what a lost
    connection raises, which ``bot.delivery.slack_errors`` understands."""

    def __init__(
        self, client: WebClient, directory: Directory, pacing: Pacing, *, guard: Callable[[], None] = lambda: None
    ) -> None:
        self._client, self._directory, self._pacing, self._guard = client, directory, pacing, guard
        self._direct: dict[str, str] = {}
        self._people: dict[str, str] = {}

    def conversation(self, target: str) -> str:
        """The id of the conversation that *target* means: a channel's id or name, a person's id or e-mail address.

        Raises UnreachableError where Slack does not let us find it out.
        """
        if is_channel_id(target):
            return target
        try:
            return self._direct_with(target) if is_person(target) else self._named(target)
        except SlackApiError as error:
            if (code := refusal(error).code) not in SCOPES:
                raise
            raise UnreachableError(code) from error

    def _named(self, name: str) -> str:
        try:
            found = self._directory.channel(name)
        except SlackApiError as error:
            if refusal(error).code not in SCOPES:
                raise
            log_expected(log.warning, "channels_not_listed", error)
            return name  # Slack may know it under its name
        if not found:
            raise UnreachableError("not_in_channel")
        return found

    def _direct_with(self, target: str) -> str:
        person = self._directory.by_email(target) if "@" in target else target
        if not person:
            raise UnreachableError("users_not_found")
        if person not in self._direct:
            with self._allowed("conversations.open"):
                answer = self._client.conversations_open(users=person)
            channel = str((answer.get("channel") or {}).get("id") or "")
            self._direct[person], self._people[channel] = channel, person
        return self._direct[person]

    def reader(self, channel: str) -> str:
        """The person behind a direct conversation, or an empty string if there is none or nobody can tell."""
        if channel[:1] != "D":
            return ""
        if channel not in self._people:
            try:
                with self._allowed("conversations.info"):
                    answer = self._client.conversations_info(channel=channel)
            except SlackApiError as error:
                log_expected(log.info, "reader_unknown", error)
                return ""
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

    def update(self, channel: str, ts: str, message: BlockMessage, *, urgent: bool = False) -> None:
        """Draw a message again; *urgent* for what a person has just done."""
        with self._allowed("chat.update", urgent=urgent):
            self._client.chat_update(channel=channel, ts=ts, **message.arguments())

    def read(self, channel: str, ts: str, thread_ts: str) -> Mapping[str, Any] | None:
        """A reply as it stands in Slack; None if it is gone."""
        with self._allowed("conversations.replies"):
            answer = self._client.conversations_replies(
                channel=channel, ts=thread_ts, oldest=ts, latest=ts, inclusive=True, limit=2
            )
        rows: list[dict[str, Any]] = answer.get("messages") or []
        return next((row for row in rows if row.get("ts") == ts), None)

    def _post(self, channel: str, message: BlockMessage, *, key: str, thread_ts: str, loud: bool) -> Posted:
        arguments: dict[str, Any] = {"thread_ts": thread_ts, "reply_broadcast": loud} if thread_ts else {}
        with self._allowed("chat.postMessage", channel):
            answer = self._client.chat_postMessage(
                channel=channel,
                unfurl_links=False,
                unfurl_media=False,
                metadata={"event_type": EVENT_TYPE, "event_payload": {"key": key}},
                **message.arguments(),
                **arguments,
            )
        return _posted(str(answer["channel"]), answer.get("message") or {}, str(answer["ts"]))

    @contextmanager
    def _allowed(self, method: str, channel: str = "", *, urgent: bool = False) -> Iterator[None]:
        """Around a call of *method*: if we still may and Slack can bear it; what is one too many for it is learned."""
        self._guard()
        self._pacing.take(method, channel, urgent=urgent)
        try:
            yield
        except SlackApiError as error:
            found = refusal(error)
            if found.trouble is not FailureKind.RATE:
                raise
            self._pacing.refused(method, channel, found.wait)
            raise PacedError(method, found.wait) from error

    def _find(self, channel: str, key: str, thread_ts: str) -> Posted | None:
        """The message with *key*, if it is there. Where we may not look, it is taken for lost: rather two than none."""
        try:
            for row in self._rows(channel, thread_ts):
                metadata = row.get("metadata") or {}
                if metadata.get("event_type") == EVENT_TYPE and (metadata.get("event_payload") or {}).get("key") == key:
                    return _posted(channel, row, str(row["ts"]))
        except SlackApiError as error:
            if refusal(error).trouble is FailureKind.UNSURE:
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
                with self._allowed("conversations.replies"):
                    answer = self._client.conversations_replies(ts=thread_ts, **asked)
            else:
                with self._allowed("conversations.history"):
                    answer = self._client.conversations_history(**asked)
            yield from answer.get("messages") or ()
            cursor = str((answer.get("response_metadata") or {}).get("next_cursor") or "")
            if not cursor:
                return

    def _join(self, channel: str) -> bool:
        """Become a member of a public channel; False if Slack does not let us."""
        try:
            with self._allowed("conversations.join"):
                self._client.conversations_join(channel=channel)
        except SlackApiError:
            return False
        return True


def _posted(channel: str, row: Mapping[str, Any], ts: str) -> Posted:
    thread = str(row.get("thread_ts") or "")
    return Posted(channel=channel, ts=ts, thread_ts="" if thread == ts else thread)
