"""Histories and feed lists are taken over; twice equals once, and no comment of a settings file is lost."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.errors import TocsinError
from bot.infra.clock import VirtualClock
from bot.ingest.history_import import covered, import_opml, import_posts
from bot.ingest.matching import Ingest, Ingested
from bot.records import Ref, SourceRecord, TopicRecord
from engine.post import Topic
from tests.bot.english import english

NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
OPML = """<?xml version="1.0"?><opml version="2.0"><body>
<outline type="rss" text="牛奶 news: daily" xmlUrl="https://wire.example/rss"/>
<outline type="rss" text="Board" xmlUrl="https://board.example/atom"/></body></opml>"""
SETTINGS = """# our settings
language: en
sources:   # what we read
  - name: board       # taken
    kind: rss
    url: https://board.example/rss
    # every: 1m

# who is told
people:
  - {name: lead, slack: U123}
"""


class Wire:
    def __init__(self) -> None:
        self.refs: list[Ref] = []

    def publish(self, refs: Sequence[Ref]) -> None:
        self.refs += refs


def history(path: Path, days: Sequence[float]) -> Path:
    posts = [
        {"id": str(n), "published": (NOW - timedelta(days=day)).isoformat(), "text": f"Milk {n}"}
        for n, day in enumerate(days)
    ]
    path.write_text("".join(json.dumps(post) + "\n" for post in posts), encoding="utf-8-sig")
    return path


@pytest.fixture
def parts(store: Any, clock: VirtualClock) -> dict[str, Any]:
    """What import_posts is given, with one topic and one source."""
    topic = TopicRecord(
        id=0, topic=Topic(name="milk", query="milk"), channel="C1", policy="default", speak="en",
        budget_per_week=2.0, watched_since=NOW,
    )  # fmt: skip
    store.topics.sync([topic], NOW)
    store.sources.sync([SourceRecord(id=0, name="wire", kind="rss", url="http://wire.example/", every=60.0)])
    return {"store": store, "ingest": Ingest(store, Wire(), clock), "clock": clock, "source": "wire"}


def test_a_history_is_quiet_and_comes_once(parts: dict[str, Any], tmp_path: Path) -> None:
    path = history(tmp_path / "h.jsonl", [day / 10 for day in range(1, 121)])
    done = import_posts(path, **parts)
    assert (done.taken, done.faulty) == (Ingested(new=120, matched=120, late=118), 0)
    assert done.earliest == NOW - timedelta(days=12)
    assert import_posts(path, **parts).taken == Ingested(known=120)
    refs = parts["ingest"]._stream.refs
    assert {match.quiet for match in parts["store"].posts.pending(refs)} == {True}


def test_the_baseline_begins_with_the_history(parts: dict[str, Any], tmp_path: Path) -> None:
    """It counts as far back as it has no hole."""
    import_posts(history(tmp_path / "h.jsonl", [0.5, 2, 3.5, 5, 40]), **parts)
    assert parts["store"].topics.find("milk").watched_since == NOW - timedelta(days=5)


def test_an_old_history_is_no_baseline() -> None:
    """What ended a week ago says nothing about the days since."""
    assert covered([NOW - timedelta(days=n) for n in (7, 8, 9)], NOW) == NOW
    assert covered([NOW + timedelta(days=1), NOW - timedelta(days=1)], NOW) == NOW - timedelta(days=1)
    assert covered([], NOW) == NOW


def test_bad_lines_are_told_with_their_number(parts: dict[str, Any], tmp_path: Path) -> None:
    path = history(tmp_path / "h.jsonl", [1])
    path.write_text(path.read_text() + 'no json\n\n{"id": "9"}\n{"id": "10", "text": "Milk"')
    done = import_posts(path, **parts)
    assert done.taken.new == 1
    assert tuple(map(english, done.left_out)) == (
        "line 2: it is not JSON", "line 4: it has neither a text nor a title", "line 5: it is not JSON",
    )  # fmt: skip


def test_no_file_and_no_source_are_said(parts: dict[str, Any], tmp_path: Path) -> None:
    with pytest.raises(TocsinError, match=r"There is no file .*h\.jsonl"):
        import_posts(tmp_path / "h.jsonl", **parts)
    with pytest.raises(TocsinError, match=r"There is no source nowhere\. Add it to tocsin\.yaml first"):
        import_posts(history(tmp_path / "h.jsonl", [1]), **parts | {"source": "nowhere"})


@pytest.fixture
def feeds(tmp_path: Path) -> Path:
    path = tmp_path / "feeds.opml"
    path.write_text(OPML, encoding="utf-8")
    return path


def test_feeds_are_shown_as_settings(feeds: Path) -> None:
    assert yaml.safe_load(import_opml(feeds)) == {
        "sources": [
            {"name": "牛奶 news: daily", "kind": "rss", "url": "https://wire.example/rss"},
            {"name": "Board", "kind": "rss", "url": "https://board.example/atom"},
        ]
    }


def test_feeds_are_added_behind_the_last_source(feeds: Path, tmp_path: Path) -> None:
    """Every line that was there is still there, names stay unique, and twice equals once."""
    settings = tmp_path / "tocsin.yaml"
    settings.write_text(SETTINGS, encoding="utf-8")
    import_opml(feeds, settings)
    text = settings.read_text(encoding="utf-8")
    assert set(SETTINGS.splitlines()) <= set(text.splitlines())
    value = yaml.safe_load(text)
    assert [one["name"] for one in value["sources"]] == ["board", "牛奶 news: daily", "Board 2"]
    assert value["people"] == [{"name": "lead", "slack": "U123"}]
    assert import_opml(feeds, settings) == ""
    assert settings.read_text(encoding="utf-8") == text


@pytest.mark.parametrize("text", ["", "language: en\n", "language: en", "# only a comment\n"])
def test_a_file_without_sources_gets_the_section(feeds: Path, tmp_path: Path, text: str) -> None:
    settings = tmp_path / "tocsin.yaml"
    settings.write_text(text, encoding="utf-8")
    import_opml(feeds, settings)
    assert len(yaml.safe_load(settings.read_text(encoding="utf-8"))["sources"]) == 2
    assert settings.read_text(encoding="utf-8").startswith(text.rstrip())


def test_entries_at_the_left_margin_and_nested_ones(feeds: Path, tmp_path: Path) -> None:
    settings = tmp_path / "tocsin.yaml"
    settings.write_text(
        "sources:\n- name: a\n  kind: json\n  mapping:\n    items: x\n    text: >\n      y\nlanguage: en"
    )
    import_opml(feeds, settings)
    value = yaml.safe_load(settings.read_text(encoding="utf-8"))
    assert (len(value["sources"]), value["language"]) == (3, "en")
    assert value["sources"][0]["mapping"] == {"items": "x", "text": "y\n"}


@pytest.mark.parametrize("text", ["sources: []\n", "sources: [{name: a}]\n", "sources:\n", "sources: [\n"])
def test_a_file_that_cannot_take_them_is_left_alone(feeds: Path, tmp_path: Path, text: str) -> None:
    settings = tmp_path / "tocsin.yaml"
    settings.write_text(text)
    with pytest.raises(TocsinError, match="so nothing was added to it"):
        import_opml(feeds, settings)
    assert settings.read_text() == text


def test_what_is_no_opml_is_said(tmp_path: Path) -> None:
    with pytest.raises(TocsinError, match="cannot be read"):
        import_opml(tmp_path / "none.opml")
    (tmp_path / "page.opml").write_text("<html/>")
    with pytest.raises(TocsinError, match="is not an OPML file"):
        import_opml(tmp_path / "page.opml")


@pytest.mark.parametrize("body", [b"language: \xff\xfe", b"\t- : ["])
def test_a_broken_settings_file_is_left_alone(feeds: Path, tmp_path: Path, body: bytes) -> None:
    settings = tmp_path / "tocsin.yaml"
    settings.write_bytes(body)
    with pytest.raises(TocsinError, match="Run tocsin check"):
        import_opml(feeds, settings)
    assert settings.read_bytes() == body
