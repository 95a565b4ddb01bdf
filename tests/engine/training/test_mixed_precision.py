"""Training in bfloat16: the weights are kept in full precision, and the story embedding is fitted in the end."""

from __future__ import annotations

from pathlib import Path
from typing import cast

import pytest
import torch
from transformers import AutoTokenizer, PreTrainedTokenizerFast

from engine.model.encoding import TextEncoder
from engine.training.batches import Mixture, batches
from engine.training.embedding import Teacher, fit_embedding, softening
from engine.training.finetune import cut_encoder
from engine.training.losses import task_losses
from engine.training.mixed_precision import HalfPrecisionCopy, computes_half
from tests.engine.training.tiny import examples, save_encoder, short

CPU = torch.device("cpu")


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_encoder(tmp_path_factory.mktemp("base"))


def tools(base: Path) -> tuple[PreTrainedTokenizerFast, TextEncoder]:
    tokenizer = cast(PreTrainedTokenizerFast, AutoTokenizer.from_pretrained(base))
    return tokenizer, TextEncoder(tokenizer)


@pytest.mark.parametrize("half", [True, False])
def test_a_twin_teaches_the_network(base: Path, half: bool) -> None:
    """The loss falls, the network stays in float32, and what is frozen stays as it was."""
    torch.manual_seed(1)
    network, encoder = cut_encoder(base, short(2)), tools(base)[1]
    table = "encoder.embeddings.word_embeddings.weight"
    frozen = network.state_dict()[table].clone()
    twin = HalfPrecisionCopy(network, half=half)
    optimizer = torch.optim.AdamW([own for own in network.parameters() if own.requires_grad], lr=1e-2)
    stream = batches(Mixture(examples(), {}, seed=1), encoder, size=16, seed=1, pool=1)
    losses = []
    for _ in range(12):
        batch = next(stream)
        twin.begin()
        loss = torch.stack([*task_losses(twin(**batch.inputs), batch).values()]).sum()
        loss.backward()  # type: ignore[no-untyped-call]
        twin.give_gradients()
        optimizer.step()
        twin.take_weights()
        losses.append(loss.item())
    assert losses[-1] < 0.7 * losses[0]
    assert {own.dtype for own in network.parameters()} == {torch.float32}
    assert torch.equal(network.state_dict()[table], frozen)


def test_small_steps_add_up_in_full_precision(base: Path) -> None:
    """A step that bfloat16 would round away is kept."""
    network = cut_encoder(base, short(2))
    twin = HalfPrecisionCopy(network, half=True)
    with torch.no_grad():
        network.sentiment_head.bias.fill_(1.0)
        for _ in range(64):
            network.sentiment_head.bias += 1e-3
            twin.take_weights()
    assert torch.allclose(network.sentiment_head.bias, torch.tensor(1.064))


def test_only_machines_that_gain_by_it_train_in_half(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: {"avx512_bf16": True})
    assert computes_half(CPU)
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: {"avx2": True})
    assert not computes_half(CPU)


def test_the_fitted_embedding_is_near_the_teachers(base: Path) -> None:
    tokenizer, encoder = tools(base)
    network, teacher = cut_encoder(base, short(2)).eval(), Teacher(base, tokenizer, CPU)
    letters = "abcdefghijklmnopqrstuvwxyz"
    texts = [f"{letters[n % 26]} good {letters[n // 26 % 26]} bad {n}" for n in range(400)]
    network.embedding_head.weight.data.normal_()
    assert fit_embedding(network, encoder, teacher, texts) > 0.5
    inputs = next(batches(Mixture(examples(), {}, seed=1), encoder, size=4, seed=1, pool=1)).inputs
    with torch.no_grad():
        assert torch.allclose(network(**inputs).embedding.norm(dim=-1), torch.ones(4), atol=1e-4)


def test_a_softened_spectrum_is_more_even_and_whole_power_makes_it_even() -> None:
    made = torch.randn(4000, 8, generator=torch.Generator().manual_seed(1)) * torch.tensor([8.0] + [1.0] * 7)

    def spread(power: float) -> float:
        mapped = made @ softening(made, power)
        variances = torch.linalg.eigvalsh(mapped.T @ mapped)
        return float(variances.max() / variances.min())

    assert torch.allclose(softening(made, 0.0), torch.eye(8), atol=1e-4)
    assert spread(0.0) > 50 > 20 > spread(0.5) > 5 > spread(1.0)
    assert softening(torch.zeros(3, 8), 0.5).isfinite().all()


def test_softening_is_part_of_the_head(base: Path) -> None:
    """The embedding of a softened network is the softened embedding of the same network, of unit length."""
    tokenizer, encoder = tools(base)
    teacher, texts = Teacher(base, tokenizer, CPU), [f"good {n} bad {n * n}" for n in range(200)]
    inputs = next(batches(Mixture(examples(), {}, seed=1), encoder, size=4, seed=1, pool=1)).inputs
    network = cut_encoder(base, short(2)).eval()
    state = {name: weight.clone() for name, weight in network.state_dict().items()}
    found = []
    for power in (0.0, 0.5):
        network.load_state_dict(state)
        near = fit_embedding(network, encoder, teacher, texts, softened=power)
        with torch.no_grad():
            found.append((near, network(**inputs).embedding))
    (near, plain), (same, soft) = found
    assert near == pytest.approx(same, abs=0.02)
    assert not torch.allclose(plain, soft, atol=1e-2)
    assert torch.allclose(soft.norm(dim=-1), torch.ones(4), atol=1e-4)
