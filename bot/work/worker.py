"""A worker: takes matches off the stream, has them read, and brings each topic up to date.

Any number of workers may run. Nothing is kept in one between two ticks that matters: a batch that a dead worker
left comes back after a while, and what was recorded before is not recorded again. A post that breaks the
reader is tried alone, and then set aside, so that it holds up nobody.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

import structlog

from bot.errors import Missing, StoreError
from bot.incidents.topic_turn import LOOK_EVERY, Change, take_turn
from bot.infra.clock import Clock
from bot.infra.error_trail import log_unexpected
from bot.infra.stream import Stream, StreamEntry
from bot.ports import Policies, PostReader
from bot.records import ActKind, Match, Ref, TopicRecord
from bot.store import Store
from engine.post import Reading, Topic
from engine.watch.watch import Arrival

ASK_EVERY = timedelta(seconds=30)
"""How often a worker asks which topics must be looked at again without new posts."""

STREAM_EVERY = timedelta(minutes=5)
"""How often a worker asks whether the stream has lost entries."""

IDLE_MS = 60_000
"""A batch that was not finished for so long belonged to a worker that died."""

FORGOTTEN = timedelta(days=1)
"""A worker that was not heard of for so long will not come back under its name."""

GROWN = (ActKind.OPENED, ActKind.REOPENED, ActKind.RAISED)
"""After these an incident is compared with those of other topics: both may be about the same happening."""

BATCH = 64
SUSPECT = 3  # an entry handed out so often is tried alone
LIVES = 2  # workers that one entry may cost before nobody tries it any more

log = structlog.get_logger("tocsin.worker")

Pairs = list[tuple[Match, Reading]]


class Worker:
    """One consumer, called *name* on the stream. For one thread; raises StoreError and StreamError from ticks,
    after which the next tick goes on where the last one stopped."""

    def __init__(
        self,
        store: Store,
        stream: Stream,
        reader: PostReader,
        clock: Clock,
        settings: Policies,
        name: str,
        *,
        batch: int = BATCH,
        idle_ms: int = IDLE_MS,
    ) -> None:
        self._store, self._stream, self._reader = store, stream, reader
        self._clock, self._settings, self._name = clock, settings, name
        self._batch, self._idle_ms = batch, idle_ms
        self._done_at: dict[str, datetime] = {}

    def tick(self, block_ms: int = 1000) -> int:
        """Do what is there, waiting up to *block_ms* for it, and assess what is due; how many matches were done."""
        deliveries = self._take(block_ms)
        suspects = [delivery for delivery in deliveries if delivery.times >= SUSPECT]
        done = self._handle([delivery for delivery in deliveries if delivery.times < SUSPECT])
        for delivery in suspects:
            done += self._handle_alone(delivery)
        now = self._clock.now()
        if self._time_for("assess", ASK_EVERY, now):
            self.assess(now)
        if self._time_for("stream", STREAM_EVERY, now):
            self._keep_stream()
        return len(done)

    def _time_for(self, chore: str, every: timedelta, now: datetime) -> bool:
        """True if *chore* was not done for *every*; it counts as done then."""
        before = self._done_at.get(chore)
        if before is not None and now - before < every:
            return False
        self._done_at[chore] = now
        return True

    def assess(self, now: datetime) -> None:
        """Look again at every topic that is not calm and that had no turn for LOOK_EVERY."""
        for topic_id in self._store.incidents.ids_to_assess(now - LOOK_EVERY):
            self._settle(topic_id, [], now)

    def _take(self, block_ms: int) -> list[StreamEntry]:
        """A batch: first what dead workers left, then what is new."""
        left = self._stream.reclaim(self._name, self._idle_ms, self._batch)
        room = self._batch - len(left)
        fresh = self._stream.read(self._name, room, 0 if left else block_ms) if room else []
        if self._stream.take_loss():
            self._owe_again("stream_made_anew")
        return left + fresh

    def _keep_stream(self) -> None:
        """An empty stream while matches are unread has lost them: a server that fell may forget its last second."""
        self._stream.forget_idle(FORGOTTEN)
        if self._stream.lag() == 0:
            self._owe_again("stream_lost_some")

    def _owe_again(self, event: str) -> None:
        owed = self._store.posts.forget_published()
        if owed:
            log.warning(event, unread=owed)

    def _handle(self, deliveries: Sequence[StreamEntry]) -> list[StreamEntry]:
        """Bring *deliveries* to their end, and say which came to it; the others will be handed out again."""
        if not deliveries:
            return []
        matches = {_ref(match): match for match in self._store.posts.pending(d.ref for d in deliveries)}
        topics = self._topics(matches.values())
        unread = [match for match in matches.values() if match.topic_id in topics]
        open_refs = {_ref(match) for match in unread}
        for topic_id, pairs in _by_topic(self._read(unread, topics)).items():
            if self._settle(topic_id, pairs, self._clock.now()):
                open_refs -= {_ref(match) for match, _ in pairs}
        done = [delivery for delivery in deliveries if delivery.ref not in open_refs]
        self._stream.ack([delivery.id for delivery in done])
        return done

    def _handle_alone(self, delivery: StreamEntry) -> list[StreamEntry]:
        """Try once more what has failed before; if it fails again, set it aside."""
        if self._stream.suspect(delivery.id) <= LIVES:
            done = self._handle([delivery])
            self._stream.clear(delivery.id)
            if done:
                return done
        self._store.posts.set_aside([delivery.ref])
        self._stream.ack([delivery.id])
        log.error("post_set_aside", post=delivery.ref.post_id, topic=delivery.ref.topic_id, tries=delivery.times)
        return [delivery]

    def _topics(self, matches: Iterable[Match]) -> dict[int, Topic]:
        found = {key: self._store.topics.get(key) for key in {match.topic_id for match in matches}}
        return {key: record.topic for key, record in found.items() if record is not None}

    def _read(self, matches: Sequence[Match], topics: Mapping[int, Topic]) -> Pairs:
        """The readings of *matches*, outside of any lock; one that cannot be read is left out."""
        if not matches:
            return []
        started = time.monotonic()
        try:
            readings = self._reader.read([(match.post, topics[match.topic_id]) for match in matches])
            pairs = list(zip(matches, readings, strict=True))
        except Exception as error:  # whatever a model throws: it must not stop the others
            pairs = self._read_apart(matches, topics, error)
        else:
            log.info("posts_read", n=len(pairs), seconds=round(time.monotonic() - started, 3))
        return pairs

    def _read_apart(self, matches: Sequence[Match], topics: Mapping[int, Topic], error: Exception) -> Pairs:
        """After *error* with all of *matches*: those that can be read one by one."""
        if len(matches) == 1:
            log_unexpected(log.warning, "post_not_read", error, post=matches[0].post.id)
            return []
        log_unexpected(log.warning, "batch_not_read", error, n=len(matches))
        return [pair for match in matches for pair in self._read([match], topics)]

    def _settle(self, topic_id: int, pairs: Pairs, now: datetime) -> bool:
        """Bring a topic up to date with *pairs*; False if that failed, and must be tried again."""
        try:
            self._turn(topic_id, pairs, now)
        except Missing:
            log.warning("topic_is_gone", topic=topic_id)
        except StoreError:
            raise
        except Exception as error:  # a fault in one topic must not stop the others
            log_unexpected(log.error, "topic_not_settled", error, topic=topic_id)
            return False
        return True

    def _turn(self, topic_id: int, pairs: Pairs, now: datetime) -> None:
        health = self._store.sources.health(now)
        with self._store.turn(topic_id, now) as turn:
            left = {match.post.id for match in turn.unread([match for match, _ in pairs])}
            fresh = [(match, reading) for match, reading in pairs if match.post.id in left]
            if pairs and not fresh:
                return  # another worker was faster
            arrivals = [
                Arrival(post=match.post, reading=reading, quiet=match.quiet) for match, reading in turn.as_said(fresh)
            ]
            policy = self._settings.policy(turn.topic.policy)
            taken = take_turn(turn.state, arrivals, [turn], topic=turn.topic, policy=policy, health=health, now=now)
            turn.keep(fresh, taken.update)
            for change in taken.verdicts[0].changes:
                if any(act.kind in GROWN for act in change.acts):
                    turn.link(change.incident)
        for change in taken.verdicts[0].changes:
            _log(turn.topic, change)


def _ref(match: Match) -> Ref:
    return Ref(match.post.id, match.topic_id)


def _by_topic(pairs: Pairs) -> dict[int, Pairs]:
    found: dict[int, Pairs] = defaultdict(list)
    for match, reading in pairs:
        found[match.topic_id].append((match, reading))
    return found


def _log(topic: TopicRecord, change: Change) -> None:
    for act in change.acts:
        log.info(
            "incident_" + act.kind.value, incident=change.incident.id, topic=topic.topic.name, **_plain(act.detail)
        )


def _plain(detail: Mapping[str, object]) -> dict[str, object]:
    return {key: value for key, value in detail.items() if key not in ("event", "text", "topic", "incident")}
