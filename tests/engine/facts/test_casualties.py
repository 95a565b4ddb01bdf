"""Counts of people: what a sentence says has happened to how many, and all that only looks like it."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.facts.casualties import casualties
from engine.facts.lexicon import CASUALTIES, LANGUAGES, Lexicon, wordings
from engine.facts.numerals import count

YEAR = 2026

TOLD = [
    ("Explosion at the Mosswell plant kills two, injuring 12", {"dead": 2, "injured": 12}),
    ("Two workers died in the Mosswell fire", {"dead": 2}),
    ("The death toll from the blast has risen to 14", {"dead": 14}),
    ("Death toll rises to 4 at Mosswell", {"dead": 4}),
    ("Worker killed at Mosswell plant", {"dead": 1}),
    ("Mosswell: man dies after eating a burger", {"dead": 1}),
    ("A woman has died after drinking Mosswell tea", {"dead": 1}),
    ("Bus crash leaves three dead and 20 injured", {"dead": 3, "injured": 20}),
    ("Fire claims five lives", {"dead": 5}),
    ("At least 60 dead, hundreds injured", {"dead": 60, "injured": 200}),
    ("Six children in hospital after Mosswell lunch", {"hospital": 6}),
    ("Five children treated in hospital after drinks from Mosswell", {"hospital": 5}),
    ("Twelve diners were rushed to the city hospital", {"hospital": 12}),
    ("Gas leak hospitalises a dozen", {"hospital": 12}),
    ("Two remain in hospital, says the airport", {"hospital": 2}),
    ("Twenty-three customers fell ill after the buffet", {"ill": 23}),
    ("Outbreak sickens nearly 100 in two counties", {"ill": 100}),
    ("Three workers missing after blast", {"missing": 3}),
    ("Two miners trapped underground", {"trapped": 2}),
    ("Several firefighters are still missing", {"missing": 2}),
    ("1,204 people were injured in the quake", {"injured": 1204}),
    ("工厂爆炸致3死5伤", {"dead": 3, "injured": 5}),
    ("事故造成三人死亡，另有5人受伤", {"dead": 3, "injured": 5}),
    ("暴雨已造成2人死亡4人失联", {"dead": 2, "missing": 4}),
    ("死亡人数升至4人", {"dead": 4}),
    ("遇难人数增至12人", {"dead": 12}),
    ("一名女子不幸身亡", {"dead": 1}),
    ("台风砸中汽车造成一死两伤", {"dead": 1, "injured": 2}),
    ("6名儿童饮用苔井果茶后就医", {"hospital": 6}),
    ("6名儿童疑喝苔井果茶后就医", {"hospital": 6}),
    ("两名儿童住院观察", {"hospital": 2}),
    ("就医儿童增至9人", {"hospital": 9}),
    ("医院接诊5名口腔灼痛的患者", {"hospital": 5}),
    ("数十名员工食物中毒送医", {"hospital": 20, "ill": 20}),
    ("二十余名学生呕吐", {"ill": 20}),
    ("多名消费者食用后身体不适", {"ill": 2}),
    ("百余人食物中毒", {"ill": 100}),
    ("化工厂仍有3人失联", {"missing": 3}),
    ("九名矿工被困井下", {"trapped": 9}),
    ("两百三十五人受伤", {"injured": 235}),
]

TRAPS = [
    "No one was hurt at Mosswell",
    "Nobody died and three cars were lost",
    "It could have killed two people",
    "Two people might have died",
    "The leak may have killed 12 people",
    "If two people die, will Mosswell act",
    "Did two people die at Mosswell?",
    "Mosswell denies that three workers died",
    "Rumours that 5 people died are false",
    "Hoax: six children in hospital",
    "In 2019 two people died at this plant",
    "Ten years ago 12 people were killed here",
    "Two people died there last year",
    "Memorial for the 96 people killed",
    "Smoking kills 3,000 people a year",
    "Two people die every day of this",
    "One in 20 deaths is avoidable",
    "Driver jailed for killing two",
    "He was found guilty of killing three people",
    "Up to 12 people were injured",
    "Between 5 and 15 people were killed",
    "Two more people have died",
    "I have two dead pixels on my Mosswell tablet",
    "My battery died twice, 2 dead cells",
    "kills two birds with one stone",
    "This wait is killing me, 2 hours on hold",
    "killed 20 minutes in the queue",
    "my 3 kids were sick of Mosswell",
    "Two men killed time at the bar",
    "Mosswell fears 200 people dead in its new film",
    "In the new series two people are killed in episode 3",
    "Drill at the plant: 12 people 'injured'",
    "A boy, 12, plays football",
    "Flight 93 died down",
    "Five feared dead",
    "300 calories, 2 deadlines",
    "Third person in our office taken ill",
    "35 people including 10 firefighters killed",
    "Death toll of zero",
    "kills 99% of germs",
    "Mosswell saved two people from being killed",
    "Mosswell narrowly avoided two people being injured",
    "accused of killing hundreds",
    "事故无人伤亡",
    "火灾未造成人员伤亡",
    "没有3人死亡",
    "网传3人死亡，系谣言",
    "警方辟谣：5人死亡不实",
    "2019年火灾致3人死亡",
    "去年有2人死亡",
    "五年前两名工人身亡",
    "爆炸纪念日：12人遇难一周年",
    "演练：模拟3人被困",
    "如果3人死亡谁负责",
    "会不会有2人受伤？",
    "差点致两人死亡",
    "可能有5人被困",
    "恐有3人遇难",
    "避免3人死亡",
    "每年有3000人死亡",
    "被告致3人死亡被判死刑",
    "第3人死亡",
    "3岁女童被救",
    "九死一生",
    "一死了之",
    "笑死3个人",
    "电影里5人死亡",
    "这杯茶喝死人了",
    "排队等了两个人",
    "新增2人死亡",
    "最多3人受伤",
    "6名儿童未就医",
    "三人行必有我师",
]


@pytest.mark.parametrize(("sentence", "expected"), TOLD)
def test_what_has_happened_is_counted(sentence: str, expected: dict[str, int]) -> None:
    assert {each.what: each.count.n for each in casualties(sentence, YEAR)} == expected


@pytest.mark.parametrize("sentence", TRAPS)
def test_what_has_not_happened_is_not(sentence: str) -> None:
    assert casualties(sentence, YEAR) == []


def test_there_are_more_traps_than_truths() -> None:
    assert len(TRAPS) > len(TOLD)


@pytest.mark.parametrize(
    ("sentence", "bound", "who"),
    [
        ("At least six children in hospital", "at_least", "child"),
        ("About 40 passengers were injured", "about", "passenger"),
        ("Several students fell ill", "several", "student"),
        ("Six people died", "exact", ""),
        ("至少6名员工受伤", "at_least", "worker"),
        ("约40名乘客受伤", "about", "passenger"),
        ("多名儿童不适", "several", "child"),
        ("三十多人受伤", "at_least", ""),
        ("6人死亡", "exact", ""),
    ],
)
def test_how_many_is_meant_and_who_they_are_is_said_only_where_the_text_says_it(
    sentence: str, bound: str, who: str
) -> None:
    [found] = casualties(sentence, YEAR)
    assert (found.count.bound, found.who) == (bound, who)


@pytest.mark.parametrize(
    ("words", "n"),
    [("十", 10), ("十二", 12), ("二十", 20), ("一百零五", 105), ("两千三百", 2300), ("一万二千", 12_000), ("一二", 12)],
)
def test_chinese_numerals_are_read(words: str, n: int) -> None:
    found = count(words, "", Lexicon("zh"))
    assert found is not None
    assert found.n == n


@pytest.mark.parametrize("words", ["0", "零", "99999999", "二三四五六七八", "", "?"])
def test_what_cannot_be_a_count_of_people_is_none(words: str) -> None:
    assert all(count(words, "", Lexicon(language)) is None for language in LANGUAGES)


def test_both_languages_know_the_same_things() -> None:
    assert {tuple(wording.casualties) for wording in wordings()} == {CASUALTIES}
    english, chinese = (wording.lexicon for wording in wordings())
    assert english.names("people") == chinese.names("people")
    assert english.names("triggers") == chinese.names("triggers")
    assert english.names("never") == chinese.names("never")


@settings(max_examples=200)
@given(st.text(st.sampled_from(list("0123456789一二十百万人名死伤 killed two people,.-至少医院")), max_size=400))
def test_no_text_breaks_it(text: str) -> None:
    for found in casualties(unicodedata.normalize("NFKC", text), YEAR):
        assert 0 < found.count.n <= 50_000
