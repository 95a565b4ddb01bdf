"""A real storm: tweets to airlines in February 2015, one topic each, through the production path."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.backtest.post_file import read_posts
from bot.backtest.replay import IncidentChange, replay
from engine.model.reader import Reader
from engine.post import Level, Topic
from engine.watch.reasons import ReasonCode

STORM = datetime(2015, 2, 22, tzinfo=UTC).date()


QUERIES = {
    "US Airways": ('USAirways OR "US Airways"', datetime(2015, 2, 23, tzinfo=UTC)),
    "American": ('AmericanAir OR "American Airlines"', datetime(2015, 2, 23, 18, tzinfo=UTC)),
}
"""What finds an airline, and until when its tweets are played."""


@pytest.fixture(scope="module")
def changes(shared: Path) -> dict[str, list[IncidentChange]]:
    """What each airline's topic would have rung."""
    posts = list(read_posts(shared / "streams" / "airline.jsonl"))
    reader = Reader.open()
    return {
        brand: list(
            replay(
                [post for post in posts if post.published < until],
                Topic(name=brand, query=query, aliases=(brand, query.split()[0])),
                reader,
            )
        )
        for brand, (query, until) in QUERIES.items()
    }


@pytest.mark.shared
@pytest.mark.timeout(900)
def test_the_storm_is_seen(changes: dict[str, list[IncidentChange]]) -> None:
    """US Airways reaches yellow on the day of the storm."""
    risen = [change for change in changes["US Airways"] if change.event in ("opened", "raised")]
    assert any(change.at.date() == STORM and change.level <= Level.YELLOW for change in risen)


@pytest.mark.shared
@pytest.mark.timeout(900)
def test_a_tiny_baseline_is_said_in_counts(changes: dict[str, list[IncidentChange]]) -> None:
    """American's tweets begin on that day: no multiple of nearly nothing."""
    assert changes["American"]
    for change in changes["American"]:
        for signal in change.assessment.signals:
            assert signal.reason.code != ReasonCode.SURGE_MULTIPLE
