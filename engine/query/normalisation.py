"""Text as the query language sees it: one form for all ways of writing it, with a way back.

Case, width, accents, traditional characters and hidden characters do not count; nor do the signs that join words
(space, hyphen, middle dot), for which there is a second form without them. Only comparing happens here; what people
read is never folded. Every folded character remembers which characters of the original it came from, so that a hit
can be shown where it stands.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import cached_property, lru_cache

from engine.text.encoder_normalisation import SIMPLIFIED

# One character with the marks that belong to it; half-width kana carry theirs as characters of their own.
CLUSTER = re.compile(r".[\u0300-\u036f\u3099\u309a\uff9e\uff9f\ufe00-\ufe0f]*", re.DOTALL)
TAG = re.compile(r"[#@＃＠][^\W_]+")
HUMP = re.compile(r"(?<=[^\W\d_A-Z]{2})(?=[A-Z])")

DOT = "\u00b7"
ALIKE = str.maketrans(
    {
        **dict.fromkeys("‘’ʼ′`´", "'"),
        **dict.fromkeys("“”„«»", '"'),
        **dict.fromkeys("‐‑‒–—―−", "-"),
        **dict.fromkeys("•‧∙⋅・･\u2022", DOT),
    }
)
SEPARATORS = f" -_'{DOT}"
"""What may stand between the parts of a name, or not."""

_JOINED = str.maketrans(dict.fromkeys(SEPARATORS))

UNSPACED = re.compile(
    "["
    "\u0e00-\u0eff"  # Thai, Lao
    "\u0f00-\u109f"  # Tibetan, Burmese
    "\u1100-\u11ff\u3130-\u318f\uac00-\ud7ff"  # Hangul: spaced, but particles hang on to the word
    "\u1780-\u17ff"  # Khmer
    "\u2e80-\u2fdf\u3005-\u3007\u3021-\u3029\u3031-\u303c\u3040-\u312f\u3190-\u31ff"  # kana, bopomofo
    "\u3400-\u9fff\uf900-\ufaff\U0001b000-\U0001b16f\U00020000-\U0003ffff"  # Han
    "]"
)


@dataclass(frozen=True, kw_only=True)
class NormalisedText:
    """*text* folded; ``starts[i]`` and ``ends[i]`` say which slice of the original became ``text[i]``.

    *breaks* are the places inside a hash tag or handle where a new word begins (#BoycottXibei).
    """

    text: str
    starts: list[int] | range
    ends: list[int] | range
    breaks: frozenset[int] = frozenset()

    def origin(self, start: int, end: int) -> tuple[int, int]:
        """The slice of the original that became ``text[start:end]``; the slice must not be empty."""
        return self.starts[start], self.ends[end - 1]

    def bounded(self, place: int) -> bool:
        """True unless *place* lies inside a word of a script that puts spaces between words."""
        if place <= 0 or place >= len(self.text):
            return True
        return place in self.breaks or not (spelled(self.text[place - 1]) and spelled(self.text[place]))

    @cached_property
    def joined(self) -> str:
        """*text* without what may stand between the parts of a name."""
        return joined(self.text)

    @cached_property
    def places(self) -> list[int] | range:
        """Where each character of ``joined`` stands in *text*."""
        if len(self.joined) == len(self.text):
            return range(len(self.text))
        return [place for place, char in enumerate(self.text) if char not in SEPARATORS]


def joined(text: str) -> str:
    """Folded *text* without what may stand between the parts of a name."""
    return text.translate(_JOINED)


@lru_cache(maxsize=4096)
def spelled(char: str) -> bool:
    """True if *char* is part of a word in a script that puts spaces between words."""
    return unicodedata.category(char)[0] in "LNM" and not UNSPACED.match(char)


@lru_cache(maxsize=16384)
def fold_cluster(cluster: str) -> str:
    """One character with its marks, folded: mostly one character, two for "ﬁ", none for a zero-width one."""
    text = unicodedata.normalize("NFKC", cluster.translate(ALIKE)).casefold()
    parts = unicodedata.normalize("NFD", text)
    if parts[:1].isascii():  # Nestlé is Nestle, but が is not か
        parts = "".join(char for char in parts if not unicodedata.combining(char))
    text = unicodedata.normalize("NFKC", parts).translate(ALIKE).translate(SIMPLIFIED)
    return "".join(" " if char.isspace() else char for char in text if not (hidden(char) or _tint(char)))


def hidden(char: str) -> bool:
    """True for what nobody sees: control and zero-width characters, variation selectors."""
    if unicodedata.category(char) in ("Cc", "Cf", "Cs"):
        return not char.isspace()
    return "\ufe00" <= char <= "\ufe0f" or char == "\u034f"


def _tint(char: str) -> bool:
    """True for the colour of a hand in an emoji."""
    return "\U0001f3fb" <= char <= "\U0001f3ff"


def normalised(text: str) -> NormalisedText:
    """Fold *text* for comparing: NFKC, no case, no accents on Latin letters, white space as single spaces."""
    chars: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    for found in CLUSTER.finditer(text):
        start, end = found.span()
        for char in fold_cluster(found.group()):
            if char == " " and chars and chars[-1] == " ":
                continue
            chars.append(char)
            starts.append(start)
            ends.append(end)
    return NormalisedText(text="".join(chars), starts=starts, ends=ends, breaks=_breaks(text, starts))


def _breaks(text: str, starts: list[int]) -> frozenset[int]:
    """Where words begin inside the hash tags and handles of *text*, as places in the folded text."""
    humps = {tag.start() + hump.start() for tag in TAG.finditer(text) for hump in HUMP.finditer(tag.group())}
    return frozenset(place for place, start in enumerate(starts) if start in humps) if humps else frozenset()


def as_written(text: str, *, case: bool) -> str:
    """*text* with its accents, hyphens and characters as they are, but for width and what nobody sees."""
    plain = unicodedata.normalize("NFKC", text.translate(ALIKE))
    plain = "".join(char for char in plain if not hidden(char))
    return " ".join((plain if case else plain.casefold()).split())
