"""What every test may ask for: a clock that stands still, a real store, a real Valkey server."""

from __future__ import annotations

import shutil
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import hypothesis
import pytest

from bot.infra.clock import VirtualClock

if TYPE_CHECKING:
    from bot.store import Store

NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
SHARED = Path(__file__).resolve().parents[2] / "shared"
LONG = ("proofs/", "bot/bench/", "bot/incidents/test_topic_turn", "bot/models/", "engine/training/", "test_wheel")
"""Where the long tests are. They begin first: whoever has two cores waits for no single one at the end."""


hypothesis.settings.register_profile("anywhere", deadline=None)  # no test asserts how long something takes
if hypothesis.settings.get_current_profile_name() == "default":  # the trial of mutants has its own
    hypothesis.settings.load_profile("anywhere")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    items.sort(key=lambda item: not item.path.relative_to(here).as_posix().startswith(LONG))


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock(NOW)


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty database in SQLite with all its tables. To migrate takes half a second: tests copy it."""
    from bot.store import Store

    path = tmp_path_factory.mktemp("migrated") / "tocsin.db"
    with Store.open(f"sqlite:///{path}") as opened:
        opened.migrate()
    return path


@pytest.fixture
def store(tmp_path: Path, migrated_file: Path) -> Iterator[Store]:
    """A migrated store in a SQLite file of its own."""
    from bot.store import Store

    path = shutil.copy(migrated_file, tmp_path / "tocsin.db")
    with Store.open(f"sqlite:///{path}") as opened:
        yield opened


@pytest.fixture(scope="session")
def valkey_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """One embedded Valkey server for the whole run."""
    from bot.infra.valkey import EmbeddedValkey

    with EmbeddedValkey(tmp_path_factory.mktemp("valkey")) as server:
        yield server.url


@pytest.fixture
def valkey_url(valkey_server: str) -> str:
    """The embedded Valkey server, emptied."""
    import redis

    client = redis.Redis.from_url(valkey_server)
    client.flushall()
    client.close()
    return valkey_server


@pytest.fixture
def unique() -> str:
    return uuid.uuid4().hex


@pytest.fixture(scope="session")
def shared() -> Path:
    """The measured data beside the checkout; a test that asks for it is skipped where there is none."""
    if not SHARED.is_dir():
        pytest.skip("needs the measured data beside the checkout (../shared)")
    return SHARED
