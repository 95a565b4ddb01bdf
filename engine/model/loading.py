"""Find, load and save networks: the shipped default, a local folder, or any name on the hub.

A model that is not Tocsin's own (any sequence classifier of sentiment) is taken as it is, see ``classifier``.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, cast

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import nn
from transformers import PreTrainedTokenizerFast
from transformers.utils.hub import cached_file

from engine.errors import EngineError
from engine.model.network import TocsinConfig, TocsinNetwork
from engine.model.packing import pack, unpack

DEFAULT = Path(__file__).resolve().parent.parent / "weights"
TABLE = "encoder.embeddings.word_embeddings.weight"
DECIDING = frozenset({"sentiment_head", "risk_head", "entity_head"})


class ModelError(EngineError):
    """The model cannot be loaded, or cannot read."""


def save(network: TocsinNetwork, tokenizer: PreTrainedTokenizerFast, folder: Path) -> None:
    """Write configuration, packed weights and tokenizer; a crash leaves the old file or the new one, no half one."""
    folder.mkdir(parents=True, exist_ok=True)
    temporary = folder / "model.safetensors.tmp"
    save_file(pack(network.state_dict(), (TABLE,), _matrices(network)), temporary, metadata={"format": "pt"})
    temporary.replace(folder / "model.safetensors")
    network.config.architectures = ["TocsinNetwork"]
    network.config.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    tokens = folder / "tokenizer.json"  # written with indents, which almost doubles it
    tokens.write_text(
        json.dumps(json.loads(tokens.read_text(encoding="utf-8")), ensure_ascii=False, separators=(",", ":")),
        encoding="utf-8",
    )


def _matrices(network: nn.Module) -> set[str]:
    """Names of the weights of all linear layers but those that decide a label: these weigh nothing."""
    return {
        f"{name}.weight"
        for name, module in network.named_modules()
        if isinstance(module, nn.Linear) and name not in DECIDING
    }


def find(name: str | Path, file: str) -> Path:
    """A file of a local folder or of a model on the hub (downloaded once)."""
    fault = ModelError("model.no_file", name=name, file=file)
    try:
        path = cached_file(str(name), file)
    except (OSError, ValueError) as error:
        raise fault from error
    if path is None:  # a folder, but not a model's
        raise fault
    return Path(path)


def model_type(name: str | Path) -> str:
    """The ``model_type`` of a model's config.json, as Transformers writes it. Raises ModelError."""
    try:
        config = json.loads(find(name, "config.json").read_text(encoding="utf-8"))
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        raise ModelError("model.config", name=name, why=error) from error
    return str(config.get("model_type", ""))


def load_network(name: str | Path) -> tuple[TocsinNetwork, PreTrainedTokenizerFast]:
    """A Tocsin network in float32, ready to read, and its tokenizer."""
    path = find(name, "model.safetensors")
    try:
        config = TocsinConfig.from_pretrained(str(name))
        state = unpack(load_file(path))
    except (SafetensorError, OSError, ValueError, KeyError) as error:
        raise ModelError("model.damaged", path=path, why=error) from error
    with torch.device("meta"):
        network = TocsinNetwork(config)
    missing = set(network.state_dict()) - set(state)
    if missing:
        raise ModelError("model.other_version", path=path, part=min(missing))
    network.load_state_dict(state, assign=True, strict=False)
    _restore_buffers(network)
    return network.eval(), load_tokenizer(name)


def load_tokenizer(name: str | Path, kind: Any = PreTrainedTokenizerFast) -> PreTrainedTokenizerFast:
    """The tokenizer that lies beside a network; *kind* is AutoTokenizer for models that are not our own."""
    try:
        tokenizer = kind.from_pretrained(str(name))
    except (OSError, ValueError) as error:
        raise ModelError("model.tokenizer", name=name, why=error) from error
    if not getattr(tokenizer, "is_fast", False):
        raise ModelError("model.slow_tokenizer", name=name)
    return cast(PreTrainedTokenizerFast, tokenizer)


def _restore_buffers(network: TocsinNetwork) -> None:
    """Buffers that are not stored (positions) were made on the meta device: make them again."""
    for module in network.modules():
        for key, buffer in list(module._buffers.items()):
            if buffer is not None and buffer.is_meta:
                shape = tuple(buffer.shape)
                fresh: Any = (
                    torch.arange(shape[-1]).expand(shape).clone()
                    if key == "position_ids"
                    else torch.zeros(shape, dtype=buffer.dtype)
                )
                module._buffers[key] = fresh


def pick_device(wanted: str = "auto") -> torch.device:
    """``auto`` takes cuda, then mps, then cpu."""
    if wanted != "auto":
        return torch.device(wanted)
    if torch.cuda.is_available():
        return torch.device("cuda")
    return torch.device("mps" if torch.backends.mps.is_available() else "cpu")
