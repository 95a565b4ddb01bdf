"""Counts in time buckets."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from engine.watch.windows import BUCKET, SPAN, Ring

NOW = datetime(2026, 3, 2, 8, 2, tzinfo=UTC)


@pytest.fixture
def ring() -> Ring:
    return Ring(step=BUCKET, columns=2)


def test_a_count_stands_in_the_bucket_of_its_own_time(ring: Ring) -> None:
    ring.add(NOW, 0)
    ring.add(NOW - timedelta(minutes=10), 1, 2.0)
    assert ring.until(NOW, 3).tolist() == [[0, 2], [0, 0], [1, 0]]


def test_time_that_passes_without_posts_is_zeros(ring: Ring) -> None:
    ring.add(NOW, 0)
    assert ring.until(NOW + timedelta(minutes=10), 3)[:, 0].tolist() == [1, 0, 0]


def test_looking_back_does_not_see_what_came_later(ring: Ring) -> None:
    ring.add(NOW, 0)
    assert not ring.until(NOW - timedelta(minutes=5), 10).any()


def test_what_is_older_than_the_span_is_forgotten(ring: Ring) -> None:
    ring.add(NOW, 0)
    ring.add(NOW - 2 * SPAN, 0)
    assert ring.until(NOW).sum() == 1
    ring.add(NOW + 2 * SPAN, 0)
    assert ring.until(NOW + 2 * SPAN).sum() == 1


def test_an_empty_ring_is_all_zeros(ring: Ring) -> None:
    assert ring.until(NOW).shape == (SPAN // BUCKET, 2)
    assert not ring.until(NOW).any()


def test_a_dump_reads_back_as_the_same_counts(ring: Ring) -> None:
    for minutes in (0, 5, 7, 1200, 30000):
        ring.add(NOW - timedelta(minutes=minutes), minutes % 2, 1.5)
    again = Ring(step=BUCKET, columns=2)
    again.load(*ring.dump())
    np.testing.assert_array_equal(again.until(NOW), ring.until(NOW))


def test_a_ring_of_other_columns_is_left_empty(ring: Ring) -> None:
    ring.add(NOW, 0)
    again = Ring(step=BUCKET, columns=3)
    again.load(*ring.dump())
    assert not again.until(NOW).any()


def test_an_empty_ring_reads_back_as_empty(ring: Ring) -> None:
    again = Ring(step=BUCKET, columns=2)
    again.load(*ring.dump())
    assert again.head is None
