"""What people did, or were refused, that belongs to no incident: a row of the audit trail."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

DONE = "done"


@dataclass(frozen=True, kw_only=True)
class AuditEntry:
    """*by* did *deed* (``add_topic``, ``look`` …) *about* something; *outcome* is DONE, or why it was refused.

    *origin* says from where: ``channel``, ``via`` (command, click, form), ``team``. *key* writes a row once.
    """

    at: datetime
    by: str
    deed: str
    about: str = ""
    outcome: str = DONE
    origin: Mapping[str, str] = field(default_factory=dict)
    key: str = ""
