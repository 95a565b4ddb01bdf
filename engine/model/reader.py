"""Posts become readings: one encoder pass gives sentiment toward the topic, risks, entities and the embedding."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn
from transformers import PreTrainedTokenizerFast

from engine.model.batching import TOKEN_BUDGET, plan, tensors
from engine.model.classifier import load_classifier
from engine.model.encoding import Encoded, TextEncoder
from engine.model.entities import decode, merge
from engine.model.loading import DEFAULT, load_network, model_type, pick_device
from engine.model.network import NetworkOutput, TocsinConfig
from engine.post import Entity, Post, Reading, Sentiment, Topic
from engine.text import language

MAX_CHARACTERS = 20_000
"""A post longer than this is read up to here; its text is kept whole."""


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
        token_budget: int = TOKEN_BUDGET,
    ) -> None:
        self.device = pick_device(device)
        self.name = name
        self.token_budget = token_budget
        self._config: TocsinConfig = network.config  # type: ignore[assignment]
        self._half = self.device.type == "cuda"
        self._network = network.to(self.device, torch.bfloat16 if self._half else torch.float32).eval()
        self._encoder = TextEncoder(tokenizer)

    @classmethod
    def open(cls, name: str | Path | None = None, *, device: str = "auto") -> Reader:
        """Load the default model, a folder, or a model of the hub; raises ModelError with a plain sentence."""
        wanted = name or DEFAULT
        own = model_type(wanted) == TocsinConfig.model_type
        network, tokenizer = load_network(wanted) if own else load_classifier(wanted)
        label = "tocsin-mini" if wanted == DEFAULT else str(wanted)
        return cls(network, tokenizer, name=label, device=device)

    @property
    def reads(self) -> tuple[str, ...]:
        """What this model can read, in the words of the product."""
        parts = ["sentiment", "embedding"]
        parts += ["risks"] if self._config.risks else []
        return tuple(parts + (["entities"] if self._config.entity_tags else []))

    def read(self, pairs: Sequence[tuple[Post, Topic | None]]) -> list[Reading]:
        """One reading for each (post, topic), in order; without a topic the sentiment is the whole post's.

        The order of the pairs and their company change nothing beyond rounding.
        """
        texts = [post.body[:MAX_CHARACTERS] for post, _ in pairs]
        names = [(topic.aliases or (topic.name,)) if topic else () for _, topic in pairs]
        encoded = self._encoder.encode(list(zip(texts, names, strict=True)))
        chunks = [(number, chunk) for number, parts in enumerate(encoded) for chunk in parts if chunk.offsets]
        said: list[list[ChunkReading]] = [[] for _ in pairs]
        for group in plan([len(chunk.ids) for _, chunk in chunks], self.token_budget):
            for place, reading in zip(group, self._read_batch([chunks[i] for i in group], texts), strict=True):
                said[chunks[place][0]].append(reading)
        return [self._combine(post, text, parts) for (post, _), text, parts in zip(pairs, texts, said, strict=True)]

    @torch.inference_mode()
    def _read_batch(self, batch: Sequence[tuple[int, Encoded]], texts: Sequence[str]) -> list[ChunkReading]:
        inputs = tensors([chunk for _, chunk in batch], pad=self._encoder.pad, device=self.device)
        output: NetworkOutput = self._network(**inputs)
        heat = self._config.temperatures
        sentiment = (output.sentiment.float() / heat.get("sentiment", 1.0)).softmax(-1).cpu().numpy()
        risks = (output.risks.float() / heat.get("risks", 1.0)).sigmoid().cpu().numpy()
        embedding = output.embedding.float().cpu().numpy()
        entities = self._entities(output, batch, texts)
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
        self, output: NetworkOutput, batch: Sequence[tuple[int, Encoded]], texts: Sequence[str]
    ) -> list[list[Entity]]:
        if not self._config.entity_tags:
            return [[] for _ in batch]
        scores, best = output.entities.float().softmax(-1).max(-1)
        names = self._config.entity_tags
        found = []
        for row, (number, chunk) in enumerate(batch):
            inside = slice(chunk.text_start, chunk.text_end)
            tags = [names[tag] for tag in best[row, inside].tolist()]
            found.append(decode(texts[number], tags, scores[row, inside].tolist(), chunk.offsets))
        return found

    def _combine(self, post: Post, text: str, parts: Sequence[ChunkReading]) -> Reading:
        lang = post.lang or language(text)
        if not parts:
            return Reading(post_id=post.id, lang=lang, sentiment=Sentiment(negative=0.0, neutral=1.0, positive=0.0))
        named = [part for part in parts if part.names_topic] or list(parts)
        weights = np.array([part.tokens for part in named], dtype=np.float32)
        negative, neutral, positive = np.average([part.sentiment for part in named], axis=0, weights=weights)
        risks = np.max([part.risks for part in parts], axis=0)
        vector = np.sum([part.embedding * part.tokens for part in parts], axis=0)
        return Reading(
            post_id=post.id,
            lang=lang,
            sentiment=Sentiment(negative=float(negative), neutral=float(neutral), positive=float(positive)),
            risks={
                risk: float(probability)
                for risk, probability in zip(self._config.risks, risks, strict=True)
                if probability >= self._config.risk_thresholds.get(risk, 0.5)
            },
            entities=merge([part.entities for part in parts]),
            embedding=(vector / max(float(np.linalg.norm(vector)), 1e-9)).astype(np.float32),
        )
