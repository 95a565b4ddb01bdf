"""What Tocsin does to the text of posts before any model sees it: clean, segment, compare.

Pure functions of one string, the same in every process.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from functools import cache
from types import ModuleType
from typing import TYPE_CHECKING

import numpy as np

from engine.query.normalisation import UNSPACED, hidden
from engine.text.encoder_normalisation import simplified
from engine.text.stopwords import STOP_WORDS

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = [
    "bands",
    "content_hash",
    "fingerprint",
    "normalise",
    "similarity",
    "word_spans",
    "words",
]

URL = re.compile(r"(?:https?://|www\.)[^\s\u3000-\u9fff\uff00-\uffef<>\"]+", re.IGNORECASE)
HANDLE = re.compile(r"(?:^rt\s+)?(?<![a-z0-9])@[\w.-]*\w:?", re.IGNORECASE)
WORD = re.compile(r"[^\W_]+(?:['’][^\W\d_]+)*")
VISIBLE = re.compile(rf"{WORD.pattern}|[\u2190-\u2bff\U0001f000-\U0001faff$€£¥][\ufe0f\u200d\U0001f3fb-\U0001f3ff]*")
ODD = re.compile(r"[^\w\s!-~\u2010-\u2027\u3001-\u3029]")  # may be hidden; what is common text has none of it
POINT, FRACTION = re.compile(r"(?<=\d)\.(?=\d)"), "\u2396"  # a decimal separator, that no text has
POSSESSIVE = re.compile(r"['’]s?$")

PERMUTATIONS = 128
BANDS, ROWS = 32, 4
SHINGLE = 5  # characters
LONGEST = 20_000  # characters of a text that are fingerprinted: a copy shows itself long before

_MIX = np.uint64(0x9E3779B97F4A7C15)


def _scatter(numbers: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Well-mixed 64-bit numbers (splitmix64, Steele et al. 2014).

    Fingerprints are stored: a generator whose stream may change with a version of numpy will not do.
    """
    numbers = (numbers ^ (numbers >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    numbers = (numbers ^ (numbers >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return numbers ^ (numbers >> np.uint64(31))


_DRAWN = _scatter(np.arange(1, 2 * PERMUTATIONS + 1, dtype=np.uint64) * _MIX)
_FACTORS, _OFFSETS = _DRAWN[:PERMUTATIONS] | np.uint64(1), _DRAWN[PERMUTATIONS:]


def normalise(text: str) -> str:
    """Clean *text* for storing: NFKC (full-width to half), nothing hidden, white space as single spaces.

    Case and traditional characters are kept. Emoji that are joined of several stay joined.
    """
    text = unicodedata.normalize("NFKC", text)
    if ODD.search(text):
        text = "".join(char for place, char in enumerate(text) if not hidden(char) or _joins(text, place))
    return " ".join(text.split())


def _joins(text: str, place: int) -> bool:
    """True for what holds one emoji together: a joiner between two symbols, a selector after one."""
    if place == 0 or unicodedata.category(text[place - 1]) not in ("So", "Sk", "Mn"):
        return False
    if text[place] == "\u200d":
        return place + 1 < len(text) and unicodedata.category(text[place + 1]) == "So"
    return text[place] == "\ufe0f" and unicodedata.category(text[place - 1]) == "So"


def words(text: str) -> list[str]:
    """The words of *text* in order, for keywords and TF-IDF: casefolded, without addresses and stop words.

    Chinese runs are segmented by jieba's dictionary; ``#`` and ``@`` are dropped, their words stay.
    """
    found: list[str] = []
    for run in WORD.finditer(URL.sub(" ", normalise(text)).casefold()):
        found += _segment(run.group()) if UNSPACED.search(run.group()) else [POSSESSIVE.sub("", run.group())]
    return [word for word in found if word and word not in STOP_WORDS]


def word_spans(text: str) -> list[tuple[int, int]]:
    """Where the words of *text* stand, in its own characters and in order: stop words, emoji and currencies too,
    addresses and punctuation not."""
    addresses = [found.span() for found in URL.finditer(text)]
    spans: list[tuple[int, int]] = []
    for run in VISIBLE.finditer(text):
        start = run.start()
        if any(first <= start < last for first, last in addresses):
            continue
        if UNSPACED.search(run.group()):
            spans += [(start + first, start + last) for _, first, last in _segmenter().tokenize(run.group())]
        else:
            spans.append(run.span())
    return spans


def _segment(run: str) -> list[str]:
    return [word for word in _segmenter().cut(run) if WORD.match(word)]


@cache
def _segmenter() -> ModuleType:
    """Loaded with the first Chinese text: the store compares texts and segments none."""
    import rjieba

    return rjieba


def content_hash(text: str) -> str:
    """32 hex digits that exact duplicates share, whatever their case, punctuation, addresses and handles."""
    return hashlib.blake2b(_core(text).encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


def _core(text: str) -> str:
    """What a copy keeps of *text*: letters, digits, emoji and currencies, in simplified characters; the whole if that
    is nothing. The point of a fraction stays: 1.5 is not 15."""
    text = simplified(normalise(text).casefold())
    bare = HANDLE.sub(" ", URL.sub(" ", text))
    return POINT.sub(FRACTION, bare).translate(_KEPT) or text


class _Kept(dict[int, int | None]):
    """A table for str.translate that looks at each character once: what is no part of a text's core goes."""

    def __missing__(self, code: int) -> int | None:
        category = unicodedata.category(chr(code))
        self[code] = code if category[0] in "LNM" or category in ("So", "Sc") else None
        return self[code]


_KEPT = _Kept()


def fingerprint(text: str) -> tuple[int, ...]:
    """128 MinHash values (Broder 1997) of the character 5-grams of *text*, each 0 to 2**32 - 1.

    Spaces and punctuation do not count. A text shorter than five characters is one shingle of its own.
    """
    shingles = _shingles(_core(text)[:LONGEST])
    smallest = np.full(PERMUTATIONS, np.iinfo(np.uint64).max)
    for start in range(0, len(shingles), 1024):  # at most 1 MB at a time, however long the text
        block = shingles[start : start + 1024, None] * _FACTORS + _OFFSETS
        smallest = np.minimum(smallest, block.min(axis=0))
    return tuple((smallest >> np.uint64(32)).tolist())


def _shingles(text: str) -> NDArray[np.uint64]:
    """The distinct shingles of *text* as 64-bit hashes, shape (n,)."""
    codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype=np.uint32).astype(np.uint64)
    width = min(SHINGLE, len(codes))
    rolled = np.zeros(len(codes) - width + 1 if width else 0, dtype=np.uint64)
    for place in range(width):
        rolled = (rolled ^ codes[place : place + len(rolled)]) * _MIX
        rolled ^= rolled >> np.uint64(29)
    return np.unique(rolled)


def bands(fingerprint: tuple[int, ...]) -> tuple[int, ...]:
    """32 signed 64-bit integers; two texts that share one are likely copies (32 bands of 4 values).

    A pair of similarity 0.7 shares one with 0.9999, of 0.3 with 0.23: verify with ``similarity``.
    """
    rows = np.array(fingerprint, dtype=np.uint64).reshape(BANDS, ROWS)
    mixed = np.arange(1, BANDS + 1, dtype=np.uint64) * _MIX
    for place in range(ROWS):
        mixed = (mixed ^ rows[:, place]) * _MIX
        mixed ^= mixed >> np.uint64(32)
    return tuple(mixed.view(np.int64).tolist())


def similarity(a: tuple[int, ...], b: tuple[int, ...]) -> float:
    """The estimated Jaccard similarity of two fingerprints, 0 to 1, with a standard error of at most 0.045.

    Raises ValueError where the two are not of the same length.
    """
    return sum(one == other for one, other in zip(a, b, strict=True)) / len(a) if a else 0.0
