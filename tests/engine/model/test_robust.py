"""The shipped model on what the street sends: emoji, addresses, two scripts, full-width letters, tricks, long posts."""

from __future__ import annotations

import random
from datetime import UTC, datetime

import numpy as np
import pytest

from engine.model.reader import Reader
from engine.post import Post, Reading, Topic

LUMEN = Topic(name="露明茶", query="露明茶", aliases=("露明茶", "Lumen Tea"))
ILL = "昨天在露明茶买的奶茶喝完上吐下泻，被送进医院急诊，医生说是食物中毒"
ILL_EN = "Everyone who drank the Lumen Tea lunch special was vomiting and two are in hospital"


@pytest.fixture(scope="module")
def reader() -> Reader:
    return Reader.open(device="cpu")


def read(reader: Reader, *texts: str, topic: Topic | None = LUMEN) -> list[Reading]:
    when = datetime(2026, 1, 1, tzinfo=UTC)
    return reader.read([(Post(id=str(n), published=when, text=text), topic) for n, text in enumerate(texts)])


def alike(one: Reading, other: Reading) -> bool:
    moods = [(r.sentiment.negative, r.sentiment.neutral, r.sentiment.positive) for r in (one, other)]
    return bool(np.allclose(*moods, atol=0.02)) and set(one.risks) == set(other.risks)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (ILL, "昨天在露明茶買的奶茶喝完上吐下瀉，被送進醫院急診，醫生說是食物中毒"),
        (ILL_EN, "".join(chr(ord(c) + 0xFEE0) if c.isalnum() else c for c in ILL_EN)),
        (ILL_EN, ILL_EN.replace("vomiting", "vom\u200biting").replace("Lumen", "Lu\u00admen")),
        (ILL, "\x00" + ILL.replace("医院", "医\x07院\u2060")),
        (ILL_EN.lower(), ILL_EN.upper()),
    ],
    ids=["traditional", "full-width", "zero-width", "controls", "capitals"],
)
def test_the_same_words_read_the_same(reader: Reader, one: str, other: str) -> None:
    """However they are written, and toward the topic that is named in the other script."""
    plainly, oddly = read(reader, one, other)
    assert alike(plainly, oddly)
    assert plainly.sentiment.label == oddly.sentiment.label
    assert all(other[entity.start : entity.end] == entity.text for entity in oddly.entities)


def test_a_topic_is_found_in_the_other_script(reader: Reader) -> None:
    """A traditional name in the settings, simplified posts: the mention is found in both."""
    traditional = Topic(name="雲海餐廳", query="x", aliases=("雲海餐廳",))
    simplified = Topic(name="云海餐厅", query="x", aliases=("云海餐厅",))
    text = "云海餐厅的服务太差了，再也不去"
    assert alike(*(read(reader, text, topic=topic)[0] for topic in (traditional, simplified)))


@pytest.mark.parametrize(
    "text",
    [
        "", " ", "\n\t\r", "\x00\x01\x02", "\u200b\ufeff", "。。。", "😡", "👩\u200d🍳" * 50, "https://example.org/a?b=c#d",
        "@lumen #露明茶 RT @x: 😡😡 https://t.example/x 服务 so bad omg", "\ud800 broken", "ﷺ" * 200, "a" * 5000,
    ],
)  # fmt: skip
def test_whatever_comes_is_read(reader: Reader, text: str) -> None:
    """A reading with probabilities, entities in the original characters, and an explanation of the same."""
    [reading] = read(reader, text)
    mood = reading.sentiment
    assert mood.negative + mood.neutral + mood.positive == pytest.approx(1, abs=1e-3)
    assert all(text[entity.start : entity.end] == entity.text for entity in reading.entities)
    post = Post(id="0", published=datetime(2026, 1, 1, tzinfo=UTC), text=text)
    told = reader.explain(post, LUMEN)
    assert all(text[mark.start : mark.end] == mark.text for mark in told.sentiment)


def test_ten_thousand_characters_are_read_to_the_end(reader: Reader) -> None:
    """What happened stands in the last sentences of a long calm post, and is found and explained there."""
    calm = "今天天气很好，我们沿着河边慢慢走，看见很多人在放风筝。" * 380
    grave = (ILL + "。") * 8
    assert len(calm) > 10_000
    dull, alarming = read(reader, calm, calm + grave, topic=None)
    assert "health" not in dull.risks
    assert "health" in alarming.risks
    post = Post(id="0", published=datetime(2026, 1, 1, tzinfo=UTC), text=calm + grave)
    assert all(mark.start >= len(calm) for mark in reader.explain(post).risks["health"])


def test_fifty_aliases_and_company_change_little(reader: Reader) -> None:
    """The name that the post uses counts, not how many others there are; nor does the rest of the batch."""
    many = Topic(name="露明茶", query="x", aliases=(*(f"别名{n}号" for n in range(49)), "露明茶"))
    [alone] = read(reader, ILL)
    [crowd] = read(reader, ILL, topic=many)
    assert alike(alone, crowd)
    company = [ILL, ILL_EN, "好喝", "x " * 300, "", "😀"]
    random.Random(4).shuffle(company)
    among = read(reader, *company)[company.index(ILL)]
    assert alike(alone, among)
