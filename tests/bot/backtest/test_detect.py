"""``tocsin detect``: a CSV of counts in, alarms out."""

from __future__ import annotations

import io
import json
from datetime import UTC, datetime, timedelta, timezone
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
    assert "98 in 15min, where 12 is usual" in out.getvalue()


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
        (
            "timestamp,value\n2026-02-02,1\n2026-02-01,1\n",
            "Line 3: 2026-02-01 00:00:00Z lies before 2026-02-02 00:00:00Z",
        ),
        ("timestamp,value\n", "There is not one count below the first line."),
        ("timestamp,value\n\n , \n", "There is not one count below the first line."),
        ("timestamp,value\n2026-02-01T00:00,1\n2026-02-01T00:05+08:00,1\n", "Line 3: some times say their time zone"),
        ("timestamp,value\n" + "2026-02-01,1\n" * 400, "at least one second"),
        ("timestamp,value\n0001-01-01T00:00+14:00,1\n", "is not a time and a count"),
    ],
)
def test_a_broken_file_gets_a_plain_sentence(tmp_path: Path, text: str, sentence: str) -> None:
    path = tmp_path / "broken.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(CountsError) as told:
        run(path, True)
    assert sentence in str(told.value)
    assert str(path) in told.value.said(Speech("zh"))


def written(path: Path, rows: list[str]) -> Path:
    path.write_text("\n".join(["timestamp,value", *rows]) + "\n", encoding="utf-8")
    return path


def rung(path: Path, budget: float | None = None) -> list[str]:
    out = io.StringIO()
    run(path, True, budget=budget, out=out)
    return [json.loads(line)["signal"] for line in out.getvalue().splitlines()]


def test_an_hour_that_is_written_twice_as_clocks_are_set_back_rings_nothing(tmp_path: Path) -> None:
    """Each line with its zone, +02:00 before and +01:00 after: the times rise."""
    begin = datetime(2026, 10, 20, tzinfo=UTC)
    rows = []
    for n in range(10 * 24):
        at = begin + n * timedelta(hours=1)
        zone = timezone(timedelta(hours=2 if n < 121 else 1))
        rows.append(f"{at.astimezone(zone).isoformat()},{20 + n % 3}")
    assert rung(written(tmp_path / "zones.csv", rows)) == []


def test_a_hole_of_a_day_rings_nothing(tmp_path: Path) -> None:
    rows = [f"{BEGIN + n * timedelta(hours=1)},{20 + n % 3}" for n in range(20 * 24) if not 200 <= n < 230]
    assert rung(written(tmp_path / "hole.csv", rows)) == []


def test_a_file_of_fewer_than_three_days_says_that_nobody_can_know(tmp_path: Path) -> None:
    out = io.StringIO()
    run(written(tmp_path / "short.csv", [f"{BEGIN + n * timedelta(hours=1)},9" for n in range(40)]), False, out=out)
    assert out.getvalue() == "No alarm: of fewer than 3 days nobody can say what is usual.\n"


def test_a_budget_that_cannot_be_kept_is_refused(counts: Path) -> None:
    with pytest.raises(CountsError, match=r"a day from 0\.01 to 1, not 50\.") as told:
        run(counts, True, budget=50)
    assert "误报预算" in told.value.said(Speech("zh"))


def test_a_budget_and_a_signal_exclude_each_other(counts: Path) -> None:
    with pytest.raises(CountsError, match="name no signal"):
        run(counts, True, budget=0.1, signals=["drop"])


def test_the_storm_rings_once_at_any_budget(counts: Path) -> None:
    assert [rung(counts, budget)[:1] for budget in (None, 0.05, 0.1)] == [["surge_15min"]] * 3


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(CountsError, match="cannot be read"):
        run(tmp_path / "none.csv", True)
