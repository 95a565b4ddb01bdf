"""What a person asked for with a click, a form or a word, kept until it is done."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass(frozen=True, kw_only=True)
class TakenClick:
    """*work* names what is to be done with *details*; *asked* says who asked, and where the answer goes."""

    work: str
    asked: Mapping[str, str]
    details: Mapping[str, Any] = field(default_factory=dict)
    at: datetime
    id: int = 0
    attempts: int = 0
