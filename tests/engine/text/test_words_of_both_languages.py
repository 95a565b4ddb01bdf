"""Where Chinese words begin and end, which letters are English words, and the forms that these have."""

from __future__ import annotations

import pytest

from engine.text.chinese_words import ChineseRun
from engine.text.everyday_words import are_words, is_everyday, is_known
from engine.text.inflection import forms


@pytest.mark.parametrize(
    ("run", "word", "stands"),
    [
        ("来露明吃饭", "露明", True),  # in no dictionary, and nothing lies across it
        ("苹果公司道歉", "苹果", True),
        ("银行卡盗刷", "银行", True),
        ("茅台酒涨价", "茅台", True),
        ("华为什么不道歉", "华为", True),  # fewer words this way
        ("海底捞出怪物", "海底捞", True),  # long names do not come together by chance
        ("中美团队合作", "美团", False),
        ("中华为之骄傲", "华为", False),
        ("莫文蔚来了", "蔚来", False),
        ("京东方股价", "京东", False),
        ("小米粥", "小米", False),
        ("海底捞月一场空", "海底捞", False),
        ("理想主义者", "理想", False),
    ],
)
def test_a_name_stands_where_the_dictionary_has_no_better_reading(run: str, word: str, stands: bool) -> None:
    start = run.index(word)
    assert ChineseRun(run).stands(start, start + len(word)) == stands


def test_letters_are_split_into_common_words_or_not() -> None:
    assert are_words("")
    assert are_words("boycottnow")
    assert are_words("2026boycott")
    assert not are_words("ligence")
    assert not are_words("xqzt")
    assert is_known("thailand")
    assert is_everyday("target")
    assert not is_everyday("saltfern")


@pytest.mark.parametrize(
    ("word", "written", "found"),
    [
        ("refund", "Refund", ("refunds",)),
        ("company", "company", ("companies",)),
        ("toy", "toy", ("toys",)),
        ("box", "box", ("boxes",)),
        ("boss", "boss", ("bosses",)),
        ("child", "child", ("children",)),
        ("children", "children", ("child",)),
        ("refunds", "refunds", ("refund",)),
        ("times", "Times", ()),
        ("boxes", "boxes", ("boxe", "box")),
        ("us", "US", ()),
        ("news", "news", ("newses",)),
        ("crisis", "crisis", ("crisises",)),
        ("露明", "露明", ()),
    ],
)
def test_the_other_forms_of_a_word(word: str, written: str, found: tuple[str, ...]) -> None:
    """A form that nobody uses does no harm; one that is another word would."""
    assert forms(word, written=written) == found
