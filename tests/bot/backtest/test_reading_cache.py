"""Kept readings: read once, the same afterwards, and never another model's."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from bot.backtest.reading_cache import CachingReader
from bot.errors import TocsinError
from engine.post import Post, Reading, Sentiment, Topic
from tests.bot.past import WordReader
from tests.conftest import NOW

TOPIC = Topic(name="Halden", query="halden", aliases=("Halden",))
PAIRS = [(Post(id=str(n), published=NOW, text=f"halden is slow, {n}"), TOPIC) for n in range(3)]


class Embedding(WordReader):
    def read(self, pairs: object) -> list[Reading]:
        self.read_posts += len(PAIRS)
        vector = np.array([0.6, -0.8], np.float32)
        mood = Sentiment(negative=0.7, neutral=0.2, positive=0.1)
        return [
            Reading(post_id=post.id, lang="zh", sentiment=mood, risks={"legal": 0.75}, embedding=vector)
            for post, _ in PAIRS
        ]


def test_a_second_run_needs_no_model(tmp_path: Path) -> None:
    file, reader = tmp_path / "readings.jsonl", Embedding()
    first = CachingReader(lambda: reader, file, model="a").read(PAIRS)

    def missing() -> WordReader:
        raise AssertionError("the model was opened")

    second = CachingReader(missing, file, model="a").read(PAIRS)
    assert reader.read_posts == 3
    for one, other in zip(first, second, strict=True):
        assert (one.post_id, one.lang, one.sentiment, one.risks) == (
            other.post_id, other.lang, other.sentiment, other.risks,
        )  # fmt: skip
        assert one.embedding is not None
        assert other.embedding == pytest.approx(one.embedding)
        assert one.embedding == pytest.approx([0.6, -0.8], abs=1e-3)


def test_another_model_another_text_or_another_name_is_read_anew(tmp_path: Path) -> None:
    file = tmp_path / "readings.jsonl"
    CachingReader(WordReader, file, model="a").read(PAIRS)
    for model, pairs in (
        ("b", PAIRS),
        ("a", [(Post(id="0", published=NOW, text="halden is fine"), TOPIC)]),
        ("a", [(PAIRS[0][0], Topic(name="Halden", query="halden", aliases=("Hal",)))]),
    ):
        reader = WordReader()
        CachingReader(lambda reader=reader: reader, file, model=model).read(pairs)  # type: ignore[misc]
        assert reader.read_posts == len(pairs)


def test_without_a_file_nothing_is_kept(tmp_path: Path) -> None:
    reader = WordReader()
    reader_without_file = CachingReader(lambda: reader, None)
    reader_without_file.read(PAIRS)
    reader_without_file.read(PAIRS)
    assert reader.read_posts == 6
    assert not list(tmp_path.iterdir())


def test_a_file_of_something_else_is_told(tmp_path: Path) -> None:
    file = tmp_path / "posts.jsonl"
    file.write_text('{"id": "1", "text": "halden"}\n', encoding="utf-8")
    with pytest.raises(TocsinError, match="line 1 is no kept reading"):
        CachingReader(WordReader, file)


def test_a_file_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    with pytest.raises(TocsinError, match="cannot be kept"):
        CachingReader(WordReader, tmp_path / "no" / "readings.jsonl").read(PAIRS)
