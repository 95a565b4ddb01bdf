"""The sentences that say why, in every language."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.i18n.as_written import AS_WRITTEN
from bot.i18n.catalogue import LANGUAGES, templates
from bot.i18n.lengths import length, period
from bot.i18n.reasons import reason, risk_name, signal_name
from bot.i18n.speech import Speech
from engine.post import RISKS, SIGNALS, Level, Note
from engine.trend import Burn, Burst
from engine.watch import reasons
from engine.watch.reasons import ReasonCode
from tests.bot.i18n.told import HOUR, REASONS, signal, surge

EN, ZH = Speech("en"), Speech("zh")
EVERY_LANGUAGE = pytest.mark.parametrize("language", LANGUAGES)


def english(told: Note) -> str:
    return reason(signal(told), EN)


def chinese(told: Note) -> str:
    return reason(signal(told), ZH)


@EVERY_LANGUAGE
def test_every_reason_of_the_engine_has_its_sentence(language: str) -> None:
    assert {told.code for told in REASONS} == {*ReasonCode}
    for told in REASONS:
        said = reason(signal(told), Speech(language))
        assert said.endswith((".", "。"))
        assert "{" not in said


@EVERY_LANGUAGE
def test_every_signal_risk_and_level_has_a_name(language: str) -> None:
    speech = Speech(language)
    keys = [f"signal.{name}" for name in SIGNALS] + [f"risk.{risk}" for risk in RISKS]
    assert {*keys, *(f"level.{level.colour}" for level in Level)} <= templates(language).keys()
    for risk in RISKS:
        assert risk_name(risk, speech) in reason(signal(reasons.gravity(risk, 2, None)), speech)


def test_a_signal_that_is_measured_no_more_is_called_as_in_the_code() -> None:
    assert (signal_name("drop", ZH), signal_name("sunspots", ZH)) == ("声量骤降", "sunspots")


def test_a_surge_is_said_with_its_window_and_what_is_usual() -> None:
    told = reasons.surge(surge(316, 0, 4), value=316, usual=0.8, negative=True)
    assert english(told) == "316 negative posts in the last 24 hours (usual: 0.8)."
    assert chinese(told) == "近 24 小时有 316 条负面帖子（平时 0.8 条）。"


def test_two_days_of_traffic_are_no_habit() -> None:
    """Where posts began to come the day before yesterday, no multiple is taken of them."""
    told = reasons.surge(surge(536, 235, 1200, busy=2), value=536, usual=235, negative=True)
    assert english(told) == "536 negative posts in the last 24 hours (usual: 235)."


def test_nothing_usual_is_said_as_none() -> None:
    told = reasons.surge(surge(1, 0, 0, window=HOUR, days=1.2), value=1, usual=0, negative=False)
    assert english(told) == "1 post in the last hour (usual: none)."
    assert chinese(told) == "近 1 小时有 1 条帖子（平时没有）。"


def test_where_many_are_usual_the_multiple_is_said_too() -> None:
    told = reasons.surge(surge(536, 235, 1200), value=536, usual=235, negative=True)
    assert english(told) == "536 negative posts in the last 24 hours, 2.3 times the usual 235."
    assert chinese(told) == "近 24 小时有 536 条负面帖子，是平时（235 条）的 2.3 倍。"


def test_what_an_earlier_version_counted_before_is_not_said() -> None:
    """In the days before it had counted the crisis itself."""
    old = {"posts": "negative", "value": 15.0, "minutes": 30, "before": 62.0, "days": 8}
    assert english(Note(code="surge.counts", values=old)) == "15 negative posts in the last 30 minutes."
    title = Note(code="board", values={"titles": 1, "negative": 0, "before": 3, "days": 8})
    assert english(title) == "1 title on hot-search boards in the last 24 hours."


@pytest.mark.parametrize(
    ("titles", "negative", "usual", "en", "zh"),
    [
        (1, 0, None, "1 title on hot-search boards in the last 24 hours.", "近 24 小时有 1 条热搜。"),
        (
            1,
            1,
            0.0,
            "1 title on hot-search boards in the last 24 hours, it is negative (usual: none).",
            "近 24 小时有 1 条热搜，为负面（平时没有）。",
        ),
        (
            6,
            2,
            0.2,
            "6 titles on hot-search boards in the last 24 hours, 2 of them negative (usual: 0.2 a day).",
            "近 24 小时有 6 条热搜，其中 2 条为负面（平时每天 0.2 条）。",
        ),
    ],
)
def test_titles_are_counted(titles: int, negative: int, usual: float | None, en: str, zh: str) -> None:
    told = reasons.board(titles, negative, usual)
    assert (english(told), chinese(told)) == (en, zh)


@pytest.mark.parametrize(
    ("minutes", "en", "zh"), [(15, "15 minutes", "15 分钟"), (60, "hour", "1 小时"), (360, "6 hours", "6 小时")]
)
def test_lengths_of_time_after_the_last(minutes: int, en: str, zh: str) -> None:
    assert (period(minutes, EN), period(minutes, ZH)) == (en, zh)


@pytest.mark.parametrize(
    ("minutes", "en", "zh"), [(1, "1 minute", "1 分钟"), (60, "1 hour", "1 小时"), (90, "1.5 hours", "1.5 小时")]
)
def test_lengths_of_time_that_stand_alone(minutes: int, en: str, zh: str) -> None:
    assert (length(minutes, EN), length(minutes, ZH)) == (en, zh)


def test_fast_growth_is_said_in_minutes() -> None:
    assert english(reasons.growth(1 / 3, 40)) == "One story doubles every 20 minutes: 40 posts since it began."
    assert chinese(reasons.growth(2.0, 40)) == "同一件事的帖子每 2 小时翻一番，自出现以来共 40 条。"


def test_a_burst_says_how_many_spoke_on_one_story() -> None:
    told = reasons.burst(Burst(value=5, length=timedelta(minutes=12), usual=0.1, strength=1.2))
    assert english(told) == "5 people or outlets spoke against it on one story in the last 12 minutes (usual: 0.1)."
    assert chinese(told) == "近 12 分钟有 5 个账号或媒体就同一件事提出批评（平时 0.1 条）。"


def test_a_slow_burn_is_said_in_posts_a_day() -> None:
    told = reasons.slow_burn(Burn(value=34.4, usual=12, days=6, strength=1.2), a_day=36)
    assert english(told) == "About 36 negative posts a day for 6 days (usual: 12): a slow burn."
    assert chinese(told) == "连续 6 天每天约 36 条负面帖子（平时 12 条），持续发酵。"


@pytest.mark.parametrize(
    ("value", "en", "zh"),
    [(0, "No post in", "没有帖子"), (1, "Only 1 post in", "只有 1 条帖子"), (3, "Only 3 posts in", "只有 3 条帖子")],
)
def test_a_drop_says_what_is_left(value: int, en: str, zh: str) -> None:
    told = reasons.drop(value, 60)
    assert english(told) == f"{en} the last 6 hours (usual: 60)."
    assert chinese(told) == f"近 6 小时{zh}（平时 60 条）。"


def test_a_share_is_said_in_percent() -> None:
    told = reasons.share(0.62, 0.11, 1340, timedelta(hours=6))
    assert english(told) == "62% of the 1,340 posts in the last 6 hours are negative (usual: 11%)."
    assert chinese(told) == "近 6 小时的 1,340 条帖子中 62% 为负面（平时 11%）。"


@pytest.mark.parametrize(
    ("sources", "copies", "en", "zh"),
    [
        (1, 1, "1 source since it began, and copied once by others.", "见于 1 个信息源，被他人转载 1 次。"),
        (4, 0, "4 sources since it began.", "见于 4 个信息源。"),
        (4, 3, "4 sources since it began, and copied 3 times by others.", "见于 4 个信息源，被他人转载 3 次。"),
    ],
)
def test_a_story_that_spreads_says_where_and_how_often_it_was_copied(
    sources: int, copies: int, en: str, zh: str
) -> None:
    told = reasons.spread(sources, copies)
    assert (english(told), chinese(told)) == (f"One story was told by {en}", f"同一件事自出现以来{zh}")


@pytest.mark.parametrize(
    ("posts", "usual", "en", "zh"),
    [
        (0, None, "Posts in the last 24 hours hint at an accident; none is sure.", "有帖子疑似涉及事故，尚不确定。"),
        (1, None, "1 original post in the last 24 hours speaks of an accident.", "有 1 条原发帖子涉及事故。"),
        (
            2,
            0.0,
            "2 original posts in the last 24 hours speak of an accident (usual: none).",
            "有 2 条原发帖子涉及事故（平时没有）。",
        ),
        (
            2,
            1.25,
            "2 original posts in the last 24 hours speak of an accident (usual: 1.2 a day).",
            "有 2 条原发帖子涉及事故（平时每天 1.2 条）。",
        ),
    ],
)
def test_gravity_names_the_matter_and_what_is_usual(posts: int, usual: float | None, en: str, zh: str) -> None:
    told = reasons.gravity("accident", posts, usual)
    assert (english(told), chinese(told)) == (en, f"近 24 小时{zh}")


def test_what_an_earlier_version_wrote_is_said_as_it_was_written() -> None:
    old = Note(code=AS_WRITTEN, values={"en": "9 posts in 1 hour.", "zh": "1 小时内 9 条。"})
    assert (english(old), chinese(old)) == ("9 posts in 1 hour.", "1 小时内 9 条。")
    assert chinese(Note(code=AS_WRITTEN, values={"en": "9 posts."})) == "9 posts."
    assert english(Note(code=AS_WRITTEN, values={})) == ""
