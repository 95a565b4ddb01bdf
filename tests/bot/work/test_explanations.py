"""Questions travel to a worker and answers back, through a real Valkey, and nothing is left behind."""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
import redis

from bot.infra.clock import VirtualClock
from bot.infra.request_reply import RequestReply
from bot.infra.stream import StreamError
from bot.records import Item, NewPost, SourceRecord, TopicRecord
from bot.store import Store
from bot.work.explanations import QUEUE, ExplanationClient, ExplanationServer
from engine.post import Explanation, Mark, Polarity, Post, Standing, Topic

TEXT = "露明茶 made me ill 😡"


class Judge:
    def __init__(self, fails: bool = False) -> None:
        self.fails, self.topics = fails, []

    def explain(self, post: Post, topic: Topic) -> Explanation:
        self.topics.append(topic.name)
        if self.fails:
            raise RuntimeError("a model's own trouble")
        start = post.body.index("ill")
        mark = Mark(start=start, end=start + 3, text="ill", weight=1.25)
        return Explanation(post_id=post.id, label=Polarity.NEGATIVE, sentiment=(mark,), risks={"health": ()})


@pytest.fixture
def client(valkey_url: str) -> Iterator[redis.Redis]:
    with redis.Redis.from_url(valkey_url) as opened:
        yield opened


@pytest.fixture
def questions(client: redis.Redis) -> RequestReply:
    return RequestReply(client, QUEUE)


@pytest.fixture
def post(store: Store, clock: VirtualClock) -> Post:
    now = clock.now()
    [source] = store.sources.sync(
        [SourceRecord(id=0, name="wire", kind="rss", url="http://x.test", every=60, standing=Standing.OUTLET)]
    )
    record = TopicRecord(
        id=0, topic=Topic(name="Lumen", query="lumen"), channel="#pr", policy="default", speak="en",
        budget_per_week=1, watched_since=now - timedelta(days=30),
    )  # fmt: skip
    store.topics.sync([record], now)
    item = Item(external_id="a", published=now, text=TEXT)
    [added] = store.posts.add(
        source, [NewPost(item=item, published=now, lang="en", content_hash="a", matches=frozenset())], now
    )
    [found] = store.posts.get([added.post_id])
    return found


def test_an_answer_comes_back_whole(store: Store, questions: RequestReply, post: Post) -> None:
    topic = store.topics.all()[0]
    judge = Judge()
    with ThreadPoolExecutor(3) as pool:
        asked = [pool.submit(ExplanationClient(questions).why, post, topic.id) for _ in range(3)]
        worker = ExplanationServer(store, questions, judge)
        while not all(one.done() for one in asked):
            worker.tick()
    told = asked[0].result()
    assert told is not None
    assert (told.label, told.sentiment[0].text, told.sentiment[0].weight) == (Polarity.NEGATIVE, "ill", 1.25)
    assert told.risks == {"health": ()}
    assert [one.result() for one in asked] == [told] * 3
    assert judge.topics == ["Lumen"]


def test_no_text_travels(store: Store, client: redis.Redis, questions: RequestReply, post: Post) -> None:
    """What Redis holds names rows and places, and goes away by itself."""
    topic = store.topics.all()[0]
    with ThreadPoolExecutor(1) as pool:
        asked = pool.submit(ExplanationClient(questions).why, post, topic.id)
        worker = ExplanationServer(store, questions, Judge())
        while not asked.done():
            worker.tick()
    [key] = client.keys(f"{QUEUE}*")
    assert "ill" not in json.dumps(client.get(key).decode())
    assert client.ttl(key) > 0


def test_nobody_waits_for_a_question_that_was_given_up(store: Store, client: redis.Redis, post: Post) -> None:
    """Without a worker the answer is None, and a worker that starts later does not work for nobody."""
    topic = store.topics.all()[0]
    assert ExplanationClient(RequestReply(client, QUEUE, patience=0.05)).why(post, topic.id) is None
    judge = Judge()
    while client.exists(f"{QUEUE}:{topic.id}:{post.id}:asked"):
        pass
    assert ExplanationServer(store, RequestReply(client, QUEUE), judge).tick() == 0
    assert judge.topics == []


@pytest.mark.parametrize("reader", [Judge(fails=True), object()])
def test_a_model_that_cannot_is_no_harm(store: Store, questions: RequestReply, post: Post, reader: object) -> None:
    topic = store.topics.all()[0]
    with ThreadPoolExecutor(1) as pool:
        asked = pool.submit(ExplanationClient(questions).why, post, topic.id)
        worker = ExplanationServer(store, questions, reader)
        while not asked.done():
            worker.tick()
    assert asked.result() is None


def test_a_post_that_is_gone(store: Store, client: redis.Redis) -> None:
    client.set(f"{QUEUE}:9:77:asked", "1")
    client.rpush(QUEUE, "9:77")
    assert ExplanationServer(store, RequestReply(client, QUEUE), Judge()).tick() == 1


def test_a_dead_redis_is_a_sentence(store: Store, post: Post) -> None:
    dead = RequestReply(redis.Redis(host="127.0.0.1", port=9, retry=None), QUEUE)
    with pytest.raises(StreamError, match="Redis cannot be used"):
        ExplanationClient(dead).why(post, 1)
    with pytest.raises(StreamError, match="Redis cannot be used"):
        ExplanationServer(store, dead, Judge()).tick()
