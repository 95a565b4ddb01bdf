"""``tocsin train``: a model from an encoder, or the model in use taught a user's own labels."""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from bot.config.environment import Environment
from bot.errors import LocalisedError
from bot.infra.clock import Clock, SystemClock
from bot.models.registry import SHIPPED, Models, resolve

if TYPE_CHECKING:
    from bot.models.feedback import FeedbackLabel
    from engine.training.adaptation.acceptance import Acceptance
    from engine.training.adaptation.labels import Labelled, Labels


@dataclass(frozen=True, kw_only=True)
class Request:
    """What the command line asks for; zero and empty mean: as the recipe, or the data, says."""

    data: Path | None = None
    from_feedback: bool = False
    base: str = ""
    out: Path = Path("tocsin-model")
    steps: int = 0
    seed: int = 0
    patience: int = 6
    task: str = ""
    heads_only: bool = False
    settings: Path = Path("tocsin.yaml")


def train(request: Request, *, clock: Clock | None = None) -> None:
    """Do what *request* asks for, told from what its data is. LocalisedError for what makes no sense."""
    clock = clock or SystemClock()
    if request.from_feedback:
        if request.data is not None:
            raise LocalisedError("learning.both")
        _from_feedback(request, clock)
    elif request.data is None:
        raise LocalisedError("learning.nothing")
    elif request.data.is_dir():
        _from_encoder(request, request.data, clock)
    elif request.data.is_file():
        _from_labels(request, request.data, clock)
    else:
        raise LocalisedError("learning.no_data", path=request.data)


def _from_encoder(request: Request, data: Path, clock: Clock) -> None:
    """The recipe of the default model on the files of *data* and on the project's own risk examples."""
    from dataclasses import replace

    from engine.model.reader import Reader
    from engine.training import report
    from engine.training.atomic_save import write_text
    from engine.training.early_stopping import EarlyStopping
    from engine.training.examples import OWN, load_folder
    from engine.training.finetune import finetune
    from engine.training.recipe import Recipe

    recipe = Recipe().shortened(request.steps) if request.steps else Recipe()
    recipe = replace(recipe, seed=request.seed) if request.seed else recipe
    learned, held_out = (load_folder(data, part) + load_folder(OWN, part) for part in ("train", "dev"))
    began = clock.now()
    stopping = EarlyStopping(patience=request.patience)
    done = finetune(request.base, learned, out=request.out, recipe=recipe, held_out=held_out, stopping=stopping)
    typer.echo("Measuring it on the held-out rows …")
    made = report.TrainingReport(
        base=request.base,
        made=clock.now().date(),
        seconds=(clock.now() - began).total_seconds(),
        recipe=recipe,
        trained=done,
        sets=report.counted(learned, held_out),
        figures=report.figures(held_out, Reader.open(request.out).read),
    )
    write_text(request.out / "report.json", json.dumps(made.as_json(), ensure_ascii=False, indent=1))
    write_text(request.out / "README.md", report.card(made, request.out.name))
    typer.echo(f"Wrote {request.out} with its report and card. Try it: TOCSIN_MODEL={request.out} tocsin read")


def _from_labels(request: Request, data: Path, clock: Clock) -> None:
    from engine.training.adaptation.labels import divide, read_labels

    task, rows = read_labels(data, request.task)
    _adapt(divide(task, rows), request, stem=data.stem, clock=clock)


def _from_feedback(request: Request, clock: Clock) -> None:
    from bot.config.settings import load
    from bot.models.feedback import lessons
    from bot.store import Store
    from engine.training.adaptation.labels import divide

    load(request.settings)
    with Store.open(Environment().database) as store:
        store.migrate()
        found = lessons(store.corrections.judged(), store.corrections.false_alarms())
    marked = sum(lesson.weight == 1 for lesson in found)
    typer.echo(f"{marked} posts were marked by people, {len(found) - marked} more were evidence of false alarms.")
    _adapt(divide("target", [_labelled(lesson) for lesson in found]), request, stem="feedback", clock=clock)


def _labelled(lesson: FeedbackLabel) -> Labelled:
    from engine.training.adaptation.labels import Labelled
    from engine.training.examples import SENTIMENT, Example

    example = Example(
        text=lesson.text,
        source="feedback",
        lang=lesson.lang,
        target=lesson.target,
        sentiment=SENTIMENT[lesson.polarity.value],
    )
    return Labelled(example=example, weight=lesson.weight)


def _adapt(labels: Labels, request: Request, *, stem: str, clock: Clock) -> None:
    """Teach the model in use *labels*, hold both against each other, and take the new one if it is not worse."""
    from engine.training.adaptation.adapt import Adaptation, adapt
    from engine.training.examples import OWN, load_folder

    environment = Environment()
    models, before = Models.of(environment), resolve(environment=environment)
    name = models.fresh(stem, clock.now().date().isoformat())
    work = models.folder / f".{name}.work"
    how = Adaptation(heads_only=request.heads_only, **({"seed": request.seed} if request.seed else {}))
    typer.echo(
        f"{len(labels.train)} rows to learn {labels.task} from, {len(labels.held_out)} held out; "
        f"the model before is {before or SHIPPED}."
    )
    try:
        adapt(before or _shipped(), labels.task, labels.train, load_folder(OWN, "train"), out=work, how=how)
        typer.echo("Measuring both models …")
        gate = _measured(labels, before, work)
        _tell(gate, work, labels, before or SHIPPED, clock)
        work.rename(models.folder / name)
    finally:
        shutil.rmtree(work, ignore_errors=True)
    _conclude(gate, name, models, environment)


def _shipped() -> Path:
    from engine.model.loading import DEFAULT

    return DEFAULT


def _measured(labels: Labels, before: str | None, new: Path) -> Acceptance:
    from engine.model.reader import Reader
    from engine.training.adaptation.acceptance import gate
    from engine.training.examples import OWN, load_folder

    guards = load_folder(OWN, "dev")
    return gate(labels.task, labels.held_out, guards, Reader.open(before).read, Reader.open(new).read)


def _tell(gate: Acceptance, folder: Path, labels: Labels, before: str, clock: Clock) -> None:
    """Write down beside the model where it comes from and how it did."""
    from engine.training.atomic_save import write_text

    told = {
        "made": clock.now().isoformat(timespec="minutes"),
        "from": before,
        "task": labels.task,
        "learned": len(labels.train),
        "held_out": len(labels.held_out),
        "summary": str(gate.own),
        **gate.as_json(),
    }
    write_text(folder / "report.json", json.dumps(told, ensure_ascii=False, indent=1))


def _conclude(gate: Acceptance, name: str, models: Models, environment: Environment) -> None:
    for guard in gate.guards:
        typer.echo(f"{'kept  ' if guard.passed else 'worse '}  {guard}")
    if not gate.passed:
        why = "it has forgotten too much of what it knew" if gate.own.passed else "it is worse"
        typer.echo(f"{gate.own}; not activated, since {why}. Kept as {name}: `tocsin model use {name}`.")
        return
    models.use(name)
    typer.echo(f"{gate.own}; activated as {name}.")
    typer.echo("`tocsin run` reads with it from its next start on; `tocsin model back` returns to the one before.")
    if environment.model:
        typer.echo(f"TOCSIN_MODEL={environment.model} still stands above it: take it away to read with {name}.")


def list_models(*, as_json: bool) -> None:
    """The models there are, the one in use marked."""
    environment = Environment()
    for one in Models.of(environment).entries():
        current = one.current and not environment.model
        if as_json:
            row = {"name": one.name, "current": current, "made": one.made, "summary": one.summary}
            typer.echo(json.dumps(row, ensure_ascii=False))
        else:
            size = f"{one.megabytes:.0f} MB" if one.megabytes else ""
            typer.echo(f"{'→' if current else ' '} {one.name:<32} {one.made:<18} {size:<7} {one.summary}".rstrip())
    if environment.model and not as_json:
        typer.echo(f"→ TOCSIN_MODEL={environment.model} stands above them.")


def use_model(name: str) -> None:
    Models.of(Environment()).use(name)
    typer.echo(f"{name} is read with from the next start on.")


def use_model_before() -> None:
    typer.echo(f"{Models.of(Environment()).back()} is read with again from the next start on.")
