"""The stream over a real Valkey server: at least once, whoever dies."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
import redis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.infra.stream import Stream, StreamError
from bot.records import Ref

REFS = [Ref(str(number), 1 + number % 3) for number in range(10)]


@pytest.fixture
def client(valkey_url: str) -> Iterator[redis.Redis]:
    with redis.Redis.from_url(valkey_url) as client:
        yield client


@pytest.fixture
def stream(client: redis.Redis) -> Stream:
    return Stream(client)


def _refs(deliveries: list) -> list[Ref]:
    return [delivery.ref for delivery in deliveries]


def test_what_is_published_is_read_in_order(stream: Stream) -> None:
    stream.publish(REFS)
    assert _refs(stream.read("anna", 100)) == REFS


def test_what_was_published_before_the_first_worker_came_is_read(stream: Stream) -> None:
    stream.publish(REFS[:1])
    assert _refs(stream.read("anna", 100, block_ms=100)) == REFS[:1]


def test_each_entry_goes_to_one_worker(stream: Stream) -> None:
    stream.publish(REFS)
    assert _refs(stream.read("anna", 4)) + _refs(stream.read("ben", 100)) == REFS


def test_an_empty_stream_answers_at_once_or_after_the_wait(stream: Stream) -> None:
    assert stream.read("anna", 10) == []
    assert stream.read("anna", 10, block_ms=5) == []


def test_a_wait_longer_than_the_socket_bears_is_cut() -> None:
    asked: list[int] = []

    class Client:
        def xreadgroup(self, *_: object, block: int, **__: object) -> list:
            asked.append(block)
            return []

    Stream(Client()).read("anna", 1, block_ms=60_000)  # type: ignore[arg-type]
    assert asked[0] < 5000


def test_the_lag_falls_when_the_work_is_done_and_not_before(stream: Stream) -> None:
    stream.publish(REFS)
    deliveries = stream.read("anna", 4)
    assert stream.lag() == 10
    stream.ack([delivery.id for delivery in deliveries])
    assert stream.lag() == 6
    stream.ack([])
    stream.ack([deliveries[0].id])
    assert stream.lag() == 6


def test_the_entries_of_a_dead_worker_go_to_another_one(stream: Stream) -> None:
    stream.publish(REFS)
    stream.read("anna", 10)
    assert stream.read("ben", 10) == []
    taken = stream.reclaim("ben", 0, 100)
    assert _refs(taken) == REFS
    assert {delivery.times for delivery in taken} == {2}


def test_the_entries_of_a_busy_worker_are_left_to_it(stream: Stream) -> None:
    stream.publish(REFS)
    stream.read("anna", 10)
    assert stream.reclaim("ben", 60_000, 100) == []


def test_reclaiming_goes_past_entries_that_are_not_idle(stream: Stream, client: redis.Redis) -> None:
    """One XAUTOCLAIM looks at ten times as many entries as it is asked for, and then stops."""
    refs = [Ref(str(number), 1) for number in range(40)]
    stream.publish(refs)
    deliveries = stream.read("anna", 40)
    client.xclaim(stream.name, stream.group, "anna", 0, [deliveries[-1].id], idle=90_000)
    assert _refs(stream.reclaim("ben", 60_000, 1)) == [refs[-1]]


def test_how_often_an_entry_was_handed_out_is_counted(stream: Stream) -> None:
    stream.publish(REFS[:3])
    stream.read("anna", 3)
    stream.reclaim("ben", 0, 1)
    stream.reclaim("ben", 0, 1)
    assert [delivery.times for delivery in stream.reclaim("carla", 0, 3)] == [4, 2, 2]


def test_an_acknowledged_entry_is_never_handed_out_again(stream: Stream) -> None:
    stream.publish(REFS)
    stream.ack([delivery.id for delivery in stream.read("anna", 10)])
    assert stream.reclaim("ben", 0, 100) == []


def test_a_server_that_lost_everything_is_told_once_and_then_works(stream: Stream, client: redis.Redis) -> None:
    stream.publish(REFS)
    stream.read("anna", 2)
    assert stream.take_loss()
    client.flushall()
    assert stream.read("anna", 2) == []
    assert stream.take_loss()
    assert not stream.take_loss()
    stream.publish(REFS[:2])
    assert _refs(stream.read("anna", 10)) == REFS[:2]
    assert not stream.take_loss()


def test_a_lost_group_does_not_break_the_reclaim_or_the_acknowledgement(stream: Stream, client: redis.Redis) -> None:
    stream.publish(REFS)
    ids = [delivery.id for delivery in stream.read("anna", 10)]
    client.flushall()
    stream.ack(ids)
    assert stream.reclaim("anna", 0, 10) == []


def test_only_workers_without_work_are_forgotten(stream: Stream, client: redis.Redis) -> None:
    stream.forget_idle(timedelta())
    stream.publish(REFS)
    stream.read("busy", 1)
    stream.ack([delivery.id for delivery in stream.read("idle", 1)])
    stream.forget_idle(timedelta(hours=1))
    assert len(client.xinfo_consumers(stream.name, stream.group)) == 2
    stream.forget_idle(timedelta(milliseconds=-1))
    assert [row["name"] for row in client.xinfo_consumers(stream.name, stream.group)] == [b"busy"]


def test_a_suspect_counts_until_it_is_cleared_or_done(stream: Stream) -> None:
    stream.publish(REFS[:2])
    first, second = (delivery.id for delivery in stream.read("anna", 2))
    assert [stream.suspect(first), stream.suspect(first), stream.suspect(second)] == [1, 2, 1]
    stream.clear(first)
    stream.ack([second])
    assert [stream.suspect(first), stream.suspect(second)] == [1, 1]


def test_a_server_that_is_not_there_is_said_in_a_sentence() -> None:
    gone = Stream(redis.Redis(unix_socket_path="/nowhere/valkey.sock", retry=None))
    with pytest.raises(StreamError, match="Redis cannot be used"):
        gone.publish(REFS)


def test_a_client_that_decodes_answers_reads_the_same(valkey_url: str) -> None:
    with redis.Redis.from_url(valkey_url, decode_responses=True) as client:
        stream = Stream(client)
        stream.publish(REFS)
        stream.read("anna", 5)
        assert _refs(stream.reclaim("ben", 0, 100)) == REFS[:5]


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(moves=st.lists(st.sampled_from(["publish", "read", "die", "reclaim", "ack"]), max_size=25))
def test_whatever_happens_every_entry_is_either_done_or_still_there(
    stream: Stream, client: redis.Redis, moves: list[str]
) -> None:
    client.flushall()
    published, done, held = 0, set(), []
    for move in moves:
        if move == "publish":
            stream.publish([Ref(str(published), 1)])
            published += 1
        elif move == "read":
            held += stream.read("anna", 2)
        elif move == "reclaim":
            held += stream.reclaim("ben", 0, 2)
        elif move == "die":
            held = []
        elif held:
            stream.ack([held[0].id])
            done.add(held.pop(0).ref.post_id)
    rest = {delivery.ref.post_id for delivery in stream.reclaim("ben", 0, 99) + stream.read("ben", 99)}
    assert done | rest == {str(number) for number in range(published)}
    assert not done & rest
