"""Whether a text repeats an earlier one or brings it up to date: the check of facts behind near duplicates. Pure.

The two are laid side by side, word by word. What stands before and after all that they share is of outlets and
platforms: headlines, footers, cuts. What differs in between is looked at: a number, a negation, a harm or its degree,
a name, a place, a date make the later text an update.

>>> compare("Two workers were hurt at the Lindholm cannery", "Two workers were killed at the Lindholm cannery").changes
(TextChange(kind=<ChangeKind.HARM: 'harm'>, before='hurt', after='killed'),)
>>> compare("Two workers were hurt at the Lindholm cannery", "BREAKING: 2 workers were hurt at the Lindholm cannery")
VersionPair(relation=<Relation.COPY: 'copy'>, changes=(), shared=0.875)
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum
from itertools import pairwise

from engine.facts.versions import SIGNS, Mention, Version, light, mentions, related, version
from engine.post import ChangeKind, TextChange


class Relation(StrEnum):
    """What a text is to an earlier one that is like it."""

    COPY = "copy"
    UPDATE = "update"
    OWN = "own"  # passed on with words of one's own


@dataclass(frozen=True, kw_only=True, slots=True)
class VersionPair:
    """*shared* is the part (0-1) of the shorter text that both have."""

    relation: Relation
    changes: tuple[TextChange, ...] = ()
    shared: float = 1.0


ANCHOR = 4
"""So many words in a row in both are no chance; at the beginning or the end of both, one is enough."""

ANCHOR_SIGNS = 6
SHORT = 6
"""So few words that differ at an edge are a place where both begin or end differently, not a headline or a footer."""

LONG = 14
"""So many words that one has and the other lacks are a passage, not a correction."""

MOST_PAIRS = 20_000
"""Pairs of equal words that are looked at; a text made of a few words over and over would have millions."""

NEAR = 40  # characters around what differs in which a longer expression may begin or end
ALIKE = 0.75  # two words whose letters are so alike are one word, spelt in two ways
MOST, SHOWN = 4, 40

GRAVE = {(ChangeKind.HARM, "dead"), (ChangeKind.CLAIM, "false")}
"""What is news even in a passage that the earlier text did not have."""

ALONE = (ChangeKind.HARM, ChangeKind.CLAIM, ChangeKind.NEGATION, ChangeKind.NUMBER, ChangeKind.ACT)
"""Kinds that are news although the other text has nothing in their place."""

Span = tuple[int, int]
_STOP = re.compile("[.!?|\u2013\u2014\u2026\u3002\uff01\uff1f]")


@dataclass(frozen=True, slots=True)
class _Gap:
    """Words of both that stand in the same place and differ; *edge* before or after all that both share but for the
    last few words."""

    old: Span
    new: Span
    edge: bool


def compare(old: str, new: str) -> VersionPair:
    """What *new* is to *old*, an earlier text that is like it."""
    before, after = version(old), version(new)
    if after.own and after.own != before.own:
        return VersionPair(relation=Relation.OWN)
    if before.own and not after.own:
        return VersionPair(relation=Relation.OWN)
    gaps, shared = _gaps(before.words, after.words)
    changes = [change for gap in gaps for change in _differences(gap, before, after)]
    kinds = list(ChangeKind)
    best = sorted(dict.fromkeys(changes), key=lambda change: kinds.index(change.kind))[:MOST]
    part = shared / max(min(len(before.words), len(after.words)), 1)
    return VersionPair(relation=Relation.UPDATE if best else Relation.COPY, changes=tuple(best), shared=part)


def _gaps(old: Sequence[str], new: Sequence[str]) -> tuple[list[_Gap], int]:
    """Where the two differ, and how many words they share."""
    ends = min(len(old), len(new))
    head = next((place for place in range(ends) if old[place] != new[place]), ends)
    tail = next((place for place in range(ends - head) if old[-1 - place] != new[-1 - place]), ends - head)
    left, right = _comparable(old[head : len(old) - tail], new[head : len(new) - tail])
    if not left and not right:
        return [], head + tail
    blocks = [(0, 0, head)] if head else []
    matcher = SequenceMatcher(None, left, right, autojunk=False)
    blocks += [(a + head, b + head, size) for a, b, size in matcher.get_matching_blocks() if size]
    blocks += [(len(old) - tail, len(new) - tail, tail)] if tail else []
    anchors = [block for block in blocks if _holds(block, old, new)]
    return list(_between(blocks, anchors, len(old), len(new))), sum(size for _, _, size in anchors)


def _comparable(old: Sequence[str], new: Sequence[str]) -> tuple[Sequence[str], Sequence[str]]:
    """The first words of both that can be laid side by side in little time: all of ordinary texts."""
    while len(old) * len(new) > MOST_PAIRS:
        one, other = Counter(old), Counter(new)
        if sum(count * other[word] for word, count in one.items()) <= MOST_PAIRS:
            break
        old, new = old[: len(old) // 2], new[: len(new) // 2]
    return old, new


def _holds(block: tuple[int, int, int], old: Sequence[str], new: Sequence[str]) -> bool:
    a, b, size = block
    if (a == 0 and b == 0) or (a + size == len(old) and b + size == len(new)):
        return True
    signs = sum(SIGNS.match(word) is not None for word in old[a : a + size])
    return size - signs >= ANCHOR or size >= ANCHOR_SIGNS


def _between(
    blocks: Sequence[tuple[int, int, int]], anchors: Sequence[tuple[int, int, int]], old: int, new: int
) -> Iterator[_Gap]:
    if not anchors:
        yield _Gap((0, old), (0, new), edge=True)
        return
    (a, b, _), (c, d, size) = anchors[0], anchors[-1]
    inner = [block for block in blocks if (a, b) <= block[:2] <= (c, d)]
    yield _Gap((0, a), (0, b), edge=True)
    for (a, b, size), (c, d, rest) in pairwise(_parting(inner)):
        both = a + size < c and b + size < d
        yield _Gap((a + size, c), (b + size, d), edge=both and rest < ANCHOR and c + rest == old)
    a, b, size = inner[-1]
    yield _Gap((a + size, old), (b + size, new), edge=True)


def _parting(blocks: Sequence[tuple[int, int, int]]) -> list[tuple[int, int, int]]:
    """Those of *blocks* that part what differs: a single word between two differences belongs to both."""
    return [block for place, block in enumerate(blocks) if block[2] > 1 or place in (0, len(blocks) - 1)]


def _differences(gap: _Gap, old: Version, new: Version) -> Iterator[TextChange]:
    (a, b), (c, d) = gap.old, gap.new
    if a == b and c == d:
        return
    short = 0 < b - a <= SHORT and 0 < d - c <= SHORT
    edge = gap.edge and not (short and not (_apart(old, gap.old) and _apart(new, gap.new)))
    if edge or (max(b - a, d - c) > LONG and min(b - a, d - c) < LONG // 2):
        yield from _grave(gap, old, new)
        return
    left, right = _mentioned(old, gap.old), _mentioned(new, gap.new)
    gone = [each for each in left if not _among(each, _mentioned(new, gap.new, beside=1))]
    come = [each for each in right if not _among(each, _mentioned(old, gap.old, beside=1))]
    found = list(_paired(gone, come, gap, old, new))
    yield from found
    if not found:
        yield from _reworded(gap, old, new, left + right)


def _apart(text: Version, span: Span) -> bool:
    """True if the words of *span*, at one end of the text, are a sentence of their own: a headline, a footer."""
    first, last = span
    here, there = (last - 1, last) if first == 0 else (first - 1, first)
    if there >= len(text.tokens):
        return False
    return _STOP.search(text.text[text.tokens[here].end : text.tokens[there].start]) is not None


def _among(mention: Mention, others: Sequence[Mention]) -> bool:
    return any(each.kind is mention.kind and each.same(mention) for each in others)


def _mentioned(text: Version, span: Span, *, beside: int = 0) -> list[Mention]:
    """The mentions that stand in the words of *span*, or so many characters *beside* them."""
    start, end = _place(text, span)
    begin = max(start - NEAR, 0)
    first, last = start - beside - begin, end + beside - begin
    found = mentions(text.text[begin : end + NEAR])
    return [each.moved(begin) for each in found if each.start < last and first < each.end]


def _place(text: Version, span: Span) -> Span:
    """Where the words of *span* stand in the text."""
    first, last = span
    if first < last:
        return text.tokens[first].start, text.tokens[last - 1].end
    at = text.tokens[first].start if first < len(text.tokens) else len(text.text)
    return at, at


def _paired(
    gone: Sequence[Mention], come: Sequence[Mention], gap: _Gap, old: Version, new: Version
) -> Iterator[TextChange]:
    for kind in dict.fromkeys(each.kind for each in (*come, *gone)):
        lost, found = ([each for each in side if each.kind is kind] for side in (gone, come))
        possible = any(each.value == "possible" for each in (*lost, *found))
        if (lost and found) or kind in ALONE or (kind is ChangeKind.EXTENT and possible):
            if gap.old[0] < gap.old[1] and gap.new[0] < gap.new[1] and not (lost and found):
                lost, found = [], []  # the words of both sides, whole
            yield TextChange(kind=kind, before=_words(old, gap.old, lost), after=_words(new, gap.new, found))


def _words(text: Version, span: Span, told: Sequence[Mention]) -> str:
    """What stands there: what is mentioned, else the words that differ, else those that follow."""
    if told:
        return text.text[told[0].start : told[-1].end][:SHOWN].strip()
    first, last = span
    start, end = _place(text, (first, last) if first < last else (first, min(first + 2, len(text.tokens))))
    return text.text[start:end][:SHOWN].strip()


def _grave(gap: _Gap, old: Version, new: Version) -> Iterator[TextChange]:
    """What a new passage says that the old text says nowhere, if it is grave."""
    start, end = _place(new, gap.new)
    if start == end:
        return
    platform = related().search(new.text.lower(), start, end)
    end = platform.start() if platform else end
    known = {(each.kind, each.value) for each in mentions(old.text)}
    for each in mentions(new.text):
        if start <= each.start and each.end <= end and (each.kind, each.value) in GRAVE - known:
            yield TextChange(kind=each.kind, before="", after=new.text[each.start : each.end])
            return


def _reworded(gap: _Gap, old: Version, new: Version, told: Sequence[Mention]) -> Iterator[TextChange]:
    """Another word in the place of one, that no list knows: a name where it is written like one."""
    left, right = _content(old, gap.old), _content(new, gap.new)
    if not left or not right or _spelt_alike(left, right):
        return
    start, end = _place(new, gap.new)
    begin, stop = _place(old, gap.old)
    after, before = new.text[start:end], old.text[begin:stop]
    named = not after.isascii() or (_capital(after) and _capital(before))
    kind = ChangeKind.NAME if named else ChangeKind.WORD
    yield TextChange(kind=kind, before=before[:SHOWN], after=after[:SHOWN])


def _content(text: Version, span: Span) -> list[str]:
    words, signs = light()
    start, end = _place(text, span)
    here, found = _mentioned(text, span), list[str]()
    for token in text.tokens[span[0] : span[1]]:
        if token.text in words or any(each.start <= token.start and token.end <= each.end for each in here):
            continue
        if not signs.fullmatch(token.text):
            found.append(token.text)
    joined = text.text[start:end]
    return [] if signs.sub("", joined) == "" else found


def _spelt_alike(left: Sequence[str], right: Sequence[str]) -> bool:
    one, other = "".join(left), "".join(right)
    if not (one.isascii() and other.isascii()):
        return one == other
    return one[0] == other[0] and (one in other or other in one or SequenceMatcher(None, one, other).ratio() >= ALIKE)


def _capital(words: str) -> bool:
    return any(word[:1].isupper() for word in words.split())
