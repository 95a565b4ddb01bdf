"""Posts in, readings and assessments out.

A pure library: no clock, no network, no database, no Slack. Time comes in as an argument.

The public names are those of ``__all__``; everything below the package may change with any version. A *post* that
matches a *topic*'s query is *read* by a model into a *reading*; a *watch* takes readings in and gives an *assessment*
with a *level*; ``detect`` looks for change in a series of counts without any text. ``parse_query`` has the noun in its
name because ``engine.parse`` would not say what it parses; the other names are the words of the domain.

Names are imported when they are first used: ``import engine`` loads neither torch nor NumPy, and a program that only
matches queries or detects change never loads a model.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from engine.errors import EngineError
    from engine.model.reader import Reader
    from engine.post import (
        RISKS,
        Assessment,
        Entity,
        Explanation,
        Level,
        Polarity,
        Post,
        Reading,
        Sentiment,
        Signal,
        SourceHealth,
        Standing,
        Topic,
    )
    from engine.query.query import Query
    from engine.query.query import parse as parse_query
    from engine.trend.detect import detect
    from engine.trend.series import Alarm
    from engine.tuning.tuning import Tuning
    from engine.watch.topic_watch import Watch

__all__ = [
    "RISKS", "Alarm", "Assessment", "EngineError", "Entity", "Explanation", "Level", "Polarity", "Post", "Query",
    "Reader", "Reading", "Sentiment", "Signal", "SourceHealth", "Standing", "Topic", "Tuning", "Watch", "detect",
    "parse_query",
]  # fmt: skip

_HOMES = {
    "engine.errors": ("EngineError",),
    "engine.model.reader": ("Reader",),
    "engine.post": (
        "RISKS", "Assessment", "Entity", "Explanation", "Level", "Polarity", "Post", "Reading", "Sentiment", "Signal",
        "SourceHealth", "Standing", "Topic",
    ),
    "engine.query.query": ("Query", "parse_query"),
    "engine.trend.detect": ("detect",),
    "engine.trend.series": ("Alarm",),
    "engine.watch.topic_watch": ("Watch",),
    "engine.tuning.tuning": ("Tuning",),
}  # fmt: skip
"""Module → the public names that live in it."""

if not TYPE_CHECKING:  # a type checker sees the imports above, and would take any misspelled name for this function's

    def __getattr__(name: str) -> object:
        home = next((module for module, names in _HOMES.items() if name in names), None)
        if home is None:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        found = getattr(import_module(home), "parse" if name == "parse_query" else name)
        globals()[name] = found
        return found


def __dir__() -> list[str]:
    return sorted(__all__)
