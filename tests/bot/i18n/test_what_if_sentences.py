"""What would change a level, in every language."""

from __future__ import annotations

import pytest

from bot.i18n.catalogue import LANGUAGES
from bot.i18n.speech import Speech
from bot.i18n.what_if import what_if
from engine.overview.what_if import Fall, Rise, WayDown, WayUp, WhatIf
from engine.post import Level, Note

STAYS = {"below": 60, "minutes": 1440}
UP = (
    Note(code=WayUp.POSTS, values={"posts": 9}),
    Note(code=WayUp.REPORT, values={"outlets": 1, "risk": "product"}),
    Note(code=WayUp.TITLES, values={"titles": 2}),
)
DOWN = (
    Note(code=WayDown.WAIT, values={"minutes": 60}),
    Note(code=WayDown.AGE, values=STAYS),
    Note(code=WayDown.FEWER, values={**STAYS, "posts": "negative", "most": 20, "within": 60, "value": 60.0}),
)


def said(answer: WhatIf) -> tuple[str, str]:
    return what_if(answer, Speech("en")), what_if(answer, Speech("zh"))


def fall(when: Note) -> Fall:
    return Fall(to=Level.YELLOW, when=when)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_way_up_and_down_has_its_words(language: str) -> None:
    assert {way.code for way in UP} == {*WayUp}
    assert {when.code for when in DOWN} == {*WayDown}
    for answer in (Rise(to=Level.RED, missing=3, ways=UP), *(fall(when) for when in DOWN)):
        assert "{" not in what_if(answer, Speech(language))


def test_a_rise_names_every_way() -> None:
    assert said(Rise(to=Level.RED, missing=14, ways=UP)) == (
        "Red needs 14 points more: about 9 more negative posts now, or an outlet reporting product faults, "
        "or 2 more negative titles on hot-search boards.",
        "升至红色还差 14 分：此刻再有约 9 条负面帖子，或有 1 家媒体报道产品质量问题，或再有 2 条负面热搜。",
    )


def test_one_of_each_is_said_in_the_singular() -> None:
    ways = (
        Note(code=WayUp.POSTS, values={"posts": 1}),
        Note(code=WayUp.REPORT, values={"outlets": 2, "risk": "injury"}),
        Note(code=WayUp.TITLES, values={"titles": 1}),
    )
    assert said(Rise(to=Level.BLUE, missing=1, ways=ways)) == (
        "Blue needs 1 point more: 1 more negative post now, or 2 outlets reporting deaths or injuries, "
        "or 1 more negative title on hot-search boards.",
        "升至蓝色还差 1 分：此刻再有 1 条负面帖子，或有 2 家媒体报道伤亡，或再有 1 条负面热搜。",
    )


def test_a_fall_says_how_long_the_score_must_stay_low() -> None:
    calm = Fall(to=None, when=DOWN[0])
    assert said(calm) == ("Falls to calm if the score stays as low for 1 hour more.", "评分再保持 1 小时，将降至平稳。")


def test_a_fall_says_what_must_grow_old() -> None:
    assert said(fall(DOWN[1])) == (
        "Falls to yellow when the score stays below 60 for 24 hours: what raised it must be more than a day old, "
        "and nothing like it may follow.",
        "评分低于 60 并持续 24 小时（触发预警的内容须已超过 1 天，且没有新的同类内容），将降至黄色。",
    )


def test_a_fall_says_how_few_posts_are_few_enough() -> None:
    assert said(fall(DOWN[2])) == (
        "Falls to yellow when the score stays below 60 for 24 hours: at most about 20 negative posts in 1 hour, "
        "now 60.",
        "评分低于 60 并持续 24 小时（1 小时内负面帖子不超过约 20 条，现为 60 条），将降至黄色。",
    )
    every = Note(code=WayDown.FEWER, values={**DOWN[2].values, "posts": "all"})
    assert "at most about 20 posts in 1 hour, now 60." in said(fall(every))[0]
    assert "1 小时内帖子不超过约 20 条" in said(fall(every))[1]
