"""Why a post was read as it was: asked by a person's click, answered by a worker, since only workers own a model.

Names of rows and places of words travel through Redis, never a text. Nothing here must survive: what is lost is asked
for again, and asking twice is answered once.
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

import redis
import structlog

from bot.infra.error_location import where
from bot.infra.stream import plainly, text_of
from bot.records import Ref
from engine.post import Explanation, Mark, Polarity, Post, Topic

if TYPE_CHECKING:
    from bot.store import Store

QUEUE = "tocsin:why"
PATIENCE_S = 20.0
"""A worker that is in the middle of a large batch answers after it."""
LOOK_EVERY_S = 0.1
KEPT_S = 600
"""An answer is kept so long: several people click on one post, but the model may be changed."""

log = structlog.get_logger("tocsin.why")


@runtime_checkable
class ExplainingReader(Protocol):
    """What is needed of ``engine.model.Reader``."""

    def explain(self, post: Post, topic: Topic) -> Explanation: ...


class ExplanationClient:
    """The asking side. Safe in threads; ``why`` takes up to *patience* seconds."""

    def __init__(self, client: redis.Redis, *, patience: float = PATIENCE_S) -> None:
        self._redis, self._patience = client, patience

    def why(self, post: Post, topic_id: int) -> Explanation | None:
        """Why *post* is read as it is; None if no worker could say in time. StreamError when Redis cannot be used."""
        ref = Ref(post.id, topic_id)
        with plainly():
            found = self._redis.get(_answer(ref))
            if found is None and self._redis.set(_asked(ref), "1", nx=True, px=int(self._patience * 1000)):
                self._redis.rpush(QUEUE, json.dumps([ref.post_id, ref.topic_id]))
            until = time.monotonic() + self._patience
            while found is None and time.monotonic() < until:
                time.sleep(LOOK_EVERY_S)
                found = self._redis.get(_answer(ref))
        answer = json.loads(text_of(found)) if found is not None else {}
        if "label" not in answer:
            log.warning("unexplained", post=post.id, topic=topic_id, fault=answer.get("fault", "no worker answered"))
            return None
        return _explanation(post, answer)


class ExplanationServer:
    """The answering side, for the thread that owns the reader."""

    def __init__(self, store: Store, client: redis.Redis, reader: object) -> None:
        self._store, self._redis, self._reader = store, client, reader

    def tick(self) -> int:
        """Answer one question, if there is one that somebody still waits for; how many were answered."""
        with plainly():
            taken = self._redis.lpop(QUEUE)
            if not isinstance(taken, (bytes, str)):
                return 0
            post_id, topic_id = json.loads(text_of(taken))
            ref = Ref(str(post_id), int(topic_id))
            if not self._redis.exists(_asked(ref)):
                return 0
            told = self._explained(ref)
            self._redis.set(_answer(ref), json.dumps(told), ex=KEPT_S if "label" in told else 1)
            self._redis.delete(_asked(ref))
        return 1

    def _explained(self, ref: Ref) -> Mapping[str, Any]:
        record, posts = self._store.topics.get(ref.topic_id), self._store.posts.get([ref.post_id])
        if record is None or not posts:
            return {"fault": "The post or its topic is gone."}
        if not isinstance(self._reader, ExplainingReader):
            return {"fault": "This model cannot explain itself."}
        try:
            return _told(self._reader.explain(posts[0], record.topic))
        except Exception as error:  # whatever a model throws: the worker has other things to do
            log.warning("not_explained", post=ref.post_id, topic=ref.topic_id, error=where(error))
            return {"fault": "The model could not explain it."}


def _told(explanation: Explanation) -> Mapping[str, Any]:
    """Without the words themselves: they stand in the store."""
    return {
        "label": explanation.label.value,
        "sentiment": _places(explanation.sentiment),
        "risks": {risk: _places(marks) for risk, marks in explanation.risks.items()},
    }


def _places(marks: Sequence[Mark]) -> list[list[float]]:
    return [[mark.start, mark.end, round(mark.weight, 4)] for mark in marks]


def _explanation(post: Post, told: Mapping[str, Any]) -> Explanation:
    def marks(places: Sequence[Sequence[float]]) -> tuple[Mark, ...]:
        return tuple(
            Mark(start=int(start), end=int(end), text=post.body[int(start) : int(end)], weight=float(weight))
            for start, end, weight in places
        )

    return Explanation(
        post_id=post.id,
        label=Polarity(told["label"]),
        sentiment=marks(told["sentiment"]),
        risks={risk: marks(places) for risk, places in told["risks"].items()},
    )


def _answer(ref: Ref) -> str:
    return f"{QUEUE}:{ref.topic_id}:{ref.post_id}"


def _asked(ref: Ref) -> str:
    return f"{_answer(ref)}:asked"
