"""``python -m tests.mutation``: how many small faults in the pure core the tests notice.

Exit status 1 if a module is below the bar. Survivors that no test can notice, because the module does the same with
them, stand in the plan with their reason; they are shown, and count neither way.
"""

from __future__ import annotations

import argparse
import sys
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
    """What became of the mutants of a *target*."""

    target: Target
    killed: int
    survivors: tuple[Mutant, ...]
    equivalent: tuple[Mutant, ...]

    @property
    def figure(self) -> float:
        judged = self.killed + len(self.survivors)
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


def tally(target: Target, *, size: int | None, seed: int, jobs: int) -> Tally:
    """Try the mutants of *target*. Raises TrialError if its tests fail without any."""
    chosen = sample(mutants(Path(target.module).read_text(encoding="utf-8")), size, seed)
    trial = Trial(module=target.module, tests=target.tests)
    seconds = trial.seconds()
    with ThreadPoolExecutor(jobs) as pool:
        outcomes = list(pool.map(lambda mutant: trial.outcome(mutant.source, seconds=seconds), chosen))
    alive = [mutant for mutant, outcome in zip(chosen, outcomes, strict=True) if outcome is Outcome.SURVIVED]
    return Tally(
        target=target,
        killed=outcomes.count(Outcome.KILLED),
        survivors=tuple(mutant for mutant in alive if mutant.name not in target.equivalent),
        equivalent=tuple(mutant for mutant in alive if mutant.name in target.equivalent),
    )


def lines(found: Tally) -> Iterator[str]:
    """*found* for people: the figure, the survivors, and those that change nothing."""
    survived, same = len(found.survivors), len(found.equivalent)
    yield f"{found.target.module:<34} {found.killed:>6} {survived:>8} {same:>10} {100 * found.figure:>6.1f} %"
    for mutant in found.survivors:
        yield f"    survived    {found.target.module}:{mutant.line}  {mutant.name}"
    for mutant in found.equivalent:
        yield f"    equivalent  {mutant.name}\n                {found.target.equivalent[mutant.name]}"


def main(words: Sequence[str] | None = None) -> int:
    asked = _asked(words)
    chosen = [target for target in read_plan(asked.plan) if not asked.modules or target.module in asked.modules]
    if not chosen:
        print(f"The plan {asked.plan} has no such module.", file=sys.stderr)
        return 2
    preload()
    print(f"{'module':<34} {'killed':>6} {'survived':>8} {'equivalent':>10} {'figure':>8}")
    below = False
    for target in chosen:
        try:
            found = tally(target, size=None if asked.all else asked.sample, seed=asked.seed, jobs=asked.jobs)
        except TrialError as error:
            print(error, file=sys.stderr)
            return 2
        print(*lines(found), sep="\n", flush=True)
        below = below or found.figure < BAR
    print(f"At least {100 * BAR:.0f} % of each is asked for.")
    return int(below)


def _asked(words: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.mutation", description=__doc__.split("\n\n", maxsplit=1)[0])
    parser.add_argument("modules", nargs="*", help="only these, such as engine/watch/severity.py")
    parser.add_argument("--sample", type=int, default=SAMPLE, help=f"mutants of each module ({SAMPLE})")
    parser.add_argument("--seed", type=int, default=0, help="which are drawn (0)")
    parser.add_argument("--all", action="store_true", help="every mutant")
    parser.add_argument("--jobs", type=int, default=1, help="tests that run side by side (1)")
    parser.add_argument("--plan", type=Path, default=PLAN, help="modules, their tests, and what is equivalent")
    return parser.parse_args(words)


if __name__ == "__main__":
    sys.exit(main())
