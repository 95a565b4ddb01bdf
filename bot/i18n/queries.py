"""What there is to say of a topic's query, in words: its faults, remarks on it, why a post matches it. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.i18n.localised import LocalisedText, localised
from bot.i18n.speech import Speech
from engine.post import Note

if TYPE_CHECKING:
    from engine.query.query import MatchExplanation


def query_fault_text(note: Note) -> LocalisedText:
    """What is wrong with a query, not worded yet: the text of ``QueryError.note``."""
    return localised(f"query.fault.{note.code}", **note.values)


def query_fault(note: Note, speech: Speech) -> str:
    """What is wrong with a query: the sentence of ``QueryError.note``."""
    return speech.text(query_fault_text(note))


def query_remark(note: Note, speech: Speech) -> str:
    """What the author of a query probably meant otherwise: the sentence of one of ``Query.remarks``."""
    return speech.say(f"query.remark.{note.code}", **note.values)


def match_explanation(told: MatchExplanation, speech: Speech) -> str:
    """Because of which clauses a post matches a query, or does not."""
    clauses = speech.say("query.match.joint").join(verdict.clause for verdict in told.verdicts)
    return speech.say("query.match.matched" if told.matched else "query.match.unmatched", clauses=clauses)
