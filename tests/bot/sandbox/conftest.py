"""A running sandbox, the official client, and a small bot that is written with the official framework."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

import pytest
from slack_bolt import App as Bolt
from slack_bolt.adapter.socket_mode import SocketModeHandler
from slack_sdk import WebClient

from bot.sandbox import App, SandboxServer

EVENTS = ("app_mention", "message.im", "reaction_added", "app_home_opened")
PEOPLE = (
    {"name": "Lead", "title": "Head of communications", "email": "lead@brand.example"},
    {"name": "舆情专员", "locale": "zh-CN"},
)
ROOMS = ("crisis", {"name": "locked", "private": True, "bot": False}, {"name": "outside", "bot": False})


@pytest.fixture
def slack() -> Iterator[SandboxServer]:
    """A workspace that answers on loopback; rate limits are off, and tested on their own."""
    app = App(commands=("/opinion",), events=EVENTS)
    with SandboxServer(
        channels=ROOMS, people=PEOPLE, app=app, rates=False, ack_seconds=20, seconds=lambda: 0.0
    ) as running:
        yield running


@pytest.fixture
def client(slack: SandboxServer) -> WebClient:
    return WebClient(token=slack.bot_token, base_url=slack.api_url)


@pytest.fixture
def bolt(client: WebClient, caplog: pytest.LogCaptureFixture) -> Bolt:
    """An app without listeners; what it logs about that is none of a test's business."""
    caplog.set_level(logging.CRITICAL, logger="slack_bolt")
    return Bolt(client=client)


@pytest.fixture
def connect(bolt: Bolt, slack: SandboxServer) -> Iterator[Callable[[], None]]:
    """Connect the app by Socket Mode; it is disconnected after the test."""
    handlers: list[Any] = []

    def start() -> None:
        handlers.append(SocketModeHandler(bolt, slack.app_token, ping_interval=3))
        handlers[-1].connect()
        slack.sandbox.connected()

    yield start
    for handler in handlers:
        handler.client.auto_reconnect_enabled = False
        slack.sandbox.drop_sockets()  # the client waits three seconds for a message before it notices close()
        with suppress(AttributeError):  # slack_sdk closes the same socket in two threads, and one finds none
            handler.close()
