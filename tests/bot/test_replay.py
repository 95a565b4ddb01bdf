"""Replay: the production path on a virtual clock, without a store and without a look ahead."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from bot.errors import TocsinError
from bot.replay import Change, read_posts, replay
from engine.post import Post, Reading, Sentiment, Standing, Topic
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


def run(posts: list[Post]) -> list[Change]:
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
