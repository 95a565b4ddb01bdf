"""Cut an encoder to its lower layers and teach it every task at once, holding its embedding to the uncut one's."""

from __future__ import annotations

import time
from collections.abc import Sequence
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
from engine.training.recipe import SHARES, Recipe


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
    teacher.find_centre([example.text[:300] for example in Mixture(examples, SHARES, seed=recipe.seed).draw(512)])
    network.embedding_centre.copy_(teacher.centre)
    optimizer, schedule = make_optimizer(network, recipe)
    out.mkdir(parents=True, exist_ok=True)
    step = resume(out, network, optimizer, schedule)
    mixture = Mixture(examples, SHARES, seed=recipe.seed + step)
    stream = batches(mixture, encoder, size=recipe.batch, seed=recipe.seed + step)
    network.train()
    with Progress(
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn()
    ) as progress:
        bar = progress.add_task("training", total=recipe.steps, completed=step)
        averages: dict[str, float] = {}
        started = time.perf_counter()
        while step < recipe.steps:
            losses = train_step(network, teacher, next(stream), optimizer, recipe, step)
            schedule.step()
            step += 1
            averages = {name: 0.95 * averages.get(name, value) + 0.05 * value for name, value in losses.items()} | {
                name: value for name, value in averages.items() if name not in losses
            }
            said = " ".join(f"{name} {value:.3f}" for name, value in sorted(averages.items()))
            progress.update(bar, completed=step, description=said)
            if step % 20 == 0:
                rate = (time.perf_counter() - started) / 20
                progress.console.print(f"step {step}: {said} ({rate:.2f} s a step)")
                started = time.perf_counter()
            if step % recipe.checkpoint_every == 0:
                checkpoint(out, network, optimizer, schedule, step)
    network.eval()
    set_centre(network, encoder, [example.text for example in mixture.draw(2000)])
    if held_out:
        found = calibrate(network, tokenizer, held_out)
        print(f"calibration error {found.before:.3f} → {found.after:.3f} on {len(held_out)} held-out examples")
    save(network, tokenizer, out)


def make_optimizer(network: TocsinNetwork, recipe: Recipe) -> tuple[torch.optim.AdamW, Any]:
    heads: list[torch.nn.Parameter] = []
    body: list[torch.nn.Parameter] = []
    for name, parameter in network.named_parameters():
        if parameter.requires_grad:
            (body if name.startswith("encoder.") else heads).append(parameter)
    optimizer = torch.optim.AdamW(
        [{"params": body, "lr": recipe.encoder_rate}, {"params": heads, "lr": recipe.head_rate}],
        weight_decay=0.01,
    )
    warm = max(1, int(recipe.steps * recipe.warm_up))
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimizer,
        lambda step: min(step / warm, max(0.02, (recipe.steps - step) / max(1, recipe.steps - warm))),
    )
    return optimizer, schedule


def train_step(
    network: TocsinNetwork,
    teacher: Teacher,
    batch: Batch,
    optimizer: torch.optim.Optimizer,
    recipe: Recipe,
    step: int,
) -> dict[str, float]:
    output = network(**batch.inputs)
    losses = task_losses(output, batch)
    if step % recipe.distil_every == 0:
        chosen = torch.randperm(len(batch.texts))[: recipe.distil_texts].tolist()
        goal = teacher.embed([batch.texts[i][:300] for i in chosen])
        losses["distil"] = distil_loss(output.embedding[chosen], goal)
    total = sum(recipe.weights[name] * loss for name, loss in losses.items())
    optimizer.zero_grad(set_to_none=True)
    cast(Tensor, total).backward()
    torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
    optimizer.step()
    return {name: loss.item() for name, loss in losses.items()}


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


def checkpoint(out: Path, network: TocsinNetwork, optimizer: Any, schedule: Any, step: int) -> None:
    temporary = out / "checkpoint.tmp"
    torch.save(
        {
            "step": step,
            "network": network.state_dict(),
            "optimizer": optimizer.state_dict(),
            "schedule": schedule.state_dict(),
        },
        temporary,
    )
    temporary.replace(out / "checkpoint.pt")


def resume(out: Path, network: TocsinNetwork, optimizer: Any, schedule: Any) -> int:
    """Take up the checkpoint in *out*, if there is one; the step that it stands at."""
    path = out / "checkpoint.pt"
    if not path.exists():
        return 0
    saved = torch.load(path, weights_only=True)
    network.load_state_dict(saved["network"])
    optimizer.load_state_dict(saved["optimizer"])
    schedule.load_state_dict(saved["schedule"])
    return int(saved["step"])
