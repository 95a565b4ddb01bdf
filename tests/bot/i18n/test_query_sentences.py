"""What there is to say of a query, in every language."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from bot.i18n.catalogue import LANGUAGES
from bot.i18n.queries import match_explanation, query_fault, query_remark
from bot.i18n.speech import Speech
from engine.post import Post
from engine.query.query import QueryError, QueryFault, parse
from engine.query.saved import written_out

EN, ZH = Speech("en"), Speech("zh")

FAULTY: dict[QueryFault, str] = {
    QueryFault.EMPTY: "",
    QueryFault.LONG: "a" * 10_001,
    QueryFault.DEEP: "(" * 51 + "a" + ")" * 51,
    QueryFault.OPEN: "(a",
    QueryFault.CLOSE: "a)",
    QueryFault.HOLLOW: "a ()",
    QueryFault.QUOTE: 'a "b',
    QueryFault.BEFORE: "OR a",
    QueryFault.AFTER: "西贝 AND",
    QueryFault.NOTHING: "a ...",
    QueryFault.STAR: "a*b",
    QueryFault.COMMA: "西贝，罗永浩",
    QueryFault.FIELD: "site:x a",
    QueryFault.VALUE: "西贝 source:*",
    QueryFault.LANGUAGE: "西贝 lang:chinese!",
    QueryFault.NEAR: "a NEAR/101 b",
    QueryFault.CHAIN: "a NEAR/3 b NEAR/3 c",
    QueryFault.BESIDE: "a NEAR/3 -b",
    QueryFault.NEGATIVE: "NOT a",
    QueryFault.CIRCLE: "tea OR @rivals",
}


def refused(query: str) -> QueryError:
    with pytest.raises(QueryError) as caught:
        parse(written_out(query, {"rivals": "delta OR @rivals"}))
    return caught.value


@pytest.mark.parametrize("kind", list(QueryFault))
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_fault_has_its_sentence_with_the_place_and_what_stands_there(kind: QueryFault, language: str) -> None:
    error = refused(FAULTY[kind])
    said = query_fault(error.note, Speech(language))
    assert error.kind is kind
    assert said.endswith((".", "。"))
    assert "{" not in said
    if error.found:
        assert error.found in said
        assert str(error.position + 1) in said


def test_a_fault_reads_as_a_person_would_say_it() -> None:
    note = refused("西贝 source:*").note
    assert query_fault(note, EN) == (
        "“source:*” at character 4 needs a value right after the colon, such as source:weibo*."
    )
    assert query_fault(note, ZH) == "第 4 个字符处的“source:*”冒号后面要紧跟一个值，例如 source:weibo*。"


def test_a_word_that_may_be_meant_as_an_operator_is_remarked_on() -> None:
    [remark] = parse("西贝 或 罗永浩").remarks
    assert query_remark(remark, EN) == "“或” is looked for as a word; if you mean the operator, write OR."
    assert query_remark(remark, ZH) == "“或”会被当作词语查找；如果是指逻辑关系，请写 OR。"


def test_a_match_names_the_clauses_that_decided() -> None:
    post = Post(id="1", published=datetime(2026, 3, 2, tzinfo=UTC), text="西贝招聘厨师")
    missing = parse("西贝 (道歉 OR 致歉) -招聘").explain(post)
    assert match_explanation(missing, EN) == "Does not match because of 道歉, 致歉, -招聘."
    assert match_explanation(missing, ZH) == "不匹配，依据：道歉、致歉、-招聘。"
    found = parse("西贝 招聘 -道歉").explain(post)
    assert match_explanation(found, EN) == "Matches because of 西贝, 招聘, -道歉."
    assert match_explanation(found, ZH) == "匹配，依据：西贝、招聘、-道歉。"
