"""What the tests of delivery share: an office whose notifier alone is at work."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from bot.infra.clock import VirtualClock
from bot.store import Store
from tests.bot.slack.office import Office, running


@pytest.fixture
def office(store: Store, clock: VirtualClock) -> Iterator[Office]:
    with running(store, clock, listens=False) as opened:
        yield opened
