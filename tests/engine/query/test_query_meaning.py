"""Queries catch what people mean: however a name is written, and only where it is the name."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from engine.post import Post, Standing
from engine.query.query import Matcher, QueryError, parse


def post(text: str, **known: object) -> Post:
    return Post(id="1", published=datetime(2026, 3, 2, tzinfo=UTC), text=text, **known)  # type: ignore[arg-type]


SAME = [
    ("露明", "露明茶道歉"),
    ("國際", "国际品牌"),
    ("盐蕨", "鹽蕨召回"),
    ('"Salt Fern"', "Salt-Fern recalls"),
    ('"Salt Fern"', "#SaltFern recalls"),
    ('"Salt Fern"', "saltfern.com is down"),
    ("Salt-Fern", "the Salt Fern affair"),
    ("SaltFern", "salt fern again"),
    ("saltfern", "Salt Fern again"),
    ("saltfern", "salt-fern again"),
    ('"salt fern sprout"', "salt-fern sprout"),
    ("e-mail", "no email since noon"),
    ("email", "no e-mail since noon"),
    ("Ferns&Co", "Ferns & Co is closed"),
    ("Mira's", "Miras cups"),
    ("Miras", "Mira’s cups"),
    ("OReilly", "O'Reilly said"),
    ("refund", "two refunds"),
    ("refunds", "a refund"),
    ("bus", "two buses"),
    ("company", "companies fold"),
    ("companies", "the company folds"),
    ("child", "six children ill"),
    ('"data breach"', "data breaches"),
    ('"罗伯特·唐尼"', "罗伯特唐尼来了"),
    ("罗伯特唐尼", "罗伯特•唐尼来了"),
    ("罗伯特·唐尼", "罗伯特 唐尼来了"),
    ("露明", "露 明 茶 又 贵 了"),
    ("A股", "A 股大跌"),
    ("saltfern", "#boycottsaltfern"),
    ("saltfern", "#BOYCOTTSALTFERN"),
    ("boycott", "#boycottteanow"),
    ("@saltfern", "@saltfern rude again"),
    ("👍", "👍🏽"),
    ("7-11", "7–11 robbed"),
]

OTHER = [
    ("Shell", "She'll see"),
    ("Were", "we're here"),
    ("7-11", "711 people"),
    ("711", "7-11 robbed"),
    ("360", "成绩360分"),
    ("360", "1,360 people"),
    ("360", "360% more"),
    ("Times", "time flies"),
    ("news", "new tea"),
    ("therapist", "the rapist"),
    ("thai", "#thailand"),
    ("intel", "#intelligence"),
    ("ford", "#stanford"),
    ("us", "#boycottus"),
    ("美团", "中美团队合作"),
    ("华为", "中华为之骄傲"),
    ("国美", "中国·美国"),
    ("京东", "京东方股价大涨"),
    ("西贝", "西贝柳斯音乐会"),
    ("小米", "一碗小米粥"),
    ("理想", "理想主义者"),
]

CLOSER = [
    ("case:Gap", "Gap shuts shops", True),
    ("case:Gap", "Gap’s shops", True),
    ("case:Gap", "mind the gap", False),
    ("case:Gap", "MIND THE GAP", False),
    ('case:"The Gap"', "The Gap shuts", True),
    ('case:"The Gap"', "Mind the Gap", False),
    ('exact:"Salt-Fern"', "salt-fern", True),
    ('exact:"Salt-Fern"', "Salt Fern", False),
    ("exact:refund", "refunds", False),
    ("exact:Nestle", "Nestlé", False),
    ("exact:盐蕨", "鹽蕨", False),
    ("sub:美团", "中美团队", True),
    ("sub:fern", "saltferns", True),
    ("col*r", "the colour faded", True),
    ("col*r", "collar, collapse", True),
    ("col*r", "cold winter", False),
    ("*fern", "a saltfern", True),
    ("*fern", "a saltferny", False),
    ("sal*f*n*", "saltfernish", True),
    ("中*银行", "中国人民银行", True),
    ("中*银行", "中间隔着很多字的银行", False),
    ("title:茶", "涨价\n露明茶", False),
    ("hashtag:saltfern", "#BoycottSaltfern", True),
    ("hashtag:saltfern", "saltfern", False),
    ("hashtag:露明", "#露明茶道歉# 来了", True),
    ("hashtag:道歉", "#露明茶 道歉# 来了", True),
    ("hashtag:fern", "#tea 中文 #fern", True),
    ('"salt pay"~3', "Salt will pay", True),
    ('"salt pay"~0', "Salt will pay", False),
    ("Shell ANDNOT script", "Shell fire", True),
    ("Shell ANDNOT script", "Shell script", False),
    ("露明 -露明山", "露明山脚下的露明茶", True),
    ("露明 -露明山", "露明山脚下", False),
    ("露明 -(露明山 OR 招聘)", "露明山脚下的露明茶招聘", False),
    ("(露明 OR 盐蕨) 道歉 -露明山", "露明山：盐蕨道歉", True),
    ('delta -"delta variant"', "Delta variant delays Delta", True),
    ('delta -"delta variant"', "the Delta variant", False),
    ("delta -variant", "Delta variant delays Delta", False),
]


@pytest.mark.parametrize(("query", "text"), SAME)
def test_one_name_is_found_in_every_writing(query: str, text: str) -> None:
    assert parse(query).matches(post(text))


@pytest.mark.parametrize(("query", "text"), OTHER)
def test_another_word_is_let_pass(query: str, text: str) -> None:
    assert not parse(query).matches(post(text))


@pytest.mark.parametrize(("query", "text", "caught"), CLOSER)
def test_a_query_can_ask_more_closely(query: str, text: str, caught: bool) -> None:
    """One query and many queries together agree, and an explanation agrees with both."""
    asked, sample = parse(query), post(text)
    assert asked.matches(sample) == caught
    assert Matcher({"one": asked, "other": parse("无关的词 OR gap OR 茶")}).match(sample) - {"other"} == (
        {"one"} if caught else set()
    )
    assert asked.explain(sample).matched == caught


@pytest.mark.parametrize(
    ("query", "caught"),
    [
        ("title:recall", True),
        ("标题：recall", True),
        ("title:tea", False),
        ("url:lumen.example", True),
        ("url:https://news.lumen.example/*.html", True),
        ("url:other.example", False),
        ("outlet:ledger*", True),
        ("outlet:lumen", True),
        ("媒体:论坛", False),
        ("kind:outlet", True),
        ("类型：热搜", False),
        ("reach>10000", True),
        ("reach > 1.5万", True),
        ("reach>=20k", True),
        ("reach<20,000", False),
    ],
)
def test_what_is_known_of_a_post_can_be_asked_for(query: str, caught: bool) -> None:
    sample = post(
        "Tea is off the shelves",
        title="Recall",
        url="https://news.lumen.example/a.html",
        author="Ledger of Port Alder",
        standing=Standing.OUTLET,
        reach=20_000,
    )
    assert parse(query).matches(sample) == caught


def test_a_reach_that_nobody_knows_fulfils_nothing() -> None:
    assert not parse("tea reach<10").matches(post("tea"))


@pytest.mark.parametrize(
    ("query", "kind"),
    [("a*b*c", "star"), ("ab*c*d*e*f", "star"), ("exact:ab*cd", "star"), ("kind:blog", "value"),
     ("reach>many", "value"), ("title:", "value")],
)  # fmt: skip
def test_what_asks_for_nothing_is_refused(query: str, kind: str) -> None:
    with pytest.raises(QueryError) as caught:
        parse(query)
    assert caught.value.kind == kind


@pytest.mark.parametrize(
    ("query", "code", "meant"),
    [
        ("colo?r", "no_syntax", "colo*r"),
        ("roam~2", "no_syntax", "roam*"),
        ("+crash", "no_syntax", "crash"),
        ("boat !crash", "no_syntax", "-crash"),
        ("a NEAR5 b", "operator_as_word", "NEAR/5"),
        ("a w/3 b", "operator_as_word", "NEAR/3"),
        ('"apple pay"~3', "read_as", "apple NEAR/3 pay"),
        ('"apple pay"~999', "read_as", "apple NEAR/100 pay"),
        ("Shell ANDNOT script", "read_as", "NOT"),
        ("Gap OR 盖璞", "everyday", "case:Gap"),
    ],
)
def test_what_looks_like_syntax_is_remarked_on(query: str, code: str, meant: str) -> None:
    """The notation of other tools works or is looked for as it stands, and the author is told which."""
    assert [(one.code, one.text("meant")) for one in parse(query).remarks] == [(code, meant)]


@pytest.mark.parametrize("query", ["露明 OR Saltfern", "case:Gap", "Gap shop", '"The Gap"', "gap", "AT&T", "7-11"])
def test_a_sound_query_is_not_remarked_on(query: str) -> None:
    assert parse(query).remarks == ()


def test_the_labelled_queries_catch_what_they_should(shared: Path) -> None:
    """Cases on which people do not agree are left out; a name that is a word besides needs ``case:`` or a remark."""
    lines = (shared / "cases" / "queries_dev.jsonl").read_text(encoding="utf-8").splitlines()
    wrong = [row["case"] for row in map(json.loads, lines) if not row["disputable"] and not _settled(row)]
    assert len(wrong) <= 2


def _settled(row: dict[str, object]) -> bool:
    query = parse(str(row["query"]))
    return query.matches(post(str(row["input"]), author="João Carrasqueira")) == row["right"] or bool(query.remarks)
