"""Readings without a model, for tests: from a given label, or from words that are seldom meant kindly."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import datetime

import numpy as np

from engine.post import Entity, Post, Reading, Sentiment, Standing
from engine.watch.watch import Arrival

HARSH = re.compile(
    "吐槽|怼|争议|道歉|致歉|起诉|投诉|曝光|造假|塌房|翻车|被罚|处罚|约谈|召回|死亡|身亡|遇难|受伤|事故|爆炸|起火|中毒|"
    "偷税|逃税|侵权|抄袭|抵制|封杀|辱|骂|恶心|质疑|不化|烧不化|涉嫌|被查|维权|裁员|暴跌|下架|反感|得罪|删博|隔夜|谣|"
    "立案|被捕|拘|家暴|致死|坠|虚假|违规|违法|欠薪|跑路|破产|烂尾|投毒|异物|变质|过期|掉粉|贵过|惹|无法接受|"
    "worst|terrible|awful|scandal|recall|lawsuit|injur|dead|killed|explosion|cancel|delay|stuck|rude|lost",
    re.IGNORECASE,
)
RISKS = {
    "injury": "死亡|身亡|遇难|受伤|致死|dead|killed|injur",
    "product": "不化|异物|变质|过期|隔夜|召回|recall",
    "legal": "起诉|被罚|处罚|约谈|立案|违法|违规|lawsuit",
    "conduct": "怼|辱|骂|造假|偷税|逃税",
    "service": "cancel|delay|rude|lost|投诉",
}


def sentiment(label: str, *, sure: float = 0.9) -> Sentiment:
    """The sentiment that holds *label* for *sure* probable."""
    rest = (1 - sure) / 2
    return Sentiment(**{name: sure if name == label else rest for name in ("negative", "neutral", "positive")})


def reading(
    post: Post,
    label: str = "neutral",
    *,
    risks: Mapping[str, float] | None = None,
    embedding: Iterable[float] | None = None,
    entities: tuple[Entity, ...] = (),
    sure: float = 0.9,
) -> Reading:
    vector = None
    if embedding is not None:
        vector = np.asarray(list(embedding), np.float32)
        vector = vector / np.float32(np.linalg.norm(vector) or 1)
    return Reading(
        post_id=post.id,
        lang=post.lang,
        sentiment=sentiment(label, sure=sure),
        risks=dict(risks or {}),
        entities=entities,
        embedding=vector,
    )


def by_words(post: Post) -> Reading:
    """A reading that holds a post for negative if it has a harsh word."""
    label = "negative" if HARSH.search(post.body) else "neutral"
    risks = {name: 0.8 for name, words in RISKS.items() if re.search(words, post.body, re.IGNORECASE)}
    return reading(post, label, risks=risks)


def arrival(
    id: str,  # noqa: A002  # the word of the post format
    at: datetime,
    text: str = "",
    label: str = "neutral",
    *,
    source: str = "forum",
    author: str | None = None,
    standing: Standing = Standing.SOCIAL,
    risks: Mapping[str, float] | None = None,
    embedding: Iterable[float] | None = None,
    seen: datetime | None = None,
    copy_of: str | None = None,
    quiet: bool = False,
    sure: float = 0.9,
) -> Arrival:
    """One post with its reading, seen as soon as it was written unless *seen* says otherwise."""
    post = Post(
        id=id,
        published=at,
        text=text or f"remark number {id}",
        source=source,
        author=f"author of {id}" if author is None else author,
        standing=standing,
        seen=seen or at,
        copy_of=copy_of,
    )
    return Arrival(post=post, reading=reading(post, label, risks=risks, embedding=embedding, sure=sure), quiet=quiet)
