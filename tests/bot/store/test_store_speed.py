"""Sanity, not a benchmark: what a busy day brings is stored in seconds, not minutes."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from typing import Any

from bot.store import Store

NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
DAY = timedelta(days=1)
BATCH = 500


def test_ten_thousand_matched_posts(store: Store, build: Any) -> None:
    """Stored with matches, fingerprints and copies, published, and read in turns, all in half a minute of one core."""
    count = 10_000 if store.place.endswith(".db") else 1_000
    topic, source = build.stored_topic(), build.stored_source()
    texts = [f"Acme toaster {number % 4000} caught fire in kitchen {number % 4000 * 7919}" for number in range(count)]
    posts = [build.post(str(number), text, matches=(topic.id,)) for number, text in enumerate(texts)]
    started = time.process_time()
    for start in range(0, count, BATCH):
        store.posts.add(source, posts[start : start + BATCH], NOW)
    while refs := store.posts.unpublished(NOW + DAY, BATCH):
        store.posts.published(refs)
        matches = store.posts.pending(refs)
        with store.turn(topic.id, NOW) as turn:
            pairs = [(match, build.reading(match.post.id)) for match in turn.unread(matches)]
            turn.keep(pairs, build.update())
    assert len(store.posts.read(topic.id, since=NOW - DAY, until=NOW + DAY, limit=count * 2)) == count
    assert time.process_time() - started < 30
