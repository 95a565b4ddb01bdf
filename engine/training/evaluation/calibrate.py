"""Make probabilities mean what they say: a temperature a head, a threshold a risk, found on held-out examples.

Temperature scaling after Guo et al. 2017 ("On calibration of modern neural networks"): one number a head, which
changes no label of the sentiment.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional
from transformers import PreTrainedTokenizerFast

from engine.model.batching import plan, tensors
from engine.model.encoding import TextEncoder
from engine.model.network import TocsinNetwork
from engine.post import RISKS
from engine.training.evaluation.metrics import calibration_error
from engine.training.examples import UNKNOWN, Example

TEMPERATURES = np.exp(np.linspace(np.log(0.4), np.log(4.0), 60))
THRESHOLDS = np.linspace(0.25, 0.75, 21)
FEWEST = 8
"""Positive examples under which a risk keeps the threshold of all risks together."""


@dataclass(frozen=True, kw_only=True)
class Calibration:
    """*before* and *after* are expected calibration errors of the sentiment, from 0 to 1."""

    sentiment: float
    risks: float
    thresholds: dict[str, float]
    before: float
    after: float


def calibrate(network: TocsinNetwork, tokenizer: PreTrainedTokenizerFast, examples: Sequence[Example]) -> Calibration:
    """Find temperatures and thresholds on *examples* and write them into the network's configuration."""
    sentiment, risks = logits(network, tokenizer, examples)
    gold = torch.tensor([example.sentiment for example in examples])
    told = gold != UNKNOWN
    heat = _temperature(sentiment[told], gold[told])
    labels = torch.tensor([example.risks or (UNKNOWN,) * len(RISKS) for example in examples], dtype=torch.float32)
    known = labels != UNKNOWN
    risk_heat = _binary_temperature(risks[known], labels[known])
    probabilities = (risks / risk_heat).sigmoid().numpy()
    thresholds = _thresholds(probabilities, labels.numpy())
    network.config.temperatures = {"sentiment": heat, "risks": risk_heat}
    network.config.risk_thresholds = thresholds
    return Calibration(
        sentiment=heat,
        risks=risk_heat,
        thresholds=thresholds,
        before=_error(sentiment[told], gold[told], 1.0),
        after=_error(sentiment[told], gold[told], heat),
    )


@torch.inference_mode()
def logits(
    network: TocsinNetwork, tokenizer: PreTrainedTokenizerFast, examples: Sequence[Example]
) -> tuple[Tensor, Tensor]:
    """Sentiment (n, 3) and risk (n, R) logits of the first chunk of each example."""
    encoder = TextEncoder(tokenizer)
    targets = [[example.target] if example.target else [] for example in examples]
    encoded = encoder.encode([(example.text, target) for example, target in zip(examples, targets, strict=True)])
    chunks = [parts[0] for parts in encoded]
    sentiment, risks = torch.zeros(len(chunks), 3), torch.zeros(len(chunks), len(RISKS))
    for group in plan([len(chunk.ids) for chunk in chunks]):
        inputs = tensors([chunks[i] for i in group], pad=encoder.pad, device=network.device)
        output = network(**inputs)
        sentiment[group], risks[group] = output.sentiment.float().cpu(), output.risks.float().cpu()
    return sentiment, risks


def _temperature(scores: Tensor, gold: Tensor) -> float:
    losses = [functional.cross_entropy(scores / heat, gold).item() for heat in TEMPERATURES]
    return round(float(TEMPERATURES[int(np.argmin(losses))]), 3)


def _binary_temperature(scores: Tensor, gold: Tensor) -> float:
    losses = [functional.binary_cross_entropy_with_logits(scores / heat, gold).item() for heat in TEMPERATURES]
    return round(float(TEMPERATURES[int(np.argmin(losses))]), 3)


def _error(scores: Tensor, gold: Tensor, heat: float) -> float:
    best = (scores / heat).softmax(-1).max(-1)
    return calibration_error(best.values.numpy(), (best.indices == gold).numpy())


def _thresholds(probabilities: NDArray[np.float32], labels: NDArray[np.float32]) -> dict[str, float]:
    """The threshold of best F1 for each risk; of all risks together for those with few examples."""
    common = _best(probabilities[labels != UNKNOWN], labels[labels != UNKNOWN])
    found = {}
    for column, risk in enumerate(RISKS):
        known = labels[:, column] != UNKNOWN
        gold = labels[known, column]
        found[risk] = _best(probabilities[known, column], gold) if gold.sum() >= FEWEST else common
    return found


def _best(probabilities: NDArray[np.float32], gold: NDArray[np.float32]) -> float:
    def f1(threshold: float) -> float:
        said = probabilities >= threshold
        hit = float((said & (gold == 1)).sum())
        return 2 * hit / max(1.0, float(said.sum() + (gold == 1).sum()))

    scores = np.array([f1(threshold) for threshold in THRESHOLDS])
    near = THRESHOLDS[scores >= scores.max() - 1e-9]
    return round(float(near[len(near) // 2]), 3)
