"""One leader at a time, on a real server."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import pytest
import redis

from bot.infra.lease import Lease


class Cable:
    """A client whose connection can be cut."""

    def __init__(self, client: redis.Redis) -> None:
        self._client, self.cut = client, False

    def __getattr__(self, name: str) -> Any:
        if self.cut:
            raise redis.ConnectionError("cut")
        return getattr(self._client, name)


@pytest.fixture
def client(valkey_url: str) -> Iterator[redis.Redis]:
    made = redis.Redis.from_url(valkey_url)
    yield made
    made.close()


def test_one_holds_it_and_renews_it(client: redis.Redis) -> None:
    first, second = Lease(client), Lease(client)
    assert [first.hold(), second.hold(), first.hold(), second.hold()] == [True, False, True, False]
    assert (first.held, second.held) == (True, False)


def test_it_runs_out(client: redis.Redis) -> None:
    """A leader that died is followed by another one, and does not lead when it comes back."""
    first, second = Lease(client, ttl=0.05), Lease(client)
    assert first.hold()
    threading.Event().wait(0.1)
    assert second.hold()
    assert not first.hold()


def test_renewing_prolongs_it(client: redis.Redis) -> None:
    lease = Lease(client, ttl=100)
    lease.hold()
    client.pexpire("tocsin:poller", 1000)
    lease.hold()
    assert client.pttl("tocsin:poller") > 50_000


def test_it_is_given_up_at_once(client: redis.Redis) -> None:
    """Only by its holder."""
    first, second = Lease(client), Lease(client)
    first.hold()
    second.release()
    assert not second.hold()
    first.release()
    assert second.hold()
    assert not first.held


def test_names_are_apart(client: redis.Redis) -> None:
    assert Lease(client, name="tocsin:a").hold()
    assert Lease(client, name="tocsin:b").hold()


def test_of_many_at_once_one_leads(client: redis.Redis) -> None:
    leases = [Lease(client) for _ in range(12)]
    threads = [threading.Thread(target=lease.hold) for lease in leases]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(lease.held for lease in leases) == 1


def test_while_redis_is_away_the_leader_goes_on(client: redis.Redis) -> None:
    """And nobody else begins."""
    cable: Any = Cable(client)
    leader, other = Lease(cable), Lease(cable)
    leader.hold()
    cable.cut = True
    assert (leader.hold(), other.hold()) == (True, False)
    leader.release()
    assert not leader.hold()


def test_a_flushed_redis_is_taken_again(client: redis.Redis) -> None:
    lease = Lease(client)
    lease.hold()
    client.flushall()
    assert lease.hold()
