"""Signed HTTP instead of Socket Mode: the official framework checks the signature and answers."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from typing import Any

import pytest
import uvicorn
from slack_bolt import App as Bolt
from slack_bolt.adapter.starlette import SlackRequestHandler
from slack_sdk import WebClient
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bot.sandbox import App, SandboxServer

EVENTS = ("app_mention",)


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as opened:
        yield opened


def serve(app: Starlette, listener: socket.socket) -> uvicorn.Server:
    server = uvicorn.Server(uvicorn.Config(app, log_config=None, lifespan="off", timeout_graceful_shutdown=1))
    threading.Thread(target=server.run, args=([listener],), daemon=True).start()
    return server


@pytest.fixture
def office(listener: socket.socket) -> Iterator[tuple[SandboxServer, Bolt]]:
    """A workspace that delivers to a bot by HTTP."""
    app = App(commands=("/opinion",), events=EVENTS)
    with SandboxServer(channels=["crisis"], people=["Lead"], app=app, retry_after=(0.0,)) as slack:
        client = WebClient(token=slack.bot_token, base_url=slack.api_url)
        bolt = Bolt(client=client, signing_secret=slack.signing_secret)
        handler = SlackRequestHandler(bolt)

        async def events(request: Request) -> Response:
            return await handler.handle(request)

        server = serve(Starlette(routes=[Route("/slack/events", events, methods=["POST"])]), listener)
        slack.sandbox.deliver_to(f"http://127.0.0.1:{listener.getsockname()[1]}/slack/events")
        yield slack, bolt
        server.should_exit = True


def test_commands_clicks_and_events_by_http(office: tuple[SandboxServer, Bolt]) -> None:
    """Each kind has its own form on the wire, and each is signed."""
    slack, bolt = office
    heard: list[str] = []
    button = {"type": "button", "action_id": "go", "text": {"type": "plain_text", "text": "Go"}}

    @bolt.command("/opinion")
    def command(ack: Any) -> None:
        heard.append("command")
        ack(text="choose", blocks=[{"type": "actions", "elements": [button]}])

    @bolt.action("go")
    def click(ack: Any) -> None:
        heard.append("click")
        ack()

    @bolt.event("app_mention")
    def mention() -> None:
        heard.append("mention")

    lead = slack.sandbox.person("Lead")
    lead.types("crisis", "/opinion")
    lead.clicks(lead.reads("crisis")[-1], "Go")
    lead.types("crisis", "@Tocsin")
    slack.sandbox.until(lambda: len(heard) == 3)
    assert heard == ["command", "click", "mention"]


def test_a_wrong_signature_is_told_to_the_person(office: tuple[SandboxServer, Bolt]) -> None:
    """The bot answers 401; Slack's own line says so."""
    slack, _ = office
    slack.sandbox.board.outbox._secret = "another"
    lead = slack.sandbox.person("Lead")
    lead.types("crisis", "/opinion")
    assert "http_status_401" in lead.reads("crisis")[-1].text


def test_a_bot_that_is_not_there(office: tuple[SandboxServer, Bolt]) -> None:
    """A refused connection is a failed command."""
    slack, _ = office
    slack.sandbox.deliver_to("http://127.0.0.1:9/slack/events")
    lead = slack.sandbox.person("Lead")
    lead.types("crisis", "/opinion")
    assert "dispatch_failed" in lead.reads("crisis")[-1].text
