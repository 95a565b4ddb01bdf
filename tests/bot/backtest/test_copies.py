"""Copies and updates on the way of a replay: what is counted, which story it joins, and what is told of it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from typer.testing import CliRunner

from bot.backtest.copies import with_copies
from bot.cli import app
from bot.errors import LocalisedError
from engine.post import FactKind, Post, Reading, Sentiment, SourceHealth, Standing, Topic
from engine.watch.counting import count
from engine.watch.signals import look
from engine.watch.state import WatchState
from engine.watch.watch import Arrival, Update, update
from engine.watch.windows import Column

NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
TOPIC = Topic(name="Saltfern", query="saltfern", aliases=("Saltfern",))
HURT = (
    "A boiler at the Saltfern bakery in Port Alder burst on Monday and two workers were hurt, the fire service said. "
    "The shop is closed while inspectors look at the other boilers."
)


def post(n: int, text: str = HURT, minutes: float = 0, source: str = "Port Alder Ledger", **more: object) -> Post:
    at = NOW + timedelta(minutes=minutes)
    plain = {"id": str(n), "published": at, "seen": at, "text": text, "source": source, "standing": Standing.OUTLET}
    return Post(**plain | more)  # type: ignore[arg-type]


def watched(posts: Sequence[Post], state: WatchState) -> Update:
    """The watch after *posts*, each read as a negative one."""
    vector = np.ones(8, np.float32) / np.float32(8**0.5)
    mood = Sentiment(negative=0.9, neutral=0.1, positive=0.0)
    arrivals = [
        Arrival(post=each, reading=Reading(post_id=each.id, lang="en", sentiment=mood, embedding=vector))
        for each in with_copies(posts)
    ]
    return update(
        state, arrivals, topic=TOPIC, now=posts[-1].published, watched_since=NOW - timedelta(days=1),
        health=SourceHealth(total=1),
    )  # fmt: skip


def test_a_changed_account_is_shown_with_the_first_and_the_change_is_a_fact() -> None:
    denied = HURT.replace("two workers were hurt", "no worker was hurt")
    taken = watched([post(1), post(2, denied, 20, source="Radio Quay")], WatchState())
    assert len(set(taken.absorbed.assigned.values())) == 1
    [told] = [fact for fact in taken.assessment.facts if fact.kind is FactKind.CHANGE]
    said = told.values["before"], told.values["after"], told.values["source"]
    assert said == ("two workers were", "no worker was", "Radio Quay")
    assert told.evidence == ("2",)


def test_a_higher_count_in_a_changed_account_is_told_once_as_a_count() -> None:
    worse = HURT.replace("two workers were hurt", "three workers were killed")
    taken = watched([post(1), post(2, worse, 20)], WatchState())
    kinds = [fact.kind for fact in taken.assessment.facts]
    assert kinds.count(FactKind.CASUALTIES) == 2
    assert FactKind.CHANGE not in kinds


def test_a_text_with_another_digit_five_thousand_times_is_one_story_and_one_fact() -> None:
    """Counted, every one; but nobody is told five thousand times, and the memory of the watch stays small."""
    state = WatchState()
    posts = [
        post(n, HURT.replace("Monday", f"Monday in line {n}"), n / 1000, source=f"account {n % 40}", author=str(n))
        for n in range(5_000)
    ]
    taken = watched(posts, state)
    assert len(set(taken.absorbed.assigned.values())) == 1
    snapshot = look(state, now=posts[-1].published, watched_since=NOW - timedelta(days=1))
    assert count(snapshot, Column.VOLUME) == 5_000
    assert count(snapshot, Column.LIVE) < 10
    said = (FactKind.CASUALTIES, FactKind.CHANGE)
    assert len([fact for fact in taken.assessment.facts if fact.kind in said]) == 1
    assert len(state.dump()) < 100_000


def test_one_text_in_many_outlets_is_counted_as_spread() -> None:
    """An agency's report in 41 papers, each with its own headline and footer."""
    papers = [
        post(
            n,
            f"{HURT} – {n} {'ABCDE'[n % 5]} Street Gazette",
            n,
            source=f"gazette {n}",
            title=f"Boiler bursts {'!' * n}",
        )
        for n in range(41)
    ]
    assert len([each for each in with_copies(papers) if each.copy_of]) == 40
    facts = watched(papers, WatchState()).assessment.facts
    [told] = [fact for fact in facts if fact.key == "outlets.40"]
    assert (told.values["n"], told.values["alike"]) == (40, 40)


def test_copies_says_what_repeats_what() -> None:
    rows = [HURT, HURT.replace("hurt", "killed"), f"RT @ledger: {HURT}"]
    lines = "\n".join(
        json.dumps({"id": str(n), "published": f"2026-03-02T08:0{n}:00Z", "text": text}) for n, text in enumerate(rows)
    )
    done = CliRunner().invoke(app, ["copies", "--json"], input=lines)
    assert [json.loads(line) for line in done.output.splitlines()] == [
        {"id": "0"},
        {"id": "1", "update_of": "0", "changes": [{"kind": "harm", "before": "hurt", "after": "killed"}]},
        {"id": "2", "copy_of": "0"},
    ]
    plain = CliRunner().invoke(app, ["copies"], input=lines)
    assert plain.output.splitlines()[1] == "1  update of 0  harm: hurt -> killed"


@pytest.mark.parametrize("line", ['{"id": "1"}', "nonsense", "[]"])
def test_copies_names_the_line_that_is_no_post(line: str) -> None:
    done = CliRunner().invoke(app, ["copies"], input=line)
    assert isinstance(done.exception, LocalisedError)
    assert (done.exception.text.code, done.exception.text.values["line"]) == ("history.no_post", "1")
