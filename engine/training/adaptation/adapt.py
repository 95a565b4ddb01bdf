"""Teach the current model a user's own labels, in minutes on a CPU, without letting it forget what it knew.

Low-rank adapters on the encoder's attention, or the task's head alone, learn the labels. On the same texts, and on the
project's own risk examples, everything else the model says is held to what it said before (distillation of its own
outputs: "learning without forgetting", Li and Hoiem 2016). The adapters are merged at the end: what is saved is an
ordinary model.
"""

from __future__ import annotations

import copy
import math
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional
from transformers import PreTrainedTokenizerFast

from engine.model.encoding import TextEncoder
from engine.model.loading import load_network, model_type, pick_device
from engine.model.network import NetworkOutput, TocsinConfig, TocsinNetwork
from engine.training.adaptation import lora
from engine.training.adaptation.labels import Labelled
from engine.training.atomic_save import TrainingError, save_whole
from engine.training.batches import IGNORE, Batch, collate, crop, target_of
from engine.training.examples import UNKNOWN, Example
from engine.training.losses import departures
from engine.training.out_of_memory import MicroBatches, Say
from engine.training.progress import shown

HEADS = {
    "sentiment": ("sentiment_dense", "sentiment_head"),
    "target": ("sentiment_dense", "sentiment_head"),
    "risk": ("risk_dense", "risk_head"),
    "ner": ("entity_head",),
}


@dataclass(frozen=True, kw_only=True)
class Adaptation:
    """How a model is adapted. *replayed* of each batch are texts of which the model only repeats itself."""

    heads_only: bool = False
    rank: int = 8
    alpha: float = 16.0
    epochs: int = 4
    most_steps: int = 600
    batch: int = 16
    replayed: int = 8
    window: int = 96  # tokens
    adapter_rate: float = 1e-3
    head_rate: float = 2e-4
    warm_up: float = 0.1
    seed: int = 20260302


def adapt(
    model: str | Path,
    task: str,
    labelled: Sequence[Labelled],
    replay: Sequence[Example],
    *,
    out: Path,
    how: Adaptation | None = None,
    device: str = "auto",
    say: Say = print,
) -> None:
    """Teach the model named *model* the *labelled* examples of *task*, and save what comes of it to *out*.

    Raises TrainingError, with nothing half-written in *out*.
    """
    how = how or Adaptation()
    if model_type(model) != TocsinConfig.model_type:
        raise TrainingError("training.classifier", name=model)
    torch.manual_seed(how.seed)
    network, tokenizer = load_network(model)
    lesson = AdapterTraining(network, tokenizer, task, how, pick_device(device), say)
    lesson.learn(labelled, replay)
    save_whole(lesson.network, tokenizer, out)


class AdapterTraining:
    """One adaptation under way. *network* is changed; what it said before is asked of a frozen copy of it."""

    def __init__(
        self,
        network: TocsinNetwork,
        tokenizer: PreTrainedTokenizerFast,
        task: str,
        how: Adaptation,
        device: torch.device,
        say: Say,
    ) -> None:
        self._before = nn.Module.to(copy.deepcopy(network).requires_grad_(False).eval(), device)
        self.network = network
        nn.Module.to(network, device)
        self._task, self._how, self._say = task, how, say
        self._encoder = TextEncoder(tokenizer, window=how.window)
        self._portions = MicroBatches(say)

    def learn(self, labelled: Sequence[Labelled], replay: Sequence[Example]) -> None:
        """Go through *labelled* some times; the network is then whole again, on the CPU, ready to be saved."""
        optimizer = self._optimizer()
        steps = min(self._how.most_steps, math.ceil(self._how.epochs * len(labelled) / self._how.batch))
        schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: _pace(step, steps, self._how.warm_up))
        stream = self._batches(labelled, replay)
        self.network.train()
        with shown(f"learning {self._task}", steps) as show:
            for step in range(steps):
                show(step + 1, self._step(next(stream), optimizer))
                schedule.step()
        lora.merge(self.network.encoder)
        nn.Module.to(self.network.eval(), "cpu")

    def _optimizer(self) -> torch.optim.AdamW:
        self.network.requires_grad_(False)
        found = 0
        if not self._how.heads_only:
            found = lora.attach(self.network.encoder, rank=self._how.rank, alpha=self._how.alpha)
            if not found:
                self._say("This encoder's attention is not known to Tocsin: only the head of the task learns.")
        heads = [p for name in HEADS[self._task] for p in getattr(self.network, name).requires_grad_(True).parameters()]
        adapters = [p for p in self.network.encoder.parameters() if p.requires_grad]
        groups = [{"params": heads, "lr": self._how.head_rate}]
        groups += [{"params": adapters, "lr": self._how.adapter_rate}] if found else []
        return torch.optim.AdamW(groups, weight_decay=0.01)

    def _batches(self, labelled: Sequence[Labelled], replay: Sequence[Example]) -> Iterator[Batch]:
        """Endless batches; a replayed text's label weighs nothing."""
        rng = random.Random(self._how.seed)
        mine, theirs = _rounds(labelled, rng), _rounds([Labelled(example=one, weight=0.0) for one in replay], rng)
        while True:
            drawn = [next(mine) for _ in range(self._how.batch)]
            drawn += [next(theirs) for _ in range(self._how.replayed)] if replay else []
            examples = [row.example for row in drawn]
            encoded = self._encoder.encode([(example.text, target_of(example, rng)) for example in examples])
            chunks = [crop(example, parts, rng) for example, parts in zip(examples, encoded, strict=True)]
            yield collate(examples, chunks, pad=self._encoder.pad, weights=[row.weight for row in drawn])

    def _step(self, batch: Batch, optimizer: torch.optim.Optimizer) -> dict[str, float]:
        def descend(part: Batch, share: float) -> dict[str, float]:
            losses = self._losses(part.to(self.network.device))
            (share * torch.stack(list(losses.values())).sum()).backward()
            return {name: loss.item() for name, loss in losses.items()}

        measured = self._portions.run(batch, descend, begin=lambda: optimizer.zero_grad(set_to_none=True))
        learned = [p for group in optimizer.param_groups for p in group["params"]]
        torch.nn.utils.clip_grad_norm_(learned, 1.0)
        optimizer.step()
        return measured

    def _losses(self, batch: Batch) -> dict[str, Tensor]:
        output: NetworkOutput = self.network(**batch.inputs)
        with torch.no_grad():
            before: NetworkOutput = self._before(**batch.inputs)
        heat = self.network.config.temperatures
        return {
            "labels": label_loss(self._task, output, batch, heat),
            "memory": keep_loss(self._task, output, before, batch),
        }


def label_loss(task: str, output: NetworkOutput, batch: Batch, heat: dict[str, float]) -> Tensor:
    """The labels' loss, weighted, of what the reader would say: with its temperatures."""
    weights = batch.weights
    if task == "risk":
        logits = output.risks / heat.get("risks", 1.0)
        each = functional.binary_cross_entropy_with_logits(logits, batch.risks.clamp(min=0), reduction="none").mean(-1)
    elif task == "ner":
        flat = functional.cross_entropy(
            output.entities.flatten(0, 2), batch.entities.flatten(), ignore_index=IGNORE, reduction="none"
        ).view(batch.entities.shape)
        each = flat.sum((1, 2)) / (batch.entities != IGNORE).sum((1, 2)).clamp(min=1)
    else:
        logits = output.sentiment / heat.get("sentiment", 1.0)
        each = functional.cross_entropy(logits, batch.sentiment.clamp(min=0), reduction="none")
        weights = weights * (batch.sentiment != UNKNOWN)
    return (each * weights).sum() / weights.sum().clamp(min=1e-6)


def keep_loss(task: str, output: NetworkOutput, before: NetworkOutput, batch: Batch) -> Tensor:
    """How far the model has gone from what it said before, on everything that no label speaks of."""
    free = {name: torch.ones_like(batch.weights) for name in ("sentiment", "risks", "entities")}
    taught = {"risk": "risks", "ner": "entities"}.get(task, "sentiment")
    free[taught] = (batch.weights == 0).float()
    parts = departures(output, before, batch)
    return sum(
        ((parts[name] * free[name]).sum() / free[name].sum().clamp(min=1) for name in free),
        start=5 * parts["embedding"].mean(),
    )


def _rounds(rows: Sequence[Labelled], rng: random.Random) -> Iterator[Labelled]:
    while True:
        yield from rng.sample(list(rows), len(rows))


def _pace(step: int, steps: int, warm_up: float) -> float:
    """The share of the full rate at *step*: up over the warm-up, then down to nothing."""
    warm = max(1, int(steps * warm_up))
    return min((step + 1) / warm, max(0.02, (steps - step) / max(1, steps - warm)))
