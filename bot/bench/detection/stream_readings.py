"""Readings of a stream's posts, kept in a file of the cache folder: the encoder is asked once for each model."""

from __future__ import annotations

import hashlib
import json
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path

import numpy as np

from bot.config.environment import Environment
from bot.models.registry import open_reader, resolve
from engine.post import Entity, Post, Reading, Sentiment, Topic

AT_ONCE = 512

Read = Callable[[Sequence[Post], Topic], list[Reading]]
"""What gives one reading for each of some posts toward a topic."""


def cached(
    posts: Sequence[Post], topic: Topic, *, folder: Path | None = None, read: Read | None = None
) -> list[Reading]:
    """One reading for each of *posts* toward *topic*, from *folder* (in the system's temporary one by default).

    What is not there yet is read by the model in use, or by *read*. Another model or precision is another file.
    """
    place = (folder or Path(tempfile.gettempdir()) / "tocsin-bench") / f"{_key(posts, topic)}.npz"
    if not place.is_file():
        _write(place, (read or by_model)(posts, topic))
    return _load(place, posts)


def _key(posts: Sequence[Post], topic: Topic) -> str:
    from engine.model.loading import DEFAULT

    environment = Environment()
    model = resolve(environment=environment)
    digest = hashlib.sha256(repr((model, environment.precision)).encode())
    for path in sorted(Path(model or DEFAULT).glob("*.safetensors")):  # none, where it is a name of the hub
        digest.update(path.read_bytes())
    digest.update(repr((topic.name, topic.aliases, [(post.id, post.body) for post in posts])).encode())
    return digest.hexdigest()[:24]


def by_model(posts: Sequence[Post], topic: Topic) -> list[Reading]:
    """What the model in use makes of *posts*."""
    reader = open_reader()
    parts = (posts[n : n + AT_ONCE] for n in range(0, len(posts), AT_ONCE))
    return [reading for part in parts for reading in reader.read([(post, topic) for post in part])]


def _write(place: Path, readings: Sequence[Reading]) -> None:
    place.parent.mkdir(parents=True, exist_ok=True)
    plain = [
        [each.lang, asdict(each.sentiment), dict(each.risks), [asdict(entity) for entity in each.entities]]
        for each in readings
    ]
    vectors = np.stack([np.zeros(1) if each.embedding is None else each.embedding for each in readings])
    part = place.with_suffix(".part.npz")
    np.savez_compressed(part, plain=np.array(json.dumps(plain)), vectors=vectors.astype(np.float32))
    part.replace(place)


def _load(place: Path, posts: Sequence[Post]) -> list[Reading]:
    with np.load(place) as kept:
        plain, vectors = json.loads(str(kept["plain"])), kept["vectors"]
    return [
        Reading(
            post_id=post.id,
            lang=lang,
            sentiment=Sentiment(**sentiment),
            risks=risks,
            entities=tuple(Entity(**entity) for entity in entities),
            embedding=vector,
        )
        for post, (lang, sentiment, risks, entities), vector in zip(posts, plain, vectors, strict=True)
    ]
