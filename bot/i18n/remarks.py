"""The remarks beside an assessment, in words: what is not known, and why a level stands as it does. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime

from bot.i18n.as_written import AS_WRITTEN, as_written
from bot.i18n.lengths import length
from bot.i18n.reasons import signal_name
from bot.i18n.speech import Speech, capitalised, percent, rounded
from bot.i18n.zones import written
from engine.post import Note
from engine.tuning.tuning import DISTRUST
from engine.watch.remarks import RemarkCode


def remark(note: Note, speech: Speech) -> str:
    """The sentence of a note beside an assessment."""
    return _SENTENCES[note.code](note, speech)


def day_span(first: date, last: date, speech: Speech) -> str:
    """One day, or the first and the last of several."""
    return f"{first}" if first == last else speech.say("days.span", first=f"{first}", last=f"{last}")


def _expected(note: Note, speech: Speech) -> str:
    span = day_span(date.fromisoformat(note.text("first")), date.fromisoformat(note.text("last")), speech)
    key = "note.expected.by" if note.text("by") else "note.expected.settings"
    return speech.say(key, by=note.text("by"), days=span, what=note.text("what"))


def _no_baseline(note: Note, speech: Speech) -> str:
    return speech.say("note.no_baseline", watched=length(60 * note.number("hours"), speech))


def _new_baseline(note: Note, speech: Speech) -> str:
    why = speech.say(f"note.{note.code}", n=note.values.get("days"))
    return speech.say("note.new_baseline.since", at=_moment(note.text("since"), speech), why=why)


def _recounted(note: Note, speech: Speech) -> str:
    return speech.say("note.recounted", at=_moment(note.text("at"), speech))


def _stale(note: Note, speech: Speech) -> str:
    shown, silent = note.texts("names"), note.number("silent")
    names = speech.say("note.names.joint").join(shown)
    if silent > len(shown):
        names = speech.say("note.names.more", names=names)
    return speech.say("note.stale", n=silent, total=note.values["total"], names=names)


def _late(note: Note, speech: Speech) -> str:
    return speech.say("note.late", n=note.values["posts"])


def _silence(note: Note, speech: Speech) -> str:
    return speech.say("note.silence", usual=rounded(note.number("usual")))


def _held(note: Note, speech: Speech) -> str:
    level = speech.say(f"level.{note.text('level')}")
    return speech.say(f"note.{note.code}", level=level, score=note.values.get("score"))


def _distrust(note: Note, speech: Speech) -> str:
    trust, judged, false = note.number("trust"), note.values["judged"], note.values["false"]
    share = speech.say("note.distrust.half") if 0.45 <= trust <= 0.55 else percent(trust)
    bells = "note.distrust.only_bell" if judged == 1 else "note.distrust.bells"
    told = speech.say(bells, n=false, judged=judged)
    name = signal_name(note.text("signal"), speech)
    return capitalised(speech.say("note.distrust.sentence", signal=name, share=share, bells=told))


def _moment(text: str, speech: Speech) -> str:
    return written(datetime.fromisoformat(text), speech.zone)


_SENTENCES: Mapping[str, Callable[[Note, Speech], str]] = {
    RemarkCode.EXPECTED: _expected,
    RemarkCode.NO_BASELINE: _no_baseline,
    RemarkCode.NEW_QUERY: _new_baseline,
    RemarkCode.NEW_AFTER_SILENCE: _new_baseline,
    RemarkCode.NEW_AFTER_WEEKS: _new_baseline,
    RemarkCode.NEW_CLOCK: _new_baseline,
    RemarkCode.RECOUNTED: _recounted,
    RemarkCode.STALE: _stale,
    RemarkCode.LATE: _late,
    RemarkCode.SILENCE: _silence,
    RemarkCode.HELD: _held,
    RemarkCode.FROZEN: _held,
    DISTRUST: _distrust,
    AS_WRITTEN: as_written,
}
