"""The words that say nothing about what a text is about. They stand in text files beside this one."""

from __future__ import annotations

from pathlib import Path


def _words(name: str) -> frozenset[str]:
    return frozenset(Path(__file__).with_name(name).read_text(encoding="utf-8").split())


ENGLISH = _words("stopwords_en.txt")
CHINESE = _words("stopwords_zh.txt")
STOP_WORDS = ENGLISH | CHINESE
