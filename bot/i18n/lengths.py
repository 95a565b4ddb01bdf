"""Lengths of time inside a sentence, in words: ``6 hours``, ``the last hour``, ``the 5 days before``. Pure."""

from __future__ import annotations

from bot.i18n.speech import Speech, counted


def length(minutes: float, speech: Speech) -> str:
    """``15 minutes``, ``1 hour``, ``1.5 hours``."""
    unit, number = _in_units(minutes)
    return speech.say(f"length.{unit}", n=number)


def period(minutes: float, speech: Speech) -> str:
    """The same after “the last” and “every”, where many languages leave out the one: ``hour``, ``6 hours``."""
    unit, number = _in_units(minutes)
    return speech.say(f"period.{unit}", n=number)


def _in_units(minutes: float) -> tuple[str, float]:
    """Minutes below an hour, hours from there."""
    return ("minutes", round(minutes)) if minutes < 60 else ("hours", counted(minutes / 60))
