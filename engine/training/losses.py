"""What each head is taught, with the unknown masked out."""

from __future__ import annotations

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
