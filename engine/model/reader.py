"""Posts become readings: one encoder pass gives sentiment toward the topic, risks, entities and the embedding."""

from __future__ import annotations

import math
import warnings
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn
from transformers import PreTrainedTokenizerFast

from engine.model.batching import ahead, plan
from engine.model.encoding import Encoded, TextEncoder
from engine.model.entities import decode, merge
from engine.model.explain import Probabilities, explain
from engine.model.loading import DEFAULT, ModelError, load_network, model_type, pick_device
from engine.model.network import TocsinConfig
from engine.model.runners import Finish, open_runner
from engine.model.unpadded import Answers
from engine.post import Entity, Explanation, Post, Reading, Sentiment, Topic
from engine.text.language import language

MAX_CHARACTERS = 20_000
"""A post longer than this is read up to here; its text is kept whole."""
SLICE = 2048
"""Posts that are tokenised at once."""
IN_FLIGHT = 2
"""Batches that may be on the device at once: one is computed while the answers of the other are taken."""


@dataclass(frozen=True, kw_only=True)
class ChunkReading:
    """What the network said of one chunk: probabilities (3,), risks (R,), entities, embedding (H,), token count."""

    sentiment: NDArray[np.float32]
    risks: NDArray[np.float32]
    entities: list[Entity]
    embedding: NDArray[np.float32]
    tokens: int
    names_topic: bool


class Reader:
    """A loaded model. ``read`` may be called from one thread at a time."""

    def __init__(
        self,
        network: nn.Module,
        tokenizer: PreTrainedTokenizerFast,
        *,
        name: str = "",
        device: str = "auto",
        precision: str = "auto",
        token_budget: int = 0,
    ) -> None:
        self.device = pick_device(device)
        self.name = name
        self._config: TocsinConfig = network.config  # type: ignore[assignment]
        self._tags = tuple(self._config.entity_tags)
        self._risks = tuple(self._config.risks)
        self._risk_bars = np.array([self._config.risk_thresholds.get(risk, 0.5) for risk in self._risks])
        self.tokenizer = tokenizer
        self._encoder = TextEncoder(tokenizer)
        self._runner = open_runner(network.eval(), device=self.device, precision=precision, pad=self._encoder.pad)
        self.token_budget = token_budget or self._runner.token_budget

    @classmethod
    def open(cls, name: str | Path | None = None, *, device: str = "auto", precision: str = "auto") -> Reader:
        """Load the default model, a folder, or a model of the hub; raises ModelError with a plain sentence.

        *device* is ``auto``, ``cuda``, ``mps`` or ``cpu``; *precision* is one of ``runners.PRECISIONS``.
        """
        wanted = name or DEFAULT
        own = model_type(wanted) == TocsinConfig.model_type
        network, tokenizer = load_network(wanted) if own else _classifier(wanted)
        label = "tocsin-mini" if wanted == DEFAULT else str(wanted)
        reader = cls(network, tokenizer, name=label, device=device, precision=precision)
        reader.warm_up()
        return reader

    def warm_up(self) -> None:
        """Read nothing in particular, so that the first post does not wait for the device to set itself up."""
        ids = [self._encoder.pad] * 64
        self._launch([Encoded(ids=ids, text_start=1, offsets=[(0, 1)] * 62, mention=())])()

    @property
    def precision(self) -> str:
        """What the network computes in: int8, bf16 or fp32."""
        return self._runner.precision

    @property
    def layers(self) -> int:
        """Layers of the encoder; 0 where the model does not tell."""
        return int(self._config.encoder.get("num_hidden_layers", 0))

    @property
    def reads(self) -> tuple[str, ...]:
        """What this model can read, in the words of the product."""
        parts = ["sentiment", "embedding"]
        parts += ["risks"] if self._risks else []
        return tuple(parts + (["entities"] if self._tags else []))

    def read(self, pairs: Sequence[tuple[Post, Topic | None]]) -> list[Reading]:
        """One reading for each (post, topic), in order; without a topic the sentiment is the whole post's.

        The order of the pairs and their company change nothing beyond rounding. Many pairs are tokenised in slices,
        in a thread ahead of the network.
        """
        slices = [pairs[start : start + SLICE] for start in range(0, len(pairs), SLICE)]
        encoded = ahead(self.encode, slices) if len(slices) > 1 else map(self.encode, slices)
        return [
            reading for part, chunks in zip(slices, encoded, strict=True) for reading in self._read_slice(part, chunks)
        ]

    def encode(self, pairs: Sequence[tuple[Post, Topic | None]]) -> list[list[Encoded]]:
        """The chunks of each pair, as the network will see them."""
        texts = [post.body[:MAX_CHARACTERS] for post, _ in pairs]
        names = [(topic.aliases or (topic.name,)) if topic else () for _, topic in pairs]
        return self._encoder.encode(list(zip(texts, names, strict=True)))

    def _read_slice(
        self, pairs: Sequence[tuple[Post, Topic | None]], encoded: Sequence[Sequence[Encoded]]
    ) -> list[Reading]:
        texts = [post.body[:MAX_CHARACTERS] for post, _ in pairs]
        chunks = [(number, chunk) for number, parts in enumerate(encoded) for chunk in parts if chunk.offsets]
        said: list[list[ChunkReading]] = [[] for _ in pairs]
        for place, reading in self._read_chunks(chunks, texts):
            said[chunks[place][0]].append(reading)
        return [self._combine(post, text, parts) for (post, _), text, parts in zip(pairs, texts, said, strict=True)]

    def _read_chunks(
        self, chunks: Sequence[tuple[int, Encoded]], texts: Sequence[str]
    ) -> Iterator[tuple[int, ChunkReading]]:
        """(place, reading) of every chunk; the next batch is launched before the answers of the last are taken."""
        waiting = deque(plan([len(chunk.ids) for _, chunk in chunks], self.token_budget))
        launched: deque[tuple[list[int], Finish]] = deque()
        while waiting or launched:
            if waiting and len(launched) < IN_FLIGHT:
                group = waiting.popleft()
                try:
                    launched.append((group, self._launch([chunks[place][1] for place in group])))
                except torch.OutOfMemoryError as error:
                    tokens = len(group) * max(len(chunks[place][1].ids) for place in group)
                    waiting.extendleft(reversed(self._halved(group, tokens, error)))
                continue
            group, finish = launched.popleft()
            yield from zip(group, self._readings(finish(), [chunks[place] for place in group], texts), strict=True)

    def _halved(self, group: list[int], tokens: int, error: Exception) -> list[list[int]]:
        """*group*, a batch of *tokens*, in two halves, and no batch as large from now on; raises ModelError where
        nothing is left to halve."""
        if len(group) == 1:
            raise ModelError("model.memory") from error
        self.token_budget = min(self.token_budget, max(1, tokens // 2))
        torch.cuda.empty_cache()
        warnings.warn(
            f"The graphics memory was too small for a batch; from now on a batch has {self.token_budget} tokens.",
            RuntimeWarning,
            stacklevel=2,
        )
        middle = len(group) // 2
        return [group[:middle], group[middle:]]

    @torch.inference_mode()
    def _launch(self, chunks: Sequence[Encoded]) -> Finish:
        return self._runner.launch(chunks)

    def explain(self, post: Post, topic: Topic | None = None) -> Explanation:
        """Which words of *post* carried its sentiment and each risk that was found, see ``engine.model.explain``."""
        text, names = post.body[:MAX_CHARACTERS], (topic.aliases or (topic.name,)) if topic else ()
        (chunks,) = self._encoder.encode([(text, names)])

        def score(variants: Sequence[Encoded]) -> Probabilities:
            said = np.zeros((len(variants), 3 + len(self._risks)), dtype=np.float32)
            for place, part in self._read_chunks([(0, variant) for variant in variants], [text]):
                said[place] = np.concatenate([part.sentiment, part.risks])
            return said

        reading = self.read([(post, topic)])[0]
        whole = [chunk for chunk in chunks if chunk.offsets]
        return explain(reading, text, whole, names, score=score, risks=self._risks)

    def _readings(
        self, answers: Answers, batch: Sequence[tuple[int, Encoded]], texts: Sequence[str]
    ) -> list[ChunkReading]:
        heat = self._config.temperatures
        sentiment = (answers.sentiment / heat.get("sentiment", 1.0)).softmax(-1).numpy()
        risks = (answers.risks / heat.get("risks", 1.0)).sigmoid().numpy()
        embedding = answers.embedding.numpy()
        entities = self._entities(answers, batch, texts)
        return [
            ChunkReading(
                sentiment=sentiment[row],
                risks=risks[row],
                entities=entities[row],
                embedding=embedding[row],
                tokens=len(chunk.offsets),
                names_topic=bool(chunk.mention),
            )
            for row, (_, chunk) in enumerate(batch)
        ]

    def _entities(
        self, answers: Answers, batch: Sequence[tuple[int, Encoded]], texts: Sequence[str]
    ) -> list[list[Entity]]:
        if not self._tags:
            return [[] for _ in batch]
        scores = answers.entities.numpy()
        ends = accumulate(len(chunk.offsets) for _, chunk in batch)
        return [
            decode(texts[number], scores[end - len(chunk.offsets) : end], chunk.offsets, self._tags)
            for (number, chunk), end in zip(batch, ends, strict=True)
        ]

    def _combine(self, post: Post, text: str, parts: Sequence[ChunkReading]) -> Reading:
        lang = post.lang or language(text)
        if not parts:
            return Reading(post_id=post.id, lang=lang, sentiment=Sentiment(negative=0.0, neutral=1.0, positive=0.0))
        whole = parts[0] if len(parts) == 1 else _joined(parts)
        negative, neutral, positive = whole.sentiment.tolist()
        found = np.flatnonzero(whole.risks >= self._risk_bars)
        return Reading(
            post_id=post.id,
            lang=lang,
            sentiment=Sentiment(negative=negative, neutral=neutral, positive=positive),
            risks={self._risks[place]: float(whole.risks[place]) for place in found},
            entities=merge([part.entities for part in parts]),
            embedding=_unit(whole.embedding),
        )


def _unit(vector: NDArray[np.floating]) -> NDArray[np.float32]:
    length = math.sqrt(float(vector @ vector))  # a network in bfloat16 is some thousandths off
    return (vector / max(length, 1e-9)).astype(np.float32)


def _joined(parts: Sequence[ChunkReading]) -> ChunkReading:
    """What several chunks of one post say together; its entities are merged elsewhere."""
    named = [part for part in parts if part.names_topic] or list(parts)
    return ChunkReading(
        sentiment=np.average([part.sentiment for part in named], axis=0, weights=[part.tokens for part in named]),
        risks=np.max([part.risks for part in parts], axis=0),
        entities=[],
        embedding=np.sum([part.embedding * part.tokens for part in parts], axis=0),
        tokens=sum(part.tokens for part in parts),
        names_topic=any(part.names_topic for part in parts),
    )


def _classifier(name: str | Path) -> tuple[nn.Module, PreTrainedTokenizerFast]:
    from engine.model.classifier import load_classifier  # half a second that a Tocsin model need not wait for

    return load_classifier(name)
