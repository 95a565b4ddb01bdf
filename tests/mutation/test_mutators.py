"""The faults that are put into a module: which there are, that they are the same every time, and what is left alone."""

from __future__ import annotations

import ast

import pytest

from tests.mutation.mutators import mutants, sample

MODULE = '''
"""What it is."""
from __future__ import annotations

__all__ = ["rings"]
LEAST = 25.0
WAITS = {"page": 10, **OTHERS}


class Box:
    """A box."""

    size: int = 3

    def opens(self, now: int | None) -> bool:
        """Whether it opens."""
        assert now is not None
        return not self.shut and now > LEAST
'''


@pytest.mark.parametrize(
    ("source", "changes"),
    [
        ("x = a < b", ["a < b → a <= b"]),
        ("x = a is None", ["a is None → a is not None"]),
        ("x = a and b", ["a and b → a or b"]),
        ("x = a + b * c", ["a + b * c → a - b * c", "b * c → b / c"]),
        ("x = not a", ["not a → a"]),
        ("x = -a", ["-a → a"]),
        ("x = 5", ["5 → 6"]),
        ("x = 60.0", ["60.0 → 120.0"]),
        ("x = 0.0", ["0.0 → 1.0"]),
        ("x = True", ["True → False"]),
        ("x = 'to'", ["'to' → 'XXto'"]),
        ("x = min(a, b)", ["min(a, b) → max(a, b)"]),
        ("x = f(a, by=b)", ["by=b → (left out)"]),
        ("x = [a, b]", ["a → (left out)", "b → (left out)"]),
        ("x = {a: b, c: d}", ["a: b → (left out)", "c: d → (left out)"]),
        ("x = a if b else c", ["b → True", "b → False"]),
        ("x = [a for a in b if a.c]", ["a.c → True", "a.c → False"]),
        ("x += y", ["x += y → x -= y"]),
        ("f(x)", ["f(x) → pass"]),
        ("if a:\n    x = b", ["a → True", "a → False"]),
        ("while a:\n    x = b", ["a → False"]),
        ("x = Kind.CARD, Kind.PAGE", [
            "Kind.CARD → Kind.PAGE", "Kind.CARD → (left out)", "Kind.PAGE → Kind.CARD", "Kind.PAGE → (left out)",
        ]),
        ("match a:\n    case B.C if d:\n        x = e\n    case _:\n        x = g", [
            "case B.C → (left out)", "d → True", "d → False", "case _ → (left out)",
        ]),
    ],
)  # fmt: skip
def test_each_kind_of_fault(source: str, changes: list[str]) -> None:
    made = [f"{each.before} → {each.after}" for each in mutants(source)]
    assert sorted(made) == sorted(changes)


def test_a_mutant_differs_from_the_module_in_one_place_and_still_compiles() -> None:
    whole = ast.unparse(ast.parse(MODULE)).splitlines()
    for mutant in mutants(MODULE):
        compile(mutant.source, "module", "exec")
        lines = ast.unparse(ast.parse(mutant.source)).splitlines()
        assert lines != whole
        assert sum(one != other for one, other in zip(lines, whole, strict=True)) == 1


def test_what_says_nothing_to_a_machine_is_left_alone() -> None:
    """Docstrings, imports, annotations, assertions for the type checker, and the list of public names."""
    text = " ".join(str(mutant) for mutant in mutants(MODULE))
    for untouched in ("What it is", "A box", "annotations", "__all__", "rings", "int | None", "now is not None"):
        assert untouched not in text


def test_a_mutant_says_where_it_is() -> None:
    assert [str(mutant) for mutant in mutants(MODULE)] == [
        "module:6 25.0 → 50.0",
        "module:7 'page' → 'XXpage'",
        "module:7 'page': 10 → (left out)",
        "module:7 10 → 11",
        "module:7 **OTHERS → (left out)",
        "Box:13 3 → 4",
        "Box.opens:18 not self.shut and now > LEAST → not self.shut or now > LEAST",
        "Box.opens:18 not self.shut → self.shut",
        "Box.opens:18 now > LEAST → now >= LEAST",
    ]


def test_of_equal_faults_in_one_function_each_has_a_name() -> None:
    assert [mutant.name for mutant in mutants("x = 1\ny = 1\n")] == ["module: 1 → 2", "module: 1 → 2 (2)"]


def test_a_seed_draws_the_same_sample_every_time() -> None:
    made = mutants(MODULE)
    assert sample(made, 3, seed=7) == sample(mutants(MODULE), 3, seed=7)
    assert sample(made, 3, seed=7) != sample(made, 3, seed=8)
    assert sample(made, None, seed=7) == sample(made, 99, seed=7) == made
