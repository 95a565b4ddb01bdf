"""Pushed posts over real HTTP: signed, idempotent, and every refusal a plain sentence."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient
from structlog.testing import capture_logs

from bot.errors import TocsinError
from bot.infra.clock import VirtualClock
from bot.ingest.matching import Ingest
from bot.ingest.sources import SourceError
from bot.ingest.webhook import HEADER, LIMIT, Webhook, push_route, sign, verify
from bot.records import Ref, SourceRecord, TopicRecord
from engine.post import Topic
from tests.bot.english import english

NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
SECRET = "a secret of the tests"
POST = {"id": "1", "published": "2026-03-02T07:59:00Z", "text": "Milk makes ill", "author": "Li Wei"}


class Wire:
    def __init__(self) -> None:
        self.refs: list[Ref] = []

    def publish(self, refs: Sequence[Ref]) -> None:
        self.refs += refs


@pytest.fixture
def wire() -> Wire:
    return Wire()


@pytest.fixture
def client(store: Any, wire: Wire, clock: VirtualClock) -> TestClient:
    topic = Topic(name="milk", query="milk")
    record = TopicRecord(
        id=0, topic=topic, channel="C1", policy="default", speak="en", budget_per_week=2.0, watched_since=NOW
    )
    store.topics.sync([record], NOW)
    kinds = {"desk": "webhook", "open": "webhook", "wire": "rss"}
    store.sources.sync([SourceRecord(id=0, name=name, kind=kind, url="", every=60.0) for name, kind in kinds.items()])
    hook = Webhook(store, Ingest(store, wire, clock), clock, lambda name: SECRET if name == "desk" else "")
    return TestClient(Starlette(routes=[push_route(hook)]))


def push(
    client: TestClient,
    body: bytes | str,
    name: str = "desk",
    *,
    secret: str = SECRET,
    at: datetime = NOW,
    **headers: str,
) -> tuple[int, dict[str, Any]]:
    data = body.encode() if isinstance(body, str) else body
    answer = client.post(f"/sources/{name}", content=data, headers={HEADER: sign(secret, data, at)} | headers)
    return answer.status_code, answer.json()


@pytest.mark.parametrize(
    "body",
    [
        json.dumps(POST),
        json.dumps([POST]),
        json.dumps({"posts": [POST]}),
        json.dumps(POST) + "\n",
        json.dumps(POST, indent=1),
    ],
)
def test_a_push_is_stored_and_published(client: TestClient, store: Any, wire: Wire, body: str) -> None:
    """One post, a list, an envelope or JSONL; it is not quiet."""
    assert push(client, body) == (200, {"new": 1, "known": 0})
    (match,) = store.posts.pending(wire.refs)
    assert (match.post.text, match.post.source, match.quiet) == ("Milk makes ill", "desk", False)
    assert store.sources.find("desk").last_ok_at == NOW


def test_pushing_again_is_harmless(client: TestClient, wire: Wire) -> None:
    body = "\n".join(json.dumps(POST | {"id": str(n)}) for n in range(3))
    assert push(client, body)[1] == {"new": 3, "known": 0}
    assert push(client, body) == (200, {"new": 0, "known": 3})
    assert len(wire.refs) == 3


def test_what_is_no_post_is_left_out_and_told(client: TestClient, store: Any) -> None:
    """The good ones are kept."""
    status, answer = push(client, json.dumps(POST) + '\n{"id": 2}\n{half\n')
    assert (status, answer["new"]) == (200, 1)
    assert answer["left_out"] == [
        {"entry": 2, "why": "it has neither a text nor a title"},
        {"entry": 3, "why": "it is not JSON"},
    ]
    assert english(store.sources.find("desk").error).startswith("2 of 3 items could not be read")
    push(client, json.dumps(POST))
    assert store.sources.find("desk").error is None


@pytest.mark.parametrize(
    ("how", "status", "words"),
    [
        ({"secret": "wrong"}, 401, "wrong signature"),
        ({"at": NOW - timedelta(minutes=6)}, 401, "more than 5 minutes"),
        ({"at": NOW + timedelta(minutes=6)}, 401, "more than 5 minutes"),
        ({HEADER: ""}, 401, "without a signature"),
        ({HEADER: "t=now,v1=zz"}, 401, "without a signature"),
        ({HEADER: "t=1772438400,v1="}, 401, "without a signature"),
        ({"name": "open"}, 403, "Set TOCSIN_WEBHOOK_SECRET"),
        ({"name": "wire"}, 404, "no source wire that takes pushes"),
        ({"name": "nothing"}, 404, "no source nothing that takes pushes"),
    ],
)
def test_refusals_are_plain_and_store_nothing(
    client: TestClient, store: Any, how: dict[str, Any], status: int, words: str
) -> None:
    """The sender reads why, and so does whoever looks at the source."""
    answered, answer = push(client, json.dumps(POST), **how)
    assert answered == status
    assert words in answer["error"]
    assert store.posts.since(NOW - timedelta(days=1)) == []
    if status != 404:
        assert words in english(store.sources.find(how.get("name", "desk")).error)


@pytest.mark.parametrize("body", ["", "\n\n", "words", "[]", "{}", "[1, 2]", "\x00\x01", "[" * 50_000])
def test_bodies_without_posts_are_refused(client: TestClient, body: str) -> None:
    status, answer = push(client, body)
    assert status == 400
    assert "held no posts" in answer["error"]


def test_a_changed_body_does_not_fit_its_signature(client: TestClient) -> None:
    signed = sign(SECRET, b"[]", NOW)
    assert push(client, json.dumps(POST), **{HEADER: signed})[0] == 401


def test_a_secret_can_be_exchanged(client: TestClient) -> None:
    """Two signatures in one header: either may fit."""
    body = json.dumps(POST).encode()
    old, new = sign("old", body, NOW), sign(SECRET, body, NOW)
    assert push(client, body, **{HEADER: f"{old},{new.split(',')[1]}"})[0] == 200


def test_a_body_beyond_the_limit_is_not_read(client: TestClient) -> None:
    status, answer = push(client, b" " * (LIMIT + 1))
    assert status == 413
    assert "larger than 10 MB" in answer["error"]


def test_a_database_that_is_away_asks_for_another_push(
    client: TestClient, store: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: object) -> None:
        raise TocsinError("The database is away.")

    monkeypatch.setattr(store.posts, "add", away)
    body = json.dumps(POST).encode()
    answer = client.post("/sources/desk", content=body, headers={HEADER: sign(SECRET, body, NOW)})
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "30")
    assert answer.json() == {"error": "The database is away."}


def test_a_push_that_breaks_something_is_told_a_reference_that_the_log_holds(
    store: Any, client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise KeyError("the text of a post")

    monkeypatch.setattr(store.posts, "add", broken)
    body = json.dumps(POST).encode()
    with capture_logs() as logged:
        answer = client.post("/sources/desk", content=body, headers={HEADER: sign(SECRET, body, NOW)})
    [entry] = [one for one in logged if one["event"] == "push_broke"]
    assert answer.status_code == 500
    assert entry["reference"] in answer.json()["error"]
    assert "the text of a post" not in str(logged) + answer.text


def test_a_signature_is_what_the_readme_says() -> None:
    """HMAC-SHA256 of "t.body", in hex, so that any language can make it."""
    assert sign("k", b"{}", NOW) == (
        "t=1772438400,v1=" + __import__("hmac").new(b"k", b"1772438400.{}", "sha256").hexdigest()
    )
    verify("k", b"{}", sign("k", b"{}", NOW), NOW + timedelta(minutes=5))
    with pytest.raises(SourceError):
        verify("k", b"{}", sign("k", b"{}", NOW), NOW + timedelta(minutes=5, seconds=1))
