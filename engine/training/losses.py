"""What each head is taught, with the unknown masked out."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

from engine.model.network import NetworkOutput
from engine.training.batches import IGNORE, Batch
from engine.training.examples import UNKNOWN


def task_losses(output: NetworkOutput, batch: Batch, *, positive: float = 1.0) -> dict[str, Tensor]:
    """Mean loss of each task that the batch has labels for; a risk that is there counts *positive* times."""
    losses: dict[str, Tensor] = {}
    labelled = batch.sentiment != UNKNOWN
    if labelled.any():
        losses["sentiment"] = functional.cross_entropy(
            output.sentiment[labelled], batch.sentiment[labelled], label_smoothing=0.05
        )
    known = batch.risks != UNKNOWN
    if known.any():
        losses["risks"] = functional.binary_cross_entropy_with_logits(
            output.risks[known], batch.risks[known], pos_weight=output.risks.new_tensor(positive)
        )
    if (batch.entities != IGNORE).any():
        losses["entities"] = functional.cross_entropy(
            output.entities.flatten(0, 2), batch.entities.flatten(), ignore_index=IGNORE
        )
    return losses


def distil_loss(student: Tensor, teacher: Tensor) -> Tensor:
    """Embeddings (B, H), centred, unit length: each near its teacher's, and their similarities alike."""
    direct = (1 - (student * teacher).sum(-1)).mean()
    pairs = functional.mse_loss(student @ student.T, teacher @ teacher.T)
    return direct + 5 * pairs


def departures(output: NetworkOutput, before: NetworkOutput, batch: Batch) -> dict[str, Tensor]:
    """How far each text of *batch* (B,) is from what was said of it *before*, output by output: the Kullback-Leibler
    divergence of sentiment, of the risks together and of an average token's tags; one minus the embeddings' cosine."""
    then = before.risks.sigmoid()
    risks, least = (
        functional.binary_cross_entropy_with_logits(logits, then, reduction="none").sum(-1)
        for logits in (output.risks, before.risks)
    )
    text = batch.inputs["text_mask"].float()
    tags = _drift(output.entities, before.entities).mean(-1)
    return {
        "sentiment": _drift(output.sentiment, before.sentiment),
        "risks": risks - least,
        "entities": (tags * text).sum(-1) / text.sum(-1).clamp(min=1),
        "embedding": 1 - (output.embedding * before.embedding).sum(-1),
    }


def hold_losses(output: NetworkOutput, before: NetworkOutput, batch: Batch) -> dict[str, Tensor]:
    """Mean departure of each output over the texts whose labels do not speak of it, each name after "held" ("learning
    without forgetting", Li and Hoiem 2016)."""
    unlabelled = {
        "sentiment": batch.sentiment == UNKNOWN,
        "risks": (batch.risks == UNKNOWN).all(-1),
        "entities": (batch.entities == IGNORE).all(-1).all(-1),
        "embedding": torch.ones_like(batch.sentiment, dtype=torch.bool),
    }
    parts = departures(output, before, batch)
    return {f"held {name}": part[unlabelled[name]].mean() for name, part in parts.items() if unlabelled[name].any()}


def _drift(now: Tensor, before: Tensor) -> Tensor:
    """Kullback-Leibler divergence of the distributions over the last axis."""
    return functional.kl_div(now.log_softmax(-1), before.log_softmax(-1), log_target=True, reduction="none").sum(-1)
