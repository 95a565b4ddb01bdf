"""The payloads that Slack sends when a person does something. Pure: state in, JSON out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.sandbox.records import APP_ID, TEAM_ID, Channel, Member, View

Json = dict[str, Any]
TOKEN = "sandbox-verification"  # noqa: S105 -- the long retired verification token, which only fills its field


def team(member: Member, name: str) -> Json:
    """The workspace that a payload comes from: of somebody of another one, theirs."""
    return {"id": member.team, "domain": name if member.team == TEAM_ID else "elsewhere"}


def user(member: Member) -> Json:
    return {"id": member.id, "username": member.handle, "name": member.handle, "team_id": member.team}


def command(
    *,
    member: Member,
    channel: Channel,
    name: str,
    text: str,
    domain: str,
    trigger_id: str,
    response_url: str,
) -> Json:
    """A slash command."""
    return {
        "token": TOKEN,
        "team_id": member.team,
        "team_domain": team(member, domain)["domain"],
        "channel_id": channel.id,
        "channel_name": channel.name or "directmessage",
        "user_id": member.id,
        "user_name": member.handle,
        "command": name,
        "text": text,
        "api_app_id": APP_ID,
        "is_enterprise_install": "false",
        "response_url": response_url,
        "trigger_id": trigger_id,
    }


def _interaction(kind: str, member: Member, domain: str, trigger_id: str) -> Json:
    return {
        "type": kind,
        "user": user(member),
        "api_app_id": APP_ID,
        "token": TOKEN,
        "trigger_id": trigger_id,
        "team": team(member, domain),
        "enterprise": None,
        "is_enterprise_install": False,
    }


def message_action(
    *,
    member: Member,
    channel: Channel,
    domain: str,
    message: Json,
    ephemeral: bool,
    values: Mapping[str, Any],
    action: Json,
    trigger_id: str,
    response_url: str,
) -> Json:
    """A click on a message's button, menu or picker."""
    container: Json = {"type": "message", "message_ts": message["ts"], "channel_id": channel.id}
    container["is_ephemeral"] = ephemeral
    if message.get("thread_ts"):
        container["thread_ts"] = message["thread_ts"]
    return _interaction("block_actions", member, domain, trigger_id) | {
        "container": container,
        "channel": {"id": channel.id, "name": channel.name or "directmessage"},
        **({} if ephemeral else {"message": message}),
        "state": {"values": dict(values)},
        "response_url": response_url,
        "actions": [action],
    }


def view_action(*, member: Member, domain: str, view: View, action: Json, trigger_id: str) -> Json:
    """A click inside a modal or a Home tab."""
    shown = view.public()
    return _interaction("block_actions", member, domain, trigger_id) | {
        "container": {"type": "view", "view_id": view.id},
        "view": shown,
        "state": shown["state"],
        "actions": [action],
    }


def view_submission(*, member: Member, domain: str, view: View, trigger_id: str) -> Json:
    return _interaction("view_submission", member, domain, trigger_id) | {
        "view": view.public(),
        "response_urls": [],
    }


def view_closed(*, member: Member, domain: str, view: View, cleared: bool) -> Json:
    payload = _interaction("view_closed", member, domain, "")
    del payload["trigger_id"]
    return payload | {"view": view.public(), "is_cleared": cleared}


def suggestion(*, member: Member, domain: str, container: Json, block_id: str, action_id: str, typed: str) -> Json:
    """What a person has typed into a menu whose options the bot looks up."""
    payload = _interaction("block_suggestion", member, domain, "")
    del payload["trigger_id"]
    return payload | {"container": container, "block_id": block_id, "action_id": action_id, "value": typed}


def event(body: Json, *, event_id: str, at: int, bot_user: str) -> Json:
    """An Events API callback."""
    authorization = {"enterprise_id": None, "team_id": TEAM_ID, "user_id": bot_user, "is_bot": True}
    return {
        "token": TOKEN,
        "team_id": TEAM_ID,
        "api_app_id": APP_ID,
        "event": body,
        "type": "event_callback",
        "event_id": event_id,
        "event_time": at,
        "authorizations": [authorization | {"is_enterprise_install": False}],
        "is_ext_shared_channel": False,
        "event_context": f"4-{event_id}",
    }
