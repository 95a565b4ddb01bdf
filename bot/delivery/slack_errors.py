"""Why Slack did not take a message, and what that means for it. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from slack_sdk.errors import SlackClientError

from bot.i18n.speech import Speech


class FailureKind(StrEnum):
    ROUTE = "route"  # this conversation cannot be reached: another one must be told
    TOKEN = "token"  # noqa: S105 — Slack lets us do nothing at all: wait until somebody repairs it
    CONTENT = "content"  # the message itself is refused
    RATE = "rate"  # too fast
    GONE = "gone"  # the message to be changed is not there any more
    UNSURE = "unsure"  # it may have been posted, or not


@dataclass(frozen=True, kw_only=True)
class DeliveryFailure:
    """*code* is Slack's word, or the kind of network fault; *wait* the seconds that Slack asks for."""

    trouble: FailureKind
    code: str
    wait: float = 0.0

    def reason(self, speech: Speech) -> str:
        """The same in plain words, for the people who wait for the message."""
        key = _REASONS.get(self.code)
        return speech.say(f"route.{key}") if key else speech.say("route.other", error=self.code)


class UnreachableError(SlackClientError):
    """A person or channel cannot be found out: this conversation is lost, the others are not."""

    def __init__(self, code: str) -> None:
        super().__init__()
        self.failure = DeliveryFailure(trouble=FailureKind.ROUTE, code=code)


_ROUTE = {
    "channel_not_found": "channel_not_found", "invalid_channel": "channel_not_found",
    "not_in_channel": "not_in_channel", "user_not_in_channel": "not_in_channel",
    "method_not_supported_for_channel_type": "not_in_channel",
    "is_archived": "is_archived",
    "restricted_action": "restricted", "restricted_action_read_only_channel": "restricted",
    "restricted_action_thread_only_channel": "restricted", "restricted_action_non_threadable_channel": "restricted",
    "restricted_action_thread_locked": "restricted", "ekm_access_denied": "restricted",
    "user_not_found": "person", "users_not_found": "person", "user_disabled": "person", "user_not_visible": "person",
    "cannot_dm_bot": "person", "messages_tab_disabled": "person", "no_user": "person", "not_in_dm": "person",
}  # fmt: skip
_TOKEN = {
    "invalid_auth": "token", "not_authed": "token", "account_inactive": "token", "token_revoked": "token",
    "token_expired": "token", "org_login_required": "token", "team_access_not_granted": "token",
    "missing_scope": "scope", "no_permission": "scope", "not_allowed_token_type": "token", "access_denied": "token",
}  # fmt: skip
SCOPES = ("missing_scope", "no_permission", "not_allowed_token_type")
"""Slack lets us do other things, and not this one."""

_CONTENT = (
    "invalid_blocks", "invalid_blocks_format", "msg_too_long", "msg_blocks_too_long", "no_text", "invalid_arguments",
    "invalid_metadata_format", "invalid_metadata_schema", "metadata_too_large", "metadata_must_be_sent_from_app",
)  # fmt: skip
_GONE = ("message_not_found", "cant_update_message", "edit_window_closed", "thread_not_found")
_RATE = ("ratelimited", "rate_limited", "message_limit_exceeded")
_REASONS: Mapping[str, str] = _ROUTE | _TOKEN | dict.fromkeys(_RATE, "rate")
DEFAULT_WAIT_S = 10.0


def refusal(error: BaseException) -> DeliveryFailure:
    """What *error*, raised by a call of the Web API, says about the message that was to be sent."""
    if isinstance(error, UnreachableError):
        return error.failure
    response: Any = getattr(error, "response", None)
    if response is None:
        return DeliveryFailure(trouble=FailureKind.UNSURE, code=type(error).__name__)
    status = int(getattr(response, "status_code", 200) or 200)
    data = response.data if isinstance(getattr(response, "data", None), Mapping) else {}
    code = str(data.get("error") or f"http_{status}")
    if status == 429 or code in _RATE:
        return DeliveryFailure(trouble=FailureKind.RATE, code=code, wait=_wait(getattr(response, "headers", {}) or {}))
    return DeliveryFailure(trouble=_trouble(code), code=code)


def _trouble(code: str) -> FailureKind:
    if code in _ROUTE:
        return FailureKind.ROUTE
    if code in _TOKEN:
        return FailureKind.TOKEN
    if code in _CONTENT:
        return FailureKind.CONTENT
    return FailureKind.GONE if code in _GONE else FailureKind.UNSURE


def _wait(headers: Mapping[str, Any]) -> float:
    for name, value in headers.items():
        if name.casefold() == "retry-after":
            first = value[0] if isinstance(value, list | tuple) and value else value
            try:
                return max(1.0, float(first))
            except (TypeError, ValueError):
                break
    return DEFAULT_WAIT_S
