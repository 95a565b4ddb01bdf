"""What a busy day brings costs the same number of statements a batch, however much is stored already."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Engine, event

from bot.store import Store

NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
DAY = timedelta(days=1)
BATCH, BATCHES = 100, 5


@contextmanager
def counted() -> Iterator[list[str]]:
    """The statements that are sent to any database meanwhile; one that carries many rows counts once."""
    sent: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        sent.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    yield sent
    event.remove(Engine, "before_cursor_execute", note)


def test_a_batch_costs_the_same_however_much_is_stored(store: Store, build: Any) -> None:
    """Stored with matches, fingerprints and copies, published, and read in a turn."""
    topic, source = build.stored_topic(), build.stored_source()
    count = BATCH * BATCHES
    texts = [f"Acme toaster {number % 200} caught fire in kitchen {number % 200 * 7919}" for number in range(count)]
    posts = [build.post(str(number), text, matches=(topic.id,)) for number, text in enumerate(texts)]
    costs = []
    for start in range(0, count, BATCH):
        with counted() as sent:
            store.posts.add(source, posts[start : start + BATCH], NOW)
            refs = store.posts.unpublished(NOW + DAY, BATCH)
            store.posts.published(refs)
            matches = store.posts.pending(refs)
            with store.turn(topic.id, NOW) as turn:
                pairs = [(match, build.reading(match.post.id)) for match in turn.unread(matches)]
                turn.keep(pairs, build.update())
        costs.append(len(sent))
    assert len(store.posts.read(topic.id, since=NOW - DAY, until=NOW + DAY, limit=count * 2)) == count
    assert max(costs) < BATCH / 2, "a statement for each post"
    assert costs[-1] <= costs[1], "more statements the more is stored"
