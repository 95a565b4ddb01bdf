"""What engine/README.md shows from Python is what happens, with the shipped model."""

from __future__ import annotations

import doctest
import re
from pathlib import Path

README = Path(__file__).resolve().parents[2] / "engine" / "README.md"
FENCE = re.compile(r"^```(python|pycon)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def test_every_block_of_python_shows_what_it_gives() -> None:
    """One session from the first block to the last, as a reader would type it."""
    text = README.read_text(encoding="utf-8")
    blocks = list(FENCE.finditer(text))
    assert {block.group(1) for block in blocks} == {"pycon"}, "a block without prompts is not run"
    names: dict[str, object] = {}
    runner = doctest.DocTestRunner(optionflags=doctest.IGNORE_EXCEPTION_DETAIL)
    said: list[str] = []
    for block in blocks:
        line = text.count("\n", 0, block.start()) + 1
        test = doctest.DocTestParser().get_doctest(block.group(2), names, README.name, str(README), line)
        runner.run(test, out=said.append, clear_globs=False)
        names = test.globs
    assert runner.summarize(verbose=False) == (0, runner.tries), "".join(said)
