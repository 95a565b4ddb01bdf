"""A file that grows, is cut off, rotated and half written: every line is read once, none is lost."""

from __future__ import annotations

import json
import os
import shutil
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from bot.ingest.sources import FormatError, jsonl
from tests.bot.english import english

NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)


def line(number: int) -> str:
    return json.dumps({"id": str(number), "text": f"post {number} 帖子"}, ensure_ascii=False) + "\n"


class Reader:
    """Polls one file again and again, as the poller would."""

    def __init__(self, source: Any, path: Path, limit: int = jsonl.LIMIT) -> None:
        self.source, self.path, self.limit = source(str(path), kind="jsonl"), path, limit
        self.notes: list[str] = []

    def poll(self) -> list[str]:
        """The ids of all that is there now, in order."""
        found: list[str] = []
        while True:
            batch = jsonl.read(self.source, NOW, limit=self.limit)
            self.source = replace(self.source, etag=batch.etag)
            found += [item.external_id for item in batch.items]
            self.notes += [english(batch.note)] if batch.note else []
            if not batch.more:
                return found

    def write(self, text: str, mode: str = "a") -> None:
        with self.path.open(mode, encoding="utf-8") as file:
            file.write(text)


@pytest.fixture
def reader(source: Any, tmp_path: Path) -> Reader:
    return Reader(source, tmp_path / "posts.jsonl")


def test_only_what_was_added_is_read(reader: Reader) -> None:
    reader.write(line(1) + line(2))
    assert reader.poll() == ["1", "2"]
    assert reader.poll() == []
    reader.write(line(3))
    assert reader.poll() == ["3"]


def test_a_half_written_line_waits(reader: Reader) -> None:
    """Half a line, even half a character, is read once it is whole."""
    whole = line(2).encode()
    reader.path.write_bytes(line(1).encode() + whole[:-6])
    assert reader.poll() == ["1"]
    with reader.path.open("ab") as file:
        file.write(whole[-6:])
    assert reader.poll() == ["2"]
    assert reader.notes == []


def test_a_last_line_without_its_break_is_read_once(reader: Reader) -> None:
    reader.write(line(1).rstrip())
    assert reader.poll() == ["1"]
    reader.write("\n" + line(2))
    assert reader.poll() == ["2"]


def test_a_truncated_file_is_read_from_its_start(reader: Reader) -> None:
    reader.write(line(1) + line(2))
    reader.poll()
    reader.write(line(3), mode="w")
    assert reader.poll() == ["3"]


def test_a_truncated_file_that_outgrew_its_old_length(reader: Reader) -> None:
    """Longer than before, yet another file: its beginning tells."""
    reader.write(line(1))
    reader.poll()
    reader.write("".join(line(n) for n in range(10, 20)), mode="w")
    assert reader.poll() == [str(n) for n in range(10, 20)]


@pytest.mark.parametrize("how", ["rename", "copytruncate"])
def test_the_unread_end_of_a_rotated_file_is_not_lost(reader: Reader, how: str) -> None:
    reader.write(line(1) + line(2))
    reader.poll()
    reader.write(line(3))
    old = reader.path.with_name("posts.jsonl.1")
    if how == "rename":
        reader.path.rename(old)
    else:
        shutil.copy(reader.path, old)
    reader.write(line(4), mode="w")
    assert reader.poll() == ["3", "4"]
    assert reader.poll() == []


def test_a_large_file_is_read_in_pieces(source: Any, tmp_path: Path) -> None:
    """Each piece ends at a line, and the rest comes next."""
    reader = Reader(source, tmp_path / "posts.jsonl", limit=100)
    reader.write("".join(line(n) for n in range(50)))
    assert reader.poll() == [str(n) for n in range(50)]


def test_an_endless_line_is_passed_over(source: Any, tmp_path: Path) -> None:
    """It is told, and the lines behind it are read."""
    reader = Reader(source, tmp_path / "posts.jsonl", limit=100)
    reader.write(line(1) + '{"text": "' + "x" * 1000 + '"}\n' + line(2))
    assert reader.poll() == ["1", "2"]
    assert any("longer than 100 bytes" in note for note in reader.notes)


def test_bad_lines_are_left_out_with_their_reason(reader: Reader) -> None:
    reader.write("not json\n\n[1]\n{}\n" + line(1))
    assert reader.poll() == ["1"]
    assert reader.notes == [
        "3 of 4 items could not be read and were left out; the first: line 1 of the new ones: it is not JSON."
    ]


def test_marks_and_line_breaks_of_other_systems(reader: Reader) -> None:
    reader.path.write_bytes(b"\xef\xbb\xbf" + line(1).strip().encode() + b"\r\n" + line(2).strip().encode() + b"\r\n")
    assert reader.poll() == ["1", "2"]


def test_lines_in_gbk_are_read(reader: Reader) -> None:
    reader.path.write_bytes(line(1).encode("gb18030"))
    batch = jsonl.read(reader.source, NOW)
    assert batch.items[0].text == "post 1 帖子"


def test_no_file_is_said_and_forgets_nothing(reader: Reader) -> None:
    """Between two files of a rotation there may be none; the place is kept."""
    with pytest.raises(FormatError, match=r"There is no file .*posts\.jsonl"):
        reader.poll()
    reader.write(line(1))
    reader.poll()
    reader.path.rename(reader.path.with_name("posts.jsonl.1"))
    with pytest.raises(FormatError, match="There is no file"):
        reader.poll()
    reader.write(line(2))
    assert reader.poll() == ["2"]


def test_a_folder_and_a_pipe_are_no_files(source: Any, tmp_path: Path) -> None:
    """Nobody waits for a pipe that nobody writes to."""
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path, tmp_path / "pipe"):
        with pytest.raises(FormatError, match="cannot be read"):
            jsonl.read(source(str(path), kind="jsonl"), NOW)


def test_an_empty_file_is_no_fault(reader: Reader) -> None:
    reader.write("")
    assert reader.poll() == []
    reader.write(line(1))
    assert reader.poll() == ["1"]


def test_a_place_that_cannot_be_read_begins_anew(reader: Reader) -> None:
    reader.write(line(1))
    reader.source = replace(reader.source, etag='"an http etag"')
    assert reader.poll() == ["1"]
