"""The examples in the docstrings of the detectors: every detector shows one, and each gives what it shows."""

from __future__ import annotations

import doctest
import importlib
import pkgutil
from datetime import timedelta

import pytest

import engine.trend
from engine.trend import DETECTORS, Detector, ShareChange

MODULES = [f"engine.trend.{module.name}" for module in pkgutil.iter_modules(engine.trend.__path__)]


@pytest.mark.parametrize("name", MODULES)
def test_the_examples_give_what_they_show(name: str) -> None:
    said: list[str] = []
    runner = doctest.DocTestRunner()
    for test in doctest.DocTestFinder().find(importlib.import_module(name)):
        runner.run(test, out=said.append)
    assert runner.failures == 0, "".join(said)


def _kinds() -> set[type[Detector]]:
    return {type(make(timedelta(hours=1))) for make in (*DETECTORS.values(), ShareChange)}


@pytest.mark.parametrize("kind", sorted(_kinds(), key=lambda kind: kind.__name__))
def test_every_detector_shows_an_example(kind: type[Detector]) -> None:
    assert ">>> detector = " in (kind.__doc__ or "")
