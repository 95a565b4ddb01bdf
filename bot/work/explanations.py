"""Why a post was read as it was: asked by a person's click, answered by a worker, since only workers own a model.

Names of rows and places of words travel, never a text.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import structlog

from bot.infra.error_trail import log_unexpected
from bot.ports import ExplainingReader, Replies, Requests
from bot.records import Ref
from engine.post import Explanation, Mark, Polarity, Post

if TYPE_CHECKING:
    from bot.store import Store

QUEUE = "tocsin:why"
KEPT_S = 600
"""An answer is kept so long: several people click on one post, but the model may be changed."""

log = structlog.get_logger("tocsin.why")


class ExplanationClient:
    """The asking side. Safe in threads; ``why`` takes as long as *requests* have patience."""

    def __init__(self, requests: Requests) -> None:
        self._requests = requests

    def why(self, post: Post, topic_id: int) -> Explanation | None:
        """Why *post* is read as it is; None if no worker could say in time. StreamError when Redis cannot be used."""
        found = self._requests.ask(_request(Ref(post.id, topic_id)))
        answer = json.loads(found) if found is not None else {}
        if "label" not in answer:
            log.warning("unexplained", post=post.id, topic=topic_id, fault=answer.get("fault", "no worker answered"))
            return None
        return _explanation(post, answer)


class ExplanationServer:
    """The answering side, for the thread that owns the reader."""

    def __init__(self, store: Store, replies: Replies, reader: object) -> None:
        self._store, self._replies, self._reader = store, replies, reader

    def tick(self) -> int:
        """Answer one question, if there is one that somebody still waits for; how many were answered."""
        request = self._replies.take()
        if request is None:
            return 0
        told = self._explained(_ref(request))
        self._replies.reply(request, json.dumps(told), kept_s=KEPT_S if "label" in told else 1)
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
            log_unexpected(log.warning, "not_explained", error, post=ref.post_id, topic=ref.topic_id)
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


def _request(ref: Ref) -> str:
    return f"{ref.topic_id}:{ref.post_id}"


def _ref(request: str) -> Ref:
    topic_id, _, post_id = request.partition(":")
    return Ref(post_id, int(topic_id))
