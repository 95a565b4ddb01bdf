"""What the guide says of noise and silence is what the rules do; the command says it of anybody's policies."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bot.bench import attention
from bot.cli import app

GUIDES = Path(__file__).parents[3] / "bot" / "guide"
SETTINGS = """
default_channel: "#desk"
people: [{name: Lead, slack: U00000LEAD}]
policies:
  - {name: hushed, steps: [{after: 2h, notify: [Lead]}], repeat: 1}
"""


def rows(guide: str, first: str) -> list[list[str]]:
    """The cells of the table whose head begins with *first*, without those that are words."""
    text = (GUIDES / guide).read_text(encoding="utf-8")
    body = text[text.index(f"| {first}") :].split("\n\n")[0].splitlines()[2:]
    return [[cell.strip() for cell in row.strip("| ").split(" | ")] for row in body]


@pytest.fixture(scope="module")
def measured() -> tuple[list[attention.Fatigue], list[attention.Silence]]:
    policies = [attention.USUAL, *attention.BARE]
    return attention.fatigue(policies[0]), attention.silence(policies)


@pytest.mark.parametrize(
    ("guide", "day", "week"),
    [("en.md", "One day of one incident", "A week in which"), ("zh.md", "一个事件的一天", "一周无人回应")],
)
def test_the_guide_says_what_is_measured(
    measured: tuple[list[attention.Fatigue], list[attention.Silence]], guide: str, day: str, week: str
) -> None:
    tired, silent = measured
    assert [row[1:] for row in rows(guide, day)] == [[str(each.messages), str(each.every_change)] for each in tired]
    assert len(rows(guide, week)) == len(silent)
    for (_, ends, last, pause), each in zip(rows(guide, week), silent, strict=True):
        assert (number(ends), number(pause)) == (round(each.steps_end, 1), round(each.longest, 1))
        assert number(last) == (None if each.goes_on else round(each.last, 1))


def number(cell: str) -> float | None:
    found = re.match(r"[\d.]+", cell)
    return float(found[0]) if found else None


def test_it_measures_the_policies_of_a_settings_file(tmp_path: Path) -> None:
    path = tmp_path / "tocsin.yaml"
    path.write_text(SETTINGS, encoding="utf-8")
    done = CliRunner().invoke(app, ["bench", "attention", "--settings", str(path), "--json"])
    told = [json.loads(line) for line in done.stdout.splitlines()]
    alone = [row for row in told if "case" in row]
    assert {row["policy"] for row in alone} == {"hushed"}
    assert alone[0]["steps_end"] == 4.0
    assert alone[0]["goes_on"]
