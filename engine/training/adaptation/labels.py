"""A user's own labelled file: which task it is for, and which of its rows are never trained on."""

from __future__ import annotations

import hashlib
import math
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from engine.post import ENTITY_TYPES
from engine.text.fingerprints import content_hash
from engine.training.atomic_save import TrainingError
from engine.training.evaluation.evaluate import TASK_READERS
from engine.training.examples import ENTITY_KINDS, SENTIMENT, Example, numbered_rows, read_examples

FEWEST = 50
"""Different texts under which nothing is learned: there would be too little left to tell whether it is any good."""
HELD_OUT_SHARE, FEWEST_HELD_OUT = 0.2, 20
WEAK = 1.0
"""An example that weighs less than this is no person's label: it is learned from, and never measured on."""


@dataclass(frozen=True, kw_only=True)
class Labelled:
    """An example with its weight in the loss, from 0 to 1."""

    example: Example
    weight: float = 1.0


@dataclass(frozen=True, kw_only=True)
class Labels:
    """Labels of one *task* (sentiment, target, risk or ner) in two parts that share no text."""

    task: str
    train: tuple[Labelled, ...]
    held_out: tuple[Example, ...]


def read_labels(path: Path, task: str = "") -> tuple[str, list[Labelled]]:
    """The task of *path*, told from the keys of its first row where *task* does not name it, and its rows.

    Raises TrainingError (or EngineError with the line) for a file that cannot be learned from.
    """
    if task and task not in TASK_READERS:
        raise TrainingError("training.task", task=task, known=", ".join(TASK_READERS))
    found = task or _detect(path)
    rows = list(read_examples(path, _strict(found)))
    return found, [Labelled(example=replace(example, source=path.stem)) for _, example in rows]


def _detect(path: Path) -> str:
    first = next(numbered_rows(path), None)
    if first is None:
        raise TrainingError("training.empty", path=path)
    row = first[1]
    if "entities" in row:
        return "ner"
    if "labels" in row:
        return "risk"
    if "label" in row:
        return "target" if row.get("target") else "sentiment"
    raise TrainingError("training.no_label", path=path, line=str(first[0]))


def _strict(task: str) -> Callable[[Mapping[str, Any]], Example]:
    """The reader of *task*, which refuses what it would overlook in a public set."""

    def read(row: Mapping[str, Any]) -> Example:
        if task == "target" and not str(row.get("target") or "").strip():
            raise TrainingError("data.no_target")
        example = TASK_READERS[task](row)
        if task == "ner":
            unknown = {item["type"] for item in row.get("entities", [])} - set(ENTITY_KINDS)
            if unknown:
                raise TrainingError("data.entity_type", type=min(unknown), known=", ".join(ENTITY_TYPES))
        return example

    return read


def divide(task: str, rows: Sequence[Labelled]) -> Labels:
    """Hold back a fifth of the texts of each class, at least 20 in all, chosen by their hash.

    The same text is always on the same side. Raises TrainingError if there is too little to learn or to measure on.
    """
    people = [row for row in rows if row.weight >= WEAK]
    texts = {content_hash(row.example.text) for row in people}
    if len(texts) < FEWEST:
        raise TrainingError("training.few", count=len(texts), least=FEWEST, held_out=FEWEST_HELD_OUT)
    _require_classes(task, [row.example for row in people])
    share = max(HELD_OUT_SHARE, FEWEST_HELD_OUT / len(texts))
    held_back = _held_back(task, [row.example for row in people], share)
    return Labels(
        task=task,
        train=tuple(row for row in rows if content_hash(row.example.text) not in held_back),
        held_out=tuple(row.example for row in people if content_hash(row.example.text) in held_back),
    )


def _held_back(task: str, examples: Sequence[Example], share: float) -> set[str]:
    classes: dict[int, set[str]] = {}
    taken: set[str] = set()
    for example in examples:
        key = content_hash(example.text)
        if key not in taken:
            taken.add(key)
            classes.setdefault(example.sentiment if task in ("sentiment", "target") else 0, set()).add(key)
    found: set[str] = set()
    for keys in classes.values():
        ordered = sorted(keys, key=lambda key: hashlib.sha256(key.encode()).digest())
        found.update(ordered[: math.ceil(share * len(ordered))])
    return found


def _require_classes(task: str, examples: Sequence[Example]) -> None:
    if task in ("sentiment", "target"):
        names = {number: name for name, number in SENTIMENT.items()}
        counts = Counter(names[example.sentiment] for example in examples)
        if len(counts) == 1:
            raise TrainingError("training.one_class", label=next(iter(counts)))
        if min(counts.values()) < 2:
            rare = min(counts, key=lambda name: counts[name])
            raise TrainingError("training.single", label=rare)
    elif task == "risk" and len({example.risks for example in examples}) == 1:
        raise TrainingError("training.same_risks")
    elif task == "ner" and not any(example.entities for example in examples):
        raise TrainingError("training.no_names")
