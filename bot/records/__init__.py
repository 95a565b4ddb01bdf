"""The frozen values that pass between the store, the core and Slack. No SQL, no Slack, no clock."""

from __future__ import annotations

from bot.records.audit import DONE, UNCHECKED, AuditEntry
from bot.records.clicks import TakenClick
from bot.records.incidents import (
    NOT_ABOUT,
    TOCSIN,
    Act,
    ActKind,
    Alert,
    AlertKind,
    Bundle,
    Card,
    CorrectedPost,
    Correction,
    Decision,
    Incident,
    Policy,
    PolicyStep,
    Status,
    ToldAlert,
)
from bot.records.watching import (
    Basis,
    InsertResult,
    Item,
    Match,
    NewPost,
    ReadPost,
    Ref,
    SourceRecord,
    TopicRecord,
    TuningRecord,
)

__all__ = [
    "DONE",
    "NOT_ABOUT",
    "TOCSIN",
    "UNCHECKED",
    "Act",
    "ActKind",
    "Alert",
    "AlertKind",
    "AuditEntry",
    "Basis",
    "Bundle",
    "Card",
    "CorrectedPost",
    "Correction",
    "Decision",
    "Incident",
    "InsertResult",
    "Item",
    "Match",
    "NewPost",
    "Policy",
    "PolicyStep",
    "ReadPost",
    "Ref",
    "SourceRecord",
    "Status",
    "TakenClick",
    "ToldAlert",
    "TopicRecord",
    "TuningRecord",
]
