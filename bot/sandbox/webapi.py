"""Answers calls of the Web API: orders for failure, token, scopes and rates first, then the method itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import structlog

from bot.sandbox.errors import SlackError
from bot.sandbox.methods import METHODS, Call, Method
from bot.sandbox.methods.call import decoded
from bot.sandbox.rates import too_many
from bot.sandbox.switchboard import InjectedFault, Order, Switchboard

log = structlog.get_logger("tocsin.sandbox")

BLAMELESS = frozenset({
    "channel_not_found", "not_in_channel", "is_archived", "ratelimited", "invalid_auth", "token_revoked",
    "account_inactive", "message_not_found", "thread_not_found", "user_not_found", "users_not_found",
    "user_not_in_channel", "already_reacted", "no_reaction", "already_pinned", "no_pin", "hash_conflict",
})  # fmt: skip
"""Refusals that the world explains. Any other is a mistake of the bot's, and is kept in ``faults``."""

EVERY_SCOPE = tuple(
    sorted({scope for method in METHODS.values() for scope in method.scopes} | {"commands", "app_mentions:read"})
)


@dataclass(frozen=True, kw_only=True)
class Reply:
    """What goes back over the wire. *hang_up*: nothing does, the connection just ends."""

    body: Mapping[str, Any]
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    hang_up: bool = False


def answer(board: Switchboard, name: str, arguments: Mapping[str, Any], token: str) -> Reply:
    """Answer one call. Never raises for anything that the caller did."""
    order = _due(board, name, dict(arguments))
    if order is not None and not order.after_the_deed:
        return _ordered(order)
    reply = _perform(board, name, arguments, token)
    return reply if order is None else _ordered(order)


def scopes(board: Switchboard) -> tuple[str, ...]:
    return board.workspace.app.scopes or EVERY_SCOPE


def _perform(board: Switchboard, name: str, arguments: Mapping[str, Any], token: str) -> Reply:
    headers = {
        "X-OAuth-Scopes": ",".join(scopes(board)),
        "X-Slack-Req-Id": f"{board.workspace.number():032x}",
    }
    try:
        method = METHODS.get(name)
        if method is None:
            raise SlackError("unknown_method", req_method=name)
        _admit(board, method, token)
        call = Call(board=board, arguments=decoded(arguments))
        with board.workspace.lock:
            board.rates.spend(name, method.tier, _paced_channel(method, call))
            body = {"ok": True, **method.run(call)}
    except SlackError as refusal:
        remember(board, name, refusal)
        return Reply(body=refusal.body(), status=refusal.status, headers={**headers, **refusal.headers})
    return Reply(body=body, headers={**headers, "X-Accepted-OAuth-Scopes": ",".join(method.scopes)})


def _admit(board: Switchboard, method: Method, token: str) -> None:
    """Check token and scopes. SlackError: not_authed, invalid_auth, token_revoked, missing_scope, …"""
    credentials = board.credentials
    right, other = credentials.bot_token, credentials.app_token
    if method.app_token:
        right, other = other, right
    if not token:
        raise SlackError("not_authed")
    if token == other:
        raise SlackError("not_allowed_token_type")
    if token != right:
        raise SlackError("invalid_auth")
    if credentials.dead and not method.app_token:
        raise SlackError(credentials.dead)
    held = scopes(board)
    if method.scopes and not set(method.scopes) & set(held):
        raise SlackError("missing_scope", needed=method.scopes[0], provided=",".join(held))


def _paced_channel(method: Method, call: Call) -> str:
    if not method.posts:
        return ""
    found = call.workspace.find_channel(call.text("channel"))
    return found.id if found else call.text("channel") or "nowhere"


def remember(board: Switchboard, name: str, refusal: SlackError) -> None:
    """Keep a refusal, and as a fault if only the bot can be to blame for it."""
    fault = InjectedFault(method=name, code=refusal.code, messages=refusal.messages)
    board.refusals.append(fault)
    if refusal.code not in BLAMELESS:
        board.faults.append(fault)
        log.warning("sandbox_refused", method=name, code=refusal.code, messages=refusal.messages)


def _due(board: Switchboard, name: str, arguments: dict[str, Any]) -> Order | None:
    with board.workspace.lock:
        for order in board.orders:
            if order.method in (name, "*") and order.only(arguments):
                order.times -= 1
                if order.times <= 0:
                    board.orders.remove(order)
                return order
    return None


def _ordered(order: Order) -> Reply:
    if order.hang_up:
        return Reply(body={}, hang_up=True)
    if order.retry_after is not None:
        late = too_many(order.retry_after)
        return Reply(body=late.body(), status=late.status, headers=late.headers)
    if order.status != 200:
        return Reply(body={}, status=order.status)
    return Reply(body=SlackError(order.code).body())
