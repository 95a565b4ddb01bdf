"""Readings kept in a file, so that the encoder reads each post once however often a history is tested."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable, Sequence
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np

from bot.errors import LocalisedError
from bot.ports import PostReader
from engine.post import Post, Reading, Sentiment, Topic


def remembering(file: Path | None) -> CachingReader:
    """The model in use, with what *file* remembers of it."""
    from bot.models.registry import open_reader, resolve

    model = resolve()
    return CachingReader(open_reader, file, model=_fingerprint(model) if file is not None else "")


def _fingerprint(model: str | None) -> str:
    """What tells one model from another: its weights; of a model of the hub, its name."""
    folder = Path(model) if model else Path(str(resources.files("engine").joinpath("weights")))
    weights = folder / "model.safetensors"
    return hashlib.sha256(weights.read_bytes()).hexdigest() if weights.is_file() else str(model)


class CachingReader:
    """Reads with the model that *open_reader* opens, but for what is in *file* already; adds what it reads.

    A reading is known by the model, the text and the names of the topic: another model reads anew. Without a
    file it remembers nothing. Raises LocalisedError if the file holds something else or cannot be written.
    """

    def __init__(self, open_reader: Callable[[], PostReader], file: Path | None, *, model: str = "") -> None:
        self._open, self._file, self._model = open_reader, file, model
        self._reader: PostReader | None = None
        self._known = dict(_load(file)) if file is not None and file.exists() else {}

    def read(self, pairs: Sequence[tuple[Post, Topic]]) -> list[Reading]:
        if self._file is None:
            return list(self._opened().read(pairs))
        keys = [self._key(post, topic) for post, topic in pairs]
        missing = {key: pair for key, pair in zip(keys, pairs, strict=True) if key not in self._known}
        if missing:
            fresh = self._opened().read(list(missing.values()))
            self._keep(dict(zip(missing, map(_plain, fresh), strict=True)))
        return [_reading(post.id, self._known[key]) for key, (post, _) in zip(keys, pairs, strict=True)]

    def _opened(self) -> PostReader:
        self._reader = self._reader or self._open()
        return self._reader

    def _key(self, post: Post, topic: Topic) -> str:
        told = "\x1f".join([self._model, post.body, post.lang, topic.name, *topic.aliases])
        return hashlib.sha256(told.encode("utf-8", "replace")).hexdigest()[:32]

    def _keep(self, fresh: dict[str, dict[str, Any]]) -> None:
        assert self._file is not None
        lines = [json.dumps({"key": key, **plain}, ensure_ascii=False) + "\n" for key, plain in fresh.items()]
        try:
            with self._file.open("a", encoding="utf-8") as file:
                file.writelines(lines)
        except OSError as error:
            raise LocalisedError("history.unwritable_cache", path=self._file, why=error.strerror) from None
        self._known |= fresh


def _load(file: Path) -> list[tuple[str, dict[str, Any]]]:
    found = []
    with file.open(encoding="utf-8") as lines:
        for number, line in enumerate(lines, 1):
            try:
                plain = json.loads(line)
                found.append((str(plain["key"]), plain))
                _reading("", plain)
            except (ValueError, KeyError, TypeError) as error:
                raise LocalisedError("history.no_reading", path=file, line=str(number)) from error
    return found


def _plain(reading: Reading) -> dict[str, Any]:
    mood, vector = reading.sentiment, reading.embedding
    return {
        "lang": reading.lang,
        "sentiment": [round(each, 5) for each in (mood.negative, mood.neutral, mood.positive)],
        "risks": {risk: round(probability, 5) for risk, probability in reading.risks.items()},
        "embedding": None if vector is None else base64.b64encode(vector.astype("<f2").tobytes()).decode(),
    }


def _reading(post_id: str, plain: dict[str, Any]) -> Reading:
    negative, neutral, positive = plain["sentiment"]
    packed = plain["embedding"]
    return Reading(
        post_id=post_id,
        lang=plain["lang"],
        sentiment=Sentiment(negative=negative, neutral=neutral, positive=positive),
        risks=dict(plain["risks"]),
        embedding=None if packed is None else np.frombuffer(base64.b64decode(packed), "<f2").astype(np.float32),
    )
