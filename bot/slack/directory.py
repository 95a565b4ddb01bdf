"""Who people are, as Slack knows them: their language, and the id behind an e-mail address.

Answers are kept for as long as the process lives. A Slack that does not answer costs nobody their reply.
"""

from __future__ import annotations

from threading import Lock

import structlog
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError

from bot.i18n.catalogue import spoken_in
from bot.infra.error_trail import log_expected

log = structlog.get_logger("tocsin.slack")

FAULTS = (SlackApiError, SlackClientError, OSError)
"""What a call of the Web API may raise: a refusal, or a connection that broke."""


class Directory:
    def __init__(self, client: WebClient, *, language: str) -> None:
        self._client, self._default = client, language
        self._languages: dict[str, str] = {}
        self._ids: dict[str, str] = {}
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
