"""Sources as the tests of the parsers write them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from bot.records import SourceRecord


@pytest.fixture
def source() -> Callable[..., SourceRecord]:
    """Makes a source that may be on loopback: ``source(url, kind="json", options={...})``."""

    def make(url: str = "http://feed.example/rss", **fields: Any) -> SourceRecord:
        values = {"id": 1, "name": "wire", "kind": "rss", "every": 60.0, "allow_private": True} | fields
        return SourceRecord(url=url, **values)

    return make
