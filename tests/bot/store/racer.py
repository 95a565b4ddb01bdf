"""Run as a process by test_store_races: does each thing that only one may do, and prints what it won."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from datetime import UTC, datetime

from bot.records import Act, ActKind, Decision, Incident, Ref, Status
from bot.store import Store
from engine.post import Assessment, Reading, Sentiment
from engine.watch.watch import Absorbed, Update

NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
CALM = Assessment(at=NOW, level=None, score=0)


def read(store: Store, ref: Ref) -> int:
    """Read one post, if nobody has; how many were left to read."""
    matches = store.posts.pending([ref])
    with store.turn(ref.topic_id, NOW) as turn:
        unread = turn.unread(matches)
        feeling = Sentiment(negative=1, neutral=0, positive=0)
        pairs = [(match, Reading(post_id=match.post.id, lang="en", sentiment=feeling)) for match in unread]
        turn.keep(pairs, Update(absorbed=Absorbed(), assessment=CALM))
    return len(unread)


def acknowledge(store: Store, incident_id: int, who: str) -> bool:
    """Take an incident, if nobody has."""

    def decide(current: Incident) -> Decision:
        if current.status is not Status.OPEN:
            return Decision()
        taken = replace(current, status=Status.ACKNOWLEDGED, owner=who)
        return Decision(incident=taken, acts=(Act(kind=ActKind.ACKNOWLEDGE, at=NOW, by=who, key=who),))

    return store.incidents.change(incident_id, decide).owner == who


def run(url: str, who: str, refs: list[Ref], incidents: list[int]) -> dict[str, object]:
    with Store.open(url) as store:
        store.migrate()
        print("ready", flush=True)
        sys.stdin.readline()
        return {
            "read": sum(read(store, ref) for ref in refs),
            "owned": sum(acknowledge(store, number, who) for number in incidents),
            "claimed": [alert.id for _ in range(10) for alert in store.alerts.claim(NOW, 1)],
            "first": [event for event in map(str, range(20)) if store.deduplication.first(event, NOW)],
        }


if __name__ == "__main__":
    work = json.loads(sys.argv[2])
    print(json.dumps(run(sys.argv[1], work["who"], [Ref(*ref) for ref in work["refs"]], work["incidents"])))
