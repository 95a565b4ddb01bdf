"""The parts of the model's path that need no network: mentions, chunks, batches, packing, spans."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from engine.model.batching import plan
from engine.model.encoding import find_mentions
from engine.model.entities import decode, merge
from engine.model.packing import pack_rows, unpack_rows
from engine.post import Entity


def test_mentions_are_whole_words_in_spaced_scripts_only() -> None:
    """``ai`` is not in ``training``; Chinese has no spaces to stand between."""
    assert find_mentions("AI training: ai!", ["ai"]) == [(0, 2), (13, 15)]
    assert find_mentions("在西贝吃西贝面", ["西贝"]) == [(1, 3), (4, 6)]


@given(st.lists(st.integers(1, 600), max_size=80), st.integers(1, 2000))
def test_every_text_is_in_one_batch_under_the_budget(lengths: list[int], budget: int) -> None:
    groups = list(plan(lengths, budget))
    assert sorted(i for group in groups for i in group) == list(range(len(lengths)))
    assert all(len(group) == 1 or len(group) * max(lengths[i] for i in group) <= budget for group in groups)


def test_packing_what_came_in_four_bits_loses_nothing() -> None:
    generator = torch.Generator().manual_seed(1)
    rough = torch.randn(50, 64, generator=generator)
    once = unpack_rows(*pack_rows(rough))
    assert torch.equal(unpack_rows(*pack_rows(once)), once)
    assert (once - rough).abs().max() < rough.abs().max() / 8


def test_packing_keeps_zeros() -> None:
    assert torch.equal(unpack_rows(*pack_rows(torch.zeros(2, 32))), torch.zeros(2, 32))


def test_spans_are_trimmed_and_exact() -> None:
    """A piece that carries the space before it does not push the span to the left."""
    text = "by Jane Roe at Acme"
    tags = ["O", "B-person", "I-person", "O", "B-organisation"]
    found = decode(text, tags, [1.0] * 5, [(0, 2), (2, 7), (7, 11), (11, 14), (14, 19)])
    assert [(e.start, e.end, e.text) for e in found] == [(3, 11, "Jane Roe"), (15, 19, "Acme")]


def test_an_inside_tag_without_a_beginning_begins() -> None:
    found = decode("ab", ["I-person", "I-location"], [0.5, 0.7], [(0, 1), (1, 2)])
    assert [(e.type, e.text) for e in found] == [("person", "a"), ("location", "b")]


def test_of_two_that_overlap_the_longer_stays() -> None:
    short = Entity(start=0, end=2, type="person", text="ab")
    long = Entity(start=1, end=5, type="organisation", text="bcde")
    assert merge([[short], [long]]) == (long,)


@pytest.mark.parametrize("text", ["İstanbul acme", "ß acme"])
def test_letters_that_grow_when_folded_move_no_mention(text: str) -> None:
    assert [text[a:b] for a, b in find_mentions(text, ["acme"])] == ["acme"]
