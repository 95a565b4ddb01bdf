"""What `tocsin check` says: findings, and how they are made in one language."""

from __future__ import annotations

from dataclasses import dataclass

from bot.errors import TocsinError, worded
from bot.i18n.localised import LocalisedText
from bot.i18n.speech import Speech
from engine.errors import EngineError


@dataclass(frozen=True, kw_only=True)
class CheckResult:
    """What one look found. *what* names the thing looked at, *hint* says where to look if it is not ok."""

    ok: bool
    what: str
    sentence: str
    hint: str = ""


class CheckSentences:
    """Makes findings in one language. A *key* names a sentence of the catalogue; its hint is ``KEY_hint``."""

    def __init__(self, speech: Speech) -> None:
        self.speech = speech

    def good(self, what: str | LocalisedText, key: str, **values: object) -> CheckResult:
        return CheckResult(ok=True, what=self._named(what), sentence=self._said(key, values))

    def bad(self, what: str | LocalisedText, key: str, **values: object) -> CheckResult:
        hint = self._said(f"{key}_hint", values)
        return CheckResult(ok=False, what=self._named(what), sentence=self._said(key, values), hint=hint)

    def why(self, error: Exception) -> str:
        """What *error* says, in this language if it can."""
        return worded(error, self.speech) if isinstance(error, TocsinError | EngineError) else str(error)

    def _named(self, what: str | LocalisedText) -> str:
        return what if isinstance(what, str) else self.speech.text(what)

    def _said(self, key: str, values: dict[str, object]) -> str:
        return self.speech.say(key, **values).strip()
