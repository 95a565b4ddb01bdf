"""JSON of any shape by a mapping."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from bot.ingest.sources import FetchedItems, FormatError, mapped
from bot.ingest.sources.batch import Payload
from tests.bot.english import english

NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
BOARD = {
    "code": 0,
    "data": {"list": [
        {"word": "某品牌回应", "heat": "123.4万", "at": "2026-03-02 15:00", "go": "https://board.example/1",
         "user": {"n": "编辑"}},
        {"word": "<b>另一</b>话题", "heat": 5, "at": 1772434800, "go": "javascript:x", "user": None},
    ]},
}  # fmt: skip
MAPPING = {
    "items": "data.list", "title": "word", "reach": "heat", "published": "at", "url": "go", "author": "user.n",
    "timezone": "Asia/Shanghai",
}  # fmt: skip


@pytest.fixture
def parse(source: Any) -> Any:
    def run(value: Any, mapping: dict[str, str] | None = None) -> FetchedItems:
        body = value.encode() if isinstance(value, str) else json.dumps(value).encode()
        answer = Payload(body=body, content_type="application/json", url="https://b.example/", place="b.example")
        return mapped.parse(source(kind="json", options={"mapping": mapping} if mapping else {}), answer, NOW)

    return run


def test_each_part_is_found(parse: Any) -> None:
    """Titles, amounts as Chinese sites write them, local times, nested authors."""
    first, second = parse(BOARD, MAPPING).items
    assert (first.title, first.reach, first.author) == ("某品牌回应", 1_234_000, "编辑")
    assert first.published == datetime(2026, 3, 2, 7, 0, tzinfo=UTC)
    assert (second.title, second.reach, second.url, second.author) == ("另一话题", 5, "", "")


def test_items_without_ids_get_the_same_id_every_time(parse: Any) -> None:
    """A title on a board that stays there is one item, however hot it gets."""
    hotter = json.loads(json.dumps(BOARD).replace('"heat": 5', '"heat": 900'))
    before, after = parse(BOARD, MAPPING).items, parse(hotter, MAPPING).items
    assert [item.external_id for item in before] == [item.external_id for item in after]
    assert before[0].external_id != before[1].external_id


def test_without_a_mapping_it_is_tocsin_s_own_format(parse: Any) -> None:
    post = {"id": "1", "text": "Recall", "published": "2026-03-02T07:00:00Z", "unknown": {"ignored": True}}
    for value in ([post], {"items": [post]}, {"posts": [post]}):
        assert [item.text for item in parse(value).items] == ["Recall"]


def test_a_list_written_as_an_object(parse: Any) -> None:
    assert len(parse({"a": {"text": "one"}, "b": {"text": "two"}}, {"items": "@", "text": "text"}).items) == 2


def test_bad_items_are_left_out_and_counted(parse: Any) -> None:
    batch = parse([{"text": "good"}, {"text": ""}, 7, None, "word"])
    assert len(batch.items) == 1
    assert english(batch.note).startswith("4 of 5 items could not be read")


@pytest.mark.parametrize(
    ("value", "mapping", "words"),
    [
        (BOARD, {"items": "data.lst", "title": "word"}, "data.lst finds no list in the answer, whose keys are code"),
        (BOARD, {"items": "data.list", "title": "wrod"}, "None of the 2 items has a text"),
        (BOARD, {"items": "data.[", "title": "word"}, "items: data.[ is not a JMESPath expression"),
        (BOARD, {"items": "data.list", "titel": "word"}, "titel is not a part of a post"),
        (BOARD, {"items": "data.list", "title": "abs(word)"}, "title: abs(word) is not a JMESPath expression"),
        (BOARD, {**MAPPING, "timezone": "Peking"}, "Peking is not a time zone"),
        ("<html>maintenance</html>", MAPPING, "b.example answered with a web page"),
        ("callback(", MAPPING, "not JSON"),
        ("[" * 100_000, MAPPING, "nested too deeply"),
        ("[1" + "0" * 9999 + "]", MAPPING, "a number in it is too long"),
    ],
)  # fmt: skip
def test_faults_name_their_place(parse: Any, value: Any, mapping: dict[str, str], words: str) -> None:
    with pytest.raises(FormatError) as caught:
        parse(value, mapping)
    assert words in str(caught.value)


def test_an_empty_list_is_no_fault(parse: Any) -> None:
    assert parse({"data": {"list": []}}, MAPPING).items == ()


def test_a_mapping_is_checked_without_an_answer() -> None:
    """So that `tocsin check` can tell before anything is polled."""
    mapped.check(MAPPING)
    with pytest.raises(FormatError, match="not a JMESPath expression"):
        mapped.check({"items": "]"})
