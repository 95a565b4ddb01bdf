"""History and tunings on both databases: what was read, what was judged, what was learned."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot.records import TOCSIN, Act, ActKind, Basis, Decision, TuningRecord
from bot.store import Store
from bot.store.posts.history import PAGE, case_of
from engine.tuning.tuning import DEFAULT, Tally, Tuning
from engine.tuning.tuning_from_history import PastIncident, Ruling

NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


def read_all(store: Store, topic_id: int, build: Any) -> None:
    pending = store.posts.pending(store.posts.unpublished(NOW + timedelta(days=9), 10_000))
    with store.turn(topic_id, NOW) as turn:
        turn.keep([(match, build.reading(match.post.id)) for match in pending], build.update())


def test_history_comes_in_the_order_of_publication_page_by_page(store: Store, build: Any) -> None:
    """Every post once, also where many were published at one time."""
    topic, source = build.stored_topic(), build.stored_source()
    count = PAGE + 30
    posts = [
        build.post(f"p{n}", matches=(topic.id,), published=NOW - (n // 50) * HOUR, fingerprint=None)
        for n in range(count)
    ]
    store.posts.add(source, posts, NOW)
    read_all(store, topic.id, build)
    found = list(store.history.read(topic.id, since=NOW - 100 * HOUR, until=NOW))
    times = [match.post.published for match, _ in found]
    assert times == sorted(times)
    assert len({match.post.id for match, _ in found}) == len(found) == count
    assert store.history.nth_newest(topic.id, 51, until=NOW) == NOW - HOUR
    assert store.history.nth_newest(topic.id, count + 1, until=NOW) is None


def test_history_knows_nothing_of_later(store: Store, build: Any) -> None:
    """Neither what was published after the moment, nor what was seen after it."""
    topic, source = build.stored_topic(), build.stored_source()
    for key, published, seen in (("old", -3, -3), ("late", -3, 1), ("new", 1, 1)):
        post = build.post(key, matches=(topic.id,), published=NOW + published * HOUR)
        store.posts.add(source, [post], NOW + seen * HOUR)
    read_all(store, topic.id, build)
    [(match, reading)] = store.history.read(topic.id, since=NOW - 9 * HOUR, until=NOW)
    assert (match.post.text, match.quiet) == (build.post("old").item.text, False)
    assert reading.sentiment.negative == 0.75


def act(kind: ActKind, hours: float, by: str = "U000000ADA", **detail: Any) -> Act:
    return Act(kind=kind, at=NOW + hours * HOUR, by=by, detail=detail)


OPENED = act(ActKind.OPENED, 0, TOCSIN, signals=["volume", "spread"])


@pytest.mark.parametrize(
    ("acts", "ruling"),
    [
        ([], Ruling.OPEN),
        ([act(ActKind.ACKNOWLEDGE, 1)], Ruling.OPEN),
        ([act(ActKind.RESOLVE, 2)], Ruling.REAL),
        ([act(ActKind.RESOLVE, 2, TOCSIN)], Ruling.UNCONFIRMED),
        ([act(ActKind.ACKNOWLEDGE, 1), act(ActKind.RESOLVE, 2, TOCSIN)], Ruling.REAL),
        ([act(ActKind.ASSIGN, 1), act(ActKind.RESOLVE, 2, TOCSIN)], Ruling.REAL),
        ([act(ActKind.ACKNOWLEDGE, 1), act(ActKind.FALSE_ALARM, 2)], Ruling.FALSE),
        ([act(ActKind.NOTE, 1), act(ActKind.RESOLVE, 2, TOCSIN)], Ruling.UNCONFIRMED),
    ],
)
def test_what_people_made_of_an_incident(acts: list[Act], ruling: Ruling) -> None:
    case = case_of([OPENED, *acts], NOW + 9 * HOUR)
    assert case is not None
    assert (case.ruling, case.signals) == (ruling, ("volume", "spread"))
    assert case.ended_at == (NOW + 9 * HOUR if ruling is Ruling.OPEN else NOW + 2 * HOUR)


def test_an_incident_is_judged_by_what_was_done_by_then(store: Store, build: Any) -> None:
    topic = build.stored_topic()
    incident = build.opened(topic)
    ended = act(ActKind.FALSE_ALARM, 5)
    store.incidents.change(incident.id, lambda current: Decision(incident=current, acts=(replace(ended, key="f"),)))
    before = store.history.cases(NOW + 4 * HOUR, since=NOW - HOUR)
    after = store.history.cases(NOW + 6 * HOUR, since=NOW - HOUR, topic_id=topic.id)
    assert before == {topic.id: [PastIncident(opened_at=NOW, ended_at=NOW + 4 * HOUR, ruling=Ruling.OPEN)]}
    assert after == {topic.id: [PastIncident(opened_at=NOW, ended_at=NOW + 5 * HOUR, ruling=Ruling.FALSE)]}
    assert store.history.cases(NOW + 6 * HOUR, since=NOW + HOUR) == {}
    assert store.history.cases(NOW - HOUR, since=NOW - 9 * HOUR) == {}


def test_what_was_learned_comes_back_and_rules_the_turn(store: Store, build: Any) -> None:
    topic = build.stored_topic()
    with store.turn(topic.id, NOW) as turn:
        assert turn.tuning == DEFAULT
    tuning = Tuning(strictness=1.4, trust={"volume": 0.5}, tallies={"volume": Tally(real=0, false=5)})
    record = TuningRecord(topic_id=topic.id, tuning=tuning, learned_at=NOW, days=28.0, bells=3, basis=Basis.OWN)
    store.tunings.keep(record)
    assert store.tunings.get(topic.id) == record
    with store.turn(topic.id, NOW) as turn:
        assert turn.tuning == tuning
    store.tunings.keep(replace(record, learned_at=NOW - HOUR, bells=9))
    assert store.tunings.all() == [record]


def test_who_has_not_learned_since_is_due(store: Store, build: Any) -> None:
    """Those that never learned come first; a paused topic learns nothing."""
    first, second, paused = (build.stored_topic(name) for name in ("Acme", "Borealis", "Cedar"))
    store.topics.pause(paused.id)
    assert store.tunings.due(NOW) == [first.id, second.id]
    store.tunings.keep(TuningRecord(topic_id=first.id, tuning=DEFAULT, learned_at=NOW - HOUR))
    assert store.tunings.due(NOW) == [second.id, first.id]
    assert store.tunings.due(NOW - HOUR) == [second.id]
