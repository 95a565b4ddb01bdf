"""Measuring on labelled files: calibration beside accuracy, and no credit for neutral answers on binary sets."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from engine.errors import EngineError
from engine.post import Post, Reading, Sentiment, Topic
from engine.training.evaluation.evaluate import evaluate

MOODS = {
    "good": Sentiment(negative=0.05, neutral=0.05, positive=0.9),
    "bad": Sentiment(negative=0.9, neutral=0.05, positive=0.05),
    "so so": Sentiment(negative=0.05, neutral=0.9, positive=0.05),
}


def answers(pairs: Sequence[tuple[Post, Topic | None]]) -> list[Reading]:
    """Says of a text what its first words say."""
    return [
        Reading(
            post_id=post.id,
            lang=post.lang,
            sentiment=next(value for key, value in MOODS.items() if post.text.startswith(key)),
        )
        for post, _ in pairs
    ]


def file(tmp_path: Path, rows: Sequence[dict[str, Any]]) -> Path:
    path = tmp_path / "rows.jsonl"
    path.write_text("\n".join(json.dumps(row) for row in rows), encoding="utf-8")
    return path


def test_a_neutral_answer_to_a_binary_set_is_wrong(tmp_path: Path) -> None:
    rows = [{"text": "good", "label": "positive"}, {"text": "bad", "label": "negative"}]
    rows += [{"text": "so so", "label": "positive"}, {"text": "so so", "label": "negative"}]
    found = evaluate("sentiment", file(tmp_path, rows), answers)
    assert found.scores.figures["accuracy"] == 0.5
    assert found.scores.figures["macro_recall"] == 0.5
    assert found.scores.figures["macro_f1"] == pytest.approx(2 / 3)  # precision is whole, recall is half


def test_calibration_is_told_in_all_and_by_language_and_source(tmp_path: Path) -> None:
    """Nine in ten sure and right every time is 0.1 off; sure and wrong every time is 0.9 off."""
    rows = [{"text": "good", "label": "positive", "lang": "en", "source": "a"}] * 5
    rows += [{"text": "bad", "label": "positive", "lang": "zh", "source": "b"}] * 5
    found = evaluate("sentiment", file(tmp_path, rows), answers).as_json()
    assert found["languages"]["en"]["calibration_error"] == pytest.approx(0.1, abs=1e-3)
    assert found["languages"]["zh"]["calibration_error"] == pytest.approx(0.9, abs=1e-3)
    assert found["sources"]["b"]["calibration_error"] == pytest.approx(0.9, abs=1e-3)
    assert found["calibration_error"] == pytest.approx(0.4, abs=1e-3)
    assert set(found) >= {"accuracy", "macro_f1", "macro_recall", "n", "interval_95"}
    assert next(iter(found["interval_95"])) == "accuracy"


def test_a_bad_label_is_named_with_its_line(tmp_path: Path) -> None:
    rows = [{"text": "good", "label": "positive"}, {"text": "bad", "label": "angry"}]
    with pytest.raises(EngineError, match='line 2: The label "angry" is not known'):
        evaluate("sentiment", file(tmp_path, rows), answers)
    with pytest.raises(EngineError, match="holds no row"):
        evaluate("sentiment", file(tmp_path, []), answers)
