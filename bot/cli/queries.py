"""Commands about queries: what one catches, and what it would bring if a topic watched it."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from bot.cli.options import DEFAULT_SETTINGS, AsJson, SettingsFile
from bot.cli.speaking import speaking
from bot.i18n.catalogue import DEFAULT

Spoken = Annotated[str, typer.Option(help="Language of the text.", envvar="TOCSIN_LANG")]


def match(
    query: Annotated[str, typer.Option(help="What to look for; @NAME is a saved query of the settings.")],
    settings: SettingsFile = DEFAULT_SETTINGS,
    explain: Annotated[bool, typer.Option("--explain", help="Say which parts of the query decided.")] = False,
    lang: Spoken = DEFAULT,
    as_json: AsJson = False,
) -> None:
    """Say of posts (JSONL) or bare lines on stdin which of them a query catches."""
    from bot.backtest.querying import QueryOptions
    from bot.backtest.querying import match as run_match

    with speaking(lang):
        options = QueryOptions(query=query, settings=settings, language=lang, explain=explain, as_json=as_json)
        run_match(options, sys.stdin)


def preview(
    query: Annotated[str, typer.Option(help="What to look for; @NAME is a saved query of the settings.")] = "",
    topic: Annotated[str, typer.Option(help="Instead: the query that this topic has.")] = "",
    posts: Annotated[Path | None, typer.Option(help="Look through this file (JSONL), not the stored posts.")] = None,
    settings: SettingsFile = DEFAULT_SETTINGS,
    lang: Spoken = DEFAULT,
    as_json: AsJson = False,
) -> None:
    """Say what a query would bring: how many posts of 30 days, by which words, and what else its names may mean."""
    from bot.backtest.querying import QueryOptions
    from bot.backtest.querying import preview as run_preview

    with speaking(lang):
        run_preview(
            QueryOptions(query=query, topic=topic, posts=posts, settings=settings, language=lang, as_json=as_json)
        )
