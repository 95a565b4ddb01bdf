"""The parts of the model's path that need no network: mentions, chunks, batches, packing, spans."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray

from engine.model.batching import plan
from engine.model.encoding import find_mentions
from engine.model.entities import PARTS, decode, merge, pieces
from engine.model.packing import pack_rows, unpack_rows
from engine.model.viterbi import EDGE, best_tags
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


TAGS = ("O", *(f"{place}-{kind}" for kind in ("person", "organisation", "location") for place in "BI"))


def told(*tags: str | Sequence[str], sure: float = 0.9) -> NDArray[np.float64]:
    """Log probabilities (tokens, PARTS, tags) under which each part has its tag, *sure* as it is, and else O."""
    rest = (1 - sure) / (len(TAGS) - 1)
    scores = np.full((len(tags), PARTS, len(TAGS)), rest)
    for token, own in enumerate(tags):
        for part, tag in enumerate([own] * PARTS if isinstance(own, str) else own):
            scores[token, part, TAGS.index(tag)] = sure
    return np.log(scores)


def named(text: str, scores: NDArray[np.float64], offsets: Sequence[tuple[int, int]]) -> list[tuple[str, str]]:
    found = decode(text, scores, offsets, TAGS)
    assert [text[one.start : one.end] for one in found] == [one.text for one in found]
    return [(one.text, one.type) for one in found]


LETTERS = [(0, 1), (1, 2), (2, 3), (3, 4), (4, 5), (5, 6)]
APART = [(0, 1), (2, 3), (4, 5), (6, 7)]


def test_spans_are_trimmed_and_exact() -> None:
    """A piece that carries the space before it does not push the span to the left."""
    text, offsets = "by Jane Roe at Acme", [(0, 2), (2, 7), (7, 11), (11, 14), (14, 19)]
    found = decode(text, told("O", "B-person", "I-person", "O", "B-organisation"), offsets, TAGS)
    assert [(e.start, e.end, e.text) for e in found] == [(3, 11, "Jane Roe"), (15, 19, "Acme")]
    assert [e.score for e in found] == pytest.approx([0.9, 0.9])


def test_a_name_that_cannot_be_becomes_the_likeliest_that_can() -> None:
    """An I- after nothing, and a name that changes its type midway."""
    assert named("a b c d", told("O", "I-person", "I-person", "O"), APART) == [("b c", "person")]
    quarrel = told("B-organisation", "I-location", "I-organisation", "B-location")
    quarrel[1, :, TAGS.index("I-organisation")] = np.log(0.05)
    assert named("a b c d", quarrel, APART) == [("a b c", "organisation"), ("d", "location")]


def test_a_name_that_is_unlikely_as_a_whole_is_none() -> None:
    scores = told("O", "I-person", "O", "O", sure=0.6)
    scores[1, :, TAGS.index("O")] = np.log(0.39)
    assert named("a b c d", scores, APART) == []


def test_nothing_where_nothing_is_named() -> None:
    assert named("a b c d", told("O", "O", "O", "O"), APART) == []
    assert named("", told(), []) == []
    assert named(" ", told("B-person"), [(0, 1)]) == []


def test_a_name_ends_where_a_spaced_word_ends() -> None:
    """Moz·za·rella is one word; the possessive after a name is no part of it, nor is a hyphened word."""
    text, offsets = "Mozzarella rose", [(0, 3), (3, 5), (5, 10), (10, 15)]
    assert named(text, told("B-organisation", "I-organisation", "B-person", "O"), offsets) == [
        ("Mozzarella", "organisation")
    ]
    text, offsets = "Acme's Anglo-Acme", [(0, 4), (4, 6), (6, 12), (12, 13), (13, 17)]
    tags = told("B-organisation", "O", "O", "O", "B-organisation")
    assert named(text, tags, offsets) == [("Acme", "organisation"), ("Acme", "organisation")]


def test_a_chinese_name_rather_ends_where_a_word_ends() -> None:
    """西红柿 is a word: a doubtful name ends with it, a sure one ends where it ends."""
    text, offsets = "西红柿说话了", LETTERS
    doubtful = told("B-person", "I-person", "O", "O", "O", "O", sure=0.3)
    doubtful[2, :, TAGS.index("I-person")] = np.log(0.25)
    assert named(text, doubtful, offsets) == [("西红柿", "person")]
    assert named(text, told("B-person", "I-person", "O", "O", "O", "O"), offsets) == [("西红", "person")]


def test_a_name_may_end_inside_a_chinese_token() -> None:
    """在北京, 中美 and 中国经济 are one token each."""
    text, offsets = "在北京谈中美与中国经济", [(0, 3), (3, 4), (4, 6), (6, 7), (7, 11)]
    scores = told(
        ["O", "B-location", "O", "I-location"],
        "O",
        ["B-location", "O", "O", "B-location"],
        "O",
        ["B-location", "I-location", "O", "O"],
    )
    assert [text for text, _ in named(text, scores, offsets)] == ["北京", "中", "美", "中国"]


def test_two_places_may_meet_inside_a_word() -> None:
    """港台 is a word of the dictionary, and two places where that is likelier."""
    text, offsets = "港台歌手", LETTERS[:4]
    doubtful = told("B-location", "B-location", "O", "O", sure=0.5)
    doubtful[1, :, TAGS.index("I-location")] = np.log(0.3)
    assert [text for text, _ in named(text, doubtful, offsets)] == ["港", "台"]
    doubtful[1, :, TAGS.index("I-location")] = np.log(0.6)
    assert [text for text, _ in named(text, doubtful, offsets)] == ["港台"]


def test_a_function_word_is_no_edge_of_a_name() -> None:
    """And no name; but one that is part of a word, or inside a name, or of a title, is no such word."""
    text, offsets = "了在北京的饭店", [(n, n + 1) for n in range(7)]
    tags = told("B-person", "B-location", "I-location", "I-location", "I-location", "O", "O")
    assert named(text, tags, offsets) == [("北京", "location")]
    inside = told("O", "O", "B-organisation", "I-organisation", *["I-organisation"] * 3)
    assert named(text, inside, offsets) == [("北京的饭店", "organisation")]
    assert named("去哪儿了", told("B-organisation", "I-organisation", "I-organisation", "O"), LETTERS[:4]) == [
        ("去哪儿", "organisation")
    ]
    assert named("对外贸易", told("B-organisation", *["I-organisation"] * 3), LETTERS[:4]) == [
        ("对外贸易", "organisation")
    ]


def test_a_title_may_begin_with_a_function_word() -> None:
    tags = ("O", "B-product", "I-product")
    scores = np.full((3, PARTS, 3), np.log(0.05))
    scores[0, :, 1] = scores[1:, :, 2] = np.log(0.9)
    assert [found.text for found in decode("在水边", scores, LETTERS[:3], tags)] == ["在水边"]


@given(
    arrays(np.float64, (6, len(TAGS)), elements=st.floats(-8, 0)), st.lists(st.integers(0, 2), min_size=6, max_size=6)
)
def test_no_sequence_that_can_be_is_likelier(scores: NDArray[np.float64], between: list[int]) -> None:
    """Against all of them: one name at most, each beginning, length and type, of whole words."""
    seams = np.array([0, *between[1:]])
    found = best_tags(scores, seams, TAGS)
    value = total(scores, seams, found)
    assert value > -np.inf
    for first in range(6):
        for end in range(first, 7):
            for kind in (1, 3, 5):
                rival = np.zeros(6, dtype=int)
                rival[first:end], rival[first : min(first + 1, end)] = kind + 1, kind
                assert total(scores, seams, rival) <= value + 1e-9


def total(scores: NDArray[np.float64], seams: NDArray[np.int_], path: NDArray[np.int_]) -> float:
    """The log probability of *path*, minus infinity for one that cannot be; written down anew, from the definition."""
    value = 0.0
    for place, tag in enumerate(path):
        before = TAGS[path[place - 1]] if place else "O"
        now = TAGS[tag]
        goes_on = now[0] == "I"
        if goes_on and (before == "O" or before[2:] != now[2:]):
            return float("-inf")
        edge = not goes_on and (before, now) != ("O", "O")
        if place and edge and seams[place] == 2:
            return float("-inf")
        free = before == now == "B-location"
        value += float(scores[place, tag]) - (EDGE if place and edge and not free and seams[place] == 1 else 0.0)
    return value


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
