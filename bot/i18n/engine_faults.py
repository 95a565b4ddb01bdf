"""What the engine refuses, in words: its errors hold a code and values, as all that it gives. Pure."""

from __future__ import annotations

from bot.i18n.localised import LocalisedText, localised
from bot.i18n.queries import query_fault_text
from engine.errors import EngineError
from engine.post import Note
from engine.query.faults import QueryError


def engine_fault(error: EngineError) -> LocalisedText:
    """What *error* says, not worded yet."""
    return query_fault_text(error.note) if isinstance(error, QueryError) else _text(error.note)


def _text(note: Note) -> LocalisedText:
    gaps = {name: _text(value) if isinstance(value, Note) else value for name, value in note.values.items()}
    return localised(f"engine.{note.code}", **gaps)
