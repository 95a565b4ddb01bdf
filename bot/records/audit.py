"""What people did, or were refused: a row of the audit trail."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

DONE, UNCHECKED = "done", "unchecked"


@dataclass(frozen=True, kw_only=True)
class AuditEntry:
    """*by* did *deed* (an act, ``add_topic``, ``look``) *about* a topic; *outcome* is DONE, UNCHECKED (done, but nobody
    could say in time whether it was allowed), or why it was refused. *incident* is 0 where it is about none.

    *origin* says from where: ``channel``, ``via`` (command, click, form, thread, pin), ``team``. *key* writes a row
    once.
    """

    at: datetime
    by: str
    deed: str
    about: str = ""
    incident: int = 0
    outcome: str = DONE
    origin: Mapping[str, str] = field(default_factory=dict)
    key: str = ""
