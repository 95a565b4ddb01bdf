"""Cut an encoder to some of its layers and teach it every task at once, holding its embedding to the uncut one's."""

from __future__ import annotations

from collections.abc import Sequence
from copy import deepcopy
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any, cast

import torch
from torch import Tensor, nn
from transformers import AutoConfig, AutoModel, AutoTokenizer, PreTrainedTokenizerFast

from engine.model.encoding import TextEncoder
from engine.model.loading import pick_device
from engine.model.network import TocsinConfig, TocsinNetwork
from engine.training.atomic_save import save_whole, writing
from engine.training.batches import Batch, Mixture, batches
from engine.training.checkpoints import Checkpoints, TrainingPosition
from engine.training.early_stopping import EarlyStopping, EvaluationHistory
from engine.training.embedding import Teacher, fit_embedding
from engine.training.evaluation.calibrate import Calibration, calibrate
from engine.training.evaluation.heldout import HeldOutSample, mean, sample
from engine.training.examples import Example
from engine.training.losses import distil_loss, hold_losses, task_losses
from engine.training.mixed_precision import FrozenTeacher, HalfPrecisionCopy, computes_half
from engine.training.out_of_memory import MicroBatches, Say
from engine.training.progress import shown
from engine.training.recipe import Phase, Recipe
from engine.training.tensorboard import Curves


def cut_encoder(name: str | Path, recipe: Recipe) -> TocsinNetwork:
    """A network whose encoder is *name*'s, only the recipe's layers kept, its embeddings and lowest layers frozen."""
    whole = AutoModel.from_pretrained(name, dtype=torch.float32, add_pooling_layer=False)
    config = replace_layers(AutoConfig.from_pretrained(name).to_dict(), len(recipe.layers))
    config |= {"hidden_dropout_prob": recipe.dropout, "attention_probs_dropout_prob": 0.0}
    network = TocsinNetwork(TocsinConfig(encoder=config, embedding_layers=recipe.embedding_layers))
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
    with torch.no_grad():  # the embedding begins as the encoder's own
        width = network.embedding_head.out_features
        network.embedding_head.weight.zero_()[:, -width:].fill_diagonal_(1)
    network.encoder.embeddings.requires_grad_(False)
    for key, parameter in network.encoder.named_parameters():
        number = key.partition(".layer.")[2].partition(".")[0]
        if number and int(number) < recipe.frozen:
            parameter.requires_grad_(False)
    return network


def replace_layers(config: dict[str, Any], layers: int) -> dict[str, Any]:
    wanted = (
        "model_type", "hidden_size", "num_attention_heads", "intermediate_size", "hidden_act", "vocab_size",
        "max_position_embeddings", "type_vocab_size", "layer_norm_eps", "pad_token_id", "bos_token_id",
        "eos_token_id", "hidden_dropout_prob", "attention_probs_dropout_prob",
    )  # fmt: skip
    return {key: config[key] for key in wanted if key in config} | {"num_hidden_layers": layers}


@dataclass(frozen=True, kw_only=True)
class PhaseReport:
    """How a phase went: the steps it took of those planned, the step it began at (a resumed run), its looks."""

    name: str
    steps: int
    planned: int
    resumed_at: int
    looks: EvaluationHistory


@dataclass(frozen=True, kw_only=True)
class Trained:
    """What came of a run; the model lies in its folder."""

    phases: tuple[PhaseReport, ...]
    calibration: Calibration | None


def finetune(
    base: str | Path,
    examples: Sequence[Example],
    *,
    out: Path,
    recipe: Recipe,
    held_out: Sequence[Example] = (),
    stopping: EarlyStopping | None = None,
    device: str = "auto",
    say: Say = print,
) -> Trained:
    """Train, calibrate on *held_out*, and save to *out*; a run that was killed goes on from its last checkpoint.

    *say* is told in sentences what a person should know. Raises TrainingError, with no half-written model left.
    """
    torch.manual_seed(recipe.seed)
    place = pick_device(device)
    with writing(out):
        out.mkdir(parents=True, exist_ok=True)
    tokenizer = cast(PreTrainedTokenizerFast, AutoTokenizer.from_pretrained(base))
    encoder = TextEncoder(tokenizer, window=recipe.window)
    teacher = Teacher(base, tokenizer, place)
    network = cut_encoder(base, recipe)
    drawn = Mixture(examples, recipe.phases[0].shares, seed=recipe.seed)
    teacher.find_centre([example.text[:300] for example in drawn.draw(512)])
    network.embedding_centre.copy_(teacher.centre)
    run = TrainingRun(
        network=nn.Module.to(network, place),
        teacher=teacher,
        encoder=encoder,
        recipe=recipe,
        out=out,
        stopping=stopping or EarlyStopping(),
        held_out=tuple(held_out),
        say=say,
    )
    phases = tuple(run.train(number, examples) for number in range(len(recipe.phases)))
    run.checkpoints.mix_in_begun(network, recipe.phases[-1].averaged)
    network.eval()
    texts = [example.text[:300] for example in drawn.draw(recipe.fitted_texts)]
    near = fit_embedding(network, encoder, teacher, texts, softened=recipe.softened)
    say(f"story embedding: cosine {near:.3f} to the uncut encoder's before it is softened")
    nn.Module.to(network, "cpu")
    found = calibrate(network, tokenizer, held_out) if held_out else None
    if found:
        say(f"calibration error {found.before:.3f} → {found.after:.3f} on {len(held_out)} held-out examples")
    save_whole(network, tokenizer, out)
    return Trained(phases=phases, calibration=found)


@dataclass(frozen=True, kw_only=True)
class TrainingRun:
    """One training under way: what is trained, against whom, and where it is kept."""

    network: TocsinNetwork
    teacher: Teacher
    encoder: TextEncoder
    recipe: Recipe
    out: Path
    stopping: EarlyStopping
    held_out: tuple[Example, ...] = ()
    say: Say = print

    @cached_property
    def twin(self) -> HalfPrecisionCopy:
        """The weights that compute, where those that learn are too fine for it."""
        return HalfPrecisionCopy(self.network, half=computes_half(self.network.device))

    @cached_property
    def portions(self) -> MicroBatches:
        return MicroBatches(self.say)

    @property
    def checkpoints(self) -> Checkpoints:
        return Checkpoints(folder=self.out)

    def train(self, number: int, examples: Sequence[Example]) -> PhaseReport:
        """Go through phase *number* of the recipe, or what is left of it; its best look at held-out examples wins."""
        phase = self.recipe.phases[number]
        optimizer, schedule = make_optimizer(self.network, phase)
        place = self.checkpoints.resume(number, self.network, optimizer, schedule)
        if place is None:
            return PhaseReport(
                name=phase.name, steps=0, planned=phase.steps, resumed_at=phase.steps, looks=EvaluationHistory()
            )
        began = place.step
        if number and not began:
            self.checkpoints.begin(number, self.network, self.recipe.phases[number - 1].averaged)
        before = self._before() if number and phase.holds else None
        self.twin.take_weights()
        seed = self.recipe.seed + 10_000 * number + began  # a resumed run sees other examples than it saw before
        torch.manual_seed(seed)
        mixture = Mixture(examples, phase.shares, seed=seed, renamed=phase.renamed, muted=phase.muted)
        stream = batches(mixture, self.encoder, size=self.recipe.batch, seed=seed)
        glance = HeldOutSample(self.encoder, sample(self.held_out, self.stopping.examples, seed=self.recipe.seed))
        curves = Curves(self.out / "curves" / phase.name, self.say)
        self.network.train()
        with shown(phase.name, phase.steps, began=began) as show:
            while place.step < phase.steps and not place.looks.over(self.stopping.patience):
                losses = self.step(next(stream), optimizer, phase, place.step, before)
                schedule.step()
                place = replace(place, step=place.step + 1)
                show(place.step, losses)
                curves.add({f"loss/{name}": value for name, value in losses.items()}, place.step)
                place = self._look(place, phase, glance, curves)
                if place.step % self.recipe.checkpoint_every == 0 or place.step == phase.steps:
                    self.checkpoints.keep(place, self.network, optimizer, schedule)
        curves.close()
        self._finish(place, phase, optimizer, schedule)
        return PhaseReport(name=phase.name, steps=place.step, planned=phase.steps, resumed_at=began, looks=place.looks)

    def _look(self, place: TrainingPosition, phase: Phase, glance: HeldOutSample, curves: Curves) -> TrainingPosition:
        if not self.held_out or (place.step % self.stopping.every and place.step != phase.steps):
            return place
        figures = glance.figures(self.network)
        curves.add({f"held-out/{name}": value for name, value in figures.items()}, place.step)
        looked = replace(place, looks=place.looks.after(mean(figures)))
        if looked.looks.last_is_best:
            self.checkpoints.keep_best(place.phase, self.network)
        return looked

    def _finish(self, place: TrainingPosition, phase: Phase, optimizer: torch.optim.Optimizer, schedule: Any) -> None:
        """Take the best network of the phase, and keep it as what the next phase begins with."""
        if place.step < phase.steps:
            self.say(
                f"{phase.name}: stopped at step {place.step} of {phase.steps}, since {self.stopping.patience} looks at "
                "held-out examples brought nothing better."
            )
        if place.looks.scores and not place.looks.last_is_best:
            self.checkpoints.take_best(place.phase, self.network)
        over = TrainingPosition(phase=place.phase, step=phase.steps, looks=place.looks)
        self.checkpoints.keep(over, self.network, optimizer, schedule)

    def _before(self) -> FrozenTeacher:
        """The network as the phase under way began with it."""
        begun = deepcopy(self.network)
        self.checkpoints.take_begun(begun)
        return FrozenTeacher(begun, half=computes_half(self.network.device))

    def step(
        self, batch: Batch, optimizer: torch.optim.Optimizer, phase: Phase, step: int, before: FrozenTeacher | None
    ) -> dict[str, float]:
        """One step of gradient descent; the losses by name."""

        def descend(part: Batch, share: float) -> dict[str, float]:
            losses = self._losses(part, phase, before, asking=step % self.recipe.distil_every == 0)
            total = sum(phase.weights[name] * loss for name, loss in losses.items())
            if losses:  # a part may hold no label at all
                (share * cast(Tensor, total)).backward()
            return {name: loss.item() for name, loss in losses.items()}

        measured = self.portions.run(batch, descend, begin=self.twin.begin)
        self.twin.give_gradients()
        torch.nn.utils.clip_grad_norm_(self.network.parameters(), 1.0)
        optimizer.step()
        self.twin.take_weights()
        return measured

    def _losses(self, batch: Batch, phase: Phase, before: FrozenTeacher | None, *, asking: bool) -> dict[str, Tensor]:
        """The losses by name that the phase weighs; the teacher, and the network *before*, are heard when *asking*."""
        batch = batch.to(self.network.device)
        output = self.twin(**batch.inputs)
        losses = task_losses(output, batch, positive=phase.positive)
        if asking and "distil" in phase.weights:
            chosen = torch.randperm(len(batch.texts))[: self.recipe.distil_texts].tolist()
            goal = self.teacher.embed([batch.texts[i][:300] for i in chosen])
            losses["distil"] = distil_loss(output.embedding[chosen], goal)
        if asking and before is not None:
            losses |= hold_losses(output, before(**batch.inputs), batch)
        return {name: loss for name, loss in losses.items() if name in phase.weights}


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
