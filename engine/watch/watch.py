"""The watch over one topic: posts with their readings in, one assessment out.

``update`` is the whole of it: it takes posts into stories and counts, measures, and says how serious the topic
is at ``now``. It asks no clock and touches nothing but the state it is given.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from engine.facts.lexicon import subject
from engine.facts.memory import FEWEST_AN_HOUR
from engine.facts.sightings import outlet, sightings
from engine.post import (
    LATE,
    RISKS,
    Assessment,
    Level,
    Polarity,
    Post,
    Reading,
    Signal,
    SourceHealth,
    Standing,
    Topic,
)
from engine.stories.live_stories import Changes
from engine.stories.story import Story
from engine.text.keywords import content_words
from engine.tuning.tuning import DEFAULT, Tuning
from engine.watch import severity
from engine.watch.baseline import Why, renewed
from engine.watch.counting import DAY, PER_DAY, begin
from engine.watch.remarks import remarks, silent_usual
from engine.watch.severity import Held
from engine.watch.signals import Measured, Snapshot, look, measure
from engine.watch.snapshot import weighed
from engine.watch.state import Notable, WatchState
from engine.watch.windows import BUCKET, HOUR, Column

__all__ = ["Absorbed", "Arrival", "Update", "WatchState", "absorb", "assess", "judge", "update"]

CARRYING = 5  # stories named in an assessment
SHOWN = 8  # posts named in an assessment


@dataclass(frozen=True, kw_only=True, slots=True)
class Arrival:
    """A post that was read for the topic. *quiet* ones (history, a first poll) can ring nothing."""

    post: Post
    reading: Reading
    quiet: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Absorbed:
    """What a batch did to the stories: those it touched, which post went into which (*assigned*: post id to story id),
    and which are no more (*merged*: the id of one to that of the story it became part of)."""

    stories: tuple[Story, ...] = ()
    assigned: Mapping[str, str] = field(default_factory=dict)
    merged: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class Update:
    """What a batch did to the stories, and how the topic stands after it."""

    absorbed: Absorbed
    assessment: Assessment


def update(
    state: WatchState,
    arrivals: Sequence[Arrival],
    *,
    topic: Topic,
    now: datetime,
    watched_since: datetime,
    health: SourceHealth,
    tuning: Tuning = DEFAULT,
    named: Collection[str] = (),
) -> Update:
    """Take *arrivals* into *state* (which is changed) and assess the topic at *now*.

    *named* are the stories that people were told of: their ids stay, whatever becomes one with them.
    The order of the arrivals does not matter: they are taken in the order in which they were published.
    Without arrivals the topic is assessed again: time alone can lower a level.
    """
    absorbed = absorb(state, arrivals, topic=topic, now=now, named=named)
    assessment, state.held = assess(state, now=now, watched_since=watched_since, health=health, tuning=tuning)
    return Update(absorbed=absorbed, assessment=assessment)


def absorb(
    state: WatchState,
    arrivals: Sequence[Arrival],
    *,
    topic: Topic,
    now: datetime,
    named: Collection[str] = (),
    kept: Collection[str] = (),
) -> Absorbed:
    """Take *arrivals* into *state* without a look at what they mean. The stories of *kept* are not forgotten."""
    _begin(state, topic, now)
    if arrivals:
        state.kinships.clear()
    changes = Changes(named=frozenset(named))
    touched: dict[str, Story] = {}
    assigned: dict[str, str] = {}
    for arrival in sorted(arrivals, key=lambda each: (each.post.published, each.post.id)):
        story = _take(state, arrival, topic=topic, now=now, changes=changes)
        touched[story.id] = story
        assigned[arrival.post.id] = story.id
    state.follow_stories(changes)
    state.stories.forget(now, kept=kept)
    _see_pace_and_lead(state, now)
    state.facts.settle(now)
    return Absorbed(
        stories=tuple(story for key, story in (touched | changes.left).items() if key not in changes.merged),
        assigned={post_id: changes.place(post_id, key) for post_id, key in (changes.moved | assigned).items()},
        merged={gone: changes.final(gone) for gone in changes.merged},
    )


def _begin(state: WatchState, topic: Topic, now: datetime) -> None:
    """Start a new baseline, if the old one has lost its meaning."""
    before, state.baseline = state.baseline, renewed(state.baseline, state.counts, topic=topic, now=now)
    if state.baseline.why is Why.CLOCK and state.baseline != before:
        state.counts.clear()
        state.risks.clear()


def _take(state: WatchState, arrival: Arrival, *, topic: Topic, now: datetime, changes: Changes) -> Story:
    post, reading = arrival.post, arrival.reading
    at = min(post.published, now)
    live = is_live(arrival, now)
    if arrival.quiet:
        state.baseline = state.baseline.refilled(at)
    found = content(post, reading, topic)
    story = state.stories.assign(
        topic.name, post, reading, found, vocabulary=state.vocabulary, at=at, live=live, changes=changes
    )
    state.vocabulary.add(found)
    count(state, arrival, at=at, live=live)
    if is_late(post, now) and not arrival.quiet:  # history is late by its nature
        state.counts.add(min(post.seen or now, now), Column.LATE)
    if live:
        note(state, post, reading, story.id, at)
    see(state, arrival, story.id, topic, at=at, live=live, now=now)
    return story


def see(
    state: WatchState, arrival: Arrival, story_id: str, topic: Topic, *, at: datetime, live: bool, now: datetime
) -> None:
    """Remember what the post says that may be news. A copy says nothing new, but it counts who else tells it."""
    post, reading = arrival.post, arrival.reading
    if live:
        of = subject((topic.name, *topic.aliases))
        state.facts.take(sightings(post, reading, story_id, of, at))
    if not arrival.quiet and not is_late(post, now) and (told := outlet(post, reading, story_id, at)):
        state.facts.take([told])


def _see_pace_and_lead(state: WatchState, now: datetime) -> None:
    """Remember how many negative posts an hour there are by now, and which story leads, if that is news."""
    day = [each for each in state.recent(begin(now, DAY)) if each.at <= now]
    state.facts.leads(weighed(state, day), state.stories.by_id, at=now)
    hour = HOUR // BUCKET
    lately = state.counts.until(now, hour)
    count = round(float(lately[:, Column.NEGATIVE].sum()))  # as everywhere: see counting.py
    if lately[:, Column.LIVE_NEGATIVE].sum() >= FEWEST_AN_HOUR:
        week = state.counts.until(now, 8 * PER_DAY)[:-PER_DAY, Column.NEGATIVE]
        proofs = [each.post_id for each in day if each.negative and now - each.at < HOUR]
        state.facts.pace(count, float(week.sum()) * hour / len(week), at=now, proofs=proofs)


def content(post: Post, reading: Reading, topic: Topic) -> Counter[str]:
    """The words by which a post is told from others; the topic's own names say nothing."""
    return content_words(post, reading, (topic.name.casefold(), *(alias.casefold() for alias in topic.aliases)))


def is_late(post: Post, now: datetime) -> bool:
    """True if the post was more than six hours old when it was first seen."""
    return (post.seen or now) - post.published > LATE


def is_live(arrival: Arrival, now: datetime) -> bool:
    """True if the post may ring: fresh, nobody's copy, and not history."""
    return not arrival.quiet and arrival.post.copy_of is None and not is_late(arrival.post, now)


def count(state: WatchState, arrival: Arrival, *, at: datetime, live: bool, times: int = 1) -> None:
    """Count the post at its own time, once for the baseline and, if it is live, once for what may ring.

    A title on a board rings as a title, not once more as a post among others. *times* -1 takes it back.
    """
    post, reading = arrival.post, arrival.reading
    label, surely = reading.sentiment.label, severity.surely_negative(reading.sentiment.negative)
    found = {
        Column.VOLUME: 1.0,
        Column.NEGATIVE: label is Polarity.NEGATIVE,
        Column.POSITIVE: label is Polarity.POSITIVE,
    }
    if post.standing is Standing.BOARD:
        found |= {Column.TITLES: 1.0, Column.NEGATIVE_TITLES: surely}
        found |= {Column.LIVE_TITLES: 1.0, Column.LIVE_NEGATIVE_TITLES: surely} if live else {}
    elif live:
        found |= {Column.LIVE: 1.0, Column.LIVE_NEGATIVE: label is Polarity.NEGATIVE}
    for column, amount in found.items():
        if amount:
            state.counts.add(at, column, times * amount)
    _count_risks(state, post, reading, at=at, live=live, times=times)


def _count_risks(state: WatchState, post: Post, reading: Reading, *, at: datetime, live: bool, times: int) -> None:
    for risk, probability in reading.risks.items():
        place = RISKS.index(risk)
        mass = times * probability * severity.harm(reading.sentiment) * severity.VOICE[post.standing]
        state.risks.add(at, place, mass)
        if live:
            state.risks.add(at, len(RISKS) + place, mass)


def note(state: WatchState, post: Post, reading: Reading, story_id: str, at: datetime) -> None:
    """Remember a post that can be shown as proof."""
    negative, title = reading.sentiment.label is Polarity.NEGATIVE, post.standing is Standing.BOARD
    risks = tuple(risk for risk, probability in reading.risks.items() if probability >= 0.5)
    if not (negative or title or risks):
        return
    worst = max((severity.SEVERITY[risk] * reading.risks[risk] / 100 for risk in risks), default=0.0)
    weight = (0.2 * title + reading.sentiment.negative) * (1 + worst) * severity.VOICE[post.standing]
    state.note(
        Notable(
            at=at,
            post_id=post.id,
            story_id=story_id,
            source=post.source,
            weight=round(weight, 4),
            negative=negative,
            title=title,
            grave=title or post.standing is Standing.OUTLET or bool(risks),
            risks=risks,
        )
    )


def assess(
    state: WatchState,
    *,
    now: datetime,
    watched_since: datetime,
    health: SourceHealth,
    tuning: Tuning = DEFAULT,
) -> tuple[Assessment, Held]:
    """How serious the topic is at *now*, and the level that is held from now on. Changes nothing."""
    snapshot = look(state, now=now, watched_since=watched_since)
    return judge(snapshot, measure(snapshot), before=state.held, health=health, tuning=tuning)


def judge(
    snapshot: Snapshot, measures: Sequence[Measured], *, before: Held, health: SourceHealth, tuning: Tuning = DEFAULT
) -> tuple[Assessment, Held]:
    """What *measures* of *snapshot* mean where *before* was held, for a topic that is tuned so. Changes nothing.

    What was measured does not depend on the tuning: several tunings can judge the same measures side by side.
    """
    measured = [replace(each, weight=tuning.weigh(each.name, each.weight)) for each in measures]
    score, parts = severity.fuse({each.name: each.weight for each in measured})
    held, frozen = _settle(snapshot, before, measured, score, parts, health)
    signals = sorted((_signal(each, parts) for each in measured), key=lambda each: (-each.weight, each.name))
    stories = snapshot.stories[:CARRYING]
    proofs = dict.fromkeys(post_id for signal in signals for post_id in signal.evidence)
    assessment = Assessment(
        at=snapshot.now,
        level=held.level,
        score=round(score, 1),
        signals=tuple(signals),
        stories=tuple(story.id for story in stories),
        headline=stories[0].headline if stories else "",
        evidence=tuple(proofs)[:SHOWN],
        notes=(
            *remarks(snapshot, score, held, frozen=frozen, health=health),
            *tuning.notes(each.name for each in measured),
        ),
        facts=snapshot.facts,
    )
    return assessment, held


def _signal(measured: Measured, parts: Mapping[str, float]) -> Signal:
    return Signal(
        name=measured.name,
        value=measured.value,
        baseline=measured.baseline,
        weight=round(parts[measured.name], 1),
        reason=measured.reason,
        evidence=measured.evidence,
    )


def _settle(
    snapshot: Snapshot,
    before: Held,
    measured: Sequence[Measured],
    score: float,
    parts: Mapping[str, float],
    health: SourceHealth,
) -> tuple[Held, bool]:
    """The level after this look, and whether it was kept only because sources are missing."""
    carrying = [each.hold for each in measured if parts[each.name] >= severity.THRESHOLDS[Level.BLUE]]
    hold = max([severity.LEAST_HOLD, *carrying])
    carriers = tuple(sorted({each.source for each in snapshot.notables}))[:32]
    after = severity.settle(before, score, now=snapshot.now, hold=hold, carriers=carriers)
    fell = before.level is not None and before.level.graver_than(after.level)
    if fell and _blind(before, snapshot, health):
        return before, True
    return after, False


def _blind(before: Held, snapshot: Snapshot, health: SourceHealth) -> bool:
    """True if calm cannot be told from missing sources."""
    missing = set(before.carriers) & set(health.silent)
    return bool(missing) or 2 * health.healthy < health.total or silent_usual(snapshot) is not None
