"""The sentences that say why, in both languages."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from engine.post import RISKS, Level, SourceHealth
from engine.trend import WINDOWS, Burn, Burst, Drop, Surge
from engine.watch import reasons
from engine.watch.baseline import Restart, Why

HOUR, DAY = WINDOWS[1], WINDOWS[3]


def surge(value: float, usual: float, before: float, *, window=DAY, days: float = 5.0, busy: int = 5) -> Surge:
    return Surge(
        window=window, value=value, usual=usual, highest=usual + 3, strength=1.0, before=before, days=days, busy=busy
    )


def test_where_little_is_usual_the_counts_are_said() -> None:
    said = reasons.surge(surge(316, 0, 4), negative=True)
    assert said["en"] == "316 negative posts in the last 24 hours; 4 in the 5 days before."
    assert said["zh"] == "过去 24 小时有 316 条负面帖子，此前 5 天共 4 条。"


def test_two_days_of_traffic_are_no_habit() -> None:
    """Where posts began to come the day before yesterday, no multiple is taken of them."""
    said = reasons.surge(surge(536, 235, 1200, busy=2), negative=True)
    assert said["en"] == "536 negative posts in the last 24 hours; 1,200 in the 5 days before."


def test_nothing_before_is_said_as_none() -> None:
    said = reasons.surge(surge(1, 0, 0, window=HOUR, days=1.2), negative=False)
    assert said["en"] == "1 post in the last hour; none in the day before."
    assert said["zh"] == "过去 1 小时有 1 条帖子，前一天没有。"


def test_where_many_are_usual_the_multiple_is_said_too() -> None:
    said = reasons.surge(surge(536, 235, 1200), negative=True)
    assert "2.3 times the usual 235" in said["en"]
    assert "是平时（235 条）的 2.3 倍" in said["zh"]


@pytest.mark.parametrize(
    ("titles", "negative", "before", "days", "sentence"),
    [
        (1, 0, 0, 0, "1 title on hot-search boards in the last 24 hours."),
        (1, 1, 0, 14, "1 title on hot-search boards in the last 24 hours, it is negative; none in the 14 days before."),
        (
            6,
            2,
            3,
            16,
            "6 titles on hot-search boards in the last 24 hours, 2 of them negative; 3 in the 16 days before.",
        ),
    ],
)
def test_titles_are_counted(titles: int, negative: int, before: int, days: float, sentence: str) -> None:
    assert reasons.board(titles, negative, before, days)["en"] == sentence


def test_every_risk_and_level_has_a_name_in_both_languages() -> None:
    assert set(reasons.RISK_NAMES) == set(RISKS)
    assert set(reasons.LEVEL_NAMES) == set(Level)
    for risk in RISKS:
        assert reasons.RISK_NAMES[risk][1] in reasons.gravity(risk, 2, None)["zh"]


def test_many_silent_sources_are_not_all_listed() -> None:
    names = tuple(f"source {n}" for n in range(9))
    said = reasons.stale(SourceHealth(total=12, silent=names))
    assert said["en"].startswith("9 of 12 sources are silent or failing: source 0,")
    assert "source 8" not in said["en"]


@pytest.mark.parametrize(
    ("length", "en", "zh"),
    [
        (timedelta(minutes=15), "15 minutes", "15 分钟"),
        (timedelta(hours=1), "hour", "1 小时"),
        (timedelta(hours=6), "6 hours", "6 小时"),
    ],
)
def test_lengths_of_time(length: timedelta, en: str, zh: str) -> None:
    assert reasons.span(length) == (en, zh)


def test_fast_growth_is_said_in_minutes() -> None:
    assert "every 20 minutes" in reasons.growth(1 / 3, 40)["en"]
    assert "每 2 小时翻一番" in reasons.growth(2.0, 40)["zh"]


def test_a_burst_says_how_many_spoke_on_one_story() -> None:
    said = reasons.burst(Burst(value=5, length=timedelta(minutes=12), usual=0.1, strength=1.2))
    assert said["en"].startswith("5 negative posts by different people or outlets on one story in the last 12 minutes")
    assert "12 分钟" in said["zh"]
    assert "0.1" in said["zh"]


def test_a_slow_burn_is_said_in_posts_a_day() -> None:
    said = reasons.slow_burn(Burn(value=34.4, usual=12, days=6, strength=1.2))
    assert said["en"] == "About 34 negative posts a day for 6 days, where 12 are usual: a slow burn."
    assert said["zh"] == "连续 6 天每天约 34 条负面帖子，平时约 12 条：在持续发酵。"


@pytest.mark.parametrize(
    ("value", "en", "zh"),
    [(0, "No post in", "没有帖子"), (1, "1 post in", "只有 1 条帖子"), (3, "3 posts in", "只有 3 条帖子")],
)
def test_a_drop_says_what_is_left(value: int, en: str, zh: str) -> None:
    said = reasons.drop(Drop(value=value, usual=60, strength=2))
    assert said["en"] == f"{en} the last 6 hours, where 60 are usual at this hour."
    assert zh in said["zh"]
    assert "约 60 条" in said["zh"]


@pytest.mark.parametrize("why", list(Why))
def test_every_new_baseline_says_since_when_and_why(why: Why) -> None:
    said = reasons.new_baseline(Restart(since=datetime(2026, 3, 2, 8, tzinfo=UTC), why=why, silent=timedelta(days=6)))
    assert said["en"].startswith("New baseline since 2026-03-02 08:00 UTC: ")
    assert said["zh"].startswith("自 2026-03-02 08:00 UTC 起重建基线：")
