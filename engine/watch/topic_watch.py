"""The watch over one topic as an object: for programs that keep its state themselves, in memory or as bytes.

A thin layer over ``engine.watch.watch.update``, which is what a service calls that keeps the state of many topics.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Iterable
from datetime import datetime

from engine.post import Assessment, Post, Reading, SourceHealth, Topic
from engine.tuning.tuning import DEFAULT, Tuning
from engine.watch.state import StateError, WatchState
from engine.watch.watch import Arrival, update

MAGIC = b"TOCW"
NO_SOURCES = SourceHealth()


class Watch:
    """Watches what is said of *topic*, and says how serious it is whenever it is asked to look.

    *since* is when its sources began to be watched (aware): what is older is no sign of calm, and counts ring nothing
    before three days of it. *tuning* makes it ring more or less easily. For one thread.
    """

    def __init__(self, topic: Topic, *, since: datetime, tuning: Tuning = DEFAULT) -> None:
        if since.tzinfo is None:
            raise ValueError("since needs a time zone")
        self.topic, self.since, self.tuning = topic, since, tuning
        self._state = WatchState()

    def look(
        self,
        read: Iterable[tuple[Post, Reading]] = (),
        *,
        now: datetime,
        history: bool = False,
        health: SourceHealth = NO_SOURCES,
    ) -> Assessment:
        """Take in the posts that were *read* since the last look, and say how serious the topic is at *now* (aware).

        The posts are those that match the topic, each once; their order does not matter. *history* posts make the
        baseline and ring nothing. What was more than six hours old when it was first ``seen``, and what is a copy of
        another post, is counted and rings nothing either. Look now and then without posts too: time alone lowers a
        level. *health* says which sources are silent, so that silence is not taken for calm. Raises ValueError if a
        reading names a risk that is not one of ``RISKS``, or if *now* has no time zone.
        """
        if now.tzinfo is None:
            raise ValueError("now needs a time zone")
        arrivals = [Arrival(post=post, reading=reading, quiet=history) for post, reading in read]
        return update(
            self._state,
            arrivals,
            topic=self.topic,
            now=now,
            watched_since=self.since,
            health=health,
            tuning=self.tuning,
        ).assessment

    def dump(self) -> bytes:
        """All that it remembers, a few kilobytes to some megabytes; the topic and its tuning are not part of it."""
        parts = [self._state.dump(), *(story.dump() for story in self._state.stories.by_id.values())]
        head = json.dumps({"since": self.since.isoformat(), "lengths": [len(part) for part in parts]}).encode()
        return MAGIC + struct.pack("<I", len(head)) + head + b"".join(parts)

    @classmethod
    def load(cls, payload: bytes, topic: Topic, *, tuning: Tuning = DEFAULT) -> Watch:
        """The watch that ``dump`` wrote; raises StateError if *payload* is something else."""
        if payload[:4] != MAGIC:
            raise StateError("state.foreign")
        start = 8 + int(struct.unpack_from("<I", payload, 4)[0])
        head = json.loads(payload[8:start])
        parts = []
        for length in head["lengths"]:
            parts.append(payload[start : start + length])
            start += length
        watch = cls(topic, since=datetime.fromisoformat(head["since"]), tuning=tuning)
        watch._state = WatchState.load(parts[0], parts[1:])
        return watch
