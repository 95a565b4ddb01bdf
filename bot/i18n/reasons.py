"""Why a signal worries, in words, and what signals and risks are called. Pure.

The sentences hold numbers, never a stranger's text.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from bot.i18n.as_written import AS_WRITTEN, as_written
from bot.i18n.lengths import period
from bot.i18n.speech import Speech, counted, percent, rounded
from engine.post import SIGNALS, Note, Signal
from engine.watch.reasons import ReasonCode

SYNDICATED = 3
"""Outlets that carry one text; of fewer nothing is said."""


def reason(signal: Signal, speech: Speech) -> str:
    """The sentence of *signal*: what was measured, and what is usual."""
    return _SENTENCES[signal.reason.code](signal.reason, speech)


def signal_name(name: str, speech: Speech) -> str:
    """What people call a signal; one that is measured no more keeps the name that it had in the code."""
    return speech.say(f"signal.{name}") if name in SIGNALS else name


def risk_name(risk: str, speech: Speech) -> str:
    """What people call a risk."""
    return speech.say(f"risk.{risk}")


def _surge(told: Note, speech: Speech) -> str:
    posts = speech.say(f"reason.posts.{told.text('posts')}", n=counted(told.number("value")))
    if told.code == ReasonCode.SURGE_COUNTS:
        return speech.say(
            "reason.surge.counts", posts=posts, period=_period(told, speech), usual=usual_of(told, speech)
        )
    usual = told.number("usual")
    times = f"{told.number('value') / usual:.1f}"
    return speech.say(
        "reason.surge.multiple", posts=posts, period=_period(told, speech), usual=rounded(usual), times=times
    )


def _burst(told: Note, speech: Speech) -> str:
    value = rounded(told.number("value"))
    return speech.say("reason.burst", value=value, usual=usual_of(told, speech), period=_period(told, speech))


def _share(told: Note, speech: Speech) -> str:
    return speech.say(
        "reason.share",
        share=percent(told.number("share")),
        usual=percent(told.number("usual")),
        posts=rounded(told.number("posts")),
        period=_period(told, speech),
    )


def _slow_burn(told: Note, speech: Speech) -> str:
    a_day, usual = rounded(told.number("a_day")), usual_of(told, speech)
    return speech.say("reason.slow_burn", a_day=a_day, usual=usual, days=told.values["days"])


def _drop(told: Note, speech: Speech) -> str:
    return speech.say("reason.drop", n=counted(told.number("value")), usual=usual_of(told, speech))


def _spread(told: Note, speech: Speech) -> str:
    sources, copies = (speech.say(f"reason.{what}", n=told.values[what]) for what in ("sources", "copies"))
    outlets = int(told.number("outlets")) if "outlets" in told.values else 0  # an earlier version did not count them
    alike = speech.say("reason.one_text", n=outlets) if outlets >= SYNDICATED else ""
    return speech.say("reason.spread", n=told.values["copies"], sources=sources, copies=copies) + alike


def _growth(told: Note, speech: Speech) -> str:
    return speech.say("reason.growth", period=_period(told, speech), n=told.values["posts"])


def _gravity(told: Note, speech: Speech) -> str:
    risk, usual = risk_name(told.text("risk"), speech), usual_of(told, speech, "usual_a_day")
    return speech.say("reason.gravity", n=told.values["posts"], risk=risk, usual=usual)


def _board(told: Note, speech: Speech) -> str:
    titles, negative = told.number("titles"), told.number("negative")
    tone = speech.say("reason.board_tone", n=titles, negative=negative) if titles > 1 or negative else ""
    return speech.say("reason.board", n=titles, tone=tone, usual=usual_of(told, speech, "usual_a_day"))


def usual_of(told: Note, speech: Speech, key: str = "usual") -> str:
    """`` (usual: 4)``; nothing where nothing is known, or an earlier version did not keep it."""
    if told.values.get("usual") is None:
        return ""
    return speech.say(f"reason.{key}", n=counted(told.number("usual")))


def _period(told: Note, speech: Speech) -> str:
    return period(told.number("minutes"), speech)


_SENTENCES: Mapping[str, Callable[[Note, Speech], str]] = {
    ReasonCode.SURGE_COUNTS: _surge,
    ReasonCode.SURGE_MULTIPLE: _surge,
    ReasonCode.BURST: _burst,
    ReasonCode.SHARE: _share,
    ReasonCode.SLOW_BURN: _slow_burn,
    ReasonCode.DROP: _drop,
    ReasonCode.SPREAD: _spread,
    ReasonCode.GROWTH: _growth,
    ReasonCode.GRAVITY: _gravity,
    ReasonCode.BOARD: _board,
    AS_WRITTEN: as_written,
}
