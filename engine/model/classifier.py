"""Any sequence classifier of the hub as a network: it reads sentiment and an embedding, no risks and no entities."""

from __future__ import annotations

from pathlib import Path

import torch
from torch import Tensor, nn
from transformers import AutoModelForSequenceClassification, AutoTokenizer, PreTrainedTokenizerFast

from engine.model.entities import PARTS
from engine.model.loading import ModelError, load_tokenizer
from engine.model.network import NetworkOutput, TocsinConfig, masked_mean

WORDS = {
    "negative": 0, "neg": 0, "1 star": 0, "2 stars": 0, "very negative": 0,
    "neutral": 1, "neu": 1, "3 stars": 1,
    "positive": 2, "pos": 2, "4 stars": 2, "5 stars": 2, "very positive": 2,
}  # fmt: skip
"""Names that published classifiers give to their labels → our order."""


class ClassifierNetwork(nn.Module):
    """The same call as ``TocsinNetwork``; labels that mean the same polarity are added up."""

    def __init__(self, name: str | Path) -> None:
        super().__init__()
        try:
            self.classifier = AutoModelForSequenceClassification.from_pretrained(str(name), dtype=torch.float32)
        except (OSError, ValueError) as error:
            raise ModelError("model.classifier", name=name, why=error) from error
        self.config = TocsinConfig(risks=[], entity_tags=[])
        self.config.risks, self.config.entity_tags = [], []
        self._columns = self._polarities(name)

    def _polarities(self, name: str | Path) -> list[list[int]]:
        labels = {number: str(label).casefold() for number, label in self.classifier.config.id2label.items()}
        unknown = [label for label in labels.values() if label not in WORDS]
        if unknown or len(labels) < 2:
            raise ModelError("model.labels", name=name, label=(unknown or ["?"])[0])
        return [[number for number, label in labels.items() if WORDS[label] == polarity] for polarity in range(3)]

    def forward(
        self, input_ids: Tensor, attention_mask: Tensor, text_mask: Tensor, mention_mask: Tensor
    ) -> NetworkOutput:
        """See ``TocsinNetwork.forward``; risks are (B, 0) and entities (B, T, PARTS, 0)."""
        output = self.classifier(input_ids=input_ids, attention_mask=attention_mask, output_hidden_states=True)
        logits = output.logits.float().log_softmax(-1)
        floor = logits.new_full((logits.shape[0],), -12.0)  # a classifier of two labels has no neutral
        columns = [logits[:, part].logsumexp(-1) if part else floor for part in self._columns]
        hidden = output.hidden_states[-1]
        return NetworkOutput(
            sentiment=torch.stack(columns, dim=-1),
            risks=logits.new_zeros(len(logits), 0),
            entities=logits.new_zeros(*input_ids.shape, PARTS, 0),
            embedding=nn.functional.normalize(masked_mean(hidden, text_mask), dim=-1),
        )


def load_classifier(name: str | Path) -> tuple[ClassifierNetwork, PreTrainedTokenizerFast]:
    """The sentiment classifier called *name*, in evaluation mode, and its tokenizer. Raises ModelError."""
    return ClassifierNetwork(name).eval(), load_tokenizer(name, AutoTokenizer)
