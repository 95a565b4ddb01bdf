"""What a topic query catches, what it says about it, and how it refuses what it cannot understand."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from engine.post import Post
from engine.query.query import Matcher, QueryError, QueryFault, parse


def post(text: str, *, title: str = "", lang: str = "", source: str = "", author: str = "") -> Post:
    return Post(
        id="1",
        published=datetime(2026, 3, 2, tzinfo=UTC),
        text=text,
        title=title,
        lang=lang,
        source=source,
        author=author,
    )


CAUGHT = [
    ("ai", "AI is everywhere"),
    ("ai", "生成式AI应用"),
    ("ai", "openai.com/ai/news"),
    ("西贝 OR 罗永浩", "罗永浩吐槽预制菜"),
    ("西贝|罗永浩", "去西贝吃饭"),
    ("西贝 道歉", "西贝今天道歉了"),
    ("西贝 AND 道歉", "道歉的是西贝"),
    ("a b OR c", "c"),
    ("a (b OR c)", "c before a"),
    ("delta -airlines", "the river delta"),
    ("delta NOT airlines", "the river delta"),
    ("delta NOT NOT airlines", "Delta Airlines"),
    ('"customer service"', "Customer\n  Service!"),
    ('"退款 难"', "退款　难"),
    ("refund*", "full REFUNDS, please"),
    ('"data breach"*', "two data breaches"),
    ("西贝*", "西贝莜面村"),
    ("delta NEAR/2 refund", "Delta refuses to refund"),
    ("refund NEAR/2 delta", "Delta refuses to refund"),
    ("delta NEAR/0 refund", "a Delta refund"),
    ("西贝 NEAR/4 道歉", "西贝向消费者道歉"),
    ("西贝 NEAR/10 (道歉 OR 致歉 OR apolog*)", "西贝向消费者致歉"),
    ("delta NEAR/1 delta", "delta vs delta"),
    ("lang:zh 西贝", "西贝道歉"),
    ("source:weibo* 西贝", "西贝"),
    ('author:"Ming Li"', "anything"),
    ("author:@mingli OR x", "x"),
    ("西贝 xibei", "#西贝# @Xibei"),
    ("boycott xibei", "#BoycottXibei now"),
    ("united", "@united_airlines"),
    ("#西贝", "＃西贝＃热搜"),
    ("AT&T", "at&t is down"),
    ("C++", "c++11"),
    ("😡", "again 😡😡"),
    ("McDonald's", "McDonald’s closes"),
    ("nestle", "Nestlé recalls"),
    ("Nestlé", "NESTLE recalls"),
    ("straße", "STRASSE"),
    ("ANDROID", "android"),
    ("rock and roll", "Rock and Roll"),
    ("1,000", "1,000 people"),
    ("（“预制菜”｜退款） －招聘", "预制菜"),
    ("ｘｉｂｅｉ　ＯＲ　西贝", "XIBEI"),
    ("xibei", "ｘｉｂｅｉ"),
    ("西贝", "西\u200b贝"),
    ("がん", "か\u3099ん"),
    ("ガス", "ｶﾞｽ"),
    ("語言:x OR 西贝".replace("語言:x", "来源:weibo"), "西贝"),
    ("语言:中文 西贝", "西贝"),
]

MISSED = [
    ("ai", "training in Thailand"),
    ("西贝 道歉", "西贝"),
    ("a OR b c", "b"),
    ("delta -airlines", "Delta Airlines"),
    ('"customer service"', "service for a customer"),
    ("refund*", "prefunded"),
    ("delta NEAR/1 refund", "Delta refuses to refund"),
    ("delta NEAR/5 delta", "delta"),
    ("哈 NEAR/5 哈哈", "哈哈"),
    ("西贝 NEAR/3 道歉", "西贝向消费者道歉"),
    ("lang:en OR xyz", "西贝道歉"),
    ("source:weibo OR xyz", "西贝"),
    ("phone", "my #iPhone"),
    ("がん", "かん"),
    ("a.c", "abc"),
    (r'"\w+"', "abc"),
    ("C++", "ccc"),
]


@pytest.mark.parametrize(("query", "text"), CAUGHT)
def test_catches(query: str, text: str) -> None:
    """A query catches what it was written for, in both scripts."""
    sample = post(text, source="weibo-hot-search", author="Ming Li")
    assert parse(query).matches(sample)


@pytest.mark.parametrize(("query", "text"), MISSED)
def test_misses(query: str, text: str) -> None:
    """A query lets pass what only looks alike."""
    assert not parse(query).matches(post(text, source="weibo-hot-search"))


def test_title_and_text_count_together() -> None:
    """The title is part of what is searched."""
    assert parse("西贝 道歉").matches(post("创始人道歉了", title="西贝回应"))


def test_language_of_the_post_wins_over_a_guess() -> None:
    """What the source says of the language is believed; a region does not disturb."""
    assert parse("lang:zh x").matches(post("x", lang="zh-Hant"))
    assert not parse("lang:en 西贝").matches(post("西贝", lang="zh"))


def test_fields_that_exclude_need_no_term() -> None:
    """A query of fields alone works, in one query and among many."""
    query = parse("source:weibo* -lang:zh")
    board = post("Nestlé recalls milk", lang="en", source="weibo-hot-search")
    assert query.matches(board)
    assert Matcher({"board": query}).match(board) == {"board"}


def test_explain_points_at_the_words() -> None:
    """Each hit is a slice of the post as people see it."""
    sample = post("Ｘｉｂｅｉ apologises; 西贝道\u200b歉", title="Nestlé?")
    told = parse("(xibei OR 西贝) 道歉 nestle -lawsuit").explain(sample)
    assert told.matched
    assert [(hit.term, hit.text) for hit in told.hits] == [
        ("nestle", "Nestlé"),
        ("xibei", "Ｘｉｂｅｉ"),
        ("西贝", "西贝"),
        ("道歉", "道\u200b歉"),
    ]
    assert all(sample.body[hit.start : hit.end] == hit.text for hit in told.hits)
    assert [verdict.clause for verdict in told.verdicts] == ["xibei", "西贝", "道歉", "nestle", "-lawsuit"]


def test_explain_names_what_is_missing() -> None:
    """A post that does not match is told what it lacks, and what it should not hold."""
    told = parse("西贝 (道歉 OR 致歉) -招聘").explain(post("西贝招聘厨师"))
    assert not told.matched
    assert [(verdict.clause, verdict.holds) for verdict in told.verdicts] == [
        ("道歉", False),
        ("致歉", False),
        ("-招聘", False),
    ]


def test_explain_shows_only_what_is_near() -> None:
    """Of NEAR, only the pairs that stand together are shown; a prefix is shown as the whole word."""
    told = parse("delta NEAR/1 refund*").explain(post("Delta, my refund! Refunds at Delta? Never. Delta flies."))
    assert [hit.text for hit in told.hits] == ["Delta", "refund", "Refunds", "Delta"]


REFUSED = [
    ("", 0, "empty", ""),
    ("  　\n", 0, "empty", ""),
    ("(a", 0, "open", "("),
    ("（西贝 OR （罗永浩", 7, "open", "（"),
    ("a)", 1, "close", ")"),
    ("西贝 OR ）", 6, "close", "）"),
    ("a ()", 3, "hollow", ")"),
    ('a "b', 2, "quote", '"'),
    ("西贝 “道歉", 3, "quote", "“"),
    ("a OR", 2, "after", "OR"),
    ("西贝 AND", 3, "after", "AND"),
    ("OR a", 0, "before", "OR"),
    ("西贝 (｜ 道歉)", 4, "before", "｜"),
    ("a AND OR b", 2, "after", "AND"),
    ("(a OR)", 3, "after", "OR"),
    ("a NOT", 2, "after", "NOT"),
    ("a -", 2, "nothing", "-"),
    ("a ...", 2, "nothing", "..."),
    ('a ""', 2, "nothing", '""'),
    ("a *", 2, "nothing", "*"),
    ("ab*c a*b", 5, "star", "a*b"),
    ("西贝，罗永浩", 2, "comma", "，"),
    ("西贝、罗永浩", 2, "comma", "、"),
    ("delta, united", 5, "comma", ","),
    ("a NEAR b", 2, "near", "NEAR"),
    ("a NEAR/b c", 2, "near", "NEAR/b"),
    ("a NEAR/101 b", 2, "near", "NEAR/101"),
    ("a NEAR/3", 2, "after", "NEAR/3"),
    ("NEAR/3 a", 0, "before", "NEAR/3"),
    ("a NEAR/3 b NEAR/3 c", 11, "chain", "NEAR/3"),
    ("a NEAR/3 (b c)", 10, "beside", "b c"),
    ("a NEAR/3 -b", 9, "beside", "-"),
    ("西贝 NEAR/3 lang:zh", 10, "beside", "lang:zh"),
    ("site:x a", 0, "field", "site:"),
    ("站点：西贝", 0, "field", "站点："),
    ("lang: zh", 0, "value", "lang:"),
    ("西贝 source:*", 3, "value", "source:*"),
    ("西贝 lang:chinese!", 3, "language", "lang:chinese!"),
    ("NOT a", 0, "negative", "NOT a"),
    ("-西贝", 0, "negative", "-西贝"),
    ("西贝 OR NOT 道歉", 6, "negative", "NOT 道歉"),
    ("-lang:zh", 0, "negative", "-lang:zh"),
    ("(" * 51 + "a" + ")" * 51, 50, "deep", "("),
    ("NOT " * 60 + "a", 200, "deep", "NOT"),
    ("a" * 10_001, 10_000, "long", ""),
]


@pytest.mark.parametrize(("query", "position", "kind", "found"), REFUSED)
def test_refuses_with_the_place(query: str, position: int, kind: str, found: str) -> None:
    """What cannot be understood is refused at its character, and it is told what stands there."""
    with pytest.raises(QueryError) as caught:
        parse(query)
    error = caught.value
    assert (error.position, error.kind, error.found) == (position, kind, found)
    assert (error.note.code, error.note.number("place"), error.note.text("found")) == (kind, position + 1, found)


def test_every_fault_has_a_query_that_shows_it() -> None:
    assert {kind for _, _, kind, _ in REFUSED} == {*QueryFault} - {QueryFault.CIRCLE}


def test_the_message_for_logs_quotes_nothing_of_a_query() -> None:
    with pytest.raises(QueryError) as caught:
        parse("secret, plan")
    assert str(caught.value) == "query fault comma at character 7"


@pytest.mark.parametrize(
    ("query", "pointed"),
    [
        ("delta, united", "delta, united\n     ^"),
        ("西贝，罗永浩", "西贝，罗永浩\n　　^"),
        ("西贝 OR ）", "西贝 OR ）\n　　    ^"),
        ("a\nOR\n)", "a OR )\n     ^"),
    ],
)
def test_caret_stands_under_the_character(query: str, pointed: str) -> None:
    """Wide characters are matched by wide spaces, line breaks become spaces."""
    with pytest.raises(QueryError) as caught:
        parse(query)
    assert caught.value.pointed() == pointed


def test_caret_in_a_long_query() -> None:
    """Of a long query, the part around the character is shown."""
    query = " OR ".join(f"brand{number}" for number in range(200)) + " OR"
    with pytest.raises(QueryError) as caught:
        parse(query)
    line, caret = caught.value.pointed().split("\n")
    assert len(line) < 70
    assert line[len(caret) - 1 :].startswith("OR")


@pytest.mark.parametrize(
    ("value", "fits"),
    [
        ("weibo-hot-search", True),
        ("weibo*", True),
        ("*search", True),
        ("*HOT*", True),
        ("w*o*h*h", True),
        ("weibo", False),
        ("*hot", False),
        ("weibo-hot-search*search", False),
        ("a*", False),
    ],
)
def test_stars_in_fields(value: str, fits: bool) -> None:
    """A field is compared as a whole; a star stands for anything, nothing too."""
    assert parse(f"source:{value}").matches(post("x", source="Weibo-Hot-Search")) == fits


def test_remarks_on_what_was_probably_meant() -> None:
    """Operators in small letters or in Chinese are words: the query works, its author is told."""
    query = parse("西贝 或 罗永浩 or delta")
    assert [remark.values for remark in query.remarks] == [
        {"word": "或", "meant": "OR"},
        {"word": "or", "meant": "OR"},
    ]
    assert parse('rock "and" roll OR 西贝').remarks == ()


def test_matcher_of_nothing_matches_nothing() -> None:
    """A workspace without topics costs nothing and breaks nothing."""
    assert Matcher[int]({}).match(post("西贝")) == set()


def test_queries_are_equal_by_text() -> None:
    """A settings file that is read again brings no new query."""
    assert parse("西贝") == parse("西贝") != parse("罗永浩")
    assert len({parse("西贝"), parse("西贝")}) == 1
