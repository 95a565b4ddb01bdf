"""Cleaning, segmenting and comparing texts in both languages."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.text.fingerprints import bands, content_hash, fingerprint, normalise, similarity, words
from engine.text.language import language
from engine.text.masking import mask

quick = settings(max_examples=100)

ENGLISH = (
    "The restaurant chain apologised on Friday after customers shared pictures of frozen broccoli that would "
    "keep for two years. Its founder had said that not one of its dishes was prepared in a factory, and had "
    "opened the kitchens of every branch to anybody who wanted to look. Regulators in three cities ask for "
    "the records of suppliers, and the chain says that it will publish them within a week."
)
CHINESE = (
    "某连锁餐厅周五就后厨使用保质期两年的冷冻西兰花一事致歉。此前创始人曾表示，门店没有一道菜属于预制菜"
    "，并宣布开放全部门店后厨供顾客参观。三地市场监管部门已要求其提供供应商记录，公司称将在一周之内公布调查结果，"
    "并对相关门店停业整顿，顾客可凭小票到店办理退款。"
)


@pytest.mark.parametrize(
    ("raw", "clean"),
    [
        ("Ｈｅｌｌｏ，　Ｗｏｒｌｄ", "Hello, World"),
        ("a\u200bb\ufeff c\x00\x07", "ab c"),
        (" a \n\n\t b　c ", "a b c"),
        ("臺灣 優衣庫", "臺灣 優衣庫"),
        ("👨\u200d👩\u200d👧 ❤\ufe0f", "👨\u200d👩\u200d👧 ❤\ufe0f"),
        ("西\u200d贝", "西贝"),
        ("\u202eevil\u202c", "evil"),
        ("", ""),
    ],
)
def test_normalise(raw: str, clean: str) -> None:
    """Width, hidden characters and white space go; case, traditional characters and joined emoji stay."""
    assert normalise(raw) == clean


@quick
@given(text=st.text())
def test_normalise_is_done_once(text: str) -> None:
    """A clean text stays as it is, and hides nothing."""
    clean = normalise(text)
    assert normalise(clean) == clean
    assert not any(unicodedata.category(char) == "Cc" for char in clean)


def test_words_of_both_scripts() -> None:
    """Names and numbers stay; stop words, addresses, tag signs and possessives go."""
    text = "西贝创始人回应罗永浩 https://t.co/x I don't like Delta's #BoycottDelta @united 10人死亡"
    found = words(text)
    assert found[:4] == ["西贝", "创始人", "回应", "罗永浩"]
    assert found[4:8] == ["like", "delta", "boycottdelta", "united"]
    assert found[8:] == ["10", "人", "死亡"]


def test_words_of_nothing() -> None:
    """Emoji, signs and stop words alone are no words."""
    assert words("😡😡 !!! 的 the https://a.b") == []


def test_segmenting_writes_nothing_and_says_nothing(tmp_path: Path) -> None:
    """The segmenter keeps no cache where other users may write, and prints nothing."""
    script = "from engine.text.fingerprints import words; print(words('西贝道歉'))"
    environment = {**os.environ, "TMPDIR": str(tmp_path), "PYTHONWARNINGS": "ignore"}
    done = subprocess.run([sys.executable, "-c", script], env=environment, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "['西贝', '道歉']"
    assert done.stderr == ""
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Delta APOLOGISES for delays!", "delta apologises, for delays https://t.co/abc"),
        ("RT @news: Delta apologises", "Delta apologises"),
        ("西贝道歉了！！", "【西贝道歉了】 http://t.cn/A6x"),
        ("西贝，道歉了@罗永浩 ", "西贝道歉了"),
        ("ＡＢＣ公司", "abc公司"),
    ],
)
def test_exact_copies_share_a_hash(one: str, other: str) -> None:
    """Addresses, handles, case, width and punctuation do not make a new text."""
    assert content_hash(one) == content_hash(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("西贝道歉", "西贝致歉"),
        ("10 dead", "12 dead"),
        ("😡", "😂"),
        ("https://a.b/1", "https://a.b/2"),
        ("", "a"),
    ],
)
def test_different_texts_differ(one: str, other: str) -> None:
    """Nor do posts of nothing but emoji or addresses all become one."""
    assert content_hash(one) != content_hash(other)


def edits(text: str) -> dict[str, str]:
    """What editors and reposters do to a wire text."""
    half = len(text) // 2
    return {
        "prefix": f"BREAKING 快讯：{text}",
        "suffix": f"{text} (Reporting by our staff) 责任编辑：本报记者",
        "one sentence lost": text[: int(len(text) * 0.85)],
        "one word changed": text[:half] + text[half + 4 :],
        "address added": f"{text} https://t.co/abc via @agency",
        "shouted": text.upper(),
    }


@pytest.mark.parametrize("text", [ENGLISH, CHINESE], ids=["en", "zh"])
@pytest.mark.parametrize("edit", edits("").keys())
def test_edited_copies_are_found(text: str, edit: str) -> None:
    """An edited copy is similar enough to be verified, and shares a band, so that an index finds it."""
    original, copy = fingerprint(text), fingerprint(edits(text)[edit])
    assert similarity(original, copy) >= 0.7
    assert set(bands(original)) & set(bands(copy))


def test_other_texts_are_not_copies() -> None:
    """Two texts about other matters share nearly nothing; no band either."""
    for text in (ENGLISH, CHINESE):
        other = " ".join(reversed(text.split())) if text is ENGLISH else text[::-1]
        assert similarity(fingerprint(text), fingerprint("今天天气很好，我们去公园散步。" * 3)) < 0.1
        assert similarity(fingerprint(text), fingerprint(other)) < 0.7
    assert not set(bands(fingerprint(ENGLISH))) & set(bands(fingerprint(CHINESE)))


def test_similarity_estimates_jaccard() -> None:
    """Over random edits the estimate is unbiased, and as exact as 128 values allow."""
    draw = random.Random(5)
    errors = []
    for _ in range(60):
        start, length = draw.randrange(0, 100), draw.randrange(0, 40)
        copy = CHINESE[:start] + CHINESE[start + length :] + ENGLISH[: draw.randrange(0, 60)]
        errors.append(similarity(fingerprint(CHINESE), fingerprint(copy)) - jaccard(CHINESE, copy))
    assert abs(sum(errors) / len(errors)) < 0.02
    assert max(map(abs, errors)) < 0.16


def jaccard(one: str, other: str) -> float:
    left, right = grams(one), grams(other)
    return len(left & right) / len(left | right)


def grams(text: str) -> set[str]:
    bare = "".join(char for char in normalise(text).casefold() if unicodedata.category(char)[0] in "LN")
    return {bare[place : place + 5] for place in range(len(bare) - 4)}


@quick
@given(text=st.text(max_size=80), other=st.text(max_size=80))
def test_fingerprints_of_any_text(text: str, other: str) -> None:
    """128 values of 32 bits, 32 bands of signed 64 bits; similarity is symmetric and 1 with itself."""
    one, two = fingerprint(text), fingerprint(other)
    assert len(one) == 128
    assert all(0 <= value < 2**32 for value in one)
    assert len(bands(one)) == 32
    assert all(-(2**63) <= band < 2**63 for band in bands(one))
    assert similarity(one, one) == 1.0
    assert similarity(one, two) == similarity(two, one)
    assert (content_hash(text) != content_hash(other)) or one == two


def test_fingerprints_are_the_same_in_every_process_and_version() -> None:
    """They are stored: these numbers must never change."""
    script = (
        "from engine.text.fingerprints import bands, content_hash, fingerprint as f;"
        "print(f('西贝道歉了')[:2], bands(f('西贝道歉了'))[0], content_hash('西贝'))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        env={**os.environ, "PYTHONHASHSEED": "77"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == STORED


STORED = "(3149502483, 1049567851) 9812476252615569 0a98652bfb98ff7111325fe38241a95c"


def test_similarity_of_unlike_fingerprints() -> None:
    """Fingerprints of another length come from another version: no number is made up."""
    with pytest.raises(ValueError, match="shorter"):
        similarity((1, 2, 3), (1, 2))


@pytest.mark.parametrize(
    "text",
    [
        "哈" * 10_000,
        "a" * 10_000,
        "@" * 10_000,
        "a@b." * 2_500,
        "+1 2" * 2_500,
        "(" * 10_000,
        "\u0301" * 10_000,
    ],
    ids=["han", "latin", "handles", "addresses", "numbers", "brackets", "marks"],
)
def test_long_texts_end_in_time(text: str) -> None:
    """Ten thousand hostile characters: what looks back at each of them for each would not end before the suite does."""
    normalise(text), words(text), content_hash(text), bands(fingerprint(text)), mask(text), language(text)
