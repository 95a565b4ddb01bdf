"""What the tests of this folder share: samples to draw, and an office to live in."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))  # for office and slack_samples, which are no tests

from office import Office, running

from bot.clock import VirtualClock
from bot.store import Store


@pytest.fixture
def office(store: Store, clock: VirtualClock) -> Iterator[Office]:
    with running(store, clock) as opened:
        yield opened
