"""What a post costs the watch as the window grows: invented posts of both languages through ``watch.update``.

No encoder: the embeddings are drawn. Costs are processor time, so that a busy machine does not change them much.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import numpy as np
import typer

from bot.bench.detection.synthetic_posts import LABELS, SOURCES, WORDS
from engine.post import Post, Reading, Sentiment, SourceHealth, Topic
from engine.watch import watch
from engine.watch.windows import SPAN

if TYPE_CHECKING:
    from numpy.typing import NDArray

START = datetime(2026, 1, 5, tzinfo=UTC)
DIMENSIONS = 384  # as the default model's embeddings
BATCH = 64  # as many posts as a worker takes at once
LIVELY = 400  # stories that posts are added to at any time
BEGINS = 0.05  # the share of posts that begin a story
MEASURED = 6_400  # posts over which the cost is taken before each size
SIZES = (10_000, 30_000, 100_000, 300_000, 1_000_000)
MIXED = 18  # words of a post

TOPIC = Topic(name="Acme", query="acme", aliases=("acme",))


@dataclass(frozen=True, kw_only=True, slots=True)
class Cost:
    """*posts* in the window, *stories* in memory, and the milliseconds of one core that a post costs then."""

    posts: int
    stories: int
    ms: float


class Flood:
    """An endless stream of posts of one topic, *every* apart; the same seed always gives the same."""

    def __init__(self, every: timedelta, seed: int = 7) -> None:
        self._every, self._rng = every, np.random.default_rng(seed)
        self._words = {lang: words.split() for lang, words in WORDS.items()}
        self._themes: list[tuple[NDArray[np.float32], list[int]]] = []
        self._count = 0

    def batch(self) -> list[watch.Arrival]:
        """The next BATCH posts."""
        return [self._arrival() for _ in range(BATCH)]

    def _theme(self) -> tuple[NDArray[np.float32], list[int]]:
        if len(self._themes) < LIVELY or self._rng.random() < BEGINS:
            centre = self._rng.normal(size=DIMENSIONS).astype(np.float32) / np.float32(DIMENSIONS**0.5)
            self._themes = [*self._themes[1 - LIVELY :], (centre, self._rng.integers(0, 10_000, 12).tolist())]
        return self._themes[int(self._rng.integers(len(self._themes)))]

    def _arrival(self) -> watch.Arrival:
        self._count += 1
        centre, own = self._theme()
        lang = ("en", "zh")[self._count % 2]
        at = START + self._count * self._every
        filling = self._rng.choice(self._words[lang], MIXED - 6).tolist()
        special = [f"name{number}" for number in self._rng.choice(own, 6).tolist()]
        post = Post(
            id=str(self._count),
            published=at,
            seen=at,
            text="，".join([*filling, *special]) if lang == "zh" else " ".join([*filling, *special]),
            source=SOURCES[self._count % len(SOURCES)],
            author=f"author {self._count % 4_000}",
            lang=lang,
        )
        return watch.Arrival(post=post, reading=self._reading(post, centre))

    def _reading(self, post: Post, centre: NDArray[np.float32]) -> Reading:
        vector = centre + self._rng.normal(size=DIMENSIONS).astype(np.float32) / np.float32(DIMENSIONS**0.5)
        sure = dict.fromkeys(LABELS, 0.1) | {LABELS[int(self._rng.integers(3))]: 0.8}
        return Reading(
            post_id=post.id,
            lang=post.lang,
            sentiment=Sentiment(**sure),
            embedding=(vector / np.linalg.norm(vector)).astype(np.float32),
        )


def curve(sizes: Sequence[int] = SIZES) -> Iterator[Cost]:
    """The cost of a post when the window holds as many as *sizes* says, in rising order.

    One run: the posts of the largest size fill the window evenly, and all of them go through the watch.
    """
    flood, state, taken = Flood(SPAN / max(sizes)), watch.WatchState(), 0
    for size in sorted(sizes):
        spent: list[float] = []
        while taken < size:
            arrivals = flood.batch()
            spent.append(_timed(state, arrivals))
            taken += len(arrivals)
        lately = spent[-(MEASURED // BATCH) :]
        yield Cost(posts=taken, stories=len(state.stories.by_id), ms=1000 * sum(lately) / (len(lately) * BATCH))


def _timed(state: watch.WatchState, arrivals: Sequence[watch.Arrival]) -> float:
    """Seconds of processor time that the watch takes for *arrivals*."""
    now = arrivals[-1].post.published
    started = time.process_time()
    watch.update(
        state, arrivals, topic=TOPIC, now=now, watched_since=START - timedelta(days=8), health=SourceHealth(total=1)
    )
    return time.process_time() - started


def run(most: int, *, as_json: bool) -> None:
    """Print the curve up to *most* posts, each size as soon as it is measured."""
    for cost in curve([*(size for size in SIZES if size < most), most]):
        plain = f"{cost.posts:>9,} posts in the window   {cost.stories:>5,} stories in memory   {cost.ms:.2f} ms a post"
        typer.echo(json.dumps(asdict(cost)) if as_json else plain)
