"""The parts of the model's path that need no network: mentions, chunks, batches, packing, spans."""

from __future__ import annotations

from itertools import pairwise

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from engine.model.batching import plan
from engine.model.encoding import find_mentions
from engine.model.entities import PARTS, decode, merge, pieces
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
    tags = [[tag] * PARTS for tag in ("O", "B-person", "I-person", "O", "B-organisation")]
    found = decode(text, tags, [[1.0] * PARTS] * 5, [(0, 2), (2, 7), (7, 11), (11, 14), (14, 19)])
    assert [(e.start, e.end, e.text) for e in found] == [(3, 11, "Jane Roe"), (15, 19, "Acme")]


def test_an_inside_tag_without_a_beginning_begins() -> None:
    tags = [["I-person"] * PARTS, ["O"] * PARTS, ["I-location"] * PARTS]
    found = decode("abc", tags, [[0.5] * PARTS, [1.0] * PARTS, [0.7] * PARTS], [(0, 1), (1, 2), (2, 3)])
    assert [(e.type, e.text, e.score) for e in found] == [("person", "a", 0.5), ("location", "c", 0.7)]


def test_a_name_whose_tags_quarrel_is_one_name_of_the_type_of_most() -> None:
    """Taken apart at the quarrel, both halves would be wrong: 73.1 against 70.8 F1 on MSRA's held-out rows."""
    tags = [[tag] * PARTS for tag in ("B-organisation", "I-location", "I-organisation", "B-location")]
    found = decode("abcd", tags, [[1.0] * PARTS] * 4, [(0, 1), (1, 2), (2, 3), (3, 4)])
    assert [(e.type, e.text) for e in found] == [("organisation", "abc"), ("location", "d")]


def test_a_name_may_end_inside_a_chinese_token() -> None:
    """在北京, 中美 and 中国经济 are one token each."""
    text, offsets = "在北京谈中美与中国经济", [(0, 3), (3, 4), (4, 6), (6, 7), (7, 11)]
    tags = [["O"] * PARTS for _ in offsets]
    tags[0] = ["O", "B-location", "O", "I-location"]
    tags[2] = ["B-location", "O", "O", "B-location"]
    tags[4] = ["B-location", "I-location", "O", "O"]
    found = decode(text, tags, [[1.0] * PARTS] * 5, offsets)
    assert [e.text for e in found] == ["北京", "中", "美", "中国"]


@given(st.text("ab 西北面馆道歉", min_size=1, max_size=30), st.data())
def test_the_pieces_of_tokens_never_overlap(text: str, data: st.DataObject) -> None:
    """Nor do they leave a letter out, wherever the tokens end; a space before the text claims no letter."""
    cuts = sorted({0, len(text), *data.draw(st.sets(st.integers(0, len(text))))})
    offsets = [(0, 1), *pairwise(cuts)]
    found = list(pieces(text, offsets))
    letters = [place for _, _, (start, end) in found for place in range(start, end)]
    assert letters == sorted(set(letters))
    assert {place for place, letter in enumerate(text) if letter != " "} <= set(letters)
    assert all(part < PARTS and token < len(offsets) for token, part, _ in found)


def test_of_two_that_overlap_the_longer_stays() -> None:
    short = Entity(start=0, end=2, type="person", text="ab")
    long = Entity(start=1, end=5, type="organisation", text="bcde")
    assert merge([[short], [long]]) == (long,)


@pytest.mark.parametrize("text", ["İstanbul acme", "ß acme"])
def test_letters_that_grow_when_folded_move_no_mention(text: str) -> None:
    assert [text[a:b] for a, b in find_mentions(text, ["acme"])] == ["acme"]
