"""Cut an encoder to its lower layers and teach it every task at once, holding its embedding to the uncut one's."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import torch
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from torch import Tensor
from transformers import AutoConfig, AutoModel, AutoTokenizer, PreTrainedTokenizerFast

from engine.model.encoding import TextEncoder
from engine.model.loading import save
from engine.model.network import TocsinConfig, TocsinNetwork, masked_mean
from engine.training.batches import Batch, Mixture, batches, collate
from engine.training.calibrate import calibrate
from engine.training.examples import Example
from engine.training.losses import distil_loss, task_losses
from engine.training.recipe import Phase, Recipe


def cut_encoder(name: str | Path, recipe: Recipe) -> TocsinNetwork:
    """A network whose encoder is *name*'s, only the recipe's layers kept, its embedding table frozen."""
    whole = AutoModel.from_pretrained(name, dtype=torch.float32, add_pooling_layer=False)
    config = replace_layers(AutoConfig.from_pretrained(name).to_dict(), len(recipe.layers))
    network = TocsinNetwork(TocsinConfig(encoder=config))
    state = whole.state_dict()
    kept: dict[str, Tensor] = {}
    for key, value in state.items():
        if ".layer." in key:
            head, tail = key.split(".layer.", 1)
            number, rest = tail.split(".", 1)
            if int(number) in recipe.layers:
                kept[f"{head}.layer.{recipe.layers.index(int(number))}.{rest}"] = value
        elif not key.startswith("pooler"):
            kept[key] = value
    network.encoder.load_state_dict(kept, strict=True)
    network.encoder.embeddings.word_embeddings.requires_grad_(False)
    return network


def replace_layers(config: dict[str, Any], layers: int) -> dict[str, Any]:
    wanted = (
        "model_type", "hidden_size", "num_attention_heads", "intermediate_size", "hidden_act", "vocab_size",
        "max_position_embeddings", "type_vocab_size", "layer_norm_eps", "pad_token_id", "bos_token_id",
        "eos_token_id", "hidden_dropout_prob", "attention_probs_dropout_prob",
    )  # fmt: skip
    return {key: config[key] for key in wanted if key in config} | {"num_hidden_layers": layers}


class Teacher:
    """The uncut encoder, whose centred mean embedding the cut one must keep."""

    def __init__(self, name: str | Path, tokenizer: PreTrainedTokenizerFast) -> None:
        self._model = AutoModel.from_pretrained(name, dtype=torch.float32, add_pooling_layer=False).eval()
        self._tokenizer = tokenizer
        self.centre = torch.zeros(self._model.config.hidden_size)

    def embed(self, texts: Sequence[str]) -> Tensor:
        """(B, H), centred and of unit length."""
        return torch.nn.functional.normalize(self._mean(texts) - self.centre, dim=-1)

    @torch.no_grad()
    def _mean(self, texts: Sequence[str]) -> Tensor:
        encoded = self._tokenizer(
            [f"query: {text}" for text in texts],
            padding=True, truncation=True, max_length=64, return_tensors="pt",
        )  # fmt: skip
        hidden = self._model(**encoded).last_hidden_state
        return masked_mean(hidden, encoded["attention_mask"].bool())

    def find_centre(self, texts: Sequence[str]) -> None:
        """Make the mean of *texts* the zero of the embedding."""
        parts = [self._mean(texts[start : start + 32]) for start in range(0, len(texts), 32)]
        self.centre = torch.cat(parts).mean(0)


def finetune(
    base: str | Path,
    examples: Sequence[Example],
    *,
    out: Path,
    recipe: Recipe,
    held_out: Sequence[Example] = (),
) -> None:
    """Train, calibrate on *held_out*, and save to *out*; a run that was killed goes on from its last checkpoint."""
    torch.manual_seed(recipe.seed)
    tokenizer = cast(PreTrainedTokenizerFast, AutoTokenizer.from_pretrained(base))
    encoder = TextEncoder(tokenizer, window=recipe.window)
    teacher = Teacher(base, tokenizer)
    network = cut_encoder(base, recipe)
    sample = Mixture(examples, recipe.phases[0].shares, seed=recipe.seed)
    teacher.find_centre([example.text[:300] for example in sample.draw(512)])
    network.embedding_centre.copy_(teacher.centre)
    out.mkdir(parents=True, exist_ok=True)
    run = Run(network=network, teacher=teacher, encoder=encoder, recipe=recipe, out=out)
    for number in range(len(recipe.phases)):
        run.train(number, examples)
    network.eval()
    set_centre(network, encoder, [example.text for example in sample.draw(2000)])
    if held_out:
        found = calibrate(network, tokenizer, held_out)
        print(f"calibration error {found.before:.3f} → {found.after:.3f} on {len(held_out)} held-out examples")
    save(network, tokenizer, out)


@dataclass(frozen=True, kw_only=True)
class Run:
    """One training under way: what is trained, against whom, and where it is kept."""

    network: TocsinNetwork
    teacher: Teacher
    encoder: TextEncoder
    recipe: Recipe
    out: Path

    def train(self, number: int, examples: Sequence[Example]) -> None:
        """Go through phase *number* of the recipe, or what is left of it."""
        phase = self.recipe.phases[number]
        optimizer, schedule = make_optimizer(self.network, phase)
        step = resume(self.out, self.network, optimizer, schedule, number)
        seed = self.recipe.seed + 10_000 * number + step  # a resumed run sees other examples than it saw before
        stream = batches(Mixture(examples, phase.shares, seed=seed), self.encoder, size=self.recipe.batch, seed=seed)
        self.network.train()
        averages: dict[str, float] = {}
        with Progress(
            TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn()
        ) as progress:
            bar = progress.add_task(phase.name, total=phase.steps, completed=step)
            while step < phase.steps:
                for name, value in self.step(next(stream), optimizer, phase, step).items():
                    averages[name] = 0.95 * averages.get(name, value) + 0.05 * value
                schedule.step()
                step += 1
                said = " ".join(f"{name} {value:.3f}" for name, value in sorted(averages.items()))
                progress.update(bar, completed=step, description=f"{phase.name}: {said}")
                if step % self.recipe.checkpoint_every == 0 or step == phase.steps:
                    checkpoint(self.out, self.network, optimizer, schedule, number, step)

    def step(self, batch: Batch, optimizer: torch.optim.Optimizer, phase: Phase, step: int) -> dict[str, float]:
        """One step of gradient descent; the losses by task."""
        output = self.network(**batch.inputs)
        losses = task_losses(output, batch, positive=phase.positive)
        if step % self.recipe.distil_every == 0:
            chosen = torch.randperm(len(batch.texts))[: self.recipe.distil_texts].tolist()
            goal = self.teacher.embed([batch.texts[i][:300] for i in chosen])
            losses["distil"] = distil_loss(output.embedding[chosen], goal)
        total = sum(phase.weights[name] * loss for name, loss in losses.items())
        optimizer.zero_grad(set_to_none=True)
        cast(Tensor, total).backward()
        torch.nn.utils.clip_grad_norm_(self.network.parameters(), 1.0)
        optimizer.step()
        return {name: loss.item() for name, loss in losses.items()}


def make_optimizer(network: TocsinNetwork, phase: Phase) -> tuple[torch.optim.AdamW, Any]:
    heads: list[torch.nn.Parameter] = []
    body: list[torch.nn.Parameter] = []
    for name, parameter in network.named_parameters():
        if parameter.requires_grad:
            (body if name.startswith("encoder.") else heads).append(parameter)
    optimizer = torch.optim.AdamW(
        [{"params": body, "lr": phase.encoder_rate}, {"params": heads, "lr": phase.head_rate}],
        weight_decay=0.01,
    )
    warm = max(1, int(phase.steps * phase.warm_up))
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimizer,
        lambda step: min(step / warm, max(0.02, (phase.steps - step) / max(1, phase.steps - warm))),
    )
    return optimizer, schedule


@torch.no_grad()
def set_centre(network: TocsinNetwork, encoder: TextEncoder, texts: Sequence[str]) -> None:
    """Make the mean of *texts* the zero of the story embedding."""
    network.embedding_centre.zero_()
    total = torch.zeros_like(network.embedding_centre)
    for start in range(0, len(texts), 32):
        part = texts[start : start + 32]
        chunks = [chunk[0] for chunk in encoder.encode([(text, ()) for text in part])]
        batch = collate([Example(text=text, source="") for text in part], chunks, pad=encoder.pad)
        hidden = network.encoder(input_ids=batch.inputs["input_ids"], attention_mask=batch.inputs["attention_mask"])
        total += masked_mean(hidden.last_hidden_state, batch.inputs["text_mask"]).sum(0)
    network.embedding_centre.copy_(total / len(texts))


def checkpoint(out: Path, network: TocsinNetwork, optimizer: Any, schedule: Any, phase: int, step: int) -> None:
    """Keep the run as it stands; a crash, or a full disk, leaves the one before."""
    temporary = out / "checkpoint.tmp"
    torch.save(
        {
            "phase": phase,
            "step": step,
            "network": network.state_dict(),
            "optimizer": optimizer.state_dict(),
            "schedule": schedule.state_dict(),
        },
        temporary,
    )
    temporary.replace(out / "checkpoint.pt")


def resume(out: Path, network: TocsinNetwork, optimizer: Any, schedule: Any, phase: int) -> int:
    """Take up the checkpoint in *out*; the step at which *phase* stands: 0 if it is new."""
    path = out / "checkpoint.pt"
    if not path.exists():
        return 0
    saved = torch.load(path, weights_only=True)
    network.load_state_dict(saved["network"])
    if saved["phase"] != phase:
        return 0 if saved["phase"] < phase else sys.maxsize  # a phase that lies behind is over
    optimizer.load_state_dict(saved["optimizer"])
    schedule.load_state_dict(saved["schedule"])
    return int(saved["step"])
