"""Expected days in the turn of a topic: what the service, a replay, a backtest and the nightly lesson do with them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bot.backtest.core import ask, over_history
from bot.backtest.replay import IncidentChange, Replay, watched
from bot.cli import app
from bot.incidents.topic_turn import MemoryLedger, take_turn
from bot.records import Policy
from bot.store import Store
from engine.post import Level, Post, SourceHealth
from engine.watch.expected import ExpectedDays
from engine.watch.remarks import RemarkCode
from engine.watch.state import WatchState
from engine.watch.watch import Arrival
from tests.bot.incidents.cases import TOPIC
from tests.bot.incidents.test_topic_turn import BEGAN, HALDEN, MINUTE, Service, words
from tests.bot.past import WordReader, calm, past, reading_of

EARLY = Policy(opens_at=Level.BLUE)
"""Volume alone is blue at most: only such a policy opens an incident by it."""

DAY = timedelta(days=1)
SALE_AT = BEGAN + 9 * DAY
SALE = ExpectedDays(first=SALE_AT.date(), last=SALE_AT.date(), what="sale", by="U000000ADA")
GLASS = SALE_AT + timedelta(hours=15)


def posts(*, glass: bool = False) -> list[Post]:
    """Nine calm days, and a sale on the tenth of which hundreds speak well; perhaps with glass in the soup."""
    told = [(at, f"{text} {words(n)}") for n, (at, text) in enumerate(calm(10, a_day=24))]
    told += [(SALE_AT + timedelta(hours=9, minutes=2 * n), f"halden sale is on: {words(7, n)}") for n in range(200)]
    if glass:
        told += [(GLASS + n * MINUTE, f"glass in the soup at halden: {words(9, n)}") for n in range(12)]
    return [
        Post(id=f"{n:05}", published=at, seen=at, text=text, source="square")
        for n, (at, text) in enumerate(sorted(told))
    ]


def replayed(stream: Sequence[Post], *days: ExpectedDays, zone: str = "UTC") -> list[IncidentChange]:
    record = replace(watched(HALDEN, BEGAN), expected=days)
    arrivals = [Arrival(post=post, reading=reading_of(post)) for post in stream]
    running = Replay(record, arrivals, policy=replace(EARLY, timezone=zone), turn=5 * MINUTE)
    return [change for _, change in running.run(stream[-1].published)]


def opened(changes: Sequence[IncidentChange]) -> list[IncidentChange]:
    return [each for each in changes if each.event == "opened"]


def test_a_sale_rings_where_nobody_said_so_and_not_where_somebody_did() -> None:
    (rung,) = opened(replayed(posts()))
    assert rung.assessment.signals[0].name == "volume"
    assert replayed(posts(), SALE) == []


def test_glass_in_the_soup_on_the_day_of_the_sale_rings_and_the_card_says_what_is_expected() -> None:
    (rung,) = opened(replayed(posts(glass=True), SALE))
    assert GLASS <= rung.at <= GLASS + timedelta(minutes=10)
    assert rung.assessment.signals[0].name == "gravity"
    (note,) = [each for each in rung.assessment.notes if each.code == RemarkCode.EXPECTED]
    assert (note.text("what"), note.text("by")) == ("sale", "U000000ADA")


@pytest.mark.parametrize(("zone", "rings"), [("Asia/Shanghai", False), ("Pacific/Kiritimati", True)])
def test_the_day_is_that_of_the_teams_time_zone(zone: str, rings: bool) -> None:
    """From nine in the morning UTC on it is already the next day in Kiritimati, and the whole evening in Shanghai."""
    noon = [each for each in posts() if each.published < SALE_AT + timedelta(hours=12)]
    assert bool(opened(replayed(noon, SALE, zone=zone))) is rings


def test_a_backtest_of_stored_history_honours_what_was_entered_even_afterwards(store: Store) -> None:
    made = past(store, since=BEGAN)
    made.heard([(post.published, post.text) for post in posts()])
    request = ask(made.topic, EARLY, now=BEGAN + 10 * DAY, days=5)
    assert over_history(store, request).trials[0].bells
    record = store.topics.expect(made.topic.id, lambda known: (*known, SALE))
    request = ask(record, EARLY, now=BEGAN + 10 * DAY, days=5)
    assert not over_history(store, request).trials[0].bells


def test_the_service_opens_the_same_incident_with_the_same_remark(store: Store, valkey_url: str) -> None:
    stream = [each for each in posts(glass=True) if each.published > GLASS - timedelta(hours=1)][::4]
    service = Service(store, valkey_url, HALDEN, WordReader(), since=stream[0].published)
    store.topics.expect(service.topic.id, lambda known: (*known, SALE))
    try:
        service.run(stream, until=stream[-1].published)
    finally:
        service.redis.close()
    (incident,) = store.incidents.recent(10)
    assert GLASS <= incident.opened_at <= GLASS + timedelta(minutes=15)
    assert RemarkCode.EXPECTED in {note.code for note in incident.notes}


def test_days_of_the_whole_calendar_break_no_turn() -> None:
    """The first and the last day that there can be, in zones on either side of UTC."""
    ends = ExpectedDays(first=date(2000, 1, 1), last=date(2100, 12, 31), what="all")
    for zone in ("Pacific/Kiritimati", "Pacific/Honolulu"):
        taken = take_turn(
            WatchState(), [], [MemoryLedger()], topic=replace(TOPIC, expected=(ends,)),
            policy=Policy(timezone=zone), health=SourceHealth(), now=BEGAN,
        )  # fmt: skip
        assert RemarkCode.EXPECTED in {note.code for note in taken.verdicts[0].assessment.notes}


def test_tocsin_replay_is_told_which_days_were_expected(tmp_path: Path) -> None:
    file = tmp_path / "posts.jsonl"
    file.write_text(json.dumps({"id": "1", "published": BEGAN.isoformat(), "text": "a halden lunch"}) + "\n")
    base = ["replay", str(file), "--topic", "Halden", "--query", "nobody", "--json", "--expect"]
    assert CliRunner().invoke(app, [*base, "2026-01-14..2026-01-15 sale"]).exit_code == 0
    for bad, said in (("sale", "“sale” is no day"), ("2026-02-30 sale", "There is no day 2026-02-30.")):
        result = CliRunner().invoke(app, [*base, bad])
        assert result.exit_code != 0
        assert said in f"{result.output}{result.exception}"
