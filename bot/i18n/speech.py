"""How Tocsin speaks: sentences of the catalogue with their gaps filled, numbers and spans, in one language. Pure."""

from __future__ import annotations

from datetime import UTC, timedelta, tzinfo
from pathlib import Path

from bot.i18n.catalogue import DEFAULT, languages, spoken_in, templates
from bot.i18n.localised import LocalisedText
from engine.post import Level

_MARKS = {Level.RED: "🔴", Level.ORANGE: "🟠", Level.YELLOW: "🟡", Level.BLUE: "🔵", None: "⚪"}


class Speech:
    """One language, DEFAULT for one that there is not, and the time zone of those who are spoken to.
    *folder* holds the catalogue, None for Tocsin's own.

    Values put into a sentence must already be safe mrkdwn (see ``bot.slack.render.escape``).
    """

    def __init__(self, language: str, folder: Path | None = None, *, zone: tzinfo = UTC) -> None:
        self.language = language if language in languages(folder) else DEFAULT
        self.folder, self.zone = folder, zone
        self._templates = templates(self.language, folder)

    @property
    def siblings(self) -> tuple[Speech, ...]:
        """Every language of the same catalogue, DEFAULT first."""
        return tuple(Speech(language, self.folder, zone=self.zone) for language in languages(self.folder))

    def say(self, key: str, /, **values: object) -> str:
        """The sentence *key* with its gaps filled; *n* chooses among ``key.zero``, ``key.one`` and ``key.other``.

        Where a language says nothing special of none or of one, ``key.other`` serves.
        """
        shown = {name: self._shown(value) for name, value in values.items()}
        return self._template(key, values.get("n")).format(**shown)

    def _template(self, key: str, n: object) -> str:
        for name in (key, f"{key}.zero" if n == 0 else f"{key}.one" if n == 1 else key):
            if name in self._templates:
                return self._templates[name]
        return self._templates[f"{key}.other"]

    def section(self, name: str) -> dict[str, str]:
        """The templates under *name*, by the rest of their keys: for a program that fills them itself."""
        return {
            key.removeprefix(f"{name}."): text for key, text in self._templates.items() if key.startswith(f"{name}.")
        }

    def text(self, text: LocalisedText) -> str:
        """The sentence that *text* stands for."""
        return self.say(text.code, **text.values)

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
        if isinstance(value, LocalisedText):
            return self.text(value)
        if isinstance(value, int) and not isinstance(value, bool):
            return f"{value:,}"
        return str(value)


def speech_for(locale: str) -> Speech:
    """The language of a *locale* such as ``zh-CN``."""
    return Speech(spoken_in(locale) or DEFAULT)


def mark(level: Level | None) -> str:
    return _MARKS[level]


def counted(value: float) -> int | float:
    """A number as a person counts: whole, or with one decimal below ten where it has one."""
    one = round(value, 1)
    return one if abs(value) < 9.95 and one != round(value) else round(value)


def rounded(value: float) -> str:
    """A baseline as a person says it: ``4``, ``0.3``, ``1,200``."""
    return f"{counted(value):,}"


def capitalised(sentence: str) -> str:
    """*sentence* with a capital first letter, where its script has them."""
    return sentence[:1].upper() + sentence[1:]


def percent(share: float) -> str:
    return f"{round(share * 100)}%"
