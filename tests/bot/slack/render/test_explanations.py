"""“Why negative?” beside a post: from the menu through a worker back to the person, in both languages."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import redis

from bot.infra.clock import VirtualClock
from bot.infra.loops import Loop
from bot.infra.request_reply import RequestReply
from bot.store import Store
from bot.work.explanations import QUEUE, ExplanationClient, ExplanationServer
from engine.post import Explanation, Level, Mark, Polarity, Post, Topic
from tests.bot.slack.office import Office, running


class Judge:
    """A model that takes offence at certain words; it counts how often it is asked."""

    def __init__(self, *words: str) -> None:
        self.words, self.asked = words, 0

    def explain(self, post: Post, topic: Topic) -> Explanation:
        self.asked += 1
        marks = tuple(
            Mark(start=post.body.index(word), end=post.body.index(word) + len(word), text=word, weight=2.0 - number)
            for number, word in enumerate(self.words)
            if word in post.body
        )
        return Explanation(post_id=post.id, label=Polarity.NEGATIVE, sentiment=marks, risks={"health": marks[:1]})


@contextmanager
def explaining(store: Store, clock: VirtualClock, url: str, judge: object, patience: float = 20) -> Iterator[Office]:
    with redis.Redis.from_url(url) as client:
        questions = RequestReply(client, QUEUE, patience=patience)
        worker = Loop("why", ExplanationServer(store, questions, judge).tick, pause=0.02)
        with running(store, clock, explanations=ExplanationClient(questions)) as office:
            worker.start()
            try:
                yield office
            finally:
                worker.stop()


def answers(office: Office, name: str) -> list[str]:
    office.done()
    return [one.plain() for one in office.person(name).reads("pr") if one.ephemeral]


def test_the_words_are_told(store: Store, clock: VirtualClock, valkey_url: str) -> None:
    """Only the person who asked sees them, the weightiest first, and asking again does not ask the model again."""
    judge = Judge("mouldy", "ill")
    with explaining(store, clock, valkey_url, judge) as office:
        office.posts = office.stored({"a": "A mouldy bottle of Lumen Tea made my brother ill"})
        office.rings(Level.ORANGE)
        [card] = office.person("Ada").reads("pr")
        office.person("Ada").chooses(card, "Why negative?")
        [told] = answers(office, "Ada")
        assert "Why this post reads as negative" in told
        assert "negative: “mouldy” · “ill”" in told
        assert "a danger to health: “mouldy”" in told
        assert answers(office, "Bo") == []
        office.person("Bo").chooses(card, "Why negative?")
        assert len(answers(office, "Bo")) == 1
        assert judge.asked == 1
        office.clean()


def test_it_is_told_in_chinese(store: Store, clock: VirtualClock, valkey_url: str) -> None:
    with explaining(store, clock, valkey_url, Judge("发霉")) as office:
        office.posts = office.stored({"a": "露明茶喝到一半发现发霉了"})
        office.rings(Level.ORANGE)
        [card] = office.person("Mei").reads("pr")
        office.person("Mei").chooses(card, "Why negative?")  # the card speaks its channel's language
        [told] = answers(office, "Mei")
        assert "这条帖子为什么判为负面" in told
        assert "负面： “发霉”" in told
        assert "健康与卫生隐患： “发霉”" in told
        office.clean()


def test_personal_data_is_not_told(store: Store, clock: VirtualClock, valkey_url: str) -> None:
    """A number that the quotation hides does not come out through the words."""
    with explaining(store, clock, valkey_url, Judge("13912345678", "mouldy")) as office:
        office.posts = office.stored({"a": "mouldy again, call me on 13912345678, Lumen Tea"})
        office.rings(Level.ORANGE)
        [card] = office.person("Ada").reads("pr")
        office.person("Ada").chooses(card, "Why negative?")
        [told] = answers(office, "Ada")
        assert "mouldy" in told
        assert "1391" not in told


@pytest.mark.parametrize("judge", [object(), None])
def test_without_a_model_it_is_said(store: Store, clock: VirtualClock, valkey_url: str, judge: object) -> None:
    """A model that cannot explain itself, or no worker at all: a sentence, and the office goes on."""
    if judge is None:
        with (
            redis.Redis.from_url(valkey_url) as client,
            running(store, clock, explanations=ExplanationClient(RequestReply(client, QUEUE, patience=0.3))) as office,
        ):
            unexplained(office)
    else:
        with explaining(store, clock, valkey_url, judge) as office:
            unexplained(office)


def unexplained(office: Office) -> None:
    office.posts = office.stored({"a": "A mouldy bottle of Lumen Tea"})
    office.rings(Level.ORANGE)
    [card] = office.person("Ada").reads("pr")
    office.person("Ada").chooses(card, "Why negative?")
    [told] = answers(office, "Ada")
    assert "No worker answered" in told
    office.clean()
