"""The manifest asks for what the code uses: no less, or it fails in the night; no more, or nobody installs it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.slack.bolt_app import PATH
from bot.slack.checks import SCOPES as CHECKED
from bot.slack.render.parts import COMMAND

ROOT = Path(__file__).parents[3]
SOURCES = [path for room in ("slack", "delivery") for path in (ROOT / "bot" / room).glob("*.py")]
NEEDS = {
    "auth_test": set(),
    "chat_postMessage": {"chat:write", "chat:write.public"},
    "chat_update": {"chat:write"},
    "conversations_history": {"channels:history", "groups:history", "im:history"},
    "conversations_replies": {"channels:history", "groups:history", "im:history"},
    "conversations_info": {"channels:read", "groups:read", "im:read"},
    "conversations_join": {"channels:join"},
    "conversations_members": {"channels:read", "groups:read"},
    "conversations_open": {"im:write"},
    "files_upload_v2": {"files:write"},
    "usergroups_list": {"usergroups:read"},
    "usergroups_users_list": {"usergroups:read"},
    "users_conversations": {"channels:read", "groups:read"},
    "users_info": {"users:read"},
    "users_lookupByEmail": {"users:read.email"},
    "views_open": set(),
    "views_push": set(),
    "views_update": set(),
}
"""The scopes of every Web API method that the code calls, for the kinds of conversations that Tocsin speaks in."""

HEARD = {"message.channels": "channels:history", "message.groups": "groups:history", "reaction_added": "reactions:read"}
"""The events that the code hears, with the scope of each."""


@pytest.fixture(scope="module")
def manifest() -> dict[str, Any]:
    found = yaml.safe_load((ROOT / "deploy" / "slack_manifest.yaml").read_text(encoding="utf-8"))
    assert isinstance(found, dict)
    return found


def called() -> set[str]:
    text = "\n".join(path.read_text(encoding="utf-8") for path in SOURCES)
    families = "auth|bots|chat|conversations|files|pins|reactions|team|usergroups|users|views"
    return set(re.findall(rf"client\.((?:{families})_\w+)\(", text))


def test_every_method_that_the_code_calls_is_known_here() -> None:
    assert called() <= set(NEEDS)
    assert {"chat_postMessage", "conversations_history", "views_open"} <= called()


def test_the_scopes_are_those_of_the_methods_and_no_more(manifest: dict[str, Any]) -> None:
    scopes = manifest["oauth_config"]["scopes"]["bot"]
    called_for = {scope for method in called() for scope in NEEDS[method]}
    assert set(scopes) == {"commands", *called_for, *HEARD.values()}
    assert scopes == sorted(set(scopes))


def test_what_check_asks_for_is_in_the_manifest(manifest: dict[str, Any]) -> None:
    assert set(CHECKED) <= set(manifest["oauth_config"]["scopes"]["bot"])


def test_the_command_and_the_addresses_are_those_of_the_code(manifest: dict[str, Any]) -> None:
    [command] = manifest["features"]["slash_commands"]
    assert command["command"] == COMMAND
    assert command["should_escape"] is True
    assert command["url"].endswith(PATH)
    assert manifest["settings"]["interactivity"]["request_url"].endswith(PATH)


def test_it_hears_what_is_written_in_channels_and_what_is_pinned_and_nothing_else(manifest: dict[str, Any]) -> None:
    subscribed = manifest["settings"]["event_subscriptions"]
    assert set(subscribed["bot_events"]) == set(HEARD)
    assert subscribed["request_url"].endswith(PATH)


def test_socket_mode_and_buttons_are_on(manifest: dict[str, Any]) -> None:
    assert manifest["settings"]["socket_mode_enabled"] is True
    assert manifest["settings"]["interactivity"]["is_enabled"] is True
    assert manifest["features"]["app_home"]["messages_tab_enabled"] is True


def test_slacks_limits_are_kept(manifest: dict[str, Any]) -> None:
    assert len(manifest["display_information"]["name"]) <= 35
    assert len(manifest["display_information"]["description"]) <= 140
    [command] = manifest["features"]["slash_commands"]
    assert len(command["description"]) <= 2000
    assert len(command["usage_hint"]) <= 1000
