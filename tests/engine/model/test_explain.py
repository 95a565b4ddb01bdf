"""Why: the words that carried a reading, on models made here and on the shipped one."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import pairwise

import numpy as np
import pytest

from engine.model.encoding import Encoded, find_mentions
from engine.model.explain import MOST_MARKS, explain, units, without
from engine.model.reader import Reader
from engine.post import Explanation, Polarity, Post, Reading, Sentiment, Topic
from tests.engine.model import small

TOPIC = Topic(name="Acme", query="acme", aliases=("acme", "西北面馆"))
TEXTS = [
    "acme staff apologised but the noodles were cold and late",
    "西北面馆今天道歉了，服务差，人被送医院😡",
    "bad",
    "acme",
    "",
    "\x00\x07 \u200b",
    "https://example.org/x",
    "the noodles were cold and late " * 90 + "acme bad bad 服务差",
]


@pytest.fixture(scope="module")
def reader() -> Reader:
    network, tokenizer = small.small_network()
    risks = network.config.risks
    network.config.risk_thresholds = dict.fromkeys(risks[:3], 0.0) | dict.fromkeys(risks[3:], 1.1)
    return Reader(network, tokenizer, device="cpu")


def post(text: str) -> Post:
    return Post(id="7", published=datetime(2026, 1, 1, tzinfo=UTC), text=text)


@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize("topic", [TOPIC, None])
def test_marks_are_words_of_the_text(reader: Reader, text: str, topic: Topic | None) -> None:
    """Whatever the post: spans of its own characters, in order, apart from each other, few, and each with a reason."""
    told = reader.explain(post(text), topic)
    reading = reader.read([(post(text), topic)])[0]
    assert told.label is reading.sentiment.label
    assert set(told.risks) == set(reading.risks)
    for marks in (told.sentiment, *told.risks.values()):
        assert len(marks) <= MOST_MARKS
        assert all(text[mark.start : mark.end] == mark.text and mark.weight > 0 for mark in marks)
        assert all(one.end <= other.start for one, other in pairwise(marks))


def test_the_name_is_no_reason_unless_it_stands_alone(reader: Reader) -> None:
    """That the topic is named carries nothing that a person could act on."""
    long = reader.explain(post(TEXTS[0]), TOPIC)
    names = find_mentions(TEXTS[0], TOPIC.aliases)
    for mark in (*long.sentiment, *(mark for marks in long.risks.values() for mark in marks)):
        assert all(mark.end <= start or mark.start >= end for start, end in names)
    alone = reader.explain(post("acme"), TOPIC)
    assert {mark.text for mark in alone.sentiment} <= {"acme"}


def test_a_word_that_decides_is_found() -> None:
    """A judge that only looks for one word: that word is marked, with its share, and nothing else is."""
    network, tokenizer = small.small_network()
    encoder = Reader(network, tokenizer, device="cpu")._encoder
    text = "the noodles were cold and late but staff apologised"
    (chunks,) = encoder.encode([(text, ())])

    def score(parts: list[Encoded]) -> np.ndarray:
        def cold(part: Encoded) -> bool:
            return any(text[a:b] == "cold" for a, b in part.offsets)

        return np.array([[0.9, 0.05, 0.05, 0.8] if cold(p) else [0.2, 0.7, 0.1, 0.8] for p in parts], dtype=np.float32)

    told = explain(read_as({"health": 0.8}), text, chunks, (), score=score, risks=["health"])  # type: ignore[arg-type]
    [mark] = told.sentiment
    assert (mark.text, mark.start) == ("cold", text.index("cold"))
    assert mark.weight == pytest.approx(np.log(0.9 / 0.1) - np.log(0.2 / 0.8), rel=1e-4)
    assert told.risks == {"health": ()}


def read_as(risks: dict[str, float]) -> Reading:
    return Reading(post_id="1", lang="en", sentiment=Sentiment(negative=0.9, neutral=0.1, positive=0), risks=risks)


def test_a_long_post_is_explained_where_it_was_decided() -> None:
    """The word stands in the last of several chunks, and is found there to the letter."""
    network, tokenizer = small.small_network()
    encoder = Reader(network, tokenizer, device="cpu")._encoder
    text = "good staff " * 300 + "then cold noodles came"
    (chunks,) = encoder.encode([(text, ())])
    assert len(chunks) > 2

    def score(parts: list[Encoded]) -> np.ndarray:
        found = [any(text[a:b] == "cold" for a, b in part.offsets) for part in parts]
        return np.array([[0.9, 0.1, 0] if here else [0.3, 0.7, 0] for here in found], dtype=np.float32)

    told = explain(read_as({}), text, chunks, (), score=score, risks=[])  # type: ignore[arg-type]
    assert [mark.text for mark in told.sentiment] == ["cold"]
    assert text[told.sentiment[0].start : told.sentiment[0].end] == "cold"


def test_a_chunk_without_words_keeps_its_shape(reader: Reader) -> None:
    """The prefix and the mentions stay where they were, the words alone are gone."""
    text = "acme staff apologised to acme"
    (chunks,) = reader._encoder.encode([(text, ("acme",))])
    [chunk] = chunks
    words = units(text, chunk, ("acme",))
    assert [text[word.start : word.end] for word in words] == text.split()
    less = without(chunk, words[1].tokens)
    assert len(less.ids) == len(chunk.ids) - len(words[1].tokens)
    assert [text[a:b].strip() for a, b in (less.offsets[i - less.text_start] for i in less.mention)] == ["acme", "acme"]


def test_the_shipped_model_points_at_what_happened() -> None:
    """In both languages the words of what happened are among those that carried the risk."""
    reader = Reader.open(device="cpu")
    for text, name, harmful in (
        ("昨晚在露明茶喝完奶茶，凌晨两点上吐下泻，被送进医院急诊，再也不去了", "露明茶", {"上吐下泻", "医院", "急诊"}),
        ("Drank a Lumen Tea yesterday, spent the night vomiting in hospital, never again", "Lumen Tea",
         {"vomiting", "hospital"}),
    ):  # fmt: skip
        told = reader.explain(post(text), Topic(name=name, query=name, aliases=(name,)))
        assert told.label is Polarity.NEGATIVE
        assert told.sentiment
        marks = " ".join(mark.text for mark in told.risks.get("health", ()))
        assert any(word in marks for word in harmful), (told.risks, harmful)


def test_what_cannot_be_read_is_explained_by_nothing(reader: Reader) -> None:
    assert reader.explain(post(""), TOPIC) == Explanation(post_id="7", label=Polarity.NEUTRAL)
