"""Faults at the command line: one plain sentence in the language of whoever typed, and exit status 1."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import typer

from bot.config.locations import SettingsError
from bot.errors import TocsinError, worded
from bot.i18n.catalogue import DEFAULT
from bot.i18n.speech import Speech
from engine.errors import EngineError


@contextmanager
def speaking(language: str = DEFAULT) -> Iterator[None]:
    """Tell what goes wrong meanwhile in the language that TOCSIN_LANG asks for, else in *language*, and exit."""
    try:
        yield
    except (TocsinError, EngineError) as error:
        typer.echo(f"tocsin: {worded(error, asked_speech(_own(error) or language))}", err=True)
        sys.exit(1)


def asked_speech(otherwise: str = DEFAULT) -> Speech:
    """The language that TOCSIN_LANG asks for, else *otherwise*."""
    return Speech(os.environ.get("TOCSIN_LANG") or otherwise)


def _own(error: Exception) -> str:
    """The language of the settings that *error* is about, as far as it can be told."""
    return error.language if isinstance(error, SettingsError) else ""
