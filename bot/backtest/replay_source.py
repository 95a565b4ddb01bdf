"""Posts that arrived, behind a clock: what is later than the clock cannot be had.

A replay has no other access to its posts. It asks for what has arrived by a moment, and may be told when it is
worth to ask again; nothing of a later post but that moment can reach it.
"""

from __future__ import annotations

import heapq
import math
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta

from bot.errors import LocalisedError
from bot.infra.clock import Clock
from engine.post import Post
from engine.watch.watch import Arrival


class ReplaySource:
    """*arrivals* in the order in which their posts were published; each arrives when it was seen.

    Only as many are held as are on their way: published, and not yet seen.
    """

    def __init__(self, arrivals: Iterable[Arrival], clock: Clock) -> None:
        self._clock = clock
        self._source: Iterator[Arrival] = iter(arrivals)
        self._waiting: list[tuple[datetime, int, Arrival]] = []
        self._ahead: Arrival | None = next(self._source, None)
        self._count = 0

    def arrived(self) -> list[Arrival]:
        """What has arrived by now and was not handed out before, in the order of arrival."""
        now = self._clock.now()
        while self._ahead is not None and self._ahead.post.published <= now:
            self._pull()
        found = []
        while self._waiting and self._waiting[0][0] <= now:
            found.append(heapq.heappop(self._waiting)[2])
        return found

    def next_at(self) -> datetime | None:
        """When the next post arrives; None if there is none any more."""
        while self._ahead is not None and (not self._waiting or self._ahead.post.published < self._waiting[0][0]):
            self._pull()
        return self._waiting[0][0] if self._waiting else None

    def _pull(self) -> None:
        arrival = self._ahead
        assert arrival is not None
        self._count += 1
        heapq.heappush(self._waiting, (seen_at(arrival.post), self._count, arrival))
        self._ahead = next(self._source, None)
        if self._ahead is not None and self._ahead.post.published < arrival.post.published:
            raise LocalisedError("history.out_of_order", post=self._ahead.post.id)


def seen_at(post: Post) -> datetime:
    """When Tocsin has *post*: never before it was published."""
    return max(post.published, post.seen or post.published)


def ceiled(at: datetime, step: timedelta) -> datetime:
    """The first moment of a clock that ticks every *step* which is not before *at*."""
    seconds = step.total_seconds()
    return datetime.fromtimestamp(math.ceil(at.timestamp() / seconds) * seconds, UTC)
