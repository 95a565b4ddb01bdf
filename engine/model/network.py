"""One encoder, many heads: a single pass gives sentiment, risks, entities and the story embedding.

The input is ``<s> alias </s></s> text </s>`` (or ``<s> text </s>`` without a topic). Sentiment looks at the first
token and at the tokens that mention the topic, in the manner of target-dependent classification (BERT-SPC, Song et
al. 2019); risks and the embedding look at the text alone, never at the alias.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from transformers import AutoConfig, AutoModel, PretrainedConfig, PreTrainedModel

from engine.model.entities import PARTS
from engine.post import ENTITY_TYPES, RISKS

ENTITY_TAGS = ("O", *(f"{prefix}-{kind}" for kind in ENTITY_TYPES for prefix in ("B", "I")))


class TocsinConfig(PretrainedConfig):
    """What a Tocsin network is made of; *encoder* is the configuration of any encoder of the transformers library."""

    model_type = "tocsin"

    def __init__(
        self,
        encoder: dict[str, Any] | None = None,
        risks: list[str] | None = None,
        entity_tags: list[str] | None = None,
        temperatures: dict[str, float] | None = None,
        risk_thresholds: dict[str, float] | None = None,
        embedding_layers: Sequence[int] = (),
        dropout: float = 0.1,
        **kwargs: Any,
    ) -> None:
        self.encoder = encoder or {"model_type": "bert"}
        self.risks = list(risks or RISKS)
        self.entity_tags = list(entity_tags or ENTITY_TAGS)
        self.temperatures = temperatures or {"sentiment": 1.0, "risks": 1.0}
        self.risk_thresholds = risk_thresholds or {}
        self.embedding_layers = list(embedding_layers)
        self.dropout = dropout
        super().__init__(**kwargs)

    def encoder_config(self) -> PretrainedConfig:
        """The encoder's own configuration, as Transformers knows it."""
        options = {key: value for key, value in self.encoder.items() if key != "model_type"}
        return AutoConfig.for_model(self.encoder["model_type"], **options)

    def heights(self) -> list[int]:
        """After how many layers of the encoder the story embedding looks; the last one is always among them."""
        top = int(self.encoder_config().num_hidden_layers)
        return [height for height in self.embedding_layers if height < top] + [top]


@dataclass(frozen=True, kw_only=True)
class NetworkOutput:
    """B texts of T tokens: sentiment (B, 3), risks (B, R) and entities (B, T, PARTS, tags) are logits; embedding
    (B, H) is centred and of unit length."""

    sentiment: Tensor
    risks: Tensor
    entities: Tensor
    embedding: Tensor


def masked_mean(hidden: Tensor, mask: Tensor) -> Tensor:
    """Mean of *hidden* (B, T, H) over the tokens where *mask* (B, T) is true; zeros where none is."""
    weights = mask.unsqueeze(-1).to(hidden.dtype)
    return (hidden * weights).sum(1) / weights.sum(1).clamp(min=1.0)


class TocsinNetwork(PreTrainedModel):
    """Shared encoder and four heads."""

    embedding_centre: Tensor

    config_class = TocsinConfig
    base_model_prefix = "encoder"

    def __init__(self, config: TocsinConfig) -> None:
        super().__init__(config)
        encoder_config = config.encoder_config()
        if encoder_config.model_type in {"bert", "roberta", "xlm-roberta"}:
            self.encoder = AutoModel.from_config(encoder_config, add_pooling_layer=False)
        else:
            self.encoder = AutoModel.from_config(encoder_config)
        width = encoder_config.hidden_size
        self.dropout = nn.Dropout(config.dropout)
        self.sentiment_dense = nn.Linear(3 * width, width)
        self.sentiment_head = nn.Linear(width, 3)
        self.risk_dense = nn.Linear(2 * width, width)
        self.risk_head = nn.Linear(width, len(config.risks))
        self.entity_head = nn.Linear(width, PARTS * len(config.entity_tags))
        self.embedding_head = nn.Linear(width * len(config.heights()), width, bias=False)
        self.register_buffer("embedding_centre", torch.zeros(width))
        self.post_init()

    def forward(
        self, input_ids: Tensor, attention_mask: Tensor, text_mask: Tensor, mention_mask: Tensor
    ) -> NetworkOutput:
        """All of shape (B, T). *text_mask* marks the tokens of the text, *mention_mask* those that name the topic."""
        hidden, means = self.levels(input_ids, attention_mask, text_mask)
        first, text = hidden[:, 0], means[:, -hidden.shape[-1] :]
        named = mention_mask.any(1, keepdim=True)
        mention = torch.where(named, masked_mean(hidden, mention_mask), text)
        sentiment = torch.cat([first, text, mention], dim=-1)
        risks = torch.cat([first, text], dim=-1)
        return NetworkOutput(
            sentiment=self.sentiment_head(self.dropout(torch.tanh(self.sentiment_dense(self.dropout(sentiment))))),
            risks=self.risk_head(self.dropout(torch.tanh(self.risk_dense(self.dropout(risks))))),
            entities=self.entity_head(self.dropout(hidden)).unflatten(-1, (PARTS, -1)),
            embedding=self.embed(means),
        )

    def levels(self, input_ids: Tensor, attention_mask: Tensor, text_mask: Tensor) -> tuple[Tensor, Tensor]:
        """The last layer's tokens (B, T, H), and the mean of the text's tokens at every level that the embedding looks
        at, side by side (B, levels x H); the last level is the last layer."""
        states = self.encoder(input_ids=input_ids, attention_mask=attention_mask, output_hidden_states=True)
        means = [masked_mean(states.hidden_states[height], text_mask) for height in self.config.heights()]
        return states.last_hidden_state, torch.cat(means, dim=-1)

    def embed(self, means: Tensor) -> Tensor:
        """The story embedding (B, H) of the mean text tokens (B, levels x H) at the levels it looks at."""
        return nn.functional.normalize(self.embedding_head(means) - self.embedding_centre, dim=-1)
