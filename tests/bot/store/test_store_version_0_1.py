"""A database that version 0.1 left is taken over: nothing is lost, and what it said is said again as it was.

`version_0_1.db.gz` was made by version 0.1 playing the demonstration, then thinned out to some thirty posts; a note, a
correction and two faults of sources were put in as that version wrote them.
"""

from __future__ import annotations

import gzip
import sqlite3
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from bot.i18n.reasons import reason
from bot.i18n.remarks import remark
from bot.i18n.speech import Speech
from bot.incidents.topic_turn import take_turn
from bot.records import Policy
from bot.store import Store
from engine.post import Level, Polarity, SourceHealth

GIVEN = gzip.decompress(Path(__file__).with_name("version_0_1.db.gz").read_bytes())
TABLES = ("topic", "source", "post", "match", "reading", "story", "incident", "act", "alert", "card", "verdict")


def counts(path: Path) -> dict[str, int]:
    with sqlite3.connect(path) as database:
        return {name: database.execute(f"SELECT count(*) FROM tocsin_{name}").fetchone()[0] for name in TABLES}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "tocsin.db"
    path.write_bytes(GIVEN)
    return path


@pytest.fixture
def taken_over(path: Path) -> Iterator[Store]:
    with Store.open(f"sqlite:///{path}") as store:
        store.migrate()
        yield store


def test_no_row_is_lost(path: Path) -> None:
    before = counts(path)
    with Store.open(f"sqlite:///{path}") as store:
        store.migrate()
    assert counts(path) == before
    assert all(before.values())


def test_reasons_and_notes_are_said_as_they_were_written(taken_over: Store) -> None:
    incident = taken_over.incidents.find(1)
    assert incident is not None
    assert incident.level is Level.RED
    said = {language: [reason(each, Speech(language)) for each in incident.reasons] for language in ("en", "zh")}
    assert said["en"][0] == "46 negative posts in the last hour; 62 in the 8 days before."
    assert said["zh"][0] == "过去 1 小时有 46 条负面帖子，此前 8 天共 62 条。"
    assert [remark(note, Speech("zh")) for note in incident.notes] == ["10 个来源中有 3 个中断或失效：a、b、c。"]
    assert [signal.name for signal in incident.reasons][:2] == ["negative_volume", "gravity"]
    assert incident.reasons[0].value == 46


def test_a_source_s_fault_speaks_both_languages_now(taken_over: Store) -> None:
    errors = {source.name: source.error for source in taken_over.sources.all() if source.error}
    assert errors["reviews"].code == "source.slow"
    assert Speech("zh").text(errors["reviews"]).startswith("127.0.0.1 未能在 20 秒内返回内容")
    assert Speech("en").text(errors["nursery"]) == "Somebody patched this sentence by hand."


def test_what_people_did_and_said_is_there(taken_over: Store) -> None:
    assert taken_over.incidents.timeline(1)[0].kind.value == "opened"
    [corrected] = [each for each in taken_over.corrections.judged() if each.by]
    assert (corrected.by, corrected.polarity) == ("U0OLD", Polarity.NEUTRAL)


def test_the_watch_goes_on_from_what_it_knew(taken_over: Store) -> None:
    """Its state is read, not begun anew, and the next turn keeps the one open incident."""
    incident = taken_over.incidents.find(1)
    assert incident is not None
    now = incident.assessed_at + timedelta(minutes=10)
    with taken_over.turn(incident.topic_id, now) as turn:
        assert turn.state.vocabulary.posts > 100
        taken = take_turn(
            turn.state, [], [turn], topic=turn.topic, policy=Policy(), health=SourceHealth(total=1), now=now
        )
        turn.keep([], taken.update)
    assert taken.verdicts[0].incident is not None
    assert taken.verdicts[0].incident.id == incident.id
    assert "open" in {each.status.value for each in taken_over.incidents.recent()}
