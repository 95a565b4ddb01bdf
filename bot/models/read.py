"""``tocsin read`` and ``evaluate``: the engine at the command line."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any, TextIO

import typer

from bot.errors import LocalisedError
from bot.models.explanation_marks import marked, marks_as_dict
from bot.models.registry import open_reader
from engine.post import Explanation, Post, Reading, Topic

AT_ONCE = 256


def run(lines: TextIO, out: TextIO, *, target: str, model: str, as_json: bool, why: bool = False) -> None:
    """Read every line of *lines*, a post in JSON or a bare text, and write its reading to *out* at once."""
    aliases = tuple(name.strip() for name in target.split(",") if name.strip())
    topic = Topic(name=aliases[0], query=aliases[0], aliases=aliases) if aliases else None
    posts, reader = _posts(lines), None
    while batch := list(islice(posts, AT_ONCE)):
        reader = reader or open_reader(model)  # a first line that is no post is told before a model is loaded
        for post, reading in zip(batch, reader.read([(post, topic) for post in batch]), strict=True):
            told = reader.explain(post, topic) if why else None
            out.write(_json(reading, told) if as_json else _line(post, reading, told))
            out.write("\n")
        out.flush()


def _posts(lines: TextIO) -> Iterator[Post]:
    for number, line in enumerate(lines, 1):
        text = line.strip("\r\n")
        if text.strip():
            yield _post(text, number)


def _post(line: str, number: int) -> Post:
    """A bare line is a text; one that begins with a brace must be a post."""
    fields: dict[str, Any] = {"text": line}
    if line.lstrip().startswith("{"):
        try:
            fields = json.loads(line)
        except json.JSONDecodeError as error:
            raise LocalisedError(
                "reading.not_json", line=str(number), why=error.msg, column=str(error.colno)
            ) from error
    if not isinstance(fields.get("text"), str):
        raise LocalisedError("reading.no_text", line=str(number))
    return Post(
        id=str(fields.get("id", number)),
        published=datetime(2000, 1, 1, tzinfo=UTC),
        text=fields["text"],
        title=str(fields.get("title") or ""),
        lang=str(fields.get("lang") or ""),
    )


def as_dict(reading: Reading) -> dict[str, Any]:
    """A reading as the stable JSON of the command line."""
    mood = reading.sentiment
    return {
        "id": reading.post_id,
        "lang": reading.lang,
        "sentiment": {
            "label": mood.label.value,
            "negative": round(mood.negative, 4),
            "neutral": round(mood.neutral, 4),
            "positive": round(mood.positive, 4),
        },
        "risks": {name: round(value, 4) for name, value in reading.risks.items()},
        "entities": [
            {"start": item.start, "end": item.end, "type": item.type, "text": item.text} for item in reading.entities
        ],
    }


def _json(reading: Reading, told: Explanation | None) -> str:
    why = {"why": marks_as_dict(told)} if told else {}
    return json.dumps(as_dict(reading) | why, ensure_ascii=False)


def _line(post: Post, reading: Reading, told: Explanation | None) -> str:
    mood = reading.sentiment
    share = getattr(mood, mood.label.value)
    risks = " ".join(reading.risks) or "-"
    line = f"{mood.label.value:<8} {share:4.0%}  {risks:<24} "
    return line + (post.body[:100] if told is None else marked(post.body, told))


def evaluate(task: str, file: Path, *, model: str, as_json: bool) -> None:
    """Print the scores of the current model on *file*."""
    from engine.training.evaluation.evaluate import evaluate as measure

    def read(pairs: Sequence[tuple[Post, Topic | None]]) -> list[Reading]:
        return open_reader(model).read(pairs)  # only once the file is known to fit

    done = measure(task, file, read)
    if as_json:
        typer.echo(json.dumps(done.as_json(), ensure_ascii=False))
        return
    typer.echo(f"{task}: " + "  ".join(f"{name} {value:.4f}" for name, value in done.scores.figures.items()))
    spread = (
        f"; {done.headline} 95 % interval {done.interval[0]:.4f} to {done.interval[1]:.4f}" if done.interval else ""
    )
    typer.echo(f"n {done.scores.n}{spread}")
    for name, scores in {**done.by_language, **done.by_source}.items():
        figures = "  ".join(f"{key} {value:.4f}" for key, value in scores.figures.items())
        typer.echo(f"  {name:<28} n {scores.n:<6} {figures}")
