"""The columns that most tables have, as SQLModel fields."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Column, ForeignKey
from sqlmodel import Field

from bot.store.schema.columns import BigId, Json, Utc


def json_field(kind: Any) -> Any:
    return Field(sa_column=Column(Json(kind), nullable=False))


def time_field(*, index: bool = False) -> Any:
    return Field(default=None, sa_type=Utc, index=index)


def id_field() -> Any:
    return Field(default=None, sa_column=Column(BigId, primary_key=True))


def key_part(target: str) -> Any:
    """One column of a composite key that names a row of another table."""
    return Field(sa_column=Column(BigId, ForeignKey(target), primary_key=True, autoincrement=False))


def reference(target: str, *, nullable: bool = False, index: bool = False) -> Any:
    return Field(sa_column=Column(BigId, ForeignKey(target), nullable=nullable, index=index), default=None)
