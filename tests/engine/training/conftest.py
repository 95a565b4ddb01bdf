"""A small encoder on disk, made once."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.engine.training import tiny


@pytest.fixture(scope="session")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An encoder of four layers, as any folder of the hub."""
    return tiny.save_encoder(tmp_path_factory.mktemp("base"))
