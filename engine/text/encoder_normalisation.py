"""Text as the encoder sees it: traditional characters simplified, full-width letters narrow, nothing hidden or shouted.

The same words then give the same reading however they are written, and a topic is found by its name in either script.
Each character stays where it was or is left out, so there is always a way back. The table of ``simplified.txt`` (the
traditional characters, then their simplified ones) holds the single characters of OpenCC's dictionaries (Apache-2.0).
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

_TRADITIONAL, _SIMPLIFIED = Path(__file__).with_name("simplified.txt").read_text(encoding="utf-8").split()
SIMPLIFIED = str.maketrans(_TRADITIONAL, _SIMPLIFIED)
"""Each traditional character → its simplified one, as ``str.translate`` takes it."""

_NARROW = {0xFF00 + code - 0x20: code for code in (*range(0x30, 0x3A), *range(0x41, 0x5B), *range(0x61, 0x7B))}
_TABLE = SIMPLIFIED | _NARROW

_SMALL = {code: code + 0x20 for code in range(0x41, 0x5B)}
SHOUT = 16
"""Characters; a shorter text in capitals may be a name."""

_CONTROLS = {*range(0x09), *range(0x0E, 0x20), 0x7F}
_INVISIBLE = {0xAD, 0x200B, 0x200E, 0x200F, 0xFEFF, *range(0x202A, 0x202F), *range(0x2060, 0x206A)}
_BROKEN = set(range(0xD800, 0xE000))
_HIDDEN = frozenset(map(chr, _CONTROLS | _INVISIBLE | _BROKEN))
"""Control characters, soft hyphens, zero-width spaces, direction marks and halves of characters, on which tokenizers
fail; what joins emoji and letters stays."""
_SPECIAL = _HIDDEN | frozenset(map(chr, _TABLE))


@dataclass(frozen=True, kw_only=True, slots=True)
class EncoderText:
    """*text* made plain; ``places[i]`` is where its character i stands in the original, None = just there."""

    text: str
    places: tuple[int, ...] | None = None

    def origin(self, start: int, end: int) -> tuple[int, int]:
        """The span of the original that ``text[start:end]`` came from."""
        if self.places is None or start >= end:
            return start, end
        return self.places[start], self.places[end - 1] + 1


def encoder_text(text: str) -> EncoderText:
    """*text* as the encoder should see it: no hidden characters, simplified, not shouted; with the way back to the
    places in *text*."""
    if _SPECIAL.isdisjoint(text):
        return EncoderText(text=_calm(text))
    if _HIDDEN.isdisjoint(text):
        return EncoderText(text=_calm(text.translate(_TABLE)))
    places = tuple(place for place, char in enumerate(text) if char not in _HIDDEN)
    return EncoderText(text=_calm("".join(text[place] for place in places).translate(_TABLE)), places=places)


def simplified(text: str) -> str:
    """*text* with its traditional characters simplified, each where it stood."""
    return text if _SPECIAL.isdisjoint(text) else text.translate(_TABLE)


def _calm(text: str) -> str:
    """A whole text in capitals in small letters: an encoder has hardly seen words of capitals."""
    shouted = len(text) >= SHOUT and text.isupper() and 2 * sum(map(str.isupper, text)) > len(text)
    return text.translate(_SMALL) if shouted else text
