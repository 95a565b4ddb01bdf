"""Backtests: what would have rung over stored history or a file, under one setting or two."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bot.backtest.command import BacktestOptions, as_dict, lines, over_file
from bot.backtest.command import run as run_backtest
from bot.backtest.core import MOST_DAYS, BacktestRequest, ask, over_history
from bot.cli import app
from bot.errors import TocsinError
from bot.i18n.speech import Speech
from bot.records import ActKind, Policy
from bot.store import Store
from engine.post import Level, Topic
from engine.tuning.tuning import Tuning
from engine.tuning.tuning_from_history import Ruling
from tests.bot.past import BEGAN, Past, WordReader, calm, grumble, past

DAY = timedelta(days=1)
NOW = BEGAN + 20 * DAY
CRISIS = BEGAN + timedelta(days=18, hours=9)
TOPIC = Topic(name="Halden", query="halden", aliases=("Halden",))


def accident(n: int = 30) -> list[tuple[object, str]]:
    return [(CRISIS + timedelta(minutes=2 * i), f"glass in the soup at halden, guest {i} is hurt") for i in range(n)]


@pytest.fixture
def halden(store: Store) -> Past:
    """Twenty days with one hour of grumbling and one accident."""
    made = past(store)
    made.heard([*calm(20), *grumble(BEGAN + timedelta(days=12, hours=12)), *accident()])  # type: ignore[list-item]
    return made


def asked(halden: Past, *tunings: Tuning, days: float = 14) -> BacktestRequest:
    return ask(halden.topic, Policy(), now=NOW, days=days, tunings=tunings)


def test_history_rings_as_it_would_have(store: Store, halden: Past) -> None:
    """Imported history rings at the times at which it was written; the posts are counted by the hour."""
    found = over_history(store, asked(halden))
    [trial] = found.trials
    opened = [bell for bell in trial.bells if bell.event == "opened"]
    assert any(CRISIS <= bell.at <= CRISIS + timedelta(hours=1) for bell in opened)
    assert all(bell.level <= Level.YELLOW for bell in trial.bells)
    assert sum(found.volume) == found.posts
    assert found.volume[(CRISIS - found.since) // timedelta(hours=1)] >= 30
    assert sum(found.negative) >= 30
    assert found.weeks == pytest.approx(2)
    assert found.a_week(trial) == pytest.approx(len(trial.bells) / 2)


def test_two_settings_side_by_side(store: Store, halden: Past) -> None:
    """A stricter one rings no oftener here, and for grave facts it rings all the same."""
    found = over_history(store, asked(halden, Tuning(strictness=0.5), Tuning(strictness=4.0)))
    easy, strict = found.trials
    assert len(easy.bells) >= len(strict.bells) >= 1
    assert {bell.reasons[0].name for bell in strict.bells} == {"gravity"}


def test_what_people_judged_is_shown_beside_the_bells(store: Store, halden: Past) -> None:
    halden.rang(CRISIS + timedelta(minutes=10), ActKind.RESOLVE)
    [trial] = over_history(store, asked(halden)).trials
    rulings = {bell.ruling for bell in trial.bells if bell.at >= CRISIS}
    assert rulings == {Ruling.REAL}
    assert trial.unconfirmed == len([bell for bell in trial.bells if bell.at < CRISIS])


@pytest.mark.parametrize("days", [0.5, 0, -3, MOST_DAYS + 1, float("nan")])
def test_a_span_that_is_none_is_refused(store: Store, days: float) -> None:
    with pytest.raises(TocsinError, match="1 to 90 days"):
        ask(past(store).topic, Policy(), now=NOW, days=days)


def test_a_topic_that_was_not_watched_then_has_nothing_to_test(store: Store) -> None:
    fresh = past(store, since=NOW + DAY)
    with pytest.raises(TocsinError, match="Halden was not watched in that time"):
        over_history(store, asked(fresh))


def test_a_topic_without_posts_rings_nothing(store: Store) -> None:
    found = over_history(store, asked(past(store)))
    assert (found.posts, found.trials[0].bells) == (0, ())


def file_of(told: list[tuple[object, str]], path: Path) -> Path:
    rows = [
        {"id": str(n), "published": at.isoformat(), "text": text, "source": "forum"}  # type: ignore[attr-defined]
        for n, (at, text) in enumerate(sorted(told, key=lambda each: each[0]))  # type: ignore[arg-type, return-value]
    ]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return file_of([*calm(20), *accident()], tmp_path / "posts.jsonl")


def test_a_file_is_read_once_for_both_settings(file: Path) -> None:
    reader = WordReader()
    found = over_file(file, TOPIC, reader, tunings=[Tuning(), Tuning(strictness=2.0)])
    assert reader.read_posts == 20 * 8 + 30
    assert len(found.trials) == 2
    assert all(trial.bells for trial in found.trials)
    assert not found.judged


def test_the_text_says_when_why_and_at_what_cost_in_both_languages(file: Path) -> None:
    found = over_file(file, TOPIC, WordReader(), tunings=[Tuning()])
    english, chinese = "\n".join(lines(found, Speech("en"))), "\n".join(lines(found, Speech("zh")))
    for expected in ("strictness 1: alerts", "alerts a week", "the budget of 2", "2026-01-23", "deaths or injuries"):
        assert expected in english
    for expected in ("严格度 1：预警", "每周", "预算", "2026-01-23", "伤亡"):
        assert expected in chinese


def test_json_holds_the_bells_of_every_setting(file: Path) -> None:
    told = json.loads(json.dumps(as_dict(over_file(file, TOPIC, WordReader(), tunings=[Tuning(), Tuning()]))))
    assert told["settings"][0] == told["settings"][1]
    [first, *_] = told["settings"][0]["bells"]
    assert first["event"] == "opened"
    assert first["at"] >= "2026-01-23T09:00:00Z"
    assert first["reasons"][0]["signal"] == "gravity"
    assert told["settings"][0]["alerts"] == len(told["settings"][0]["bells"])
    assert sum(told["hours"]["volume"]) == told["posts"]


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--posts", "{file}"], "Say with --query which posts"),
        (["--posts", "{file}", "--query", "halden", "--lang", "fr"], '"fr" is no language'),
        (["--posts", "{file}", "--query", "halden", "--strictness", "0"], "Strictness is a number from 0.1 to 10"),
        (["--posts", "{file}", "--query", "halden", "--versus", "99"], "Strictness is a number from 0.1 to 10"),
        (["--posts", "{file}", "--query", "halden", "--days", "400"], "1 to 90 days"),
        (["--posts", "{file}.none", "--query", "halden"], "There is no file"),
        (["--posts", "{empty}", "--query", "halden"], "There is no post in"),
        (["--settings", "{file}.yaml"], "yaml"),
    ],
)
def test_bad_input_is_told_in_a_sentence(file: Path, arguments: list[str], sentence: str) -> None:
    empty = file.with_name("empty.jsonl")
    empty.touch()
    typed = [each.format(file=file, empty=empty) for each in arguments]
    done = CliRunner().invoke(app, ["backtest", "--topic", "Halden", *typed])
    assert done.exit_code != 0
    assert sentence in done.stderr


def test_stored_history_by_command(store: Store, halden: Past, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The command finds the topic, takes what it has learned, prints and draws."""
    settings = tmp_path / "tocsin.yaml"
    settings.write_text("language: en\ndefault_channel: '#pr'\n", encoding="utf-8")
    monkeypatch.setenv("TOCSIN_DATABASE_URL", f"sqlite:///{tmp_path / 'tocsin.db'}")
    monkeypatch.setattr("bot.infra.clock.SystemClock.now", lambda _: NOW)
    chart = tmp_path / "chart.png"
    done = CliRunner().invoke(
        app, ["backtest", "-s", str(settings), "--topic", "halden", "--days", "7", "--chart", str(chart), "--json"]
    )
    assert done.exit_code == 0, done.exception
    told = json.loads(done.stdout)
    assert told["settings"][0]["alerts"] >= 1
    assert told["settings"][0]["unconfirmed"] is not None
    assert chart.read_bytes().startswith(b"\x89PNG")
    unknown = CliRunner().invoke(app, ["backtest", "-s", str(settings), "--topic", "Norden"])
    assert "There is no topic “Norden”. Watched: Halden." in unknown.stderr


def test_a_chart_that_cannot_be_written_is_told(file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.backtest.reading_cache.remembering", lambda _: WordReader())
    wanted = BacktestOptions(
        topic="Halden", settings=tmp_path / "none.yaml", posts=file, query="halden", chart=tmp_path / "no" / "c.png"
    )
    with pytest.raises(TocsinError, match="The chart cannot be written"):
        run_backtest(wanted)
