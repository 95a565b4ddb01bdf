"""Measure the current model on a labelled file: ``tocsin evaluate``."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from engine.errors import EngineError
from engine.post import RISKS, Post, Reading, Topic
from engine.stories.live_stories import Changes, Stories
from engine.text.keywords import Vocabulary, content_words
from engine.training.evaluation.metrics import (
    Scores,
    bcubed,
    calibration_error,
    classification,
    grouped,
    interval,
    multilabel,
    spans,
)
from engine.training.examples import (
    SENTIMENT,
    Example,
    ner_example,
    read_examples,
    read_rows,
    risk_example,
    sentiment_example,
)
from engine.training.examples import target_example as read_target

TASKS = ("sentiment", "target", "ner", "risk", "cluster")
LABELS = tuple(SENTIMENT)
EPOCH = datetime(2000, 1, 1, tzinfo=UTC)

ReadPairs = Callable[[Sequence[tuple[Post, Topic | None]]], list[Reading]]
Score = Callable[[Sequence[int]], Scores]
"""The scores of the rows with these numbers."""


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
        """The figures as plain values for JSON, by language and source too."""
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
        raise EngineError("data.task", task=task, known=", ".join(TASKS))
    if not path.is_file():
        raise EngineError("data.no_file", path=path)
    if task == "cluster":
        rows = list(read_rows(path))
        _require(rows, path)
        return _clusters(rows, read)
    examples = [example for _, example in read_examples(path, TASK_READERS[task])]
    _require(examples, path)
    return measure(task, examples, read)


def _require(rows: Sequence[object], path: Path) -> None:
    if not rows:
        raise EngineError("data.no_row", path=path)


def measure(task: str, examples: Sequence[Example], read: ReadPairs) -> Evaluation:
    """Hold the readings of *examples* against their labels; *task* is any but ``cluster``."""
    keys = [(example.lang, example.source) for example in examples]
    return _evaluation(task, keys, score_of(task, examples, read))


def score_of(task: str, examples: Sequence[Example], read: ReadPairs) -> Score:
    """Read *examples* once; the scores of any of their rows."""
    posts = [Post(id=str(n), published=EPOCH, text=one.text, lang=one.lang) for n, one in enumerate(examples)]
    readings = read([(post, _topic(example)) for post, example in zip(posts, examples, strict=True)])
    return _SCORERS[task](examples, readings)


def _post(number: int, row: dict[str, Any]) -> Post:
    said = row.get("published")
    when = datetime.fromisoformat(said) if said else EPOCH
    when = when if when.tzinfo else when.replace(tzinfo=UTC)
    return Post(id=str(number), published=when, text=row["text"], lang=str(row.get("lang") or ""))


def _topic(example: Example) -> Topic | None:
    return Topic(name=example.target, query=example.target, aliases=(example.target,)) if example.target else None


def _polarity(examples: Sequence[Example], readings: Sequence[Reading]) -> Score:
    """A neutral answer to a row of a binary set is wrong like any other."""
    gold = np.array([example.sentiment for example in examples])
    said = np.array([SENTIMENT[reading.sentiment.label.value] for reading in readings])
    moods = [reading.sentiment for reading in readings]
    sure = np.array([max(mood.negative, mood.neutral, mood.positive) for mood in moods], dtype=np.float32)

    def score(rows: Sequence[int]) -> Scores:
        part = list(rows)
        plain = classification(gold[part].tolist(), said[part].tolist())
        error = calibration_error(sure[part], gold[part] == said[part])
        return Scores(n=plain.n, figures={**plain.figures, "calibration_error": error})

    return score


def _entities(examples: Sequence[Example], readings: Sequence[Reading]) -> Score:
    gold = [set(example.entities or ()) for example in examples]
    said = [{(found.start, found.end, found.type) for found in reading.entities} for reading in readings]
    return lambda rows: spans([gold[i] for i in rows], [said[i] for i in rows])


def _risks(examples: Sequence[Example], readings: Sequence[Reading]) -> Score:
    gold = np.array([[value == 1 for value in example.risks or (0,) * len(RISKS)] for example in examples])
    said = np.array([[risk in reading.risks for risk in RISKS] for reading in readings])
    return lambda rows: multilabel(gold[list(rows)], said[list(rows)])


TASK_READERS: dict[str, Callable[[Mapping[str, Any]], Example]] = {
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
        raise EngineError("data.no_cluster")
    gold = [str(row["cluster"]) for row in rows]
    keys = [(reading.lang, str(row.get("source", ""))) for row, reading in zip(rows, readings, strict=True)]
    return _evaluation("cluster", keys, lambda part: bcubed([gold[i] for i in part], [said[i] for i in part]))


def _stories(posts: Sequence[Post], readings: Sequence[Reading]) -> list[str]:
    """The story of each post, as the watch would have it; posts without a time keep the file's order."""
    stories, vocabulary, changes, found = Stories(), Vocabulary(), Changes(), [""] * len(posts)
    for number in sorted(range(len(posts)), key=lambda number: (posts[number].published, number)):
        post, reading = posts[number], readings[number]
        words, at = content_words(post, reading, ()), post.published
        story = stories.assign(
            "evaluate", post, reading, words, vocabulary=vocabulary, at=at, live=True, changes=changes
        )
        vocabulary.add(words)
        stories.forget(post.published)
        found[number] = story.id
    return [changes.place(post.id, story_id) for post, story_id in zip(posts, found, strict=True)]


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
