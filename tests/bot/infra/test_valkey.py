"""The embedded Valkey server: real processes, started, shared, killed and stopped."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from bot.infra.valkey import EmbeddedValkey, ValkeyError

USER = """
import sys
from bot.infra.valkey import EmbeddedValkey
with EmbeddedValkey(sys.argv[1]) as server:
    print("ready", flush=True)
    sys.stdin.readline()
"""


def _answers(server: EmbeddedValkey) -> bool:
    with redis.Redis.from_url(server.url, socket_timeout=1, retry=Retry(NoBackoff(), 0)) as client:
        try:
            return bool(client.ping())
        except redis.RedisError:
            return False


def _another_process(data_dir: Path) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-c", USER, str(data_dir)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).resolve().parents[3],
    )
    assert process.stdout is not None
    while process.stdout.readline() != "ready\n":
        assert process.poll() is None
    return process


def test_it_answers_while_entered_and_not_after(tmp_path: Path) -> None:
    with EmbeddedValkey(tmp_path) as server:
        assert _answers(server)
    assert not _answers(server)
    assert server.pid is None


def test_it_is_reached_only_by_its_socket(tmp_path: Path) -> None:
    with EmbeddedValkey(tmp_path) as server, redis.Redis.from_url(server.url) as client:
        assert client.config_get("port") == {"port": "0"}
        assert server.socket.stat().st_mode & 0o077 == 0


def test_two_users_of_a_directory_share_one_server_and_the_last_stops_it(tmp_path: Path) -> None:
    with EmbeddedValkey(tmp_path) as first:
        second = EmbeddedValkey(tmp_path).start()
        assert first.pid == second.pid
        second.stop()
        assert _answers(first)
    assert not _answers(first)


def test_another_process_keeps_the_server_alive_after_the_first_has_left(tmp_path: Path) -> None:
    with EmbeddedValkey(tmp_path) as server:
        other = _another_process(tmp_path)
    assert _answers(server)
    other.communicate("leave\n", timeout=20)
    assert not _answers(server)


def test_the_server_left_by_a_killed_process_is_used_again_and_stopped(tmp_path: Path) -> None:
    killed = _another_process(tmp_path)
    killed.kill()
    killed.communicate()
    left = EmbeddedValkey(tmp_path).pid
    with EmbeddedValkey(tmp_path) as server:
        assert server.pid == left
    assert not _answers(server)


def test_a_server_that_was_killed_is_replaced(tmp_path: Path) -> None:
    with EmbeddedValkey(tmp_path) as server:
        killed = server.pid
        assert killed is not None
        os.kill(killed, signal.SIGKILL)
        while _answers(server):
            pass
        server.start()
        assert _answers(server)
        assert server.pid != killed


def test_a_server_that_hangs_is_reaped(tmp_path: Path) -> None:
    hanging = EmbeddedValkey(tmp_path).start()
    pid = hanging.pid
    assert pid is not None
    os.kill(pid, signal.SIGSTOP)
    with EmbeddedValkey(tmp_path) as server:
        assert _answers(server)
        assert server.pid != pid
    hanging.stop()
    assert not _answers(server)


def test_a_stale_pid_of_somebody_else_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "valkey.pid").write_text(str(os.getpid()))
    (tmp_path / "valkey.sock").write_text("")
    with EmbeddedValkey(tmp_path) as server:
        assert _answers(server)


def test_a_long_path_still_gets_a_socket(tmp_path: Path) -> None:
    """A unix socket's path may have about a hundred bytes; data directories may have more."""
    deep = tmp_path / ("a" * 60) / ("深" * 30)
    with EmbeddedValkey(deep) as server:
        assert len(os.fsencode(server.socket)) <= 100
        assert _answers(server)


def test_a_directory_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file, where the directory should be")
    with pytest.raises(ValkeyError, match=r"Nothing can be written to .*/taken: File exists\."):
        EmbeddedValkey(tmp_path / "taken").start()
