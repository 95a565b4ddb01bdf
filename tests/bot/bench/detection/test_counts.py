"""Real counts with labelled windows, and invented ones of the same form."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from bot.bench.detection import counts
from bot.bench.detection.figures import Row, count_rows
from bot.bench.detection.score import bells, delays
from bot.errors import TocsinError

AT = datetime(2026, 3, 2, tzinfo=UTC)
PER_DAY = 288


def write(folder: Path, name: str, values: np.ndarray, windows: list[tuple[int, int]]) -> None:
    lines = [f"{AT + n * timedelta(minutes=5):%Y-%m-%d %H:%M:%S},{value:g}" for n, value in enumerate(values)]
    (folder / f"{name}.csv").write_text("timestamp,value\n" + "\n".join(lines) + "\n", encoding="utf-8")
    spans = [[f"{AT + n * timedelta(minutes=5):%Y-%m-%d %H:%M:%S}" for n in window] for window in windows]
    (folder / f"{name}.windows.json").write_text(json.dumps(spans), encoding="utf-8")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two brands of five days; each has one hour of twenty times the usual on the last."""
    for seed, name in enumerate(("Saltfern", "Hazelbrook")):
        values = np.random.default_rng(seed).poisson(4.0, 5 * PER_DAY).astype(float)
        values[4 * PER_DAY + 100 : 4 * PER_DAY + 112] = 80
        write(tmp_path, name, values, [(4 * PER_DAY + 95, 4 * PER_DAY + 150)])
    return tmp_path


def test_a_brand_is_read_with_its_windows(folder: Path) -> None:
    saltfern = counts.load(folder)[1]
    assert (saltfern.name, saltfern.start, len(saltfern.counts)) == ("Saltfern", AT, 5 * PER_DAY)
    assert [(event.onset, event.end) for event in saltfern.events] == [
        (5 * (4 * PER_DAY + 95), 5 * (4 * PER_DAY + 150))
    ]


def test_a_plain_surge_is_found_by_the_detectors_within_the_hour(folder: Path) -> None:
    own = counts.own_trials(counts.load(folder))[0.1]
    for trial in own:
        rung = bells(trial.series, counts.RINGS)
        assert rung[0] == trial.events[0].onset + delays(trial, rung)[0]  # nothing before
        assert delays(trial, rung)[0] <= 25 + 60


def row_of(detector: str, brands: list[counts.NabBrand]) -> Row:
    rows = count_rows(counts.trials(brands), counts.own_trials(brands))
    return next(row for row in rows if row.detector == detector)


def test_what_we_ring_for_a_brand_knows_no_other_brand(folder: Path) -> None:
    both = counts.own_trials(counts.load(folder))[0.1]
    (folder / "Hazelbrook.csv").unlink()
    alone = counts.own_trials(counts.load(folder))[0.1]
    assert both[1].series.scores.tolist() == alone[0].series.scores.tolist()


def test_the_threshold_of_a_brand_comes_from_the_others(folder: Path) -> None:
    """A brand's own counts do not move its threshold."""
    brands = counts.load(folder)
    before = row_of("hour against 7 days", brands)
    write(folder, "Hazelbrook", 3 * brands[0].counts, [(4 * PER_DAY + 95, 4 * PER_DAY + 150)])
    after = row_of("hour against 7 days", counts.load(folder))
    assert before.thresholds[0] == after.thresholds[0]
    assert before.thresholds[1] != after.thresholds[1]


def test_windows_that_are_missing_are_named(folder: Path) -> None:
    (folder / "Saltfern.windows.json").unlink()
    with pytest.raises(TocsinError, match=r"Saltfern\.windows\.json"):
        counts.load(folder)


@pytest.mark.shared
def test_the_real_counts_are_there_with_their_windows(shared: Path) -> None:
    brands = counts.load(shared / "data" / "nab")
    assert len(brands) >= 5
    assert all(brand.events and brand.counts.sum() > 10_000 for brand in brands)
