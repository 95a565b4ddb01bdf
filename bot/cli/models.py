"""Commands about the model: read with it, measure it, train another, switch."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from bot.cli.options import DEFAULT_SETTINGS, AsJson, ModelName, SettingsFile

model_app = typer.Typer(help="The models that were trained here: list them, switch, go back.", no_args_is_help=True)


def read(
    target: Annotated[str, typer.Option(help="Whom the sentiment is toward; aliases with commas.")] = "",
    model: ModelName = "",
    why: Annotated[bool, typer.Option("--why", help="Mark the words that carried sentiment and risks.")] = False,
    as_json: AsJson = False,
) -> None:
    """Read posts (or bare lines) from standard input; write readings to standard output."""
    from bot.models.read import run as run_read

    run_read(sys.stdin, sys.stdout, target=target, model=model, as_json=as_json, why=why)


def evaluate(
    task: Annotated[str, typer.Argument(help="sentiment, target, ner, risk or cluster")],
    file: Annotated[Path, typer.Argument(help="A labelled JSONL file.")],
    model: ModelName = "",
    as_json: AsJson = False,
) -> None:
    """Measure the current model on a labelled file."""
    from bot.models.read import evaluate as run_evaluate

    run_evaluate(task, file, model=model, as_json=as_json)


def train(
    data: Annotated[
        Path | None,
        typer.Option(help="A folder of labelled files (sentiment_*, target_*, ner_*, risk_* …), or your own file."),
    ] = None,
    from_feedback: Annotated[
        bool, typer.Option("--from-feedback", help="Learn from what the team's buttons said instead.")
    ] = False,
    base: Annotated[
        str, typer.Option("--from", help="Folder: the encoder to cut, a name of the hub or a folder.")
    ] = "intfloat/multilingual-e5-small",
    out: Annotated[
        Path, typer.Option(help="Folder: where the model goes; a run that was killed goes on from there.")
    ] = Path("tocsin-model"),
    steps: Annotated[int, typer.Option(help="Folder: training steps; 0 = the recipe's.", min=0)] = 0,
    patience: Annotated[
        int, typer.Option(help="Folder: looks at held-out rows without a better one that end it; 0 = never.", min=0)
    ] = 6,
    task: Annotated[
        str, typer.Option(help="File: sentiment, target, risk or ner; told from the first row's keys if left out.")
    ] = "",
    heads_only: Annotated[
        bool, typer.Option("--heads-only", help="File, feedback: teach the task's head alone. Faster, and learns less.")
    ] = False,
    seed: Annotated[int, typer.Option(help="Where chance begins; 0 = the recipe's.", min=0)] = 0,
    settings: SettingsFile = DEFAULT_SETTINGS,
) -> None:
    """Train a model from an encoder and a folder of labelled files, as the default one was made; or teach the model in
    use your own labels (a file) or your team's feedback, and switch to it only if it is not worse."""
    from bot.models.training import Request
    from bot.models.training import train as run_train

    run_train(
        Request(
            data=data,
            from_feedback=from_feedback,
            base=base,
            out=out,
            steps=steps,
            seed=seed,
            patience=patience,
            task=task,
            heads_only=heads_only,
            settings=settings,
        )
    )


@model_app.command("list")
def model_list(as_json: AsJson = False) -> None:
    """Show the models there are, and which one is read with."""
    from bot.models.training import list_models

    list_models(as_json=as_json)


@model_app.command("use")
def model_use(name: Annotated[str, typer.Argument(help="One of the list.")]) -> None:
    """Read with another model from the next start on."""
    from bot.models.training import use_model

    use_model(name)


@model_app.command("back")
def model_back() -> None:
    """Go back to the model that was read with before."""
    from bot.models.training import use_model_before

    use_model_before()
