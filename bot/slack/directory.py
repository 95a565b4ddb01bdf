"""Who people are, as Slack knows them: their language, the ids behind an e-mail address and a channel's name.

Answers are kept for as long as the process lives. A Slack that does not answer costs nobody their reply.
"""

from __future__ import annotations

import re
import time
from threading import Lock

import structlog
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError

from bot.i18n.catalogue import spoken_in
from bot.infra.error_trail import log_expected

log = structlog.get_logger("tocsin.slack")

FAULTS = (SlackApiError, SlackClientError, OSError)
"""What a call of the Web API may raise: a refusal, or a connection that broke."""


PAGES = 20  # of 200 channels each: a bot is in few
LOOK_AGAIN_S = 60.0
"""A channel that Tocsin is not in is looked for again after so long: somebody may have invited it."""

_PERSON = re.compile(r"^[UW][A-Z0-9]{2,}$")
_CHANNEL = re.compile(r"^[CGD][A-Z0-9]{2,}$")


def is_person(target: str) -> bool:
    """True for a Slack id of a person, or an e-mail address."""
    return "@" in target or bool(_PERSON.match(target))


def is_channel_id(target: str) -> bool:
    """True for the id of a channel or of a direct conversation."""
    return bool(_CHANNEL.match(target))


class Directory:
    def __init__(self, client: WebClient, *, language: str) -> None:
        self._client, self._default = client, language
        self._languages: dict[str, str] = {}
        self._ids: dict[str, str] = {}
        self._channels: dict[str, str] = {}
        self._looked_at = float("-inf")
        self._lock = Lock()

    def language(self, user: str) -> str:
        """The language in which *user* uses Slack, the settings' one if it is neither or cannot be told."""
        with self._lock:
            if user in self._languages:
                return self._languages[user]
        try:
            answer = self._client.users_info(user=user, include_locale=True)
            locale = str((answer.get("user") or {}).get("locale") or "")
        except FAULTS as error:
            log_expected(log.info, "language_unknown", error, user=user)
            return self._default
        found = spoken_in(locale) or self._default
        with self._lock:
            self._languages[user] = found
        return found

    def by_email(self, address: str) -> str:
        """The id of the person with this e-mail address. Raises what ``FAULTS`` names."""
        with self._lock:
            if address in self._ids:
                return self._ids[address]
        answer = self._client.users_lookupByEmail(email=address)
        found = str((answer.get("user") or {}).get("id") or "")
        with self._lock:
            self._ids[address] = found
        return found

    def channel(self, name: str) -> str:
        """The id of the channel that Tocsin is in under this *name*, with or without ``#``; empty if there is none.

        Raises what ``FAULTS`` names.
        """
        key = name.removeprefix("#").casefold()
        with self._lock:
            known = self._channels.get(key, "")
            if known or time.monotonic() - self._looked_at < LOOK_AGAIN_S:
                return known
        found = self._own_channels()
        with self._lock:
            self._channels, self._looked_at = found, time.monotonic()
            return found.get(key, "")

    def _own_channels(self) -> dict[str, str]:
        """The ids of the channels that the bot is in, by name."""
        found: dict[str, str] = {}
        cursor = ""
        for _ in range(PAGES):
            told = self._client.users_conversations(types="public_channel,private_channel", limit=200, cursor=cursor)
            found |= {str(row["name"]).casefold(): str(row["id"]) for row in told.get("channels") or ()}
            cursor = str((told.get("response_metadata") or {}).get("next_cursor") or "")
            if not cursor:
                break
        return found
