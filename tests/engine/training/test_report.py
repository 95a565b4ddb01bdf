"""What is written down after a training: figures with their rows and intervals, sets with their counts."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

from engine.model.reader import Reader
from engine.training import report
from engine.training.finetune import finetune
from tests.engine.training.tiny import examples, short


def test_the_report_and_the_card_say_what_was_done(base: Path, tmp_path: Path) -> None:
    held_out = examples()[:8]
    done = finetune(base, examples(), out=tmp_path, recipe=short(4), held_out=held_out)
    made = report.TrainingReport(
        base="some/encoder",
        made=date(2026, 11, 22),
        seconds=3720,
        recipe=short(4),
        trained=done,
        sets=report.counted(examples(), held_out),
        figures=report.figures(held_out, Reader.open(tmp_path, device="cpu").read),
    )
    told = json.loads(json.dumps(made.as_json()))
    assert (told["base"], told["made"], told["seconds"]) == ("some/encoder", "2026-11-22", 3720)
    assert [(one["name"], one["train"], one["held_out"]) for one in told["sets"]] == [("a", 16, 4), ("b", 16, 4)]
    assert {one["licence"] for one in told["sets"]} == {"as in the data's own README"}
    assert {(one["task"], one["n"]) for one in told["figures"]} == {
        ("sentiment", 2), ("target", 4), ("risk", 4), ("ner", 4),
    }  # fmt: skip
    assert all("interval_95" in one for one in told["figures"])
    assert told["calibration"]["after"] >= 0
    assert told["recipe"]["seed"] == short(4).seed
    card = report.card(made, "my-model")
    for expected in (
        "# my-model",
        "`some/encoder`",
        "2026-11-22 in 1 h 2 min",
        "| a | risk | ? | 16 | 4 |",
        "calibration",
    ):
        assert expected in card
