"""Replay: the production path on a virtual clock, without a store and without a look ahead."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from bot.backtest.post_file import read, read_posts
from bot.backtest.replay import IncidentChange, Replay, replay, watched
from bot.errors import TocsinError
from engine.post import Post, Reading, Sentiment, Standing, Topic
from engine.tuning.tuning import Tuning
from tests.conftest import NOW

TOPIC = Topic(name="Halden", query="halden", aliases=("Halden",))


class WordReader:
    """Always of the same opinion: a post with "glass" is bad and tells of injuries."""

    def read(self, pairs: Sequence[tuple[Post, Topic]]) -> list[Reading]:
        return [self._one(post) for post, _ in pairs]

    def _one(self, post: Post) -> Reading:
        bad = "glass" in post.text
        mood = Sentiment(negative=0.95 if bad else 0.05, neutral=0.05, positive=0.0 if bad else 0.9)
        return Reading(post_id=post.id, lang="en", sentiment=mood, risks={"injury": 0.95} if bad else {})


def quiet(days: int = 14) -> list[Post]:
    return [
        Post(id=f"q{n}", published=NOW + timedelta(hours=6 * n), text=f"lunch at halden, table {n}", source="forum")
        for n in range(days * 4)
    ]


def crisis(start: datetime, n: int = 120) -> list[Post]:
    return [
        Post(
            id=f"c{i}", published=start + timedelta(minutes=i), author=f"guest{i}", source=f"forum{i % 5}",
            text=f"halden served glass to guest {i} and {i * 7 % 11} others went to hospital",
        )
        for i in range(n)
    ]  # fmt: skip


def run(posts: list[Post]) -> list[IncidentChange]:
    return list(replay(posts, TOPIC, WordReader()))


def test_a_crisis_rings_once_and_ends() -> None:
    """Opened after it began, within the hour; one incident; stood down after half a day of calm."""
    start = NOW + timedelta(days=14)
    after = [Post(id="z", published=start + timedelta(days=6), text="halden lunch", source="forum")]
    changes = run(quiet() + crisis(start) + after)
    assert {change.incident for change in changes} == {1}
    assert changes[0].event == "opened"
    assert start <= changes[0].at <= start + timedelta(hours=1)
    assert changes[-1].event == "resolved"
    assert set(changes[0].assessment.evidence) <= {f"c{i}" for i in range(120)}


def test_quiet_weeks_say_nothing() -> None:
    assert run(quiet(28)) == []


def test_what_comes_later_changes_nothing_that_was_said_before() -> None:
    """Reading ahead of the clock is impossible: a prefix of the posts gives a prefix of the changes."""
    posts = quiet() + crisis(NOW + timedelta(days=14))
    whole = [change.as_dict() for change in run(posts)]
    part = [change.as_dict() for change in run(posts[:-60])]
    assert part == whole[: len(part)]
    assert part


def test_the_same_posts_give_the_same_changes() -> None:
    posts = quiet() + crisis(NOW + timedelta(days=14))
    assert [c.as_dict() for c in run(posts)] == [c.as_dict() for c in run(posts)]


def test_posts_out_of_order_are_refused() -> None:
    with pytest.raises(TocsinError, match="out of order"):
        run([*quiet(2), Post(id="old", published=NOW, text="halden", source="forum")])


def test_a_broken_line_is_named(tmp_path: Path) -> None:
    file = tmp_path / "posts.jsonl"
    file.write_text(
        json.dumps({"id": "1", "published": "2026-01-01T00:00:00Z", "text": "x", "source": "weibo-hot-search"})
        + '\n{"id": "2", "text": "no time"}\n',
        encoding="utf-8",
    )
    posts = read_posts(file)
    assert next(posts).standing is Standing.BOARD
    with pytest.raises(TocsinError, match="line 2 is no post"):
        next(posts)


def test_settings_side_by_side_ring_as_each_would_alone() -> None:
    """What is measured is shared; the levels and incidents of one setting know nothing of the other's."""
    posts = quiet(10) + crisis(NOW + timedelta(days=10), 60)
    tunings = [Tuning(), Tuning(strictness=4.0, trust={"gravity": 0.5}), Tuning(strictness=0.5)]

    def rung(some: Sequence[Tuning]) -> list[list[dict[str, object]]]:
        running = Replay(watched(TOPIC, NOW), read(posts, TOPIC, WordReader()), tunings=some)
        found: list[list[dict[str, object]]] = [[] for _ in some]
        for number, change in running.run(NOW + timedelta(days=12)):
            found[number].append(change.as_dict())
        return found

    together = rung(tunings)
    assert together == [rung([tuning])[0] for tuning in tunings]
    assert together[0] != together[1]


def test_posts_of_one_minute_are_looked_at_together_after_it() -> None:
    """The clock ticks by the minute: what is said of a moment rests on all that was written by then."""
    start = NOW + timedelta(days=14, seconds=20)
    burst = [replace(post, published=start + timedelta(seconds=n / 10)) for n, post in enumerate(crisis(start))]
    first = run(quiet() + burst)[0]
    assert first.at == NOW + timedelta(days=14, minutes=1)
