"""Measure the current model on a labelled file: ``tocsin evaluate``."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from engine.errors import EngineError
from engine.keywords import Vocabulary, content_words
from engine.post import RISKS, Post, Reading, Topic
from engine.stories import Stories
from engine.training.examples import SENTIMENT, Example, ner_example, read_rows, risk_example, sentiment_example
from engine.training.examples import target_example as read_target
from engine.training.metrics import Scores, bcubed, classification, grouped, interval, multilabel, spans

TASKS = ("sentiment", "target", "ner", "risk", "cluster")
LABELS = tuple(SENTIMENT)
EPOCH = datetime(2000, 1, 1, tzinfo=UTC)

ReadPairs = Callable[[Sequence[tuple[Post, Topic | None]]], list[Reading]]


@dataclass(frozen=True, kw_only=True)
class Evaluation:
    """Scores over all rows, by language and by source; *interval* is that of *headline*, the task's first figure.

    Clusterings have none: a bootstrap draws rows twice, and twins are always clustered right.
    """

    task: str
    scores: Scores
    headline: str
    interval: tuple[float, float] | None
    by_language: dict[str, Scores]
    by_source: dict[str, Scores]

    def as_json(self) -> dict[str, Any]:
        spread = {"interval_95": {self.headline: [round(b, 4) for b in self.interval]}} if self.interval else {}
        return {
            "task": self.task,
            **self.scores.as_row(),
            **spread,
            "languages": {name: scores.as_row() for name, scores in self.by_language.items()},
            "sources": {name: scores.as_row() for name, scores in self.by_source.items()},
        }


def evaluate(task: str, path: Path, read: ReadPairs) -> Evaluation:
    """Read every row of *path* with *read* and hold the answers against its labels.

    Raises EngineError with the line for a file that does not fit the task.
    """
    if task not in TASKS:
        raise EngineError(f'"{task}" cannot be evaluated: use one of {", ".join(TASKS)}.')
    if not path.is_file():
        raise EngineError(f"There is no file {path}.")
    rows = list(read_rows(path))
    if not rows:
        raise EngineError(f"{path} holds no row.")
    if task == "cluster":
        return _clusters(rows, read)
    examples = [_READERS[task](row) for row in rows]
    readings = read([(_post(number, row), _topic(example)) for number, (row, example) in _numbered(rows, examples)])
    score = _SCORERS[task](examples, readings)
    return _evaluation(task, [(example.lang, example.source) for example in examples], score)


def _numbered(
    rows: Sequence[dict[str, Any]], examples: Sequence[Example]
) -> list[tuple[int, tuple[dict[str, Any], Example]]]:
    return list(enumerate(zip(rows, examples, strict=True)))


def _post(number: int, row: dict[str, Any]) -> Post:
    said = row.get("published")
    when = datetime.fromisoformat(said) if said else EPOCH
    when = when if when.tzinfo else when.replace(tzinfo=UTC)
    return Post(id=str(number), published=when, text=row["text"], lang=str(row.get("lang") or ""))


def _topic(example: Example) -> Topic | None:
    return Topic(name=example.target, query=example.target, aliases=(example.target,)) if example.target else None


Score = Callable[[Sequence[int]], Scores]
"""The scores of the rows with these numbers."""


def _polarity(examples: Sequence[Example], readings: Sequence[Reading]) -> Score:
    gold = [example.sentiment for example in examples]
    said = [SENTIMENT[reading.sentiment.label.value] for reading in readings]
    return lambda rows: classification([gold[i] for i in rows], [said[i] for i in rows])


def _entities(examples: Sequence[Example], readings: Sequence[Reading]) -> Score:
    gold = [set(example.entities or ()) for example in examples]
    said = [{(found.start, found.end, found.type) for found in reading.entities} for reading in readings]
    return lambda rows: spans([gold[i] for i in rows], [said[i] for i in rows])


def _risks(examples: Sequence[Example], readings: Sequence[Reading]) -> Score:
    gold = np.array([[value == 1 for value in example.risks or (0,) * len(RISKS)] for example in examples])
    said = np.array([[risk in reading.risks for risk in RISKS] for reading in readings])
    return lambda rows: multilabel(gold[list(rows)], said[list(rows)])


_READERS: dict[str, Callable[[dict[str, Any]], Example]] = {
    "sentiment": sentiment_example,
    "target": read_target,
    "ner": ner_example,
    "risk": risk_example,
}
_SCORERS: dict[str, Callable[[Sequence[Example], Sequence[Reading]], Score]] = {
    "sentiment": _polarity,
    "target": _polarity,
    "ner": _entities,
    "risk": _risks,
}


def _clusters(rows: Sequence[dict[str, Any]], read: ReadPairs) -> Evaluation:
    """The clustering of the watch, one post at a time in the order of time, against the labelled stories."""
    posts = [_post(number, row) for number, row in enumerate(rows)]
    readings = read([(post, None) for post in posts])
    said = _stories(posts, readings)
    if any("cluster" not in row for row in rows):
        raise EngineError('Every row needs a "cluster".')
    gold = [str(row["cluster"]) for row in rows]
    keys = [(reading.lang, str(row.get("source", ""))) for row, reading in zip(rows, readings, strict=True)]
    return _evaluation("cluster", keys, lambda part: bcubed([gold[i] for i in part], [said[i] for i in part]))


def _stories(posts: Sequence[Post], readings: Sequence[Reading]) -> list[str]:
    """The story of each post, as the watch would have it; posts without a time keep the file's order."""
    stories, vocabulary, found = Stories(), Vocabulary(), [""] * len(posts)
    for number in sorted(range(len(posts)), key=lambda number: (posts[number].published, number)):
        post, reading = posts[number], readings[number]
        words = content_words(post, reading, ())
        story = stories.assign("evaluate", post, reading, words, vocabulary=vocabulary, at=post.published, live=True)
        vocabulary.add(words)
        stories.forget(post.published)
        found[number] = story.id
    return found


def _evaluation(task: str, keys: Sequence[tuple[str, str]], score: Score) -> Evaluation:
    everything = range(len(keys))
    scores = score(everything)
    headline = next(iter(scores.figures))
    return Evaluation(
        task=task,
        scores=scores,
        headline=headline,
        interval=None if task == "cluster" else interval(lambda rows: score(rows).figures[headline], len(keys)),
        by_language={name: score(rows) for name, rows in grouped([lang for lang, _ in keys]).items() if name},
        by_source={name: score(rows) for name, rows in grouped([source for _, source in keys]).items() if name},
    )
