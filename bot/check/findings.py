"""What `tocsin check` says: findings, and the sentences of both languages that they are made of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources

import yaml


@dataclass(frozen=True, kw_only=True)
class CheckResult:
    """What one look found. *what* names the thing looked at, *hint* says where to look if it is not ok."""

    ok: bool
    what: str
    sentence: str
    hint: str = ""


class CheckSentences:
    """Makes findings in one language."""

    def __init__(self, language: str) -> None:
        self.language = language

    def good(self, what: str, key: str, **values: object) -> CheckResult:
        return self._finding(what, key, values, ok=True)

    def bad(self, what: str, key: str, **values: object) -> CheckResult:
        return self._finding(what, key, values, ok=False)

    def _finding(self, what: str, key: str, values: Mapping[str, object], *, ok: bool) -> CheckResult:
        sentence, *hint = (part.format_map(values).strip() for part in sentences()[key][self.language])
        return CheckResult(ok=ok, what=what, sentence=sentence, hint="".join(hint))


@cache
def sentences() -> Mapping[str, Mapping[str, list[str]]]:
    """Every sentence by its key and language, with its hint behind it."""
    text = resources.files("bot.check").joinpath("findings.yaml").read_text(encoding="utf-8")
    found: Mapping[str, Mapping[str, list[str]]] = yaml.safe_load(text)
    return found
