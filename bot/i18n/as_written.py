"""Sentences that an earlier version stored as it had worded them, one a language. Pure."""

from __future__ import annotations

from bot.i18n.catalogue import DEFAULT
from bot.i18n.speech import Speech
from engine.post import Note

AS_WRITTEN = "as_written"
"""The code of a note that version 0.1 stored as finished sentences: its values are these, by language."""


def as_written(note: Note, speech: Speech) -> str:
    """The sentence in the reader's language if it was written in it, the English one otherwise."""
    return str(note.values.get(speech.language) or note.values.get(DEFAULT) or "")
