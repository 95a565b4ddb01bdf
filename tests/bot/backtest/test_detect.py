"""``tocsin detect``: a CSV of counts in, alarms out."""

from __future__ import annotations

import io
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.backtest.detect import CountsError, run
from bot.i18n.speech import Speech

BEGIN = datetime(2026, 2, 1)


@pytest.fixture
def counts(tmp_path: Path) -> Path:
    """Nine days of four posts every five minutes, and a storm in the last two hours."""
    rows = ["timestamp,value"]
    total = 9 * 288
    for n in range(total):
        at = BEGIN + n * timedelta(minutes=5)
        rows.append(f"{at:%Y-%m-%d %H:%M:%S},{90 if n >= total - 24 else 4}")
    path = tmp_path / "counts.csv"
    path.write_text("\n".join(rows) + "\n", encoding="utf-8")
    return path


def test_alarms_as_json_lines(counts: Path) -> None:
    out = io.StringIO()
    run(counts, True, out=out)
    found = [json.loads(line) for line in out.getvalue().splitlines()]
    assert found
    assert set(found[0]) == {"at", "signal", "value", "baseline"}
    assert found[0]["at"].endswith("Z")
    onset = datetime(2026, 2, 9, 22, 0, tzinfo=UTC)
    assert onset <= datetime.fromisoformat(found[0]["at"]) <= onset + timedelta(hours=1)
    assert found[0]["value"] > found[0]["baseline"] > 0


def test_alarms_for_people(counts: Path) -> None:
    out = io.StringIO()
    run(counts, False, out=out)
    assert "where 4 are usual" in out.getvalue()


def test_one_signal_alone(counts: Path) -> None:
    out = io.StringIO()
    run(counts, True, signals=["surge_1h"], out=out)
    assert [json.loads(line)["signal"] for line in out.getvalue().splitlines()] == ["surge_1h"]


def test_an_unknown_signal_gets_the_known_ones(counts: Path) -> None:
    with pytest.raises(CountsError, match="surge_15min") as told:
        run(counts, True, signals=["surge"])
    assert told.value.said(Speech("zh")).startswith(f"{counts}：这里没有“surge”这种信号，可用：")


def test_a_file_that_says_of_how_many_has_shares(tmp_path: Path) -> None:
    rows = [f"{BEGIN + n * timedelta(hours=1)},{60 if n >= 210 else 10},100" for n in range(216)]
    path = tmp_path / "shares.csv"
    path.write_text("\n".join(["timestamp,value,total", *rows]) + "\n", encoding="utf-8")
    out = io.StringIO()
    run(path, False, signals=["share"], out=out)
    assert "% in 6 hours, where 10% is usual" in out.getvalue()


def test_a_feed_that_falls_silent_is_told(tmp_path: Path) -> None:
    rows = [f"{BEGIN + n * timedelta(hours=1)},{0 if n >= 210 else 10}" for n in range(220)]
    path = tmp_path / "silent.csv"
    path.write_text("\n".join(["timestamp,value", *rows]) + "\n", encoding="utf-8")
    out = io.StringIO()
    run(path, False, out=out)
    assert "where 60 are usual: silence is not calm" in out.getvalue()


def test_a_calm_series_says_so(tmp_path: Path) -> None:
    path = tmp_path / "calm.csv"
    path.write_text("timestamp,value\n2026-02-01T00:00:00Z,1\n2026-02-01T00:05:00Z,2\n", encoding="utf-8")
    out = io.StringIO()
    run(path, False, out=out)
    assert out.getvalue().startswith("No alarm")


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("when,what\n", "Line 1"),
        ("", "Line 1"),
        ("timestamp,value\n2026-02-01,1\nyesterday,2\n", "Line 3: “yesterday,2” is not a time and a count."),
        ("timestamp,value\n2026-02-01,-1\n", "Line 2: a count is a number from zero up"),
        ("timestamp,value\n2026-02-01,nan\n", "Line 2: a count is a number from zero up"),
        ("timestamp,value,total\n2026-02-01,1,many\n", "Line 2: “2026-02-01,1,many” is not a time and a count."),
        ("timestamp,value,total\n2026-02-01,1,-4\n", "Line 2: a count is a number from zero up, not “-4”."),
        ("timestamp,value,total\n2026-02-01,5,4\n2026-02-02T00:00,5,4\n", "at most one hour apart"),
        ("timestamp,value\n2026-02-02,1\n2026-02-01,1\n", "rise"),
    ],
)
def test_a_broken_file_gets_a_plain_sentence(tmp_path: Path, text: str, sentence: str) -> None:
    path = tmp_path / "broken.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(CountsError) as told:
        run(path, True)
    assert sentence in str(told.value)
    assert str(path) in told.value.said(Speech("zh"))


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(CountsError, match="cannot be read"):
        run(tmp_path / "none.csv", True)
