"""The standard metrics of the tasks, with confidence intervals by bootstrap."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Span = tuple[int, int, str]


@dataclass(frozen=True, kw_only=True)
class Scores:
    """Named figures from 0 to 1 over *n* rows."""

    n: int
    figures: dict[str, float]

    def as_row(self) -> dict[str, float | int]:
        return {"n": self.n, **{name: round(value, 4) for name, value in self.figures.items()}}


def classification(gold: Sequence[int], said: Sequence[int]) -> Scores:
    """Accuracy, macro F1 and macro recall over the classes that occur in *gold*."""
    truth, guess = np.asarray(gold), np.asarray(said)
    recalls, f1s = [], []
    for label in np.unique(truth):
        hit = int(((truth == label) & (guess == label)).sum())
        recalls.append(hit / int((truth == label).sum()))
        f1s.append(2 * hit / (int((truth == label).sum()) + int((guess == label).sum())))
    figures = {
        "accuracy": float((truth == guess).mean()),
        "macro_f1": float(np.mean(f1s)),
        "macro_recall": float(np.mean(recalls)),
    }
    return Scores(n=len(truth), figures=figures)


def spans(gold: Sequence[set[Span]], said: Sequence[set[Span]]) -> Scores:
    """Micro precision, recall and F1 of exact spans with their types (as conlleval counts)."""
    hit = sum(len(a & b) for a, b in zip(gold, said, strict=True))
    told, true = sum(map(len, said)), sum(map(len, gold))
    precision, recall = hit / max(1, told), hit / max(1, true)
    f1 = 2 * hit / max(1, told + true)
    return Scores(n=len(gold), figures={"f1": f1, "precision": precision, "recall": recall})


def multilabel(gold: NDArray[np.bool_], said: NDArray[np.bool_]) -> Scores:
    """Macro F1 over the labels that occur in *gold*, and micro F1; both of shape (n, labels)."""
    hit, told, true = (gold & said).sum(0), said.sum(0), gold.sum(0)
    f1 = 2 * hit / np.maximum(1, told + true)
    micro = 2 * hit.sum() / max(1, int(told.sum() + true.sum()))
    macro = float(f1[true > 0].mean()) if (true > 0).any() else 0.0
    return Scores(n=len(gold), figures={"macro_f1": macro, "micro_f1": float(micro)})


def average_precision(gold: NDArray[np.int_], scores: NDArray[np.float32], *, unknown: int) -> float:
    """Mean average precision over the labels that occur; both (n, labels), *unknown* entries of *gold* left out."""
    found = []
    for column in range(gold.shape[1]):
        known = gold[:, column] != unknown
        order = np.argsort(-scores[known, column], kind="stable")
        hits = (gold[known, column] == 1)[order]
        if hits.any():
            precision = np.cumsum(hits) / np.arange(1, len(hits) + 1)
            found.append(float(precision[hits].mean()))
    return float(np.mean(found)) if found else 0.0


def bcubed(gold: Sequence[Hashable], said: Sequence[Hashable]) -> Scores:
    """B-cubed precision, recall and F1 of a clustering (Bagga and Baldwin 1998)."""
    both = Counter(zip(gold, said, strict=True))
    by_gold, by_said = Counter(gold), Counter(said)
    n = len(gold)
    precision = sum(count * count / by_said[cluster] for (_, cluster), count in both.items()) / max(1, n)
    recall = sum(count * count / by_gold[cluster] for (cluster, _), count in both.items()) / max(1, n)
    f1 = 2 * precision * recall / max(1e-12, precision + recall)
    figures = {"bcubed_f1": f1, "bcubed_precision": precision, "bcubed_recall": recall}
    return Scores(n=n, figures=figures)


def calibration_error(confidence: NDArray[np.float32], right: NDArray[np.bool_], bins: int = 15) -> float:
    """Expected calibration error with *bins* of equal width (Guo et al. 2017)."""
    places = np.minimum((confidence * bins).astype(int), bins - 1)
    error = 0.0
    for place in range(bins):
        inside = places == place
        if inside.any():
            error += abs(float(confidence[inside].mean()) - float(right[inside].mean())) * float(inside.mean())
    return error


def interval(
    measure: Callable[[Sequence[int]], float], n: int, *, rounds: int = 200, seed: int = 7
) -> tuple[float, float]:
    """95 % interval of *measure*, a function of row numbers, by the percentile bootstrap."""
    generator = np.random.default_rng(seed)
    values = [measure(generator.integers(0, n, n).tolist()) for _ in range(rounds)]
    low, high = np.percentile(values, [2.5, 97.5])
    return float(low), float(high)


def grouped(keys: Sequence[str]) -> dict[str, list[int]]:
    """Row numbers by key, in the order of first appearance."""
    groups: dict[str, list[int]] = defaultdict(list)
    for number, key in enumerate(keys):
        groups[key].append(number)
    return dict(groups)
