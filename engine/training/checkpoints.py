"""A training run kept as it stands, so that a kill costs at most a few steps; and its best network so far."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from pickle import UnpicklingError
from typing import Any

import torch

from engine.model.network import TocsinNetwork
from engine.training.atomic_save import TrainingError, writing
from engine.training.early_stopping import EvaluationHistory

LATEST, BEST, BEGUN = "checkpoint.pt", "best.pt", "begun.pt"


@dataclass(frozen=True, kw_only=True)
class TrainingPosition:
    """Where a run stands: *step* of *phase*, and what the looks at the held-out examples of the phase gave."""

    phase: int
    step: int = 0
    looks: EvaluationHistory = field(default_factory=EvaluationHistory)


@dataclass(frozen=True, kw_only=True)
class Checkpoints:
    """The files of a run in *folder*."""

    folder: Path

    def keep(self, place: TrainingPosition, network: TocsinNetwork, optimizer: Any, schedule: Any) -> None:
        """Write the run down; a crash, or a full disk, leaves the checkpoint before."""
        self._write(
            LATEST,
            {
                "phase": place.phase,
                "step": place.step,
                "looks": place.looks.scores,
                "network": network.state_dict(),
                "optimizer": optimizer.state_dict(),
                "schedule": schedule.state_dict(),
            },
        )

    def keep_best(self, phase: int, network: TocsinNetwork) -> None:
        self._write(BEST, {"phase": phase, "network": network.state_dict()})

    def resume(self, phase: int, network: TocsinNetwork, optimizer: Any, schedule: Any) -> TrainingPosition | None:
        """Take up the last checkpoint, and say where *phase* stands: at its start if it is new, None if it is over."""
        saved = self._read(LATEST)
        if saved is None:
            return TrainingPosition(phase=phase)
        network.load_state_dict(saved["network"])
        if saved["phase"] != phase:
            return TrainingPosition(phase=phase) if saved["phase"] < phase else None
        optimizer.load_state_dict(saved["optimizer"])
        schedule.load_state_dict(saved["schedule"])
        return TrainingPosition(
            phase=phase, step=int(saved["step"]), looks=EvaluationHistory(scores=tuple(saved.get("looks", ())))
        )

    def take_best(self, phase: int, network: TocsinNetwork) -> None:
        """Go back to the best network of *phase*, if one was kept."""
        saved = self._read(BEST)
        if saved is not None and saved["phase"] == phase:
            network.load_state_dict(saved["network"])

    def begin(self, phase: int, network: TocsinNetwork, share: float) -> None:
        """Begin *phase*, one after the first, with what the phase before ended with, *share* of that phase's own
        beginning mixed in; and remember what it begins with."""
        saved = self._read(BEGUN)
        if saved is not None and saved["phase"] == phase:  # killed before the first checkpoint of the phase
            network.load_state_dict(saved["network"])
            return
        self.mix_in_begun(network, share)
        self._write(BEGUN, {"phase": phase, "network": network.state_dict()})

    def take_begun(self, network: TocsinNetwork) -> None:
        """Make *network* what the phase under way began with."""
        saved = self._read(BEGUN)
        if saved is not None:
            network.load_state_dict(saved["network"])

    def mix_in_begun(self, network: TocsinNetwork, share: float) -> None:
        """Make *share* of the weights of *network* those that its last phase began with (a model soup, Wortsman et al.
        2022); nothing, if that was the first."""
        saved = self._read(BEGUN) if share else None
        if saved is not None:
            with torch.no_grad():
                for name, weight in network.named_parameters():
                    weight.lerp_(saved["network"][name].to(weight), share)

    def _read(self, name: str) -> dict[str, Any] | None:
        path = self.folder / name
        if not path.exists():
            return None
        try:
            saved: dict[str, Any] = torch.load(path, weights_only=True, map_location="cpu")
        except (OSError, RuntimeError, EOFError, ValueError, UnpicklingError) as error:
            raise TrainingError("training.checkpoint", path=path) from error
        return saved

    def _write(self, name: str, saved: dict[str, Any]) -> None:
        made = self.folder / f"{name}.new"
        with writing(self.folder):
            try:
                torch.save(saved, made)
                made.replace(self.folder / name)
            finally:
                made.unlink(missing_ok=True)
