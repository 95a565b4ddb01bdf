"""Runs tests against a mutant: in a forked process that loads the mutated source in the module's place.

No file is touched, and what is slow to import is imported once, before the fork.
"""

from __future__ import annotations

import gc
import multiprocessing
import os
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, SourceFileLoader
from importlib.util import spec_from_file_location
from pathlib import Path
from types import CodeType

SLOWEST = 10.0
"""A mutant that takes so many times as long as the tests do without it never ends: it is killed."""

LEAST_PATIENCE_S = 60.0
"""On a machine that does other work too, a test of a second may take half a minute."""

OPTIONS = [
    *("-x", "-q", "-c", os.devnull, "--rootdir=.", "--import-mode=importlib", "-o", "pythonpath=.", "--assert=plain"),
    *(
        word
        for plugin in ("cacheprovider", "unraisableexception", "threadexception")
        for word in ("-p", f"no:{plugin}")
    ),
]
"""pytest as it is set up for this repository, without what only explains or takes time: a mutant is killed or not."""


class Outcome(StrEnum):
    KILLED = "killed"
    SURVIVED = "survived"


class TrialError(Exception):
    """The tests cannot judge a mutant: they fail without one."""


@dataclass(frozen=True, kw_only=True)
class Trial:
    """The *tests* (files, or tests of files) that concern *module* (a path from the root of the repository)."""

    module: str
    tests: tuple[str, ...]

    def seconds(self) -> float:
        """How long the tests take without any fault. Raises TrialError if they do not pass."""
        began = time.monotonic()
        if self._run(None, patience=600.0) != 0:
            raise TrialError(f"The tests of {self.module} fail without any fault: {' '.join(self.tests)}")
        return time.monotonic() - began

    def outcome(self, source: str, *, seconds: float) -> Outcome:
        """What becomes of the module with *source* in its place, where the tests take *seconds* as a rule."""
        patience = max(SLOWEST * seconds, LEAST_PATIENCE_S)
        code = self._run(source, patience=patience)
        if code is not None and code < 0:  # a signal from outside says nothing of the fault
            code = self._run(source, patience=patience)
        return Outcome.SURVIVED if code == 0 else Outcome.KILLED

    def _run(self, source: str | None, *, patience: float) -> int | None:
        """pytest's exit status; None if it had to be ended."""
        process = multiprocessing.get_context("fork").Process(target=_judge, args=(self, source))
        process.start()
        process.join(patience)
        if process.is_alive():
            process.kill()
            process.join()
            return None
        return process.exitcode


def preload() -> None:
    """Import what all tests import, so that no fork has to; nothing of the product, of which each has its own."""
    import hypothesis.strategies  # noqa: F401
    import numpy as np  # noqa: F401
    import pytest  # noqa: F401

    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    gc.freeze()


def _judge(trial: Trial, source: str | None) -> None:
    """In the fork: put the fault in and run the tests. A broken import is a failure like any other."""
    import pytest
    from hypothesis import Phase, settings

    quiet = os.open(os.devnull, os.O_WRONLY)
    os.dup2(quiet, 1)
    os.dup2(quiet, 2)
    phases = (Phase.explicit, Phase.generate)  # no shrinking: one example is enough
    settings.register_profile("mutants", deadline=None, derandomize=True, database=None, max_examples=30, phases=phases)
    settings.load_profile("mutants")
    if source is not None:
        sys.meta_path.insert(0, _Finder(trial.module, source))
    os._exit(int(pytest.main([*OPTIONS, *trial.tests])))


class _Finder(MetaPathFinder):
    def __init__(self, path: str, source: str) -> None:
        self._name = path.removesuffix(".py").replace("/", ".")
        self._path, self._source = Path(path).resolve(), source

    def find_spec(self, fullname: str, path: Sequence[str] | None, target: object = None) -> ModuleSpec | None:
        if fullname != self._name:
            return None
        loader = _Loader(fullname, str(self._path), self._source)
        return spec_from_file_location(fullname, self._path, loader=loader)


class _Loader(SourceFileLoader):
    def __init__(self, fullname: str, path: str, source: str) -> None:
        super().__init__(fullname, path)
        self._source = source

    def get_code(self, fullname: str) -> CodeType:
        return compile(self._source, self.path, "exec")
