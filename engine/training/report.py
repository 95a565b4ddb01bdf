"""What a training was and what came of it: report.json for programs, a model card for people. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from engine.training.evaluation.evaluate import Evaluation, ReadPairs, measure
from engine.training.evaluation.heldout import tells_risks
from engine.training.examples import UNKNOWN, Example
from engine.training.finetune import Trained
from engine.training.recipe import Recipe

LICENCE = "as in the data's own README"


@dataclass(frozen=True, kw_only=True)
class SetCount:
    """A set that the model learned from or was measured on, with its examples in each part."""

    name: str
    tasks: tuple[str, ...]
    languages: tuple[str, ...]
    train: int
    held_out: int


@dataclass(frozen=True, kw_only=True)
class TrainingReport:
    """Everything that stands in report.json. *seconds* is the duration of the last run, a resumed one's rest."""

    base: str
    made: date
    seconds: float
    recipe: Recipe
    trained: Trained
    sets: tuple[SetCount, ...]
    figures: tuple[Evaluation, ...]

    def as_json(self) -> dict[str, Any]:
        """The report as plain values for JSON."""
        return {
            "base": self.base,
            "made": self.made.isoformat(),
            "seconds": round(self.seconds),
            "recipe": asdict(self.recipe),
            "phases": [asdict(phase) for phase in self.trained.phases],
            "calibration": asdict(self.trained.calibration) if self.trained.calibration else None,
            "sets": [asdict(one) | {"licence": LICENCE} for one in self.sets],
            "figures": [figure.as_json() for figure in self.figures],
        }


def task_of(example: Example) -> str:
    """The task that an example is counted under: the first that it has labels for."""
    if example.entities is not None:
        return "ner"
    if tells_risks(example):
        return "risk"
    if example.sentiment == UNKNOWN:
        return "unlabelled"
    return "target" if example.target else "sentiment"


def counted(train: Sequence[Example], held_out: Sequence[Example]) -> tuple[SetCount, ...]:
    """The sets by name, the largest first."""
    sizes = Counter(example.source for example in train), Counter(example.source for example in held_out)
    tasks: dict[str, set[str]] = {}
    languages: dict[str, set[str]] = {}
    for example in (*train, *held_out):
        tasks.setdefault(example.source, set()).add(task_of(example))
        languages.setdefault(example.source, set()).add(example.lang or "?")
    return tuple(
        SetCount(
            name=name or "unnamed",
            tasks=tuple(sorted(tasks[name])),
            languages=tuple(sorted(languages[name])),
            train=sizes[0][name],
            held_out=sizes[1][name],
        )
        for name in sorted(tasks, key=lambda name: (-sizes[0][name], name))
    )


def figures(held_out: Sequence[Example], read: ReadPairs) -> tuple[Evaluation, ...]:
    """The scores of every task that *held_out* has labels for; an example counts in each that it is labelled for."""
    parts = {
        "sentiment": [one for one in held_out if one.sentiment != UNKNOWN and not one.target],
        "target": [one for one in held_out if one.sentiment != UNKNOWN and one.target],
        "risk": [one for one in held_out if tells_risks(one) and UNKNOWN not in (one.risks or ())],
        "ner": [one for one in held_out if one.entities is not None],
    }
    return tuple(measure(task, part, read) for task, part in parts.items() if part)


def card(report: TrainingReport, name: str) -> str:
    """The model card, in Markdown."""
    lines = [
        f"# {name}",
        "",
        f"A Tocsin model: {len(report.recipe.layers)} layers of `{report.base}`, trained by `tocsin train` on "
        f"{report.made.isoformat()} in {_span(report.seconds)}.",
        "",
        "## Recipe",
        "",
        *_recipe(report),
        "",
        "## What it was trained on",
        "",
        f"Licences: {LICENCE}.",
        "",
        "| set | tasks | languages | rows | held out |",
        "|---|---|---|---|---|",
        *(
            f"| {one.name} | {', '.join(one.tasks)} | {', '.join(one.languages)} | {one.train:,} | {one.held_out:,} |"
            for one in report.sets
        ),
        "",
        "## How good it is",
        "",
        *_figures(report),
    ]
    return "\n".join(lines) + "\n"


def _recipe(report: TrainingReport) -> list[str]:
    recipe = report.recipe
    kept = ", ".join(map(str, recipe.layers))
    lines = [
        f"- Layers kept: {kept}. Batches of {recipe.batch} texts, {recipe.window} tokens each, seed {recipe.seed}. "
        f"AdamW, the embeddings and the lowest {recipe.frozen} layers frozen, the story embedding held to the uncut "
        "encoder's.",
    ]
    for phase, plan in zip(report.trained.phases, recipe.phases, strict=True):
        scores = phase.looks.scores
        best = f", best of {len(scores)} looks {max(scores):.3f}" if scores else ""
        lines.append(
            f"- {phase.name}: {phase.steps:,} of {phase.planned:,} steps, rates {plan.encoder_rate:g} (encoder) and "
            f"{plan.head_rate:g} (heads){best}."
        )
    return lines


def _figures(report: TrainingReport) -> list[str]:
    if not report.figures:
        return ["It was not measured: there were no held-out rows."]
    lines = [
        "On the held-out rows, which also chose when to stop, the temperatures and the thresholds of the risks: "
        "the figures flatter a little.",
        "",
        "| task | set | rows | figures | 95 % |",
        "|---|---|---|---|---|",
    ]
    for figure in report.figures:
        spread = "{:.1f} to {:.1f}".format(*(100 * bound for bound in figure.interval)) if figure.interval else ""
        everything = _percent(figure.scores.figures)
        lines.append(f"| {figure.task} | all | {figure.scores.n:,} | {everything} | {figure.headline} {spread} |")
        lines += [
            f"| {figure.task} | {name} | {scores.n:,} | {_percent(scores.figures)} | |"
            for name, scores in figure.by_source.items()
        ]
    found = report.trained.calibration
    if found:
        lines += ["", f"Expected calibration error of the sentiment: {found.after:.3f} (before: {found.before:.3f})."]
    return lines


def _percent(figures: Mapping[str, float]) -> str:
    return ", ".join(f"{name.replace('_', ' ')} {100 * value:.1f}" for name, value in figures.items())


def _span(seconds: float) -> str:
    minutes = round(seconds / 60)
    return f"{minutes // 60} h {minutes % 60} min" if minutes >= 60 else f"{max(1, minutes)} min"
