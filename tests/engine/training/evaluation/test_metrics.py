"""The metrics against figures worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest

from engine.training.evaluation.metrics import bcubed, calibration_error, classification, interval, multilabel, spans


def test_classification() -> None:
    scores = classification([0, 0, 1, 2], [0, 1, 1, 0]).figures
    assert scores["accuracy"] == 0.5
    assert scores["macro_recall"] == pytest.approx((0.5 + 1 + 0) / 3)
    assert scores["macro_f1"] == pytest.approx((0.5 + 2 / 3 + 0) / 3)


def test_a_class_that_only_the_model_says_has_no_column_of_its_own() -> None:
    """Binary sets: a neutral answer is simply wrong."""
    assert classification([0, 2], [1, 2]).figures["macro_f1"] == pytest.approx(0.5)


def test_spans_are_exact() -> None:
    gold = [{(0, 2, "person"), (3, 5, "location")}, set()]
    said = [{(0, 2, "person"), (3, 4, "location")}, {(1, 2, "product")}]
    figures = spans(gold, said).figures
    assert (figures["precision"], figures["recall"]) == (pytest.approx(1 / 3), 0.5)
    assert figures["f1"] == pytest.approx(0.4)


def test_labels_without_gold_do_not_count_in_the_macro_mean() -> None:
    gold = np.array([[True, False], [True, False]])
    said = np.array([[True, True], [False, False]])
    figures = multilabel(gold, said).figures
    assert figures["macro_f1"] == pytest.approx(2 / 3)
    assert figures["micro_f1"] == pytest.approx(0.5)


def test_bcubed_of_everything_apart() -> None:
    figures = bcubed(["a", "a", "b"], [1, 2, 3]).figures
    assert (figures["bcubed_precision"], figures["bcubed_recall"]) == (1.0, pytest.approx(2 / 3))


def test_a_sure_and_right_model_is_calibrated() -> None:
    assert calibration_error(np.ones(10, dtype=np.float32), np.ones(10, dtype=bool)) == 0
    assert calibration_error(np.ones(10, dtype=np.float32), np.zeros(10, dtype=bool)) == 1


def test_the_interval_holds_the_figure_and_is_the_same_every_time() -> None:
    values = np.arange(100) / 100

    def mean(rows: list[int]) -> float:
        return float(values[rows].mean())

    low, high = interval(mean, 100)
    assert low < 0.495 < high
    assert (low, high) == interval(mean, 100)
