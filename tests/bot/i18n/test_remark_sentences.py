"""The sentences of the remarks beside an assessment, in every language."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.i18n.catalogue import LANGUAGES
from bot.i18n.remarks import remark
from bot.i18n.speech import Speech
from engine.post import Level, SourceHealth
from engine.tuning.tuning import DISTRUST, Tally, distrust
from engine.watch import remarks
from engine.watch.baseline import Why
from engine.watch.remarks import RemarkCode
from tests.bot.i18n.told import AT, REMARKS, SALE, restart

EN, ZH = Speech("en"), Speech("zh")


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_remark_of_the_engine_has_its_sentence(language: str) -> None:
    assert {note.code for note in REMARKS} == {*RemarkCode, DISTRUST}
    for note in REMARKS:
        said = remark(note, Speech(language))
        assert said.endswith((".", "。"))
        assert "{" not in said


def test_an_expected_day_says_what_is_expected_who_says_so_and_what_rings_all_the_same() -> None:
    entered, written = remarks.expected(SALE), remarks.expected(replace(SALE, last=SALE.first, by=""))
    assert remark(entered, EN).startswith("U1 entered “sale” for 2026-12-11 to 2026-12-13 as expected: ")
    assert remark(written, EN).startswith("The settings expect “sale” on 2026-12-11: ")
    assert remark(written, EN).endswith("negative posts and grave facts still do.")
    assert remark(entered, ZH).startswith("U1 已报备“sale”（2026-12-11 至 2026-12-13）：")
    assert remark(written, ZH).startswith("设置中已报备“sale”（2026-12-11）：")
    assert remark(written, ZH).endswith("负面与严重情况照常预警。")


@pytest.mark.parametrize("why", list(Why))
def test_every_new_baseline_says_since_when_and_why(why: Why) -> None:
    assert remark(restart(why), EN).startswith("New baseline since 2026-03-02 08:00 UTC: ")
    assert remark(restart(why), ZH).startswith("自 2026-03-02 08:00 UTC 起重建基线：")


@pytest.mark.parametrize(
    ("why", "days", "en", "zh"),
    [
        (Why.QUERY, 0, "the query was changed", "查询条件已更改"),
        (Why.SILENCE, 7, "nothing was heard for 7 days before", "此前 7 天没有任何帖子"),
        (Why.SILENCE, 0, "nothing was heard for weeks before", "此前数周没有任何帖子"),
        (Why.CLOCK, 0, "the clock had run ahead", "时钟曾经跳快"),
    ],
)
def test_a_new_baseline_says_what_broke_the_old_one(why: Why, days: float, en: str, zh: str) -> None:
    assert f": {en}, and 3 days are needed." in remark(restart(why, days), EN)
    assert f"：{zh}，满 3 天才有基线；" in remark(restart(why, days), ZH)


def test_a_new_topic_says_how_long_it_has_been_watched() -> None:
    note = remarks.no_baseline(timedelta(hours=48))
    assert remark(note, EN) == (
        "No baseline yet: watched for 48 hours, and 3 days are needed. Grave facts and hot-search titles raise alerts "
        "all the same."
    )
    assert remark(note, ZH) == "尚无基线：监测了 48 小时，满 3 天才有基线；严重情况与热搜仍会触发预警。"
    assert "watched for 1 hour," in remark(remarks.no_baseline(timedelta(0)), EN)


def test_a_query_whose_stored_posts_were_counted_anew_is_dated() -> None:
    assert remark(remarks.recounted(AT), EN) == (
        "New baseline: the query was changed on 2026-03-02 08:00 UTC, the stored posts were counted anew."
    )
    assert remark(remarks.recounted(AT), ZH) == (
        "基线已更新：查询条件于 2026-03-02 08:00 UTC 更改，已按存量帖子重新计数。"
    )


def test_silent_sources_are_named() -> None:
    note = remarks.stale(SourceHealth(total=3, silent=("Daily",)))
    assert remark(note, EN) == "1 of 3 sources is silent or failing: Daily."
    assert remark(note, ZH) == "3 个信息源中有 1 个无更新或采集失败：Daily。"


def test_many_silent_sources_are_not_all_listed() -> None:
    note = remarks.stale(SourceHealth(total=12, silent=tuple(f"s{n}" for n in range(9))))
    assert remark(note, EN) == "9 of 12 sources are silent or failing: s0, s1, s2, s3, s4 …."
    assert remark(note, ZH) == "12 个信息源中有 9 个无更新或采集失败：s0、s1、s2、s3、s4……。"


def test_late_posts_and_silence_are_told() -> None:
    assert remark(remarks.late(300), EN) == (
        "300 posts arrived more than 6 hours late in the last day, counted at the time of writing."
    )
    assert remark(remarks.late(300), ZH) == "过去一天有 300 条帖子迟到超过 6 小时，按发布时间计入。"
    assert remark(remarks.silence(60), EN) == (
        "No post for 6 hours, where 60 are usual at this hour: silence is not calm."
    )
    assert remark(remarks.silence(60), ZH) == "已有 6 小时没有帖子，平时同一时段约 60 条：没有声音不等于平稳。"


def test_a_level_that_is_held_says_why() -> None:
    fallen, missing = (remarks.still(Level.ORANGE, 43.6, frozen=frozen) for frozen in (False, True))
    assert remark(fallen, EN) == "The level stays orange for a while: the score has fallen to 44."
    assert remark(fallen, ZH) == "级别暂时保持橙色：评分已降至 44。"
    assert remark(missing, EN) == (
        "The level stays orange: it is not lowered while sources that carried it are missing."
    )
    assert remark(missing, ZH) == "级别保持橙色：相关信息源无更新或采集失败期间不降级。"


@pytest.mark.parametrize(
    ("signal", "trust", "tally", "en", "zh"),
    [
        (
            "volume",
            0.5,
            Tally(false=5),
            "Volume counts for half here: 5 of its 5 alerts were false alarms.",
            "“声量”在本话题中只按一半计：5 次预警中有 5 次是误报。",
        ),
        (
            "board",
            0.83,
            Tally(false=1),
            "Hot-search board counts for 83% here: its only alert was a false alarm.",
            "“热搜”在本话题中只按83%计：仅有的 1 次预警是误报。",
        ),
        (
            "negative_volume",
            0.62,
            Tally(real=2, false=1),
            "Negative volume counts for 62% here: 1 of its 3 alerts was a false alarm.",
            "“负面声量”在本话题中只按62%计：3 次预警中有 1 次是误报。",
        ),
    ],
)
def test_what_counts_for_less_says_so(signal: str, trust: float, tally: Tally, en: str, zh: str) -> None:
    note = distrust(signal, trust, tally)
    assert (remark(note, EN), remark(note, ZH)) == (en, zh)
