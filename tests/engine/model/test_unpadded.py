"""Reading fast: the lean forward, 8-bit integers, the packed file and the batches are held against the plain way."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import partial
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from safetensors.torch import load_file

from engine.model.batching import ahead, tensors
from engine.model.encoding import TextEncoder
from engine.model.loading import ModelError, load_network, save
from engine.model.network import TocsinConfig, TocsinNetwork
from engine.model.packing import pack, pack_matrix, unpack
from engine.model.quantize import GENTLE, IntLinear, weight_limit
from engine.model.reader import Reader
from engine.model.runners import PaddedRunner, PrecisionError, open_runner
from engine.model.unpadded import Answers, UnpaddedNetwork, supports
from engine.post import Post, Topic
from tests.engine.model import small

CPU = torch.device("cpu")
TEXTS = [
    "the noodles were cold and late",
    "西北面馆今天道歉了",
    "bad",
    "Acme staff apologised at once to every guest, acme!",
    "good " * 700,
    "服务差 bad 服务差",
    "the noodles were good and late",
]
needs_integers = pytest.mark.skipif(weight_limit() == 0, reason="this CPU multiplies no 8-bit integers")


def posts(texts: list[str] = TEXTS) -> list[tuple[Post, Topic | None]]:
    when = datetime(2026, 1, 1, tzinfo=UTC)
    topic = Topic(name="Acme", query="acme", aliases=("Acme", "西北面馆"))
    return [
        (Post(id=str(number), published=when, text=text), topic if number % 2 else None)
        for number, text in enumerate(texts)
    ]


@pytest.fixture(scope="module")
def network() -> TocsinNetwork:
    return small.small_network()[0]


@pytest.fixture(scope="module")
def encoder() -> TextEncoder:
    return TextEncoder(small.small_tokenizer())


def answers_close(one: Answers, other: Answers, tolerance: float) -> None:
    for part in ("sentiment", "risks", "embedding", "entities"):
        torch.testing.assert_close(getattr(one, part), getattr(other, part), rtol=0, atol=tolerance)


@pytest.mark.parametrize("kind", ["bert", "xlm-roberta"])
@torch.inference_mode()
def test_the_lean_forward_is_the_plain_one(encoder: TextEncoder, kind: str) -> None:
    """Without padding and masks, with one projection for three: the same numbers, positions included."""
    torch.manual_seed(2)
    options = small.small_encoder(small.small_tokenizer()) | {"model_type": kind, "max_position_embeddings": 520}
    network = TocsinNetwork(TocsinConfig(encoder=options)).eval()
    chunks = [chunk for parts in encoder.encode([(text, ("acme",)) for text in TEXTS]) for chunk in parts]
    plain = PaddedRunner(network, CPU, "fp32", encoder.pad).launch(chunks)()
    lean = UnpaddedNetwork(network)(chunks)
    answers_close(lean, plain, 1e-5)


def test_other_architectures_are_run_plainly(network: TocsinNetwork) -> None:
    relu = TocsinConfig(encoder={**network.config.encoder, "hidden_act": "relu"})
    assert supports(network)
    assert not supports(TocsinNetwork(relu))
    assert not supports(torch.nn.Linear(2, 2))
    runner = open_runner(TocsinNetwork(relu), device=CPU, precision="auto", pad=1)
    assert isinstance(runner, PaddedRunner)


@needs_integers
def test_an_integer_layer_is_close_to_the_float_one() -> None:
    torch.manual_seed(1)
    weight, bias, x = torch.randn(48, 64), torch.randn(48), torch.randn(9, 64)
    x[:, 3] += 12  # an outlier channel, as encoders have them
    exact = torch.nn.functional.linear(x, weight, bias)
    rough = IntLinear(weight, bias, limit=weight_limit())(x)
    assert (rough - exact).norm() / exact.norm() < 0.03


@needs_integers
def test_a_row_of_zeros_and_a_constant_row_are_no_trouble() -> None:
    weight, bias = torch.randn(8, 32), torch.randn(8)
    x = torch.stack([torch.zeros(32), torch.full((32,), 3.0)])
    torch.testing.assert_close(IntLinear(weight, bias)(x)[0], bias)
    assert IntLinear(torch.zeros(8, 32), bias)(x).isfinite().all()


@needs_integers
@settings(max_examples=25)
@given(st.permutations(range(12)), st.integers(1, 12))
def test_in_integers_a_token_does_not_depend_on_its_company(order: list[int], size: int) -> None:
    """To the last bit: the reason why no layer of PyTorch's own is used."""
    generator = torch.Generator().manual_seed(4)
    weight, bias = torch.randn(40, 32, generator=generator), torch.randn(40, generator=generator)
    x = torch.randn(12, 32, generator=generator) * torch.arange(1, 13).unsqueeze(1)
    layer = IntLinear(weight, bias)
    whole = layer(x)
    chosen = order[:size]
    assert torch.equal(layer(x[chosen]), whole[chosen])


@needs_integers
def test_company_and_order_change_nothing_in_integers() -> None:
    reader = Reader(*small.small_network(), device="cpu", precision="int8", token_budget=512)
    pairs = posts()
    alone = [reader.read([pair])[0] for pair in pairs]
    order = list(range(len(pairs)))
    random.Random(3).shuffle(order)
    small.assert_alike(reader.read([pairs[i] for i in order]), [alone[place] for place in order])


@pytest.mark.parametrize(("pays", "expected"), [(True, "int8"), (False, "fp32")])
def test_integers_are_taken_by_themselves_only_where_they_are_quicker(
    network: TocsinNetwork, monkeypatch: pytest.MonkeyPatch, *, pays: bool, expected: str
) -> None:
    monkeypatch.setattr("engine.model.runners.weight_limit", lambda: GENTLE)
    monkeypatch.setattr("engine.model.runners.integers_pay", lambda: pays)
    assert open_runner(network, device=CPU, precision="auto", pad=1).precision == expected


def test_a_precision_that_cannot_be_is_refused(network: TocsinNetwork) -> None:
    with pytest.raises(PrecisionError, match=r'no precision "fp8": choose one of auto, fp32, int8, bf16'):
        open_runner(network, device=CPU, precision="fp8", pad=1)
    relu = TocsinNetwork(TocsinConfig(encoder={**network.config.encoder, "hidden_act": "relu"}))
    with pytest.raises(PrecisionError, match="choose auto"):
        open_runner(relu, device=CPU, precision="int8", pad=1)


def test_half_precision_reads_nearly_the_same() -> None:
    full = Reader(*small.small_network(), device="cpu", precision="fp32").read(posts())
    half = Reader(*small.small_network(), device="cpu", precision="bf16").read(posts())
    for one, other in zip(full, half, strict=True):
        assert one.sentiment.negative == pytest.approx(other.sentiment.negative, abs=0.1)


class Cramped:
    """A runner on a device with room for *room* texts at once: what a GPU that is out of memory does."""

    precision = "fp32"
    token_budget = 4096

    def __init__(self, inner: Any, room: int) -> None:
        self.inner, self.room = inner, room
        self.sizes: list[int] = []

    def launch(self, chunks: Any) -> Any:
        self.sizes.append(len(chunks))
        if len(chunks) > self.room:
            raise torch.OutOfMemoryError("CUDA out of memory.")
        return self.inner.launch(chunks)


def test_out_of_graphics_memory_halves_the_batch_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every post is read all the same, and later batches are smaller from the beginning."""
    reader = Reader(*small.small_network(), device="cpu", precision="fp32")
    pairs = posts(["the noodles were cold"] * 16)
    whole = reader.read(pairs)
    cramped = Cramped(reader._runner, room=4)
    monkeypatch.setattr(reader, "_runner", cramped)
    reader.token_budget = 4096
    with pytest.warns(RuntimeWarning, match="graphics memory was too small"):
        again = reader.read(pairs)
    small.assert_alike(again, whole)
    cramped.sizes.clear()
    reader.read(pairs)  # a warning would fail the test
    assert max(cramped.sizes) <= 4


def test_no_room_for_a_single_post_is_a_plain_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    reader = Reader(*small.small_network(), device="cpu", precision="fp32")
    monkeypatch.setattr(reader, "_runner", Cramped(reader._runner, room=0))
    with pytest.raises(ModelError, match="too small for a single post"):
        reader.read(posts(["cold"]))


def test_more_posts_than_a_slice_keep_their_order(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tokenised ahead in a thread, slice by slice: the same readings as at once."""
    reader = Reader(*small.small_network(), device="cpu", precision="fp32", token_budget=512)
    pairs = posts([f"{text} {number}" for number in range(6) for text in TEXTS[:4]])
    whole = reader.read(pairs)
    monkeypatch.setattr("engine.model.reader.SLICE", 5)
    sliced = reader.read(pairs)
    assert [reading.post_id for reading in sliced] == [reading.post_id for reading in whole]
    small.assert_alike(sliced, whole)


def test_work_ahead_is_bounded_and_in_order() -> None:
    """The queue asks for no more than it may hold, and an error arrives where its item would."""
    asked: list[int] = []

    def items() -> Iterator[int]:
        for number in range(20):
            asked.append(number)
            yield number

    made = ahead(lambda number: 10 // (number - 7), items(), depth=2)
    taken = [next(made)]
    assert len(asked) <= 4
    taken += [next(made) for _ in range(6)]
    assert taken == [10 // (number - 7) for number in range(7)]
    with pytest.raises(ZeroDivisionError):
        next(made)
    assert len(asked) < 20


def test_tensors_hold_what_the_chunks_hold(encoder: TextEncoder) -> None:
    chunks = [parts[0] for parts in encoder.encode([("acme was late", ("acme",)), ("bad", ())])]
    made = tensors(chunks, pad=encoder.pad, device=CPU)
    assert made["input_ids"].shape == made["mention_mask"].shape == (2, len(chunks[0].ids))
    assert made["input_ids"][1].tolist()[: len(chunks[1].ids)] == chunks[1].ids
    assert made["attention_mask"].sum(1).tolist() == [len(chunk.ids) for chunk in chunks]
    assert made["text_mask"].sum(1).tolist() == [len(chunk.offsets) for chunk in chunks]
    assert made["mention_mask"].sum(1).tolist() == [len(chunk.mention) for chunk in chunks]


def test_a_matrix_in_eight_bits_is_near_and_packs_the_same_again() -> None:
    torch.manual_seed(6)
    weight = torch.randn(40, 96) * torch.rand(40, 1)
    weight[3] = 0
    codes, scales = pack_matrix(weight)
    once = codes.float() * scales.float()
    assert (once - weight).norm() / weight.norm() < 0.01
    again, scales_again = pack_matrix(once)
    assert torch.equal(codes, again)
    assert torch.equal(scales, scales_again)


def test_a_searched_scale_beats_the_extreme_one() -> None:
    """One outlier in a row would coarsen all of it."""
    torch.manual_seed(7)
    weight = torch.randn(32, 512)
    weight[:, 0] = 5.2
    codes, scales = pack_matrix(weight)
    naive = weight.abs().amax(1, keepdim=True) / 127
    rounded = (weight / naive).round() * naive
    assert (codes.float() * scales.float() - weight).norm() <= (rounded - weight).norm()


@pytest.mark.parametrize("layers", [1, 3])
def test_a_network_of_any_depth_comes_back_from_its_file(tmp_path: Any, layers: int) -> None:
    tokenizer = small.small_tokenizer()
    options = small.small_encoder(tokenizer) | {"num_hidden_layers": layers}
    network = TocsinNetwork(TocsinConfig(encoder=options)).eval()
    save(network, tokenizer, tmp_path)
    again, _ = load_network(tmp_path)
    for name, tensor in network.state_dict().items():
        error = (again.state_dict()[name] - tensor).abs().max()
        assert error <= max(1e-3, float(tensor.abs().max()) / 7), name
    save(again, tokenizer, tmp_path)
    third, _ = load_network(tmp_path)
    assert all(torch.equal(a, b) for a, b in zip(again.state_dict().values(), third.state_dict().values(), strict=True))


def test_a_file_in_half_precision_still_loads() -> None:
    """As files were before: only the table in 4 bits."""
    network, _ = small.small_network()
    state = network.state_dict()
    table = "encoder.embeddings.word_embeddings.weight"
    old = unpack(pack(state, (table,)))
    assert old.keys() == state.keys()
    assert all((old[name] - state[name]).abs().max() < 2e-3 for name in state if name != table)


def test_the_last_layers_of_the_heads_stay_in_half_precision(tmp_path: Any) -> None:
    save(*small.small_network(), tmp_path)
    packed = load_file(tmp_path / "model.safetensors")
    assert {packed[f"{head}_head.weight"].dtype for head in ("sentiment", "risk", "entity")} == {torch.float16}
    assert packed["sentiment_dense.weight.q8"].dtype == torch.int8


@needs_integers
def test_what_the_file_rounded_the_integer_layer_does_not_round_again(tmp_path: Any) -> None:
    """The codes in the file are those that are multiplied."""
    save(*small.small_network(), tmp_path)
    network, _ = load_network(tmp_path)
    weight = network.encoder.encoder.layer[0].intermediate.dense.weight.detach()  # type: ignore[union-attr]
    layer = IntLinear(weight, torch.zeros(len(weight)), limit=127)
    torch.testing.assert_close(layer._codes.t().float() * layer._scale.unsqueeze(1), weight, rtol=1e-5, atol=1e-7)


@needs_integers
def test_lean_networks_can_be_made_with_any_layer(network: TocsinNetwork, encoder: TextEncoder) -> None:
    """Smaller codes, for machines without VNNI, are coarser, not wrong."""
    chunks = [parts[0] for parts in encoder.encode([(text, ()) for text in TEXTS])]
    with torch.inference_mode():
        plain = UnpaddedNetwork(network)(chunks)
        rough = UnpaddedNetwork(network, partial(IntLinear, limit=GENTLE))(chunks)
    answers_close(rough, plain, 0.5)
