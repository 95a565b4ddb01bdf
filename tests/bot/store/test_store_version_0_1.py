"""A database that version 0.1 left is taken over: nothing is lost, and what it said is said again as it was.

`version_0_1.db.gz` was made by version 0.1 playing the demonstration, then thinned out to some thirty posts; a note, a
correction and two faults of sources were put in as that version wrote them.
"""

from __future__ import annotations

import gzip
import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from bot.i18n.reasons import reason
from bot.i18n.remarks import remark
from bot.i18n.speech import Speech
from bot.incidents.lifecycle import follow, sweep
from bot.incidents.topic_turn import take_turn
from bot.records import Decision, Policy
from bot.store import Store
from engine.post import Assessment, Level, Polarity, SourceHealth
from engine.watch.severity import Held

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
    assert {change.incident.id for change in taken.verdicts[0].changes} == {incident.id}
    assert "open" in {each.status.value for each in taken_over.incidents.recent()}


def test_its_incidents_are_live_and_each_has_its_slot(taken_over: Store) -> None:
    """What 0.1 did not know of is as if it had not happened: nothing told, set, split, merged or counted anew."""
    for incident in taken_over.incidents.recent():
        assert (incident.told, incident.facts, incident.untold) == (None, (), ())
        assert (incident.set_level, incident.counted_from, incident.split, incident.merged_into) == (
            None,
            None,
            False,
            0,
        )
        assert incident.held == Held()
        with taken_over.turn(incident.topic_id, incident.assessed_at) as turn:
            turn.write(Decision(incident=replace(incident, id=0, opened_at=incident.assessed_at)))  # there is room
        assert len([each for each in taken_over.incidents.open() if each.topic_id == incident.topic_id]) == 2


def test_a_rise_of_what_it_told_is_told_again(taken_over: Store) -> None:
    """Nobody knows what people were told of by then."""
    incident = taken_over.incidents.find(1)
    assert incident is not None
    yellow = replace(incident, level=Level.YELLOW)
    now = incident.assessed_at + timedelta(minutes=10)
    again = follow(yellow, Assessment(at=now, level=Level.RED, score=90, stories=incident.stories), now=now)
    assert "worse" in {alert.kind.value for alert in again.alerts}


def test_what_it_left_alone_is_called_out_again(taken_over: Store) -> None:
    """After the last round of its policy a red incident that nobody owned waited for nothing in 0.1."""
    incident = taken_over.incidents.find(1)
    assert incident is not None
    alone = replace(incident, step=4, rounds=2, next_action_at=None)
    now = incident.assessed_at + timedelta(days=2)
    seen = follow(alone, Assessment(at=now, level=Level.RED, score=90, stories=incident.stories), now=now).incident
    assert seen is not None
    assert seen.next_action_at is not None
    paged = sweep(seen, now=seen.next_action_at)
    assert {"U0AGENCY01", "C0CRISIS01"} <= {alert.target for alert in paged.alerts if alert.kind.value == "page"}
