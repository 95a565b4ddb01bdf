"""Who watches over the service asks one address how it is."""

from __future__ import annotations

from starlette.applications import Starlette
from starlette.testclient import TestClient

from bot.infra.http import health_route


def test_health_is_told() -> None:
    well = TestClient(Starlette(routes=[health_route(list)]))
    assert well.get("/healthz").json() == {"ok": True, "faults": []}
    sick = TestClient(Starlette(routes=[health_route(lambda: ["Redis is away."])]))
    answer = sick.get("/healthz")
    assert (answer.status_code, answer.json()) == (503, {"ok": False, "faults": ["Redis is away."]})
