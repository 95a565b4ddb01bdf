"""A topic's turns in memory, for tests: themes that people talk about, and what becomes of its incidents."""

from __future__ import annotations

import random
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

import numpy as np

from bot.incidents.lifecycle import ActRequest, act
from bot.incidents.people.joining import split
from bot.incidents.topic_turn import MemoryLedger, Verdict, take_turn
from bot.records import ActKind, Decision, Incident, TopicRecord
from engine.post import SourceHealth, Standing
from engine.watch.state import WatchState
from engine.watch.watch import Arrival
from tests.bot.incidents.cases import POLICY, START, TOPIC
from tests.engine.watch.readings import arrival

DAY, HOUR, MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)

WORDS = {
    "price": "price doubled kettle expensive greedy cost shelf",
    "crash": "truck crash driver killed motorway police ambulance",
    "strike": "strike workers wages union picket warehouse walkout",
    "leak": "customer data leak passwords hackers breach accounts",
}


def theme(name: str, n: int, *, near: float = 0.8) -> list[float]:
    """The embedding of the *n*th text about *name*: near its theme, and like no other text."""
    centre = np.random.default_rng(zlib.crc32(name.encode())).normal(size=64)
    own = np.random.default_rng(zlib.crc32(f"{name}{n}".encode())).normal(size=64)
    mixed = near * centre / np.linalg.norm(centre) + (1 - near) * own / np.linalg.norm(own)
    return [float(value) for value in mixed]


@dataclass
class Watched:
    """A topic with eleven days of ordinary talk behind it, and a ledger."""

    state: WatchState = field(default_factory=WatchState)
    ledger: MemoryLedger = field(default_factory=MemoryLedger)
    now: datetime = START
    said: int = 0
    verdict: Verdict | None = None
    topic: TopicRecord = TOPIC

    def __post_init__(self) -> None:
        past = [self.post("talk", START - 10 * DAY + n * 3 * HOUR, label="neutral") for n in range(80)]
        for day in range(10):
            self.take(
                [each for each in past if each.post.published <= START - (9 - day) * DAY], START - (9 - day) * DAY
            )
            past = [each for each in past if each.post.published > START - (9 - day) * DAY]

    def post(self, about: str, at: datetime, label: str = "negative", **more: Any) -> Arrival:
        self.said += 1
        words = WORDS.get(about, f"lunch garden morning visit {about}").split()
        random.Random(self.said).shuffle(words)
        text = " ".join(["acme", *words[:6], f"n{self.said}"])
        more.setdefault("embedding", theme(about, self.said))
        return arrival(f"{about}{self.said:04}", at, text, label, **more)

    def take(self, arrivals: Sequence[Arrival], now: datetime) -> None:
        self.now = now
        policy = replace(POLICY, resolve_minutes=720)
        turn = take_turn(
            self.state, arrivals, [self.ledger], topic=self.topic, policy=policy, health=SourceHealth(total=3), now=now
        )
        self.verdict = turn.verdicts[0]

    def hears(self, about: str, count: int, *, minutes: float = 30, **more: Any) -> None:
        """*count* posts about it in the next *minutes*, taken in every five."""
        times = [self.now + (n + 1) * timedelta(minutes=minutes) / count for n in range(count)]
        posts, end = [self.post(about, at, **more) for at in times], self.now + timedelta(minutes=minutes)
        while self.now < end:
            now = min(self.now + 5 * MINUTE, end)
            self.take([each for each in posts if self.now < each.post.published <= now], now)

    def reported(self, about: str, *outlets: str, risk: str = "injury") -> None:
        """Each of *outlets* reports it now, with the risk."""
        self.now += MINUTE
        news = [
            self.post(about, self.now, source=outlet, standing=Standing.OUTLET, risks={risk: 0.98})
            for outlet in outlets
        ]
        self.take(news, self.now)

    def passes(self, span: timedelta, *, every: timedelta = 5 * MINUTE) -> None:
        end = self.now + span
        while self.now < end:
            self.take([], min(self.now + every, end))

    def does(self, number: int, kind: ActKind, by: str = "U_ANNA", **more: Any) -> None:
        request = ActRequest(kind=kind, by=by, key=f"{kind}{self.now}", **more)
        outcome = act(self[number], request, now=self.now)
        assert isinstance(outcome, Decision), outcome
        self.ledger.write(outcome)

    def splits(self, number: int, story: str) -> None:
        outcome = split(self[number], story, "", ActRequest(kind=ActKind.SPLIT, by="U_ANNA", key="split"), now=self.now)
        assert isinstance(outcome, tuple), outcome
        for decision in outcome:
            self.ledger.write(decision)

    def __getitem__(self, number: int) -> Incident:
        return next(each for each in self.ledger.incidents if each.id == number)

    @property
    def live(self) -> list[int]:
        return [each.id for each in self.ledger.incidents if not each.status.closed]

    def story_of(self, about: str) -> set[str]:
        """The ids of the stories that tell it."""
        return {each.story_id for each in self.state.notables if each.post_id.startswith(about)}

    def level(self, number: int) -> int | None:
        incident = self[number]
        return None if incident.calm_since else int(incident.level)

    def acts(self, *kinds: ActKind) -> list[tuple[int, ActKind]]:
        """What the last turn wrote of *kinds*."""
        assert self.verdict is not None
        return [(each.incident.id, row.kind) for each in self.verdict.changes for row in each.acts if row.kind in kinds]
