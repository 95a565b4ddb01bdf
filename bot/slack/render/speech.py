"""How Tocsin speaks: sentences of the catalogue, numbers, spans, moments and small charts, in either language. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from bot.i18n import LANGUAGES, sentences
from engine.post import Level

_MARKS = {Level.RED: "🔴", Level.ORANGE: "🟠", Level.YELLOW: "🟡", Level.BLUE: "🔵", None: "⚪"}
_BARS = "▁▂▃▄▅▆▇█"


class Speech:
    """One language. Values put into a sentence must already be safe mrkdwn (see ``bot.slack.render.escape``)."""

    def __init__(self, language: str) -> None:
        self.language = language if language in LANGUAGES else "en"
        self._sentences = sentences(self.language)

    def say(self, key: str, **values: object) -> str:
        """The sentence *key* with its gaps filled; *n* chooses ``key.one`` or ``key.other`` where there are two."""
        if key not in self._sentences:
            key = f"{key}.one" if values.get("n") == 1 else f"{key}.other"
        return self._sentences[key].format(**{name: self._shown(value) for name, value in values.items()})

    def one_of(self, texts: dict[str, str] | object) -> str:
        """The sentence of this language among those that the engine made, the English one if it is missing."""
        get = getattr(texts, "get", None)
        return str(get(self.language) or get("en") or "") if get else ""

    def level(self, level: Level | None) -> str:
        """``🟠 orange``; ``⚪ calm`` for no level."""
        return f"{_MARKS[level]} {self.colour(level)}"

    def colour(self, level: Level | None) -> str:
        return self.say(f"level.{level.colour}" if level else "level.none")

    def span(self, span: timedelta) -> str:
        """*span* in its one or two largest units: ``40 s``, ``12 min``, ``2 h 10 min``, ``3 d 4 h``."""
        seconds = max(0, int(span.total_seconds()))
        if seconds < 60:
            return self.say("unit.s", n=seconds)
        days, hours, minutes = seconds // 86400, seconds % 86400 // 3600, seconds % 3600 // 60
        sizes = [("d", days), ("h", hours), ("min", minutes if not days else 0)]
        return " ".join(self.say(f"unit.{unit}", n=number) for unit, number in sizes if number)

    def times(self, now: int, usual: float | None) -> str:
        """``316 (usual: 4)``, or the number alone where there is no baseline."""
        if usual is None:
            return self._shown(now)
        return self.say("number.usual", now=now, usual=rounded(usual))

    def _shown(self, value: object) -> str:
        if isinstance(value, int) and not isinstance(value, bool):
            return f"{value:,}"
        return str(value)


def mark(level: Level | None) -> str:
    return _MARKS[level]


def moment(at: datetime) -> str:
    """*at* as a token that Slack shows in each reader's own time zone and language."""
    stamp = int(at.timestamp())
    return f"<!date^{stamp}^{{date_short_pretty}} {{time}}|{at.astimezone(UTC):%Y-%m-%d %H:%M} UTC>"


def clock_time(at: datetime) -> str:
    """The time of day alone, for moments of today."""
    return f"<!date^{int(at.timestamp())}^{{time}}|{at.astimezone(UTC):%H:%M} UTC>"


def recent(at: datetime, now: datetime) -> str:
    """The time of day alone for what is less than twelve hours away, the day too for the rest."""
    return clock_time(at) if abs(now - at) < timedelta(hours=12) else moment(at)


def rounded(value: float) -> str:
    """A baseline as a person says it: ``4``, ``0.3``, ``1,200``."""
    if value and abs(value) < 9.95 and round(value, 1) != round(value):
        return f"{value:.1f}"
    return f"{round(value):,}"


def percent(share: float) -> str:
    return f"{round(share * 100)}%"


def bars(values: Sequence[float]) -> str:
    """*values* as a row of bars, the highest one full; what is not zero never looks like zero."""
    top = max(values, default=0)
    if top <= 0:
        return _BARS[0] * len(values)
    return "".join(_BARS[0] if value <= 0 else _BARS[max(1, round(value / top * 7))] for value in values)
