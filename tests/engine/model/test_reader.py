"""Reading: one pass for everything, the same whatever the company, on models made here."""

from __future__ import annotations

import random
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from engine.model.classifier import load_classifier
from engine.model.loading import ModelError, load_network, save
from engine.model.reader import Reader
from engine.post import ENTITY_TYPES, RISKS, Post, Reading, Topic
from tests.engine.model import small

TOPIC = Topic(name="Acme", query="acme OR 西北面馆", aliases=("Acme", "西北面馆"))
TEXTS = [
    "the noodles were cold and late",
    "西北面馆今天道歉了",
    "Acme staff apologised at once to every guest, acme!",
    "good " * 700,
    "",
    "\x00\x07 \u200b",
    "😀😀😀 @acme https://example.org/x",
    "服务差 bad 服务差",
]


def posts(texts: list[str] = TEXTS) -> list[Post]:
    when = datetime(2026, 1, 1, tzinfo=UTC)
    return [Post(id=str(number), published=when, text=text) for number, text in enumerate(texts)]


@pytest.fixture(scope="module")
def reader() -> Reader:
    network, tokenizer = small.small_network()
    return Reader(network, tokenizer, device="cpu", token_budget=512)


def same(one: Reading, other: Reading) -> bool:
    moods = [(r.sentiment.negative, r.sentiment.neutral, r.sentiment.positive) for r in (one, other)]
    spans = [[(e.start, e.end, e.type) for e in r.entities] for r in (one, other)]
    if not np.allclose(*moods, atol=1e-5) or spans[0] != spans[1]:
        return False
    if one.embedding is None or other.embedding is None:
        return one.embedding is other.embedding
    return bool(np.allclose(one.embedding, other.embedding, atol=1e-5))


def test_a_reading_is_complete(reader: Reader) -> None:
    """Probabilities add up, the embedding has unit length, entities are spans of the text."""
    for post, reading in zip(posts(), reader.read([(post, TOPIC) for post in posts()]), strict=True):
        mood = reading.sentiment
        assert mood.negative + mood.neutral + mood.positive == pytest.approx(1, abs=1e-5)
        assert reading.post_id == post.id
        assert all(0.5 <= value <= 1 and risk in RISKS for risk, value in reading.risks.items())
        for entity in reading.entities:
            assert post.body[entity.start : entity.end] == entity.text
            assert entity.type in ENTITY_TYPES
        if reading.embedding is not None:
            assert np.linalg.norm(reading.embedding) == pytest.approx(1, abs=1e-4)


def test_empty_and_control_characters_are_neutral(reader: Reader) -> None:
    """Nothing to read is nothing to worry about, and no crash."""
    empty = reader.read([(posts()[4], TOPIC)])[0]
    assert empty.sentiment.neutral == 1
    assert empty.embedding is None


def test_company_and_order_change_nothing(reader: Reader) -> None:
    """A post reads the same alone, in a batch, and in a shuffled batch."""
    pairs = [(post, TOPIC if number % 2 else None) for number, post in enumerate(posts())]
    alone = [reader.read([pair])[0] for pair in pairs]
    together = reader.read(pairs)
    shuffled = list(range(len(pairs)))
    random.Random(1).shuffle(shuffled)
    again = reader.read([pairs[i] for i in shuffled])
    assert all(same(a, b) for a, b in zip(alone, together, strict=True))
    assert all(same(alone[i], again[place]) for place, i in enumerate(shuffled))


def test_the_topic_matters(reader: Reader) -> None:
    """The alias is part of the input: sentiment toward a topic is not sentiment of the post."""
    post = posts()[2]
    toward, whole = reader.read([(post, TOPIC), (post, None)])
    assert toward.sentiment != whole.sentiment


def test_a_long_post_is_read_to_its_end(reader: Reader) -> None:
    """Chunks, not a silent cut: what stands at the end of 10,000 characters counts."""
    calm, angry = "good " * 2000, "good " * 1990 + "bad bad bad bad bad 服务差 服务差 服务差 bad bad"
    one, other = reader.read([(post, None) for post in posts([calm, angry])])
    assert one.sentiment != other.sentiment


def test_fifty_aliases(reader: Reader) -> None:
    many = Topic(name="Acme", query="acme", aliases=(*(f"acme{n}" for n in range(49)), "acme"))
    assert reader.read([(posts()[2], many)])[0].post_id == "2"


def test_saved_and_loaded_is_the_same(tmp_path: Path) -> None:
    """Through the packed file: the table in 4 bits, the rest in half precision, the labels unchanged."""
    network, tokenizer = small.small_network()
    save(network, tokenizer, tmp_path)
    again, tokens = load_network(tmp_path)
    save(again, tokens, tmp_path / "twice")
    third, _ = load_network(tmp_path / "twice")
    before = Reader(again, tokens, device="cpu").read([(post, TOPIC) for post in posts()])
    after = Reader(third, tokens, device="cpu").read([(post, TOPIC) for post in posts()])
    assert all(same(a, b) for a, b in zip(before, after, strict=True))


def test_open_tells_its_own_from_a_classifier(tmp_path: Path) -> None:
    """A folder with a Tocsin network reads everything; any sentiment classifier reads what it can."""
    network, tokenizer = small.small_network()
    save(network, tokenizer, tmp_path / "own")
    assert "risks" in Reader.open(tmp_path / "own", device="cpu").reads
    folder = small.save_classifier(tmp_path / "other", ["NEG", "NEU", "POS"])
    other = Reader.open(folder, device="cpu")
    assert other.reads == ("sentiment", "embedding")
    reading = other.read([(posts()[0], TOPIC)])[0]
    assert (reading.risks, reading.entities) == ({}, ())
    assert reading.embedding is not None


def test_stars_and_two_labels_are_understood(tmp_path: Path) -> None:
    five = ["1 star", "2 stars", "3 stars", "4 stars", "5 stars"]
    stars = Reader(*load_classifier(small.save_classifier(tmp_path / "stars", five)), device="cpu")
    mood = stars.read([(posts()[0], None)])[0].sentiment
    assert mood.negative + mood.neutral + mood.positive == pytest.approx(1, abs=1e-5)
    two = Reader(*load_classifier(small.save_classifier(tmp_path / "two", ["negative", "positive"])), device="cpu")
    assert two.read([(posts()[0], None)])[0].sentiment.neutral < 0.01


def test_labels_that_nobody_knows_are_refused(tmp_path: Path) -> None:
    folder = small.save_classifier(tmp_path / "odd", ["LABEL_0", "LABEL_1"])
    with pytest.raises(ModelError, match="label_0"):
        Reader.open(folder)


def test_a_missing_model_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    with pytest.raises(ModelError, match=r"has no config\.json"):
        Reader.open(tmp_path / "nothing-here")
    with pytest.raises(ModelError, match=r"has no config\.json"):
        Reader.open(tmp_path)


def test_corrupt_weights_say_so(tmp_path: Path) -> None:
    network, tokenizer = small.small_network()
    save(network, tokenizer, tmp_path)
    weights = tmp_path / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[: weights.stat().st_size // 2])
    with pytest.raises(ModelError, match="damaged or incomplete"):
        Reader.open(tmp_path)
