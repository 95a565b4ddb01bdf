"""What the organisation says, as others tell it and in its own posts."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from engine.facts.lexicon import STATEMENTS, subject
from engine.facts.statements import is_own, own_words, said_of
from engine.post import Post

MOSSWELL = subject(("Mosswell", "苔井"))

SAID = [
    ("Mosswell apologises and recalls its tea", ["apology", "recall"]),
    ("Mosswell's chief executive apologised on Tuesday", ["apology"]),
    ("Mosswell said sorry", ["apology"]),
    ("Mosswell denies the reports", ["denial"]),
    ("Mosswell rejected the allegations", ["denial"]),
    ("Mosswell issues a voluntary recall", ["recall"]),
    ("Mosswell pulls the children's cup from three shops", ["withdrawal"]),
    ("Mosswell stopped selling the tea", ["withdrawal"]),
    ("Mosswell deleted its post about flavour", ["deletion"]),
    ("Mosswell said in a statement that tests were clean", ["statement"]),
    ("Mosswell responds to complaints", ["statement"]),
    ("苔井致歉并召回全部果茶", ["apology", "recall"]),
    ("苔井创始人贾某到医院道歉", ["apology"]),
    ("苔井官方就异味一事致歉", ["apology"]),
    ("苔井否认使用预制菜", ["denial"]),
    ("苔井宣布召回", ["recall"]),
    ("苔井全面停售", ["withdrawal"]),
    ("苔井删博", ["deletion"]),
    ("苔井删除声明", ["deletion"]),
    ("苔井 回应", ["statement"]),
    ("苔井致顾客的一封信", ["statement"]),
]

NOT_SAID = [
    "Mosswell must apologise",
    "Mosswell refuses to apologise",
    "Mosswell has not apologised",
    "Has Mosswell apologised?",
    "When will Mosswell recall it",
    "I demand that Mosswell apologises",
    "Mosswell apologised to me for the wait",
    "Mosswell denied me a refund",
    "An apology from Mosswell would be nice",
    "We should not accept that Mosswell responds this late",
    "Thirteen Cups apologises, Mosswell does not",
    "Mosswellian apologises",
    "要求苔井道歉",
    "苔井拒绝道歉",
    "苔井至今未回应",
    "苔井什么时候道歉",
    "苔井道歉了吗",
    "喊话苔井道歉",
    "苔井欠大家一个道歉",
    "如何看待苔井的道歉？",
    "苔井被要求召回",
    "拾三杯道歉",
    "苔井应该召回",
    "苔井为什么不道歉",
]


@pytest.mark.parametrize(("sentence", "expected"), SAID)
def test_what_the_organisation_does_is_told(sentence: str, expected: list[str]) -> None:
    assert said_of(sentence, MOSSWELL, all_kinds=True) == expected


@pytest.mark.parametrize("sentence", NOT_SAID)
def test_what_others_ask_of_it_is_not(sentence: str) -> None:
    assert said_of(sentence, MOSSWELL, all_kinds=True) == []


def test_a_response_is_no_news_where_customers_chat() -> None:
    assert said_of("Mosswell responded", MOSSWELL, all_kinds=False) == []


def test_a_topic_without_a_name_says_nothing() -> None:
    assert said_of("It apologises", subject(()), all_kinds=True) == []


@pytest.mark.parametrize(
    ("author", "source", "own"),
    [
        ("Mosswell", "", True),
        ("@mosswell", "", True),
        ("Mosswell Official", "", True),
        ("苔井官方", "", True),
        ("", "Mosswell newsroom", True),
        ("Mosswell fan", "chirrup", False),
        ("苔井的粉丝", "", False),
        ("Ada", "Port Alder Ledger", False),
    ],
)
def test_its_own_posts_are_known_by_author_or_source(author: str, source: str, own: bool) -> None:
    post = Post(id="1", published=datetime(2026, 3, 2, tzinfo=UTC), text="x", author=author, source=source)
    assert is_own(post, MOSSWELL) is own


@pytest.mark.parametrize(
    ("sentence", "what"),
    [
        ("We apologise to every family", "apology"),
        ("This is a full recall of the tea", "recall"),
        ("All of it is off sale", "withdrawal"),
        ("These are false claims", "denial"),
        ("We withdraw our earlier note", "deletion"),
        ("We are aware of reports", "statement"),
        ("我们向每一个家庭致歉", "apology"),
        ("即日起召回全部产品", "recall"),
        ("全国门店停售", "withdrawal"),
        ("网上说法与事实不符", "denial"),
        ("此前的说明作废", "deletion"),
        ("我们高度重视", "statement"),
    ],
)
def test_its_own_words_are_understood(sentence: str, what: str) -> None:
    assert what in own_words(sentence)
    assert what in STATEMENTS
