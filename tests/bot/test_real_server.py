"""The service over HTTP as its composition root wires it: pushes come in, cards go out, clicks and commands come back,
and nothing that is not signed is listened to. Only the model is a stand-in."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest

from bot.app import Application, running
from bot.config.environment import Environment
from bot.config.settings import read
from bot.ingest.webhook import HEADER, sign
from bot.records import Status
from bot.sandbox import Person, SandboxServer
from engine.post import Post, Reading, Sentiment, Topic
from tests.bot.conftest import Receiver

SECRET = "a secret of the tests"
SETTINGS = """
language: en
default_channel: "#pr"
channels:
  - {name: "#pr", id: C0000000PR}
topics:
  - {name: Lumen Tea, query: '"Lumen Tea"', aliases: [Lumen Tea], channel: "#pr"}
sources:
  - {name: City Desk, kind: webhook, standing: outlet}
"""
HURT = "Two children in hospital after Lumen Tea"
PATIENCE_S = 30.0


class WordReader:
    """Sees a sure report of injuries where a hospital is named."""

    def read(self, pairs: Sequence[tuple[Post, Topic]]) -> list[Reading]:
        return [self._reading(post) for post, _ in pairs]

    def _reading(self, post: Post) -> Reading:
        bad = "hospital" in post.text
        sentiment = Sentiment(negative=0.95 if bad else 0.0, neutral=0.05, positive=0.0 if bad else 0.95)
        return Reading(post_id=post.id, lang="en", sentiment=sentiment, risks={"injury": 0.95} if bad else {})


class Service:
    """The application, its address, and the workspace that it serves."""

    def __init__(self, app: Application, slack: SandboxServer) -> None:
        self.app, self.slack = app, slack

    @property
    def ada(self) -> Person:
        return self.slack.sandbox.person("Ada")

    def push(self, text: str, *, secret: str = SECRET, at: datetime | None = None) -> httpx.Response:
        now = datetime.now(UTC)
        body = json.dumps(
            {"id": text, "published": now.isoformat(), "text": text, "url": "https://desk.test/1"}
        ).encode()
        headers = {HEADER: sign(secret, body, at or now)}
        return httpx.post(f"{self.app.url}/sources/City%20Desk", content=body, headers=headers, timeout=PATIENCE_S)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


@contextmanager
def serving(folder: Path, redis_url: str, *, settings: str = SETTINGS, **more: Any) -> Iterator[Service]:
    """All roles in one process, Slack over HTTP, in the folder *folder*."""
    channels, people = [{"name": "pr", "id": "C0000000PR"}], [{"name": "Ada", "id": "U000000ADA"}]
    with SandboxServer(channels=channels, people=people, rates=False) as slack:
        environment = Environment(
            data_dir=folder,
            redis_url=redis_url,
            slack_api_url=slack.api_url,
            slack_bot_token=slack.bot_token,
            slack_signing_secret=slack.signing_secret,
            http_port=free_port(),
            **more,
        )
        with running(read(settings), environment, reader=WordReader, pace=20.0) as app:
            slack.sandbox.deliver_to(f"{app.url}/slack/events")
            yield Service(app, slack)


@pytest.fixture(autouse=True)
def _secrets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TOCSIN_WEBHOOK_SECRET", SECRET)


@pytest.fixture
def service(tmp_path: Path, valkey_url: str) -> Iterator[Service]:
    with serving(tmp_path, valkey_url) as opened:
        yield opened


def test_a_push_becomes_a_card_and_a_click_comes_back(service: Service) -> None:
    answer = service.push(HURT)
    assert (answer.status_code, answer.json()) == (200, {"new": 1, "known": 0})
    card = service.ada.waits_for("pr", "Lumen Tea: ", timeout=PATIENCE_S)
    assert HURT in card.plain()
    service.ada.clicks(card, "Acknowledge")
    service.ada.waits_for("pr", "@Ada owns this", timeout=PATIENCE_S)
    (incident,) = service.app.parts.store.incidents.recent(5)
    assert (incident.status, incident.owner) == (Status.ACKNOWLEDGED, "U000000ADA")
    assert service.slack.sandbox.faults == []
    assert service.app.faults() == []


def test_a_command_is_answered(service: Service) -> None:
    service.ada.types("pr", "/opinion topics")
    assert service.ada.waits_for("pr", "Lumen Tea", timeout=PATIENCE_S).ephemeral


def test_health_is_told_on_the_same_port(service: Service) -> None:
    answer = httpx.get(f"{service.app.url}/healthz", timeout=PATIENCE_S)
    assert (answer.status_code, answer.json()) == (200, {"ok": True, "faults": []})


def test_when_slack_takes_nothing_the_last_resort_is_told_and_health_is_red(
    tmp_path: Path, valkey_url: str, receiver: Receiver
) -> None:
    with serving(tmp_path, valkey_url, last_resort=receiver.url) as service:
        service.slack.sandbox.archive("pr")
        service.push(HURT)
        service.slack.sandbox.until(lambda: bool(receiver.came), PATIENCE_S)
        assert "Lumen Tea" in receiver.came[0]["title"]
        health = httpx.get(f"{service.app.url}/healthz")
        assert health.status_code == 503
        assert "can be delivered in Slack" in health.text
        assert "letmein" not in health.text


def test_a_channel_that_nobody_can_find_by_its_name_is_said_at_the_start(tmp_path: Path, valkey_url: str) -> None:
    settings = SETTINGS.replace("topics:", "policies:\n  - {name: x, steps: [{after: 0, notify: ['#gone']}]}\ntopics:")
    with serving(tmp_path, valkey_url, settings=settings) as service:
        assert service.app.faults() == ["Tocsin is not a member of #gone. Type /invite @Tocsin in that channel."]
        assert httpx.get(f"{service.app.url}/healthz").status_code == 503


def test_a_push_that_is_not_signed_stores_nothing(service: Service) -> None:
    forged = service.push(HURT, secret="guessed")
    stale = service.push(HURT, at=datetime.now(UTC) - timedelta(minutes=6))
    assert (forged.status_code, "wrong signature" in forged.json()["error"]) == (401, True)
    assert (stale.status_code, "more than 5 minutes" in stale.json()["error"]) == (401, True)
    assert service.app.parts.store.posts.since(datetime.now(UTC) - timedelta(days=1)) == []


@pytest.mark.parametrize("headers", [{}, {"X-Slack-Request-Timestamp": "1", "X-Slack-Signature": "v0=00"}])
def test_what_slack_has_not_signed_is_refused(service: Service, headers: dict[str, str]) -> None:
    form = {"command": "/opinion", "text": "topics", "user_id": "U000000ADA", "channel_id": "C0000000PR"}
    answer = httpx.post(f"{service.app.url}/slack/events", data=form, headers=headers, timeout=PATIENCE_S)
    assert answer.status_code == 401
    assert service.ada.reads("pr") == []


@pytest.fixture
def model() -> Iterator[str]:
    """The address of an OpenAI-compatible language model, which says one thing."""
    said = json.dumps({"sentences": [{"text": "An outlet reports two children in hospital.", "posts": ["p1"]}]})
    choice = {"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": said}}
    body = json.dumps(
        {"id": "1", "object": "chat.completion", "created": 1, "model": "m", "choices": [choice]}
    ).encode()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Keep the test's output clean."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/v1"
    server.shutdown()
    server.server_close()
    thread.join(5)


def test_a_brief_is_written_by_the_model_that_is_configured(tmp_path: Path, valkey_url: str, model: str) -> None:
    with serving(tmp_path, valkey_url, llm_url=model, llm_model="pr-writer") as service:
        service.push(HURT)
        service.ada.waits_for("pr", "Lumen Tea: ", timeout=PATIENCE_S)
        service.ada.types("pr", "/opinion brief")
        brief = service.ada.waits_for("pr", "Written by pr-writer", timeout=PATIENCE_S)
        assert "An outlet reports two children in hospital." in brief.plain()
        assert [address for address, _ in brief.links] == ["https://desk.test/1"]
