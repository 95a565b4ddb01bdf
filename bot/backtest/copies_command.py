"""``tocsin copies``: which posts repeat an earlier one, and which bring one up to date, as the service marks them."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import typer

from bot.backtest.copies import with_copies
from bot.backtest.post_file import cleaned, posts_in
from engine.post import Post

STDIN = Path("<stdin>")


def run(lines: Iterable[str], as_json: bool) -> None:
    """Print one line a post of *lines* (JSONL); raises LocalisedError with the line of one that is none."""
    for post in with_copies(cleaned(posts_in(lines, STDIN))):
        typer.echo(json.dumps(as_dict(post), ensure_ascii=False) if as_json else _line(post))


def as_dict(post: Post) -> dict[str, Any]:
    """What *post* is to an earlier one, as the stable JSON of the command line."""
    plain: dict[str, Any] = {"id": post.id}
    if post.copy_of:
        plain["copy_of"] = post.copy_of
    if post.update_of:
        plain["update_of"] = post.update_of
        plain["changes"] = [{"kind": each.kind, "before": each.before, "after": each.after} for each in post.changes]
    return plain


def _line(post: Post) -> str:
    if post.copy_of:
        return f"{post.id}  copy of {post.copy_of}"
    if post.update_of:
        told = "; ".join(f"{each.kind}: {each.before or '-'} -> {each.after or '-'}" for each in post.changes)
        return f"{post.id}  update of {post.update_of}  {told}"
    return f"{post.id}  original"
