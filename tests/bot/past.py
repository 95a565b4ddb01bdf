"""A past for tests: weeks of stored and read posts, and incidents that people have judged. No test itself."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from bot.incidents.lifecycle import ActRequest, act, decide
from bot.records import ActKind, Decision, Incident, Item, Match, NewPost, Policy, SourceRecord, TopicRecord
from bot.store import Store
from engine.post import Assessment, Level, Note, Post, Reading, Sentiment, Signal, Topic
from engine.watch.watch import Absorbed, Update

BEGAN = datetime(2026, 1, 5, tzinfo=UTC)
"""A Monday, at which the past begins."""


def main_incident(incidents: Sequence[Incident]) -> Incident | None:
    """The live one; without one, that which was closed last."""
    return max(incidents, key=lambda each: (not each.status.closed, each.closed_at or each.opened_at), default=None)


class Policies:
    def policy(self, name: str) -> Policy:
        return Policy()


class WordReader:
    """Always of the same opinion: "slow" is negative, and "glass" is an injury too."""

    def __init__(self) -> None:
        self.read_posts = 0

    def read(self, pairs: Sequence[tuple[Post, Topic]]) -> list[Reading]:
        self.read_posts += len(pairs)
        return [reading_of(post) for post, _ in pairs]


def reading_of(post: Post) -> Reading:
    bad = any(word in post.body for word in ("slow", "glass"))
    mood = Sentiment(negative=0.95, neutral=0.03, positive=0.02) if bad else Sentiment(
        negative=0.03, neutral=0.9, positive=0.07
    )  # fmt: skip
    return Reading(post_id=post.id, lang="en", sentiment=mood, risks={"injury": 0.95} if "glass" in post.body else {})


def calm(days: int, *, a_day: int = 8, begin: datetime = BEGAN) -> list[tuple[datetime, str]]:
    """Ordinary talk, evenly spread."""
    step = timedelta(days=1) / a_day
    return [(begin + n * step, f"lunch at halden, table {n}") for n in range(days * a_day)]


def grumble(at: datetime, n: int = 16) -> list[tuple[datetime, str]]:
    """An hour in which many complain of nothing grave: a surge, and no crisis."""
    return [(at + timedelta(minutes=3 * i), f"halden is slow today, guest {i} of {at:%j} waits") for i in range(n)]


@dataclass
class Past:
    store: Store
    topic: TopicRecord
    source: SourceRecord

    def heard(self, told: Iterable[tuple[datetime, str]], *, seen: datetime | None = None) -> None:
        """Posts that were written at their times and read: brought in as history, or *seen* at one time."""
        told = sorted(told)
        now = seen or told[-1][0]
        new = [
            NewPost(
                item=Item(external_id=f"{at.isoformat()} {text}", published=at, text=text, author=text[-12:]),
                published=at,
                lang="en",
                content_hash=text,
                matches=frozenset({self.topic.id}),
                quiet=seen is None,
            )
            for at, text in told
        ]
        added = self.store.posts.add(self.source, new, now)
        pairs = [
            (Match(post=post, topic_id=self.topic.id, quiet=seen is None), reading_of(post))
            for post in self.store.posts.get(each.post_id for each in added)
        ]
        with self.store.turn(self.topic.id, now) as turn:
            turn.keep(pairs, self._update(now))

    def rang(self, at: datetime, became: ActKind | None, *, signals: Sequence[str] = ("negative_volume",)) -> Incident:
        """An incident that was opened *at* by *signals*, and judged an hour later."""
        worries = tuple(
            Signal(
                name=name, value=9, baseline=1.0, weight=50, reason=Note(code="drop", values={"value": 9, "usual": 1})
            )
            for name in signals
        )
        assessed = Assessment(at=at, level=Level.YELLOW, score=50, signals=worries, stories=(at.isoformat(),))
        with self.store.turn(self.topic.id, at) as turn:
            decision = decide(main_incident(turn.incidents), assessed, topic=turn.topic, policy=Policy(), now=at)
            turn.keep([], self._update(at, assessed))
            stored = turn.write(decision)
        assert stored is not None
        if became is None:
            return stored
        request = ActRequest(kind=became, by="U000000ADA", key=at.isoformat(), text="judged")
        later = at + timedelta(hours=1)

        def judged(incident: Incident) -> Decision:
            decided = act(incident, request, now=later)
            assert isinstance(decided, Decision)
            return decided

        return self.store.incidents.change(stored.id, judged)

    def _update(self, at: datetime, assessed: Assessment | None = None) -> Update:
        quiet = Assessment(at=at, level=None, score=0)
        return Update(absorbed=Absorbed(), assessment=assessed or quiet)


def past(store: Store, name: str = "Halden", *, budget: float = 2.0, since: datetime = BEGAN) -> Past:
    """A topic that has been watched *since* then, and a source."""
    record = TopicRecord(
        id=0,
        topic=Topic(name=name, query="halden", aliases=("Halden",)),
        channel="#pr",
        policy="default",
        speak="en",
        budget_per_week=budget,
        watched_since=since,
        origin="slack",
    )
    topic = store.topics.add(record, since)
    store.sources.sync([SourceRecord(id=0, name="Square", kind="rss", url="https://square.test/", every=60)])
    source = store.sources.find("Square")
    assert source is not None
    return Past(store, topic, source)
