"""Saved queries stand for what was saved, wherever a query names them."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from engine.post import Post
from engine.query.query import QueryError, QueryFault, parse
from engine.query.saved import saved_remarks, written_out

SAVED = {"rivals": "larch OR 落叶松", "竞品": "@rivals OR spruce", "loop": "a OR @pool", "pool": "b OR @loop"}


def test_a_name_is_written_out_wherever_it_stands() -> None:
    assert written_out("@rivals", SAVED) == "(larch OR 落叶松)"
    assert written_out("pine -@Rivals", SAVED) == "pine -(larch OR 落叶松)"
    assert written_out("＠竞品 pine", SAVED) == "((larch OR 落叶松) OR spruce) pine"
    asked = parse(written_out("(@竞品) NEAR/3 fire", SAVED))
    assert asked.matches(Post(id="1", published=datetime(2026, 3, 2, tzinfo=UTC), text="fire among the spruce"))


@pytest.mark.parametrize("text", ["@nobody", '"@rivals"', "author:@rivals", "pr@rivals", "@"])
def test_what_is_no_saved_name_stays(text: str) -> None:
    """A handle is looked for as it is."""
    assert written_out(text, SAVED) == text


def test_a_circle_of_names_is_refused() -> None:
    with pytest.raises(QueryError) as caught:
        written_out("@loop", SAVED)
    assert caught.value.kind is QueryFault.CIRCLE


def test_what_grows_too_long_is_refused_before_it_is_long() -> None:
    grown = {"w0": "word " * 100} | {f"w{n}": f"@w{n - 1} OR " * 9 + f"@w{n - 1}" for n in range(1, 30)}
    with pytest.raises(QueryError) as caught:
        parse(written_out("@w29", grown))
    assert caught.value.kind is QueryFault.LONG


def test_a_slip_in_a_name_is_remarked_on() -> None:
    [remark] = saved_remarks("@rival OR @xibei", SAVED)
    assert (remark.code, remark.values) == ("saved_unknown", {"word": "@rival", "meant": "@rivals"})
