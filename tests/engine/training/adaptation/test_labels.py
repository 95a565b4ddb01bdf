"""A user's own labelled file: its task, its faults in sentences, and the part that is held back."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from engine.errors import EngineError
from engine.training.adaptation.labels import FEWEST, Labelled, divide, read_labels
from engine.training.examples import Example

SPAN = {"start": 0, "end": 4, "type": "organisation"}


def written(tmp_path: Path, *rows: dict[str, Any] | str) -> Path:
    path = tmp_path / "mine.jsonl"
    lines = [row if isinstance(row, str) else json.dumps(row, ensure_ascii=False) for row in rows]
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def rows(n: int, labels: tuple[int, ...] = (0, 2)) -> list[Labelled]:
    return [
        Labelled(example=Example(text=f"text number {i}", source="mine", sentiment=labels[i % len(labels)]))
        for i in range(n)
    ]


def row(example: Example) -> Labelled:
    return Labelled(example=example)


@pytest.mark.parametrize(
    ("fields", "task"),
    [
        ({"text": "好吃", "label": "positive"}, "sentiment"),
        ({"text": "acme is late", "target": "acme", "label": "negative"}, "target"),
        ({"text": "acme recalls", "labels": ["product"]}, "risk"),
        ({"text": "acme recalls", "target": "acme", "labels": [], "label": "neutral"}, "risk"),
        ({"text": "acme recalls", "entities": [SPAN]}, "ner"),
    ],
)
def test_the_task_is_told_from_the_keys(fields: dict[str, Any], task: str, tmp_path: Path) -> None:
    found, [labelled] = read_labels(written(tmp_path, fields))
    assert (found, labelled.example.text, labelled.weight) == (task, fields["text"], 1.0)


@pytest.mark.parametrize(
    ("lines", "sentence"),
    [
        ((), "is empty"),
        (({"text": "a"},), "line 1 has no label"),
        (({"text": "a", "label": "positive"}, '{"text": '), "line 2 is not JSON"),
        (({"text": "a", "label": "positive"}, {"label": "negative"}), 'line 2 has no "text"'),
        (({"text": "a", "label": "positive"}, {"text": "b", "label": "angry"}), 'line 2: The label "angry"'),
        (
            ({"text": "a", "label": "positive", "target": "x"}, {"text": "b", "label": "negative"}),
            "line 2: There is no",
        ),
        (({"text": "a", "labels": ["aliens"]},), 'line 1: The risk "aliens" is not known'),
        (({"text": "a", "labels": "health"},), 'line 1: "labels" must be a list'),
        (({"text": "a", "entities": [{"start": 0, "end": 9, "type": "person"}]},), 'line 1: "entities" must be'),
        (({"text": "ab", "entities": [{"start": 0, "end": 1, "type": "dog"}]},), 'line 1: The type "dog"'),
    ],
)
def test_bad_files_are_told_with_their_line(lines: tuple[Any, ...], sentence: str, tmp_path: Path) -> None:
    with pytest.raises(EngineError) as told:
        read_labels(written(tmp_path, *lines))
    assert sentence in str(told.value)


def test_a_task_that_nobody_knows_and_a_file_that_is_no_text(tmp_path: Path) -> None:
    with pytest.raises(EngineError, match="nothing that can be learned"):
        read_labels(written(tmp_path, {"text": "a", "label": "positive"}), "mood")
    binary = tmp_path / "picture.jsonl"
    binary.write_bytes(b"\xff\xfe\x00\x01")
    with pytest.raises(EngineError, match="not UTF-8"):
        read_labels(binary)


def test_a_fifth_of_each_class_is_held_back_always_the_same() -> None:
    """The order of the rows changes nothing, and no text is on both sides."""
    many = rows(200, (0, 0, 0, 2))
    labels, again = divide("sentiment", many), divide("sentiment", many[::-1])
    assert {one.text for one in labels.held_out} == {one.text for one in again.held_out}
    assert len(labels.held_out) == 40
    assert sum(one.sentiment == 2 for one in labels.held_out) == 10
    assert not {one.text for one in labels.held_out} & {row.example.text for row in labels.train}


def test_of_few_rows_twenty_are_held_back() -> None:
    labels = divide("sentiment", rows(FEWEST))
    assert (len(labels.held_out), len(labels.train)) == (20, 30)


def test_copies_of_a_text_stay_on_one_side() -> None:
    """What differs only in case and an address is the same text, whatever it is labelled as."""
    many = rows(100) + [
        Labelled(example=Example(text=f"TEXT number {i}! https://x.example/{i}", source="mine", sentiment=1))
        for i in range(100)
    ]
    labels = divide("sentiment", many)
    bare = {one.text.split("!")[0].lower() for one in labels.held_out}
    assert bare.isdisjoint(row.example.text.split("!")[0].lower() for row in labels.train)


def test_weak_labels_are_learned_from_and_never_measured_on() -> None:
    weak = [Labelled(example=Example(text=f"alarm {i}", source="mine", sentiment=1), weight=0.25) for i in range(30)]
    labels = divide("target", rows(100) + weak)
    assert not any(one.text.startswith("alarm") for one in labels.held_out)
    assert sum(row.weight < 1 for row in labels.train) == 30


@pytest.mark.parametrize(
    ("many", "task", "sentence"),
    [
        (rows(FEWEST - 1), "sentiment", f"There are {FEWEST - 1} different labelled texts; at least {FEWEST}"),
        (rows(80, (0,)), "sentiment", 'Every row says "negative"'),
        (rows(80, (0,) * 79 + (1,)), "sentiment", 'A single row says "neutral"'),
        (
            [Labelled(example=Example(text=f"t {i}", source="m", risks=(0,) * 14)) for i in range(80)],
            "risk",
            "same risks",
        ),
        ([Labelled(example=Example(text=f"t {i}", source="m", entities=())) for i in range(80)], "ner", "No row holds"),
    ],
)
def test_too_little_is_refused_in_a_sentence(many: list[Labelled], task: str, sentence: str) -> None:
    with pytest.raises(EngineError, match=sentence):
        divide(task, many)
