"""Texts and aliases become token numbers, with the places of the text and of the topic's mentions kept.

No truncation happens silently: a text longer than the window is cut into overlapping chunks.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from engine.text.encoder_normalisation import EncoderText, encoder_text

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerFast

WINDOW = 256
"""Tokens of one chunk, the alias and the special tokens included."""
OVERLAP = 32
ALIAS_TOKENS = 16


@dataclass(frozen=True, kw_only=True, slots=True)
class Encoded:
    """One chunk of one text. ``offsets[i]`` are the characters of the text that token ``text_start + i`` covers;
    *mention* holds the numbers of the tokens that name the topic."""

    ids: list[int]
    text_start: int
    offsets: list[tuple[int, int]]
    mention: tuple[int, ...]

    @property
    def text_end(self) -> int:
        """The place after the text's last token in ``ids``."""
        return self.text_start + len(self.offsets)


def find_mentions(text: str, aliases: Sequence[str]) -> list[tuple[int, int]]:
    """Spans of *text* that name one of *aliases*, case ignored; in spaced scripts only whole words."""
    folded = text.casefold()
    if len(folded) != len(text):  # a few letters change length when folded; then offsets would lie
        folded = text
    spans: list[tuple[int, int]] = []
    for alias in aliases:
        wanted = alias.casefold()
        at = folded.find(wanted) if wanted else -1
        while at >= 0:
            end = at + len(wanted)
            if _stands_alone(folded, at, end):
                spans.append((at, end))
            at = folded.find(wanted, end)
    return spans


def _stands_alone(text: str, start: int, end: int) -> bool:
    def joined(left: str, right: str) -> bool:
        return left.isascii() and right.isascii() and left.isalnum() and right.isalnum()

    before = start > 0 and joined(text[start - 1], text[start])
    after = end < len(text) and joined(text[end - 1], text[end])
    return not before and not after


class TextEncoder:
    """Bulk tokenisation with any fast tokenizer of the transformers library."""

    def __init__(self, tokenizer: PreTrainedTokenizerFast, *, window: int = WINDOW) -> None:
        self._backend: Any = tokenizer.backend_tokenizer
        self._backend.no_padding()
        self._backend.no_truncation()
        self.window = min(window, tokenizer.model_max_length)
        self.pad = _number(tokenizer.pad_token_id, 0)
        self._first = _number(tokenizer.cls_token_id, tokenizer.bos_token_id)
        self._last = _number(tokenizer.sep_token_id, tokenizer.eos_token_id)
        self._alias_ids = lru_cache(maxsize=4096)(self._encode_alias)

    def _encode_alias(self, alias: str) -> list[int]:
        ids: list[int] = self._backend.encode(alias, add_special_tokens=False).ids
        return ids[:ALIAS_TOKENS]

    def encode(self, pairs: Sequence[tuple[str, Sequence[str]]]) -> list[list[Encoded]]:
        """Chunks for each (text, aliases); no aliases means that the whole text is meant. Never empty."""
        plains = [encoder_text(text) for text, _ in pairs]
        encodings = self._backend.encode_batch([made.text for made in plains], add_special_tokens=False)
        return [
            self._chunks(made, [encoder_text(alias).text for alias in aliases], encoding.ids, encoding.offsets)
            for made, (_, aliases), encoding in zip(plains, pairs, encodings, strict=True)
        ]

    def _chunks(
        self, made: EncoderText, aliases: Sequence[str], ids: list[int], offsets: list[tuple[int, int]]
    ) -> list[Encoded]:
        text, spans = made.text, find_mentions(made.text, aliases)
        prefix = [self._first]
        if aliases:
            named = text[spans[0][0] : spans[0][1]] if spans else aliases[0]
            prefix = [self._first, *self._alias_ids(named), self._last, self._last]
        room = self.window - len(prefix) - 1
        chunks = []
        for start in range(0, max(1, len(ids)), room - OVERLAP):
            part = offsets[start : start + room]
            chunks.append(
                Encoded(
                    ids=[*prefix, *ids[start : start + room], self._last],
                    text_start=len(prefix),
                    offsets=part if made.places is None else [made.origin(a, b) for a, b in part],
                    mention=tuple(
                        len(prefix) + i
                        for i, (a, b) in enumerate(part)
                        if any(a < end and b > begin for begin, end in spans)
                    ),
                )
            )
            if start + room >= len(ids):
                break
        return chunks


def _number(preferred: int | None, otherwise: int | None) -> int:
    if preferred is not None:
        return preferred
    return otherwise if otherwise is not None else 0
