"""``python -m tests.mutation`` on a module of its own, and the plan for ours."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.mutation.__main__ import PLAN, Target, read_plan
from tests.mutation.mutators import mutants

ROOT = Path(__file__).resolve().parents[2]
BELL = '''
def rings(score):
    """Whether it rings."""
    return score >= 25


def shown(score):
    return max(score, 0)
'''
GOOD = """
from bell import rings, shown

def test_rings():
    assert [rings(24), rings(25), rings(26)] == [False, True, True]

def test_shown():
    assert [shown(-1), shown(0.5)] == [0, 0.5]
"""
WEAK = """
from bell import rings, shown

def test_rings():
    assert rings(90)
    assert shown(5) == 5
"""
EQUIVALENT = """
  equivalent:
    - change: "rings: score >= 25 → score > 25"
      why: no score is a whole number
"""


def tried(folder: Path, tests: str, *words: str, more: str = "") -> subprocess.CompletedProcess[str]:
    (folder / "bell.py").write_text(BELL)
    (folder / "test_bell.py").write_text(tests)
    (folder / "plan.yaml").write_text(f"bell.py:\n  tests: [test_bell.py]\n{more}")
    command = [sys.executable, "-m", "tests.mutation", "--plan", "plan.yaml", *words]
    environment = {"PATH": "/usr/bin:/bin", "PYTHONPATH": str(ROOT)}
    return subprocess.run(
        command, capture_output=True, text=True, cwd=folder, env=environment, check=False, timeout=110
    )


def test_good_tests_kill_all_and_no_file_is_touched(tmp_path: Path) -> None:
    done = tried(tmp_path, GOOD, "--all")
    assert done.returncode == 0, done.stderr
    assert "100.0 %" in done.stdout
    assert "survived    line" not in done.stdout
    assert (tmp_path / "bell.py").read_text() == BELL


def test_survivors_are_named_with_their_line_and_fail_the_command(tmp_path: Path) -> None:
    done = tried(tmp_path, WEAK, "--all", more=EQUIVALENT)
    assert done.returncode == 1, done.stderr
    assert "survived    line 4, rings: 25 → 26" in done.stdout
    assert "equivalent  rings: score >= 25 → score > 25\n              no score is a whole number" in done.stdout
    assert "At least 90 % of each is asked for." in done.stdout


def test_tests_that_fail_by_themselves_judge_nothing(tmp_path: Path) -> None:
    done = tried(tmp_path, "def test():\n    assert False\n")
    assert (done.returncode, "fail without any fault" in done.stderr) == (2, True)


def test_a_module_that_the_plan_does_not_have_is_said(tmp_path: Path) -> None:
    done = tried(tmp_path, GOOD, "gong.py")
    assert (done.returncode, "has no such module" in done.stderr) == (2, True)


@pytest.mark.parametrize("target", read_plan(PLAN), ids=lambda target: target.module)
def test_what_the_plan_names_is_there(target: Target) -> None:
    """The module, its tests, and every mutant that is called equivalent, each with a reason."""
    assert (ROOT / target.module).is_file()
    for test in target.tests:
        assert (ROOT / test.split("::")[0]).is_file()
    if target.equivalent:
        names = {mutant.name for mutant in mutants((ROOT / target.module).read_text(encoding="utf-8"))}
        assert set(target.equivalent) <= names
        assert all(target.equivalent.values())
