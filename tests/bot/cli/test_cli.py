"""The command line as a person meets it: in a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]


def tocsin(*words: str, cwd: Path, text: str = "", lang: str = "") -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "bot", *words]
    more = {name: value for name, value in os.environ.items() if name.startswith("COVERAGE_")}
    if lang:
        more["TOCSIN_LANG"] = lang
    return subprocess.run(
        command, input=text, capture_output=True, text=True, cwd=cwd, check=False, timeout=100,
        env={"PATH": "/usr/bin:/bin", "PYTHONPATH": str(ROOT), "HOME": str(cwd), "HF_HUB_OFFLINE": "1", **more},
    )  # fmt: skip


BROKEN = """
import sys, bot.cli, bot.models.read
def broken(*_, **__): raise KeyError("the text of a post")
bot.models.read.run = broken
sys.argv = ["tocsin", "read"]
bot.cli.main()
"""


@pytest.mark.parametrize("level", ["info", "debug"])
def test_an_unexpected_fault_is_a_sentence_with_a_reference_that_the_log_holds(tmp_path: Path, level: str) -> None:
    """The traceback, with whatever it quotes, is for those who ask for it."""
    done = subprocess.run(
        [sys.executable, "-c", BROKEN], capture_output=True, text=True, cwd=tmp_path, check=False, timeout=100,
        env={"PATH": "/usr/bin:/bin", "PYTHONPATH": str(ROOT), "TOCSIN_LOG_LEVEL": level, "TOCSIN_LOG_JSON": "1"},
    )  # fmt: skip
    entry = json.loads(next(line for line in done.stderr.splitlines() if line.startswith("{")))
    assert done.returncode == 1
    assert entry["error"] == "KeyError"
    assert entry["trail"][-1].endswith(" broken")
    assert done.stderr.splitlines()[-1].startswith("tocsin: ")
    assert entry["reference"] in done.stderr.splitlines()[-1]
    assert ("the text of a post" in done.stderr) == (level == "debug")


@pytest.mark.parametrize("module", ["bot", "bot.cli"])
def test_the_command_line_answers_as_a_module_too(module: str) -> None:
    command = [sys.executable, "-m", module, "sing"]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=False, timeout=100)
    assert done.returncode == 2
    assert "No such command 'sing'" in done.stderr


def test_init_writes_once(tmp_path: Path) -> None:
    assert tocsin("init", cwd=tmp_path).returncode == 0
    again = tocsin("init", cwd=tmp_path)
    assert again.returncode == 1
    assert "exists already" in again.stderr


def test_run_without_a_token_says_what_to_do(tmp_path: Path) -> None:
    tocsin("init", cwd=tmp_path)
    done = tocsin("run", "--only", "slack", cwd=tmp_path)
    assert done.returncode == 1
    assert "SLACK_BOT_TOKEN is not set" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("lang", "sentence"),
    [("", "未设置 SLACK_BOT_TOKEN"), ("zh", "未设置 SLACK_BOT_TOKEN"), ("en", "SLACK_BOT_TOKEN is not set")],
)
def test_a_fault_speaks_the_language_that_is_asked_for_else_that_of_the_settings(
    tmp_path: Path, lang: str, sentence: str
) -> None:
    (tmp_path / "tocsin.yaml").write_text('language: zh\ndefault_channel: "#crisis"\n')
    done = tocsin("run", "--only", "slack", cwd=tmp_path, lang=lang)
    assert (done.returncode, done.stderr.splitlines()[-1].startswith(f"tocsin: {sentence}")) == (1, True)


def test_an_unknown_role_is_refused(tmp_path: Path) -> None:
    tocsin("init", cwd=tmp_path)
    done = tocsin("run", "--only", "dance", cwd=tmp_path)
    assert (done.returncode, "is no role" in done.stderr) == (1, True)


def test_a_broken_settings_file_is_told_with_its_place(tmp_path: Path) -> None:
    (tmp_path / "tocsin.yaml").write_text("default_channel: x\ntopics:\n  - name: A\n    query: 'a AND ('\n")
    done = tocsin("run", cwd=tmp_path)
    assert done.returncode == 1
    assert "4" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_faulty_query_is_told_in_words_with_its_place(tmp_path: Path) -> None:
    done = tocsin("replay", "posts.jsonl", "--topic", "A", "--query", "a OR", cwd=tmp_path)
    assert done.returncode == 1
    assert done.stderr == "tocsin: “OR” at character 3 needs something after it.\n"


def test_an_unreachable_database_is_a_sentence(tmp_path: Path) -> None:
    tocsin("init", cwd=tmp_path)
    (tmp_path / ".env").write_text("TOCSIN_DATABASE_URL=postgresql://nobody@127.0.0.1:9/nothing\n")
    done = tocsin("sources", cwd=tmp_path)
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert "127.0.0.1" in done.stderr


def test_detect_reads_counts(tmp_path: Path) -> None:
    rows = ["timestamp,value"]
    rows += [f"2026-01-{day:02d}T{hour:02d}:00:00,{20 + hour % 3}" for day in range(1, 12) for hour in range(24)]
    rows += ["2026-01-12T00:00:00,400"]
    (tmp_path / "counts.csv").write_text("\n".join(rows))
    done = tocsin("detect", "counts.csv", "--json", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    alarms = [json.loads(line) for line in done.stdout.splitlines()]
    assert alarms[-1]["at"].startswith("2026-01-12T00:00")
    assert set(alarms[-1]) >= {"at", "signal", "value", "baseline"}


@pytest.mark.parametrize("words", [("evaluate", "dance", "x.jsonl"), ("evaluate", "ner", "x.jsonl"), ("read",)])
def test_faults_of_the_engine_are_sentences(words: tuple[str, ...], tmp_path: Path) -> None:
    done = tocsin(*words, cwd=tmp_path, text='{"no": "text"}\n')
    assert done.returncode == 1
    assert done.stderr.startswith("tocsin: ") or "\ntocsin: " in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("evaluate", "dance", "x.jsonl"), "无法评测“dance”，可用："),
        (("replay", "posts.jsonl", "--topic", "A", "--query", "a OR"), "第 3 个字符处的“OR”后面缺少内容。"),
        (("train",), "要学习什么？"),
        (("detect", "none.csv"), "无法把 none.csv 作为 CSV 数量文件读取"),
    ],
)
def test_every_fault_speaks_the_language_that_is_asked_for(
    words: tuple[str, ...], sentence: str, tmp_path: Path
) -> None:
    done = tocsin(*words, cwd=tmp_path, lang="zh")
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1].startswith(f"tocsin: {sentence}")


def test_read_says_why(tmp_path: Path) -> None:
    """The marks are places in the text, in JSON; in words they stand below it, without colour codes in a pipe."""
    text = "露明茶喝完上吐下泻，被送进医院\n"
    done = tocsin("read", "--target", "露明茶", "--why", "--json", cwd=tmp_path, text=text)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)["why"]
    assert told["sentiment"]
    assert all(text[mark["start"] : mark["end"]] == mark["text"] for mark in told["sentiment"])
    shown = tocsin("read", "--target", "露明茶", "--why", cwd=tmp_path, text=text)
    assert told["sentiment"][0]["text"] in shown.stdout.split("\n", 1)[1]
    assert "\x1b" not in shown.stdout
