"""A real crisis, from a board on loopback HTTP to the card in Slack and the click on it, on a virtual clock."""

from __future__ import annotations

import time
from contextlib import ExitStack
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from bot.infra.clock import VirtualClock
from bot.records import Incident, Status
from engine.model.reader import Reader
from engine.post import Level
from tests.proofs.line import Feed, Line, rows

SETTINGS = """
language: zh
default_channel: "#pr-alerts"
channels:
  - {{name: "#pr-alerts", id: C0ALERTS}}
topics:
  - name: 西贝
    query: 西贝 OR 罗永浩
    aliases: [西贝]
sources:
  - name: weibo-hot-search
    kind: json
    url: {url}
    every: 30m
    standing: board
    allow_private: true
    mapping: {{items: items, id: id, published: published, text: text, url: url}}
"""

START = datetime.fromisoformat("2025-08-31T17:00:00+00:00")
FIRST_TITLE = datetime.fromisoformat("2025-09-10T12:37:00+00:00")
YELLOW_BY = datetime.fromisoformat("2025-09-11T13:23:31+00:00")
ORANGE_BY = datetime.fromisoformat("2025-09-12T08:24:00+00:00")
END = datetime.fromisoformat("2025-09-13T00:00:00+00:00")


@pytest.mark.shared
@pytest.mark.timeout(600)
def test_xibei_rings_in_time_and_once(shared: Path, tmp_path: Path, valkey_url: str) -> None:
    """Silent before the first title; yellow and orange in time; one incident; the card is clicked and obeys."""
    clock = VirtualClock(START)
    raised: dict[Level, datetime] = {}
    with ExitStack() as stack:
        feed = stack.enter_context(Feed(rows(shared / "streams" / "hotsearch_xibei.jsonl"), clock).served())
        line = Line(
            stack, SETTINGS.format(url=feed.url), clock=clock, home=tmp_path, valkey=valkey_url, reader=Reader.open()
        )

        def note(now: datetime) -> None:
            for incident in line.incidents():
                for level in Level:
                    if not level.graver_than(incident.peak):
                        raised.setdefault(level, now)

        line.run(FIRST_TITLE, timedelta(minutes=30), note)
        assert not [i for i in line.incidents() if i.peak != Level.BLUE], "rang in the quiet weeks"
        line.run(END, timedelta(minutes=10), note)
        assert raised[Level.YELLOW] <= YELLOW_BY
        assert raised[Level.ORANGE] < ORANGE_BY
        found: list[Incident] = line.incidents()
        assert len(found) == 1
        officer = line.officer()
        cards = [message for message in officer.reads("C0ALERTS") if "解除" in message.buttons]
        assert len(cards) == 1
        assert "西贝" in cards[0].plain()
        officer.clicks(cards[0], "认领")
        _until(lambda: line.store.incidents.get(found[0].id).status is Status.ACKNOWLEDGED)  # type: ignore[union-attr]
        line.step(clock.now() + timedelta(seconds=5))
        assert "Officer" in cards[0].fresh().plain()
        assert line.slack.sandbox.faults == []


def _until(holds: object, seconds: float = 15.0) -> None:
    """Wait for what another thread does; fails after *seconds*."""
    deadline = time.monotonic() + seconds
    assert callable(holds)
    while not holds():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.02)
