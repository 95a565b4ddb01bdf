"""Counts of people in real titles and headlines, none of which was made up for it. Each was read once by a person."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from engine.facts.casualties import casualties

pytestmark = pytest.mark.shared


@pytest.mark.parametrize(
    ("streams", "least", "most"),
    [(("frontpages_en",), 255, 285), (("hotsearch_xibei", "hotsearch_huaxizi", "hotsearch_zhongxuegao"), 70, 80)],
)
def test_so_many_headlines_count_people(shared: Path, streams: tuple[str, ...], least: int, most: int) -> None:
    rows = [
        json.loads(line)
        for name in streams
        for line in (shared / "streams" / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()
    ]
    found = [row for row in rows if casualties(row["text"], int(row["published"][:4]))]
    assert least <= len(found) <= most


def test_passengers_who_complain_are_never_taken_for_casualties(shared: Path) -> None:
    """14,640 tweets to airlines: delays that kill, dead phones, flights that died, and nobody hurt."""
    lines = (shared / "streams" / "airline.jsonl").read_text(encoding="utf-8").splitlines()
    assert not [line for line in lines if casualties(json.loads(line)["text"], 2015)]
