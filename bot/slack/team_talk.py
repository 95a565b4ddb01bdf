"""What people write below a card, and what they pin with 📌: it enters the incident's record, without a word said.

Nothing is read or kept of what is written anywhere else. What concerns an incident is written down before Slack is
answered; where that cannot be done Slack is not answered, and brings it again.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import structlog
from slack_bolt import App, BoltResponse

from bot.desk.team_notes import TeamNotes
from bot.errors import StoreError
from bot.i18n.speech import Speech
from bot.incidents.people.permissions import Barrier
from bot.infra.error_trail import code_of, log_expected
from bot.infra.patience import hurried
from bot.records import ActKind, Incident
from bot.slack.act_lane import Act as LaneAct
from bot.slack.act_lane import LaterError
from bot.slack.directory import FAULTS
from bot.slack.executor import Executor
from bot.slack.render.escape import clipped, unescaped
from bot.slack.requests import PINNED, WRITTEN, Body, SlackRequest
from engine.text.masking import mask

PIN = "pushpin"
LONGEST = 1000
"""Characters that are kept of what somebody wrote."""

MOST_NAMED, NAME_S = 8, 1.0
_PEOPLES = ("", "thread_broadcast", "file_share", "me_message")
"""What kinds of message people write; all others tell of joins, edits, deletions and other programs."""

_TOKEN = re.compile(r"<([^<>|]*)(?:\|([^<>]*))?>")
_TS = re.compile(r"^\d{9,11}\.\d{1,6}$")

log = structlog.get_logger("tocsin.slack")


@dataclass(frozen=True, kw_only=True)
class Talk:
    """One message of a person, or a pin on one: its place, who wrote or pinned it, and what it says."""

    event: str
    channel: str
    ts: str
    user: str
    thread_ts: str = ""
    text: str = ""


def reply_of(body: Body) -> Talk | None:
    """What a person wrote in a thread of a channel; None for everything else."""
    event = body.get("event") or {}
    thread = str(event.get("thread_ts") or "")
    if event.get("channel_type") not in ("channel", "group") or thread in ("", event.get("ts")):
        return None
    return _talk(body, event, str(event.get("channel") or ""), thread) if by_person(event) else None


def pin_of(body: Body) -> Talk | None:
    """The message of a channel that somebody pinned with 📌; None for every other reaction."""
    event = body.get("event") or {}
    item = event.get("item") or {}
    channel = str(item.get("channel") or "")
    if event.get("reaction") != PIN or item.get("type") != "message" or channel[:1] not in ("C", "G"):
        return None
    return _talk(body, {**event, "ts": item.get("ts"), "text": ""}, channel, "")


def by_person(message: Mapping[str, Any]) -> bool:
    """True for what a person wrote themselves."""
    people = str(message.get("subtype") or "") in _PEOPLES and bool(message.get("user"))
    return people and not (message.get("bot_id") or message.get("app_id"))


def moment_of(ts: str) -> datetime:
    """When a message was written."""
    return datetime.fromtimestamp(float(ts), UTC)


def worded(text: str, name: Callable[[str], str]) -> str:
    """What a message says in plain words, masked and bounded: people by *name*, links by their address."""

    def shown(found: re.Match[str]) -> str:
        target, label = found[1], found[2] or ""
        if target.startswith("@"):
            return f"@{label or name(target[1:])}"
        if target.startswith(("#", "!")):
            return f"{target[0]}{label}" if label else target
        return target.removeprefix("mailto:")

    return clipped(mask(unescaped(_TOKEN.sub(shown, text))).strip(), LONGEST)


def _talk(body: Body, event: Mapping[str, Any], channel: str, thread: str) -> Talk | None:
    ts, user = str(event.get("ts") or ""), str(event.get("user") or "")
    if not _TS.match(ts) or not channel or not user:
        return None
    text = str(event.get("text") or "")
    key = str(body.get("event_id") or f"{channel}:{ts}:{user}")
    return Talk(event=key, channel=channel, ts=ts, user=user, thread_ts=thread, text=text)


class TeamTalk:
    def __init__(self, executor: Executor) -> None:
        self._executor = executor

    @property
    def _notes(self) -> TeamNotes:
        return self._executor.desk.team_notes

    def register(self, app: App) -> None:
        """Both are done before Bolt would answer Slack by itself."""
        app.event("message", middleware=[self.written])(lambda: None)
        app.event("reaction_added", middleware=[self.pinned])(lambda: None)

    @property
    def acts(self) -> dict[str, LaneAct]:
        return {WRITTEN: self._write, PINNED: self._pin}

    def written(self, body: Body) -> BoltResponse:
        """A message of any channel that Tocsin is in."""
        talk = reply_of(body)
        if talk is None or not talk.text.strip():
            return BoltResponse(status=200)
        return self._keep(talk, WRITTEN, lambda: self._notes.under(talk.channel, talk.thread_ts))

    def pinned(self, body: Body) -> BoltResponse:
        """A reaction to any message of a channel that Tocsin is in."""
        talk = pin_of(body)
        if talk is None:
            return BoltResponse(status=200)
        return self._keep(talk, PINNED, lambda: self._notes.beside(talk.channel))

    def _keep(self, talk: Talk, act: str, find: Callable[[], Incident | None]) -> BoltResponse:
        """Keep *talk* if it is about an incident. Slack brings again what is not answered with 200."""
        try:
            with hurried(self._executor.patience):
                incident = find()
        except StoreError as error:
            log_expected(log.error, "team_note_put_off", error)
            return BoltResponse(status=503)
        if incident is None:
            return BoltResponse(status=200)
        asked = SlackRequest(
            event=talk.event, user=talk.user, channel=talk.channel, deed=ActKind.NOTE, number=incident.id, via=act
        )
        kept = self._executor.acts.take(asked, act, ts=talk.ts, text=talk.text)
        return BoltResponse(status=200 if kept else 503)

    def _write(self, asked: SlackRequest, speech: Speech, of: Mapping[str, Any]) -> None:
        incident = self._notes.alive(asked.number)
        if incident is not None:
            self._note(asked, incident, author=asked.user, ts=of["ts"], text=of["text"])

    def _pin(self, asked: SlackRequest, speech: Speech, of: Mapping[str, Any]) -> None:
        message = self._message(asked.channel, of["ts"])
        if message is None or not by_person(message) or not str(message.get("text") or "").strip():
            return
        under = self._notes.under(asked.channel, str(message.get("thread_ts") or ""))
        incident = under or self._notes.beside(asked.channel)
        author = str(message["user"])
        if incident is not None and self._executor.gate.can_own(author):
            self._note(asked, incident, author=author, ts=of["ts"], text=message["text"], pinned_by=asked.user)

    def _note(
        self, asked: SlackRequest, incident: Incident, *, author: str, ts: str, text: str, pinned_by: str = ""
    ) -> None:
        """Write it on the record, unless the person may not write there: then it is as if nothing had been said."""
        barred = self._executor.gate.desk_for(asked).barred(incident, ActKind.NOTE)
        if barred is not None and barred.why is Barrier.UNCHECKED:
            raise LaterError
        if barred is not None:
            log.info("team_note_not_allowed", incident=incident.id, why=barred.why.value, by=asked.user)
            return
        detail = {"text": worded(text, self._names()), "origin": dict(asked.origin)}
        at = None if pinned_by else moment_of(ts)
        key = f"said:{asked.channel}:{ts}"
        self._notes.write(incident, by=author, detail=detail, key=key, at=at, pinned_by=pinned_by)
        self._executor.wake()

    def _names(self) -> Callable[[str], str]:
        """People's names, as far as Slack tells them in time."""
        left = iter(range(MOST_NAMED))

        def name(user: str) -> str:
            known = self._executor.membership.profile(user).wait(NAME_S) if next(left, None) is not None else None
            return known.name if known and known.name else user

        return name

    def _message(self, channel: str, ts: str) -> Mapping[str, Any] | None:
        """The message of this place; None if it is gone. Raises LaterError where Slack does not answer."""
        try:
            found = self._executor.client.conversations_replies(
                channel=channel, ts=ts, oldest=ts, latest=ts, inclusive=True, limit=2
            )
        except FAULTS as error:
            log_expected(log.warning, "pinned_message_not_read", error)
            if code_of(error) in _GONE:
                return None
            raise LaterError from error
        return next((row for row in found.get("messages") or () if row.get("ts") == ts), None)


_GONE = ("thread_not_found", "message_not_found", "channel_not_found", "not_in_channel", "missing_scope", "is_archived")
