"""A text as an English reader sees it."""

from __future__ import annotations

from bot.i18n.localised import LocalisedText
from bot.i18n.speech import Speech


def english(text: LocalisedText | None) -> str:
    return Speech("en").text(text) if text else ""
