"""Properties of topic queries: a plain reference agrees, order and writing change nothing, all input ends."""

from __future__ import annotations

import random
import re
import time
from datetime import UTC, datetime

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from engine.post import Post
from engine.query.query import Matcher, Query, QueryError, parse

quick = settings(max_examples=120)

WORDS = ["delta", "air", "plane", "refund", "the", "ab", "西贝", "道歉", "退款", "召回", "a股", "x1", "née"]
"""None is a part of another, so that no exclusion covers a name, and no word lies across two of them."""

GLUE = [" ", ", ", "，", "\n", "", "!", " @"]


def build(node: tuple[object, ...]) -> str:
    match node:
        case ("word", str(word)):
            return word
        case ("prefix", str(word)):
            return f"{word}*"
        case ("not", tuple(part)):
            return f"NOT ({build(part)})"
        case (str(kind), tuple(left), tuple(right)):
            return f"({build(left)} {kind} {build(right)})"
    raise AssertionError(node)


def naive(node: tuple[object, ...], text: str) -> bool:
    """The reference: regular expressions over the lower-cased text."""
    match node:
        case ("word", str(word)):
            return stands(word, text, end=True)
        case ("prefix", str(word)):
            return stands(word, text, end=False)
        case ("not", tuple(part)):
            return not naive(part, text)
        case ("AND", tuple(left), tuple(right)):
            return naive(left, text) and naive(right, text)
        case ("OR", tuple(left), tuple(right)):
            return naive(left, text) or naive(right, text)
    raise AssertionError(node)


def stands(word: str, text: str, *, end: bool) -> bool:
    spelled = "[a-z0-9é]"
    before = f"(?<!{spelled})" if re.match(spelled, word) else ""
    after = f"(?!{spelled})" if end and re.search(f"{spelled}$", word) else ""
    return re.search(before + re.escape(word) + after, text) is not None


leaves = st.tuples(st.sampled_from(["word", "prefix"]), st.sampled_from(WORDS))
trees = st.recursive(
    leaves,
    lambda inner: st.one_of(st.tuples(st.just("not"), inner), st.tuples(st.sampled_from(["AND", "OR"]), inner, inner)),
    max_leaves=8,
)
texts = st.lists(st.tuples(st.sampled_from(WORDS), st.sampled_from(GLUE)), max_size=12).map(
    lambda pieces: "".join(word + glue for word, glue in pieces)
)


def parsed(text: str) -> Query:
    try:
        return parse(text)
    except QueryError as error:
        assume(error.kind != "negative")
        raise


def post(text: str) -> Post:
    return Post(id="1", published=datetime(2026, 3, 2, tzinfo=UTC), text=text)


@quick
@given(tree=trees, text=texts)
def test_agrees_with_a_plain_reference(tree: tuple[object, ...], text: str) -> None:
    """Matching in one pass means the same as looking for each word by itself."""
    assert parsed(build(tree)).matches(post(text)) == naive(tree, text)


@quick
@given(tree=trees, text=texts)
def test_explain_agrees_with_matches(tree: tuple[object, ...], text: str) -> None:
    """An explanation says what matching says; its spans are slices of the post, its verdicts are true."""
    query, sample = parsed(build(tree)), post(text)
    told = query.explain(sample)
    assert told.matched == query.matches(sample)
    assert told.verdicts
    assert all(hit.text == text[hit.start : hit.end] and hit.text for hit in told.hits)
    assert all(verdict.clause in query.text for verdict in told.verdicts)
    for hit in told.hits:
        assert parse(hit.term).matches(post(hit.text))


@quick
@given(trees=st.lists(trees, max_size=12), text=texts)
def test_matcher_agrees_with_each_query(trees: list[tuple[object, ...]], text: str) -> None:
    """All topics in one pass give what each gives alone."""
    queries = {number: parsed(build(tree)) for number, tree in enumerate(trees)}
    alone = {number for number, query in queries.items() if query.matches(post(text))}
    assert Matcher(queries).match(post(text)) == alone


@quick
@given(left=leaves, right=leaves, text=texts, words=st.integers(0, 8))
def test_near_is_symmetric_and_grows(left: tuple[str, str], right: tuple[str, str], text: str, words: int) -> None:
    """NEAR does not ask for an order, never loses by a wider reach, and implies AND."""
    sample = post(text)

    def near(one: tuple[str, str], other: tuple[str, str], reach: int) -> bool:
        return parse(f"{build(one)} NEAR/{reach} {build(other)}").matches(sample)

    assert near(left, right, words) == near(right, left, words)
    assert near(left, right, words + 1) >= near(left, right, words)
    assert parse(f"{build(left)} {build(right)}").matches(sample) >= near(left, right, words)


@quick
@given(parts=st.permutations(["西贝", "refund*", '"the air"', "NOT delta", "(ab OR x1)"]), text=texts)
def test_order_of_clauses_changes_nothing(parts: list[str], text: str) -> None:
    """AND does not care what comes first."""
    assert parse(" ".join(parts)).matches(post(text)) == parse(" ".join(sorted(parts))).matches(post(text))


@quick
@given(tree=trees, text=texts)
def test_case_and_width_change_nothing(tree: tuple[object, ...], text: str) -> None:
    """Capitals and full-width letters, in the post or in the query, are the same letters."""
    wide = {code: code + 0xFEE0 for code in range(0x21, 0x7F)} | {0x20: 0x3000}
    query = parsed(build(tree))
    expected = query.matches(post(text))
    assert query.matches(post(text.upper())) == expected
    assert query.matches(post(text.translate(wide))) == expected
    assert parse(query.text.translate(wide)).matches(post(text)) == expected


@quick
@given(text=st.text(max_size=60))
def test_any_text_is_a_query_or_refused_with_a_place(text: str) -> None:
    """Nothing that a person can type breaks the parser."""
    query = attempt(text)
    sample = post("西贝 a")
    assert query is None or query.explain(sample).matched == query.matches(sample)


@quick
@given(text=st.text(alphabet='ab()"|-*:/ NEARODT３西，“”（）', max_size=40))
def test_any_signs_are_a_query_or_refused_with_a_place(text: str) -> None:
    """Nor does any mixture of the signs of the language itself."""
    attempt(text)


def attempt(text: str) -> Query | None:
    """The query, or None if it was refused as it should be."""
    fault: QueryError | None = None
    try:
        return parse(text)
    except QueryError as error:
        fault = error
    assert 0 <= fault.position <= len(text)
    assert fault.found in text
    assert fault.pointed().count("\n") == 1
    return None


@quick
@given(body=st.text(max_size=200))
def test_any_post_can_be_explained(body: str) -> None:
    """Whatever stands in a post, each span lies inside it."""
    told = parse('a* OR 西 OR "e b" OR 1 OR s NEAR/3 i').explain(post(body))
    assert all(0 <= hit.start < hit.end <= len(body) for hit in told.hits)


HOSTILE = {
    "one character": "哈" * 10_000,
    "one word": "air " * 2_500,
    "no space": "a" * 10_000,
    "brackets": "((((" * 2_500,
    "tags": "#Air" * 2_500,
    "marks": "a" + "\u0301" * 9_999,
    "joiners": "西\u200b" * 5_000,
    "emoji": "👩\u200d🚀" * 3_000,
    "expression": "(a+)+$" * 1_600,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_long_posts_are_matched_in_time(name: str) -> None:
    """Ten thousand hostile characters: what looks back at each of them for each would not end before the suite does."""
    query = parse("(哈 NEAR/3 哈哈) OR (air* NEAR/0 a) OR 西 OR 👩 OR (a NEAR/100 b) OR aa*")
    query.explain(post(HOSTILE[name]))


def test_long_queries_are_parsed_in_time() -> None:
    """A query as long as allowed, with nine hundred alternatives, is no burden."""
    query = parse(" OR ".join(f"word{number}" for number in range(900)))
    assert query.matches(post("word899"))


def test_thousand_topics_cost_little_more_than_one(capsys: pytest.CaptureFixture[str]) -> None:
    """The ratio is printed (pytest -s), not asserted: it is the machine's business as well."""
    draw = random.Random(7)
    topics = [f"brand{number} (recall OR 召回{number} OR apolog*) -hiring" for number in range(1_000)]
    queries = {number: parse(text) for number, text in enumerate(topics)}
    posts = [
        post(f"brand{draw.randrange(5_000)} announces a recall, 品牌召回{draw.randrange(5_000)}次, oh")
        for _ in range(500)
    ]

    def seconds(matcher: Matcher[int]) -> float:
        began = time.perf_counter()
        for sample in posts:
            matcher.match(sample)
        return time.perf_counter() - began

    one, many = Matcher({0: queries[0]}), Matcher(queries)
    seconds(one)
    alone, together = min(seconds(one) for _ in range(3)), min(seconds(many) for _ in range(3))
    each = together / len(posts) * 1e6
    with capsys.disabled():
        print(f"\n1,000 topics cost {together / alone:.1f} times one topic, {each:.0f} µs a post")
    expected = {number for number, query in queries.items() if query.matches(posts[0])}
    assert many.match(posts[0]) == expected
