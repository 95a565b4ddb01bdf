"""What an operator types, against a real database: a history is imported, and the sources are listed."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.i18n.localised import localised
from bot.i18n.speech import Speech
from bot.records import AuditEntry, Ref
from bot.store import Store
from tests.bot.cli.test_cli import tocsin

SETTINGS = """
language: en
default_channel: "#pr"
topics:
  - {name: Lumen Tea, query: '"Lumen Tea"'}
sources:
  - {name: Town Square, kind: rss, url: "https://square.example/feed.xml"}
  - {name: City Desk, kind: webhook, standing: outlet}
"""
NOW = datetime.now(UTC)


def begun(folder: Path) -> Path:
    """*folder* with settings and a history: three posts, two of them about the topic, and two lines that are none."""
    (folder / "tocsin.yaml").write_text(SETTINGS, encoding="utf-8")
    texts = ["Lumen Tea is fine", "Rain again", "A queue for Lumen Tea"]
    posts = [
        {"id": str(days), "published": (NOW - timedelta(days=days)).isoformat(), "text": text}
        for days, text in enumerate(texts, 1)
    ]
    lines = [*(json.dumps(post) for post in posts), "no json", '{"id": "9"}']
    (folder / "history.jsonl").write_text("\n".join(lines), encoding="utf-8")
    return folder


def imported(home: Path) -> list[str]:
    done = tocsin("import", "posts", "history.jsonl", "--source", "Town Square", cwd=home)
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[str]]:
    """A folder into whose database the history was imported, and what was said of it."""
    home = begun(tmp_path_factory.mktemp("home"))
    return home, imported(home)


@pytest.fixture
def home(told: tuple[Path, list[str]]) -> Path:
    return told[0]


def database(home: Path) -> Store:
    return Store.open(f"sqlite:///{home / '.tocsin' / 'tocsin.db'}")


def test_a_history_is_stored_once_and_what_is_no_post_is_told(told: tuple[Path, list[str]]) -> None:
    home, lines = told
    assert lines == [
        "3 new posts, 0 known, 2 caught by a topic.",
        "left out: line 4: it is not JSON",
        "left out: line 5: it has neither a text nor a title",
    ]
    assert imported(home)[0] == "0 new posts, 3 known, 0 caught by a topic."


def test_an_imported_history_is_quiet_and_moves_the_baseline_back(home: Path) -> None:
    with database(home) as store:
        topic = store.topics.find("Lumen Tea")
        assert topic is not None
        assert abs(topic.watched_since - (NOW - timedelta(days=3))) < timedelta(seconds=1)
        posts = store.posts.since(NOW - timedelta(days=30))
        assert {post.text for post in posts} == {"Lumen Tea is fine", "Rain again", "A queue for Lumen Tea"}
        matches = store.posts.pending([Ref(post.id, topic.id) for post in posts])
        assert [match.quiet for match in matches] == [True, True]


@pytest.mark.parametrize(
    ("words", "told_of"),
    [
        (("history.jsonl", "--source", "Nowhere"), "There is no source Nowhere. Add it to tocsin.yaml first"),
        (("nothing.jsonl", "--source", "Town Square"), "There is no file nothing.jsonl"),
    ],
)
def test_what_cannot_be_imported_is_a_sentence(home: Path, words: tuple[str, ...], told_of: str) -> None:
    done = tocsin("import", "posts", *words, cwd=home)
    assert (done.returncode, told_of in done.stderr) == (1, True), done.stderr
    assert "Traceback" not in done.stderr


def test_before_the_first_run_there_is_no_source(tmp_path: Path) -> None:
    done = tocsin("sources", cwd=begun(tmp_path))
    assert (done.returncode, done.stdout.startswith("No source yet: `tocsin run`")) == (0, True), done.stderr


def test_each_source_is_a_line_with_its_state_and_its_last_post(home: Path) -> None:
    done = tocsin("sources", cwd=home)
    assert done.returncode == 0, done.stderr
    lines = {" ".join(line.split()[1:3]): line for line in done.stdout.splitlines()}
    assert set(lines) == {"Town Square", "City Desk"}
    assert " rss " in lines["Town Square"]
    assert " webhook " in lines["City Desk"]
    assert "last post never" in lines["City Desk"]


def test_the_same_in_json_with_the_last_fault(home: Path) -> None:
    moment = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
    with database(home) as store:
        source = store.sources.find("City Desk")
        assert source is not None
        failed = replace(
            source, failures=3, error=localised("source.slow", host="city.example", seconds=20), last_ok_at=moment
        )
        store.sources.record(failed)
    rows = {row["source"]: row for row in map(json.loads, tocsin("sources", "--json", cwd=home).stdout.splitlines())}
    assert set(rows) == {"Town Square", "City Desk"}
    assert rows["City Desk"] == {
        "source": "City Desk",
        "kind": "webhook",
        "state": "silent",
        "failures": 3,
        "error": Speech("en").say("source.slow", host="city.example", seconds=20),
        "last_ok": "2026-03-02T08:00:00+00:00",
        "last_post": None,
    }


def test_the_audit_trail_tells_who_did_what_and_from_where(home: Path) -> None:
    """Acts on incidents and besides them, done and refused; as text with the names of the settings, or as JSON."""
    where = {"channel": "C01", "via": "command", "team": "T01"}
    with database(home) as store:
        store.audit.add(AuditEntry(at=NOW, by="U01", deed="add_topic", about="Cedar Bank", origin=where))
        store.audit.add(AuditEntry(at=NOW, by="U02", deed="look", outcome="stranger", origin=where | {"team": "T02"}))
    done = tocsin("audit", cwd=home)
    assert done.returncode == 0, done.stderr
    first, second = (line.split() for line in done.stdout.splitlines())
    assert first[2] == second[2] == "UTC"
    assert first[3:] == ["U01", "add_topic", "done", "Cedar", "Bank", "command", "C01", "T01"]
    assert second[3:] == ["U02", "look", "refused:", "stranger", "command", "C01", "T02"]
    rows = [json.loads(line) for line in tocsin("audit", "--json", "--days", "1", cwd=home).stdout.splitlines()]
    assert rows[1] == {
        "at": NOW.isoformat(),
        "by": "U02",
        "deed": "look",
        "outcome": "stranger",
        "incident": None,
        "about": "",
        "origin": {"channel": "C01", "via": "command", "team": "T02"},
    }
    assert "Nobody did anything" in tocsin("audit", "--days", "0", cwd=home).stdout
