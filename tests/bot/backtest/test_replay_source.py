"""A replay source hands out what has arrived, and nothing that is later than its clock."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.backtest.replay_source import ReplaySource, ceiled, seen_at
from bot.errors import TocsinError
from bot.infra.clock import VirtualClock
from engine.post import Post, Reading, Sentiment
from engine.watch.watch import Arrival
from tests.conftest import NOW

MINUTE = timedelta(minutes=1)


def arrival(number: int, published: int, delay: int = 0) -> Arrival:
    """Written *published* minutes after NOW, and seen *delay* minutes later."""
    at = NOW + published * MINUTE
    post = Post(id=str(number), published=at, seen=at + delay * MINUTE, text="halden")
    mood = Sentiment(negative=0.0, neutral=1.0, positive=0.0)
    return Arrival(post=post, reading=Reading(post_id=post.id, lang="en", sentiment=mood))


histories = st.lists(st.tuples(st.integers(0, 500), st.integers(0, 300)), max_size=40).map(
    lambda pairs: [arrival(n, *pair) for n, pair in enumerate(sorted(pairs))]
)


@given(histories, st.lists(st.integers(0, 900), max_size=20))
def test_everything_comes_once_and_nothing_early(history: list[Arrival], stops: list[int]) -> None:
    clock = VirtualClock(NOW)
    source = ReplaySource(history, clock)
    got: list[Arrival] = []
    for stop in [*sorted(stops), 10_000]:
        clock.set(NOW + stop * MINUTE)
        fresh = source.arrived()
        assert all(seen_at(each.post) <= clock.now() for each in fresh)
        got += fresh
        due = [each for each in history if seen_at(each.post) <= clock.now()]
        assert {each.post.id for each in got} == {each.post.id for each in due}
    assert len(got) == len(history)


@given(histories, st.integers(0, 800))
def test_the_future_changes_nothing_before_it(history: list[Arrival], now: int) -> None:
    """A replay source without what comes later hands out the same."""
    moment = NOW + now * MINUTE
    cut = [each for each in history if seen_at(each.post) <= moment]

    def heard(arrivals: list[Arrival]) -> list[str]:
        return [each.post.id for each in ReplaySource(arrivals, VirtualClock(moment)).arrived()]

    assert heard(history) == heard(cut)


@given(histories)
def test_it_says_when_the_next_post_arrives(history: list[Arrival]) -> None:
    clock = VirtualClock(NOW)
    source = ReplaySource(history, clock)
    times = []
    while (at := source.next_at()) is not None:
        clock.set(at)
        assert source.arrived()
        times.append(at)
    assert times == sorted({seen_at(each.post) for each in history})


def test_a_history_out_of_order_is_refused() -> None:
    source = ReplaySource([arrival(1, 10), arrival(2, 5)], VirtualClock(NOW + timedelta(days=1)))
    with pytest.raises(TocsinError, match="The post 2 is out of order"):
        source.arrived()


def test_a_tick_is_never_before_what_it_is_for() -> None:
    assert ceiled(NOW, MINUTE) == NOW
    assert ceiled(NOW + timedelta(seconds=1), MINUTE) == NOW + MINUTE
