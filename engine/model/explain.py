"""Which words carried a reading: each word is taken out in turn, and what then falls was carried by it.

Occlusion (Zeiler and Fergus 2014; for text Li, Monroe and Jurafsky 2016) needs nothing of the network but its answers,
so it holds for every model and every precision. It shows what the model looked at, not whether the model is right.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from engine.model.encoding import Encoded, find_mentions
from engine.post import Explanation, Mark, Polarity, Reading
from engine.text.encoder_normalisation import encoder_text
from engine.text.fingerprints import word_spans
from engine.text.stopwords import STOP_WORDS

MOST_VARIANTS = 64
TOKENS_READ = 6144
"""Tokens that one look may cost: a tweet word by word, a chunk of 256 tokens in 24 groups of words."""
FEWEST_VARIANTS = 16
REFINED = 3
"""Groups of words that are looked into word by word, for each thing that is explained."""
MOST_MARKS = 6
WEAKEST = 0.05
"""Log-odds; below it a word is not worth showing, nor below a fifth of the strongest."""
SURE = 1e-4
NEGATIONS = frozenset(
    {"不", "没", "没有", "别", "无", "未", "not", "no", "nor", "never", "don't", "isn't", "won't", "can't"}
)
"""Stop words that turn a meaning."""

Probabilities = NDArray[np.float32]
Score = Callable[[Sequence[Encoded]], Probabilities]
"""Chunks → (N, 3 + R): sentiment in the order of ``Polarity``, then the risks; calibrated, in the order given."""


@dataclass(frozen=True, kw_only=True)
class Unit:
    """Words that are taken out together: their characters, and the places of their tokens among the chunk's."""

    start: int
    end: int
    tokens: tuple[int, ...]
    names: bool = False
    says: bool = True


def explain(
    reading: Reading,
    text: str,
    chunks: Sequence[Encoded],
    aliases: Sequence[str],
    *,
    score: Score,
    risks: Sequence[str],
) -> Explanation:
    """Why *reading* says what it says of *text*, which was encoded into *chunks*.

    Of a long text the chunk that decided is explained. The topic's own name is marked only where nothing else can be.
    """
    label = reading.sentiment.label
    if not chunks:
        return Explanation(post_id=reading.post_id, label=label)
    whole = score(chunks)
    columns = {3 + risks.index(risk): risk for risk in reading.risks}
    mood = list(Polarity).index(label)
    wanted: dict[int, list[int]] = {}
    for column in (mood, *columns):
        wanted.setdefault(_decisive(whole[:, column], chunks, named=column == mood), []).append(column)
    marks: dict[int, tuple[Mark, ...]] = {}
    for place, asked in wanted.items():
        marks |= _explain_chunk(text, chunks[place], aliases, whole[place], asked, score)
    return Explanation(
        post_id=reading.post_id,
        label=label,
        sentiment=marks[mood],
        risks={risk: marks[column] for column, risk in columns.items()},
    )


def _decisive(column: Probabilities, chunks: Sequence[Encoded], *, named: bool) -> int:
    """The chunk that is surest; with *named* one that names the topic, if any does, as the sentiment is read there."""
    places = [i for i, chunk in enumerate(chunks) if chunk.mention] if named else []
    return max(places or range(len(chunks)), key=lambda i: float(column[i]))


def _explain_chunk(
    text: str, chunk: Encoded, aliases: Sequence[str], whole: Probabilities, columns: Sequence[int], score: Score
) -> Mapping[int, tuple[Mark, ...]]:
    words = units(text, chunk, aliases)
    words = [word for word in words if word.says] or [word for word in words if not word.names] or words
    limit = min(MOST_VARIANTS, max(FEWEST_VARIANTS, TOKENS_READ // len(chunk.ids)))
    groups = _grouped(words, limit)
    falls = _falls(chunk, groups, whole, score)
    if len(groups) == len(words):
        return {column: _marks(text, words, falls[:, column]) for column in columns}
    near = sorted({int(i) for column in columns for i in np.argsort(-falls[:, column])[:REFINED]})
    inner = [word for i in near for word in words if groups[i].start <= word.start < groups[i].end][:MOST_VARIANTS]
    falls = _falls(chunk, inner, whole, score)
    return {column: _marks(text, inner, falls[:, column]) for column in columns}


def units(text: str, chunk: Encoded, aliases: Sequence[str]) -> list[Unit]:
    """The words of *chunk* that own a token, in order; words that share one token are one unit."""
    found: list[Unit] = []
    made = encoder_text(text)
    names = [made.origin(*span) for span in find_mentions(made.text, [encoder_text(alias).text for alias in aliases])]
    known = made.text if made.places is None else text  # the segmenter knows simplified words
    first, last = chunk.offsets[0][0], chunk.offsets[-1][1]
    token = 0
    for start, end in ((first + a, first + b) for a, b in word_spans(known[first:last])):
        while token < len(chunk.offsets) and chunk.offsets[token][1] <= start:
            token += 1
        tokens = []
        while token < len(chunk.offsets) and chunk.offsets[token][0] < end:
            tokens.append(token)
            token += 1
        if tokens:
            named = any(start < b and end > a for a, b in names)
            says = not named and _says(text[start:end])
            found.append(Unit(start=start, end=end, tokens=tuple(tokens), names=named, says=says))
        elif found:
            found[-1] = replace(found[-1], end=end)
    return found


def _says(word: str) -> bool:
    """False for a word that would tell a person nothing, though a model may lean on it."""
    return word.casefold() not in STOP_WORDS or word.casefold() in NEGATIONS


def _grouped(words: Sequence[Unit], limit: int) -> list[Unit]:
    """At most *limit* runs of neighbouring words, of about the same length."""
    size = max(1, -(-len(words) // limit))
    runs = [words[i : i + size] for i in range(0, len(words), size)]
    return [
        Unit(start=run[0].start, end=run[-1].end, tokens=tuple(token for unit in run for token in unit.tokens))
        for run in runs
    ]


def without(chunk: Encoded, tokens: Iterable[int]) -> Encoded:
    """*chunk* with some of its tokens (places among ``offsets``) taken out."""
    gone = set(tokens)
    kept = [i for i in range(len(chunk.offsets)) if i not in gone]
    start, mention = chunk.text_start, set(chunk.mention)
    ids = [*chunk.ids[:start], *(chunk.ids[start + i] for i in kept), *chunk.ids[chunk.text_end :]]
    return Encoded(
        ids=ids,
        text_start=start,
        offsets=[chunk.offsets[i] for i in kept],
        mention=tuple(start + place for place, i in enumerate(kept) if start + i in mention),
    )


def _falls(chunk: Encoded, parts: Sequence[Unit], whole: Probabilities, score: Score) -> NDArray[np.float64]:
    """By how much the log-odds fall without each part, (N, 3 + R)."""
    variants = [without(chunk, part.tokens) for part in parts]
    falls = np.tile(_log_odds(whole), (len(parts), 1))
    left = [i for i, variant in enumerate(variants) if variant.offsets]  # of a single word nothing is left to read
    if left:
        falls[left] -= _log_odds(score([variants[i] for i in left]))
    return falls


def _log_odds(probabilities: Probabilities) -> NDArray[np.float64]:
    sure = np.clip(probabilities.astype(np.float64), SURE, 1 - SURE)
    odds: NDArray[np.float64] = np.log(sure / (1 - sure))
    return odds


def _marks(text: str, words: Sequence[Unit], falls: NDArray[np.float64]) -> tuple[Mark, ...]:
    """The strongest words in the order of the text, neighbours as one."""
    best = [int(i) for i in np.argsort(-falls, kind="stable")[:MOST_MARKS]]
    strong = [i for i in best if falls[i] >= max(WEAKEST, falls[best[0]] / 5)]
    marks: list[Mark] = []
    for i in sorted(strong):
        start, end, weight = words[i].start, words[i].end, float(falls[i])
        if marks and i - 1 in strong and not text[marks[-1].end : start].strip():
            start, weight = marks[-1].start, weight + marks.pop().weight
        marks.append(Mark(start=start, end=end, text=text[start:end], weight=weight))
    return tuple(marks)
