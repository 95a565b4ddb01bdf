"""Invented brands are what they are said to be, and the same every time."""

from __future__ import annotations

import numpy as np
import pytest

from bot.bench.detection.synthetic import GROWTHS, PER_DAY, SyntheticBrand, SyntheticStream, generate, rhythm
from bot.bench.detection.synthetic_posts import PostWriter, moment
from engine.post import RISKS, Polarity

BRAND = SyntheticBrand(name="Saltfern", seed=11, per_day=600, negative=0.2)


@pytest.fixture(scope="module")
def quiet() -> SyntheticStream:
    return generate(BRAND, days=28, warm=7)


@pytest.fixture(scope="module")
def stormy() -> SyntheticStream:
    return generate(BRAND, (5.0, 20.0), days=15, warm=7)


def test_the_same_seed_gives_the_same_stream_and_another_one_another(quiet: SyntheticStream) -> None:
    again = generate(BRAND, days=28, warm=7)
    assert np.array_equal(again.at, quiet.at)
    assert again.surges == quiet.surges
    other = generate(SyntheticBrand(name="Saltfern", seed=12, per_day=600), days=28, warm=7)
    assert len(other.at) != len(quiet.at) or not np.array_equal(other.at, quiet.at)


def test_posts_come_in_time_order_and_copies_repeat_earlier_ones(stormy: SyntheticStream) -> None:
    assert (np.diff(stormy.at) >= 0).all()
    assert stormy.at[-1] < stormy.minutes
    copies = stormy.first >= 0
    assert copies.any()
    assert (stormy.first[copies] < np.flatnonzero(copies)).all()
    assert (stormy.theme[stormy.first[copies]] == stormy.theme[copies]).all()


def test_traffic_has_a_rhythm_and_is_more_ragged_than_chance(quiet: SyntheticStream) -> None:
    hours = quiet.counts()[: 7 * PER_DAY].reshape(-1, 60).sum(axis=1)
    expected = 600 / PER_DAY * rhythm(7 * PER_DAY).reshape(-1, 60).sum(axis=1)
    assert hours.sum() == pytest.approx(expected.sum(), rel=0.25)
    by_hour = hours.reshape(7, 24).sum(axis=0)
    assert by_hour[14:18].sum() > 2 * by_hour[2:6].sum()
    assert ((hours - expected) ** 2 / expected).mean() > 1.5  # Poisson's would be 1


def test_a_crisis_begins_at_its_onset_and_is_as_large_as_its_growth(stormy: SyntheticStream) -> None:
    usual = 600 / PER_DAY * rhythm(stormy.minutes)
    for crisis in stormy.crises:
        assert crisis.onset >= stormy.warm
        full = slice(int(crisis.onset + crisis.rise) + 1, int(crisis.end))
        ratio = stormy.counts()[full].sum() / usual[full].sum()
        assert ratio == pytest.approx(crisis.growth, rel=0.5)
    assert sorted(crisis.growth for crisis in stormy.crises) == [5.0, 20.0]


def test_a_success_brings_posts_that_are_not_against_the_brand(quiet: SyntheticStream) -> None:
    success = next(surge for surge in quiet.surges if not surge.crisis)
    during = (quiet.at > success.onset + success.rise) & (quiet.at < success.end)
    assert quiet.negative[during].mean() < quiet.negative[~during].mean()
    assert quiet.crises == ()


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_written_posts_say_what_the_row_says(lang: str) -> None:
    brand = SyntheticBrand(name="盐蕨" if lang == "zh" else "Saltfern", seed=3, per_day=100, lang=lang)
    stream = generate(brand, (8.0,), days=6, warm=4)
    writer = PostWriter(brand)
    for row in range(0, len(stream.at), 37):
        arrival = writer.arrival(stream, row)
        assert arrival.post.published == moment(stream.at[row])
        assert (arrival.reading.sentiment.label is Polarity.NEGATIVE) == stream.negative[row]
        assert set(arrival.reading.risks) == ({RISKS[stream.risk[row]]} if stream.risk[row] >= 0 else set())
        assert arrival.post.text.startswith(brand.name)
        assert PostWriter(brand).arrival(stream, row).post == arrival.post


def test_posts_of_one_theme_are_nearer_than_those_of_two(stormy: SyntheticStream) -> None:
    writer = PostWriter(BRAND)
    theme = int(stormy.theme[0])
    same = [row for row in range(2000) if stormy.theme[row] == theme][:12]
    others = [row for row in range(2000) if stormy.theme[row] != theme][:12]
    first, *rest = [writer.arrival(stormy, row).reading.embedding for row in same]
    assert first is not None
    near = np.mean([first @ each for each in rest if each is not None])
    far = np.mean(
        [first @ vector for row in others if (vector := writer.arrival(stormy, row).reading.embedding) is not None]
    )
    assert near > 0.35 > far


def test_growths_reach_from_a_murmur_to_a_storm() -> None:
    assert min(GROWTHS) == 1.5
    assert max(GROWTHS) == 20
