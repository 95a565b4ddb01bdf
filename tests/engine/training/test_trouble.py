"""What goes wrong while training: a kill, a full disk, a GPU without memory, no TensorBoard."""

from __future__ import annotations

import errno
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import torch

from engine.model.encoding import TextEncoder
from engine.model.reader import Reader
from engine.training import atomic_save
from engine.training.atomic_save import TrainingError, save_whole, write_text
from engine.training.batches import Batch, collate
from engine.training.finetune import TrainingRun, finetune
from engine.training.out_of_memory import MicroBatches, split
from engine.training.tensorboard import Curves
from tests.engine.model import small
from tests.engine.training.tiny import examples, short

ROOT = Path(__file__).resolve().parents[3]
ENDLESS = """
import sys
from pathlib import Path
from engine.training.finetune import finetune
from tests.engine.training.tiny import examples, short
finetune(sys.argv[1], examples(), out=Path(sys.argv[2]), recipe=short(100_000), device="cpu")
"""


def test_a_run_killed_at_once_goes_on_from_its_checkpoint(base: Path, tmp_path: Path) -> None:
    """kill -9 in the middle: the checkpoint is whole, and the next run begins at its step."""
    command = [sys.executable, "-c", ENDLESS, str(base), str(tmp_path)]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    checkpoint, patience = tmp_path / "checkpoint.pt", time.monotonic() + 100
    while not checkpoint.exists() and process.poll() is None and time.monotonic() < patience:
        time.sleep(0.05)
    process.kill()
    _, faults = process.communicate()
    assert checkpoint.exists(), faults.decode()
    step = torch.load(checkpoint, weights_only=True)["step"]
    recipe = short(100_000)
    done = finetune(base, examples(), out=tmp_path, recipe=recipe.shortened(2 * (step + 4)), device="cpu")
    assert done.phases[0].resumed_at == step
    assert Reader.open(tmp_path, device="cpu").reads


def batch_of(n: int) -> Batch:
    texts = TextEncoder(small.small_tokenizer())
    chosen = examples()[:n]
    chunks = [parts[0] for parts in texts.encode([(one.text, ()) for one in chosen])]
    return collate(chosen, chunks, pad=texts.pad)


def test_a_batch_in_parts_is_the_same_batch() -> None:
    whole = batch_of(7)
    parts = list(split(whole, 3))
    assert [len(part.texts) for part in parts] == [3, 3, 1]
    assert torch.equal(torch.cat([part.inputs["input_ids"] for part in parts]), whole.inputs["input_ids"])
    assert tuple(text for part in parts for text in part.texts) == whole.texts


def test_a_gpu_without_memory_halves_the_batch_and_says_so() -> None:
    """The work is begun anew in two parts, and stays in two parts from then on."""
    said: list[str] = []
    done: list[int] = []
    portions = MicroBatches(said.append)

    def work(part: Batch, share: float) -> Mapping[str, float]:
        if len(part.texts) > 4:
            raise torch.cuda.OutOfMemoryError("CUDA out of memory")
        done.append(len(part.texts))
        return {"loss": 2.0}

    assert portions.run(batch_of(8), work, begin=done.clear) == {"loss": 2.0}
    assert done == [4, 4]
    assert len(said) == 1
    assert "ran out of memory" in said[0]
    assert "in 2 parts" in said[0]
    portions.run(batch_of(8), work, begin=done.clear)
    assert (done, len(said)) == ([4, 4], 1)


def test_a_gpu_too_small_for_one_text_is_a_sentence() -> None:
    def work(part: Batch, share: float) -> Mapping[str, float]:
        raise torch.cuda.OutOfMemoryError("CUDA out of memory")

    with pytest.raises(TrainingError, match="not enough memory for a single text"):
        MicroBatches(lambda sentence: None).run(batch_of(4), work, begin=lambda: None)


def test_training_survives_a_gpu_without_memory(base: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first step fails once; the run says so and ends with a model."""
    real, failed = TrainingRun._losses, list[bool]()

    def losses(self: TrainingRun, *parts: Any, asking: bool) -> dict[str, torch.Tensor]:
        if not failed:
            failed.append(True)
            raise torch.cuda.OutOfMemoryError("CUDA out of memory")
        return real(self, *parts, asking=asking)

    monkeypatch.setattr(TrainingRun, "_losses", losses)
    said: list[str] = []
    finetune(base, examples(), out=tmp_path, recipe=short(4), say=said.append)
    assert any("each batch of 4 is computed in 2 parts" in sentence for sentence in said)
    assert Reader.open(tmp_path, device="cpu").reads


def test_a_full_disk_leaves_the_model_before(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A plain sentence, nothing half-written, and the old model still loads."""
    network, tokenizer = small.small_network()
    folder = tmp_path / "model"
    save_whole(network, tokenizer, folder)
    before = {path.name: path.read_bytes() for path in folder.iterdir()}

    def full(*args: Any, **kwargs: Any) -> None:
        args[2].mkdir(parents=True, exist_ok=True)
        (args[2] / "model.safetensors").write_bytes(b"half")
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(atomic_save, "save", full)
    with pytest.raises(TrainingError, match=r"disk under .* is full.*make room"):
        save_whole(network, tokenizer, folder, {"README.md": "new"})
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before
    assert [path.name for path in tmp_path.iterdir()] == ["model"]
    assert Reader.open(folder, device="cpu").reads


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full, which Linux has")
def test_a_full_disk_leaves_the_checkpoint_before(base: Path, tmp_path: Path) -> None:
    """The real thing: torch writes the next checkpoint to a device that is full."""
    finetune(base, examples(), out=tmp_path, recipe=short(4))
    before = (tmp_path / "checkpoint.pt").read_bytes()
    (tmp_path / "checkpoint.pt.new").symlink_to("/dev/full")
    with pytest.raises(TrainingError, match=r"cannot be written|is full"):
        finetune(base, examples(), out=tmp_path, recipe=short(8))
    assert (tmp_path / "checkpoint.pt").read_bytes() == before


def test_a_text_is_replaced_at_once_or_not_at_all(tmp_path: Path) -> None:
    write_text(tmp_path / "report.json", "{}")
    (tmp_path / ".report.json.new").mkdir()
    with pytest.raises(TrainingError, match="cannot be written"):
        write_text(tmp_path / "report.json", "half")
    assert (tmp_path / "report.json").read_text() == "{}"


def test_a_damaged_checkpoint_is_a_sentence(base: Path, tmp_path: Path) -> None:
    (tmp_path / "checkpoint.pt").write_bytes(b"not a checkpoint")
    with pytest.raises(TrainingError, match=r"checkpoint.pt is damaged: delete it"):
        finetune(base, examples(), out=tmp_path, recipe=short(2))


def test_without_tensorboard_training_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "torch.utils.tensorboard", None)
    said: list[str] = []
    curves = Curves(tmp_path, said.append)
    curves.add({"loss/sentiment": 1.0}, 1)
    curves.close()
    assert len(said) == 1
    assert "TensorBoard is not installed" in said[0]
    assert "Training goes on" in said[0]


def test_curves_are_written_for_tensorboard(base: Path, tmp_path: Path) -> None:
    pytest.importorskip("tensorboard", reason="needs the extra tocsin[train]")
    finetune(base, examples(), out=tmp_path, recipe=short(4), held_out=examples()[:8])
    names = {path.parent.name for path in (tmp_path / "curves").rglob("events.out.tfevents.*")}
    assert names == {"everything", "risks"}
