"""The stream that the cost of stories is measured on."""

from __future__ import annotations

import json
from datetime import timedelta

from typer.testing import CliRunner

from bot.bench.stories import BATCH, Flood, curve
from bot.cli import app


def test_the_flood_is_the_same_every_time() -> None:
    one, other = (Flood(timedelta(minutes=1)).batch() for _ in range(2))
    assert [each.post for each in one] == [each.post for each in other]
    assert {each.post.lang for each in one} == {"en", "zh"}


def test_every_size_is_reached_in_rising_order() -> None:
    rows = list(curve((3 * BATCH, BATCH)))
    assert [row.posts for row in rows] == [BATCH, 3 * BATCH]
    assert all(row.ms > 0 for row in rows)
    assert 0 < rows[0].stories <= rows[1].stories <= 3 * BATCH


def test_a_person_gets_the_curve() -> None:
    done = CliRunner().invoke(app, ["bench", "stories", "--most", str(2 * BATCH), "--json"])
    assert done.exit_code == 0, done.output
    assert [json.loads(line)["posts"] for line in done.output.splitlines()] == [2 * BATCH]
