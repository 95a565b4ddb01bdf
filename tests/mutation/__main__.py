"""``python -m tests.mutation``: how many small faults in the pure core the tests notice.

Exit status 1 if a module is below the bar. Survivors that no test can notice, because the module does the same with
them, stand in the plan with their reason; they are shown, and count neither way.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from tests.mutation.mutators import Mutant, mutants, sample
from tests.mutation.trial import Outcome, Trial, TrialError, preload

PLAN = Path(__file__).with_name("plan.yaml")
BAR = 0.90
SAMPLE = 20
"""Mutants of each module without --all: a few minutes on one core."""


@dataclass(frozen=True, kw_only=True)
class Target:
    """A module, the tests that concern it, and the mutants by name that change nothing, with the reason."""

    module: str
    tests: tuple[str, ...]
    equivalent: Mapping[str, str]


@dataclass(frozen=True, kw_only=True)
class Tally:
    """What became of the mutants of *target*: of the *survivors* some are *equivalent*."""

    target: Target
    killed: int
    survived: int
    equivalent: int

    @property
    def figure(self) -> float:
        judged = self.killed + self.survived
        return self.killed / judged if judged else 1.0


def read_plan(path: Path) -> list[Target]:
    plan: dict[str, dict[str, Any]] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return [
        Target(
            module=module,
            tests=tuple(entry["tests"]),
            equivalent={each["change"]: each["why"] for each in entry.get("equivalent", ())},
        )
        for module, entry in plan.items()
    ]


def tally(target: Target, chosen: Sequence[Mutant], *, jobs: int) -> Tally:
    """Try the *chosen* mutants of *target* and show the survivors. Raises TrialError if its tests fail without any."""
    trial = Trial(module=target.module, tests=target.tests)
    seconds = trial.seconds()
    print(f"{target.module}: {len(chosen)} mutants; its tests take {seconds:.1f} s", flush=True)
    counts = Counter[str]()
    with ThreadPoolExecutor(jobs) as pool:
        outcomes = pool.map(lambda mutant: trial.outcome(mutant.source, seconds=seconds), chosen)
        for mutant, outcome in zip(chosen, outcomes, strict=True):
            same = outcome is Outcome.SURVIVED and mutant.name in target.equivalent
            counts["equivalent" if same else outcome.value] += 1
            if outcome is Outcome.SURVIVED:
                print(_survivor(mutant, target), flush=True)
    return Tally(target=target, killed=counts["killed"], survived=counts["survived"], equivalent=counts["equivalent"])


def _survivor(mutant: Mutant, target: Target) -> str:
    if mutant.name in target.equivalent:
        return f"  equivalent  {mutant.name}\n              {target.equivalent[mutant.name]}"
    return f"  survived    line {mutant.line}, {mutant.name}"


def table(found: Sequence[Tally]) -> Iterator[str]:
    """A line a module, for people."""
    yield f"{'module':<34} {'killed':>6} {'survived':>8} {'equivalent':>10} {'figure':>8}"
    for each in found:
        numbers = f"{each.killed:>6} {each.survived:>8} {each.equivalent:>10} {100 * each.figure:>6.1f} %"
        yield f"{each.target.module:<34} {numbers}"


def main(words: Sequence[str] | None = None) -> int:
    asked = _asked(words)
    targets = [target for target in read_plan(asked.plan) if not asked.modules or target.module in asked.modules]
    if not targets:
        print(f"The plan {asked.plan} has no such module.", file=sys.stderr)
        return 2
    preload()
    found = []
    for target in targets:
        made = mutants(Path(target.module).read_text(encoding="utf-8"))
        chosen = sample([each for each in made if asked.match in each.name], asked.sample, asked.seed)
        try:
            found.append(tally(target, chosen, jobs=asked.jobs))
        except TrialError as error:
            print(error, file=sys.stderr)
            return 2
    print(*table(found), f"At least {100 * BAR:.0f} % of each is asked for.", sep="\n")
    return int(any(each.figure < BAR for each in found))


def _asked(words: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.mutation", description=__doc__.split("\n\n", maxsplit=1)[0])
    parser.add_argument("modules", nargs="*", help="only these, such as engine/watch/severity.py")
    parser.add_argument("--sample", type=int, default=SAMPLE, help=f"mutants of each module ({SAMPLE})")
    parser.add_argument("--all", dest="sample", action="store_const", const=None, help="every mutant")
    parser.add_argument("--seed", type=int, default=0, help="which are drawn (0)")
    parser.add_argument("--match", default="", help="only mutants with these words, such as a function's name")
    parser.add_argument("--jobs", type=int, default=1, help="tests that run side by side (1)")
    parser.add_argument("--plan", type=Path, default=PLAN, help="modules, their tests, and what is equivalent")
    return parser.parse_args(words)


if __name__ == "__main__":
    sys.exit(main())
