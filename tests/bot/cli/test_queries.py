"""Queries at the command line: which posts one catches, and what it would bring."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.bot.cli.test_cli import tocsin


@pytest.fixture
def posts(tmp_path: Path) -> Path:
    """Forty posts of two days, of which the last ten name the tea."""
    rows = [
        {"id": f"p{n}", "published": f"2026-03-0{1 + n // 20}T{n % 20:02d}:00:00Z",
         "text": "露明茶道歉，电话 13800138000" if n >= 30 else "the mill at the river", "source": "town"}
        for n in range(40)
    ]  # fmt: skip
    path = tmp_path / "posts.jsonl"
    path.write_text("\n".join(json.dumps(row, ensure_ascii=False) for row in rows), encoding="utf-8")
    return path


def test_lines_and_posts_are_matched_one_by_one(tmp_path: Path) -> None:
    text = '國泰航空又延誤\n\n{"id": "b", "title": "Coca-Cola", "text": "recalls cans"}\n[1]\n'
    done = tocsin("match", "--query", '国泰 OR "coca cola"', "--explain", "--json", cwd=tmp_path, text=text)
    assert done.returncode == 0, done.stderr
    assert [json.loads(line) for line in done.stdout.splitlines()] == [
        {"id": "1", "matched": True, "because": "Matches because of 国泰."},
        {"id": "b", "matched": True, "because": 'Matches because of "coca cola".'},
        {"id": "4", "matched": False, "because": 'Does not match because of 国泰, "coca cola".'},
    ]


def test_what_may_be_meant_otherwise_is_told_beside_the_answers(tmp_path: Path) -> None:
    done = tocsin("match", "--query", "tea or milk", cwd=tmp_path, text="tea\n", lang="zh")
    assert "如果是指逻辑关系，请写 OR" in done.stderr
    assert done.stdout == "- 1  tea\n"


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("(tea", "The bracket “(” at character 1 is never closed."),
        ("word " * 10_000, "The query is too long: 10,000 characters are the most."),
    ],
)
def test_a_query_that_cannot_be_understood_is_refused_in_a_sentence(tmp_path: Path, query: str, said: str) -> None:
    for command in ("match", "preview"):
        done = tocsin(command, "--query", query, cwd=tmp_path)
        assert (done.returncode, done.stderr) == (1, f"tocsin: {said}\n")


def test_a_row_that_is_no_post_is_named(tmp_path: Path) -> None:
    done = tocsin("match", "--query", "tea", cwd=tmp_path, text='tea\n{"published": "yesterday"}\n')
    assert done.returncode == 1
    assert "line 2" in done.stderr


def test_a_file_is_looked_through(tmp_path: Path, posts: Path) -> None:
    done = tocsin("preview", "--query", "露明 -广告", "--posts", str(posts), cwd=tmp_path, lang="zh")
    assert done.returncode == 0, done.stderr
    assert "最近 30 天已存的 40 条帖子中，10 条匹配（25%）。" in done.stdout
    assert "“露明”：出现在 10 条中，其中 10 条只靠它匹配" in done.stdout
    assert "2026-03-02  10" in done.stdout
    assert "13800138000" not in done.stdout


def test_a_query_that_matches_everything_is_told_its_share(tmp_path: Path, posts: Path) -> None:
    done = tocsin("preview", "--query", "the", "--posts", str(posts), "--json", cwd=tmp_path)
    told = json.loads(done.stdout)
    assert (told["posts"], told["matched"], told["share"], told["everything"]) == (40, 30, 0.75, True)
    assert len(told["samples"]) == 10
    plain = tocsin("preview", "--query", "the", "--posts", str(posts), cwd=tmp_path)
    assert "That is 75 % of all posts." in plain.stdout


def test_saved_queries_of_the_settings_can_be_named(tmp_path: Path) -> None:
    settings = "default_channel: '#desk'\nqueries:\n  - {name: rivals, query: larch OR spruce}\n"
    (tmp_path / "tocsin.yaml").write_text(settings, encoding="utf-8")
    done = tocsin("match", "--query", "@rivals -drill", cwd=tmp_path, text="spruce\nspruce drill\n")
    assert [line[:1] for line in done.stdout.splitlines()] == ["+", "-"]


def test_an_empty_store_is_said_to_be_empty_and_an_unknown_topic_to_be_unknown(tmp_path: Path) -> None:
    assert "No posts are stored yet" in tocsin("preview", "--query", "tea", cwd=tmp_path).stdout
    assert "Trees" in tocsin("preview", "--topic", "Trees", cwd=tmp_path).stderr
    assert "--query" in tocsin("preview", cwd=tmp_path).stderr
