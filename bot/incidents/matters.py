"""Which incident of a topic a turn is about, where it has several. Pure.

A topic has one incident as long as all that is told belongs together. A story that is a stranger to it, and grave by
itself, opens its own; from then on each follows its own stories, at a level of its own. What was closed is measured by
what was said since.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.incidents.closing import MOST, lately, warn
from bot.incidents.lifecycle import decide, follow, in_mind, open_new, reopen
from bot.records import Decision, Incident, Policy, TopicRecord
from engine.post import Assessment, Level, SourceHealth
from engine.stories.similarity import MERGED, STRANGE, Bar, kinship
from engine.stories.story import Story
from engine.tuning.tuning import Tuning
from engine.watch.parts import of_stories, since
from engine.watch.severity import Held
from engine.watch.signals import measure
from engine.watch.snapshot import Snapshot
from engine.watch.watch import CARRYING, judge
from engine.watch.windows import Column

MOST_MILD = 1000
"""So many stories are remembered as too mild for an incident of their own."""

LOOKED_AT = CARRYING
"""Stories that are asked whose they are: so many of the heaviest, and those of as many of the gravest posts."""

FEWEST = 5
"""Fewer posts that name no risk are no matter of their own, whatever they say; this only saves the work."""

HOUR = timedelta(hours=1)


@dataclass(frozen=True, kw_only=True)
class Circumstances:
    """All that decisions about a topic's incidents are made of, at one moment and under one setting. *before* is what
    the topic was held at up to now."""

    topic: TopicRecord
    policy: Policy
    health: SourceHealth
    tuning: Tuning
    snapshot: Snapshot
    before: Held

    @property
    def now(self) -> datetime:
        return self.snapshot.now

    def story(self, number: str) -> Story | None:
        return self.snapshot.state.stories.by_id.get(number)

    def told(self, incident: Incident) -> list[Story]:
        """The stories of *incident* that are remembered."""
        return [story for name in incident.stories if (story := self.story(name))]

    def kinship(self, story: Story, others: Sequence[Story], bar: Bar) -> float:
        """By how much *story* is more like the nearest of *others* than *bar* asks for."""
        state = self.snapshot.state
        asked = story.id, tuple(each.id for each in others), bar
        if asked not in state.kinships:
            state.kinships[asked] = kinship(
                story, others, bar, vocabulary=state.vocabulary, background=state.stories.background
            )
        return state.kinships[asked]

    def judged(self, part: Snapshot, before: Held) -> tuple[Assessment, Held]:
        """How grave *part* of the topic is by itself, and what it is held at from now on."""
        found, held = judge(part, measure(part), before=before, health=self.health, tuning=self.tuning)
        return found, replace(held, carriers=())


def decisions(incidents: Sequence[Incident], assessment: Assessment, turn: Circumstances) -> Iterator[Decision]:
    """What becomes of *incidents*: the topic's live ones and those closed in the last days. *assessment* is of all."""
    incidents = lately(incidents, turn.now)
    live = [each for each in incidents if not each.status.closed]
    ended = [each for each in incidents if each.status.closed]
    made = list(_live(live, ended, assessment, turn)) if live else []
    if not live and not turn.topic.paused:
        made.append(_after_the_close(ended, assessment, turn))
    changed = {each.incident.id for each in made if each.incident is not None}
    yield from made
    for each in ended:
        if each.id not in changed:  # what goes on needs no warning
            yield _warned(each, live, assessment, turn)


def stories_told(incidents: Sequence[Incident], now: datetime) -> set[str]:
    """The stories that people were told of, whose ids stay whatever becomes one with them."""
    return {story for each in lately(incidents, now) for story in each.stories}


def _live(
    live: Sequence[Incident], ended: Sequence[Incident], assessment: Assessment, turn: Circumstances
) -> Iterator[Decision]:
    owners = _owners(live, turn)
    room = len(live) < MOST and not turn.topic.paused
    strange = [story for story, owner in owners.items() if owner is None] if room else []  # without room they join
    another = _another(live, ended, strange, turn)
    parted = strange if another.incident is not None else []
    for each in live:
        yield _own(each, _part(each, live, ended, owners, parted, turn), strange, assessment, turn)
    yield another


def _owners(live: Sequence[Incident], turn: Circumstances) -> Mapping[str, int | None]:
    """Whose the stories are that belong to none of *live* yet: that whose stories they resemble most, nobody's if they
    are strangers to all."""
    told = {each.id: turn.told(each) for each in live}
    return {story.id: _owner(story, told, turn) for story in _fresh(live, turn)}


def _owner(story: Story, told: Mapping[int, Sequence[Story]], turn: Circumstances) -> int | None:
    if not any(told.values()):  # all that was told is forgotten
        return next(iter(told))
    near = {number: turn.kinship(story, stories, STRANGE) for number, stories in told.items()}
    nearest = max(near, key=lambda number: near[number])
    return nearest if near[nearest] >= 0 else None


def _fresh(live: Sequence[Incident], turn: Circumstances) -> list[Story]:
    """Stories that belong to none of *live*: the heaviest, and those of the gravest posts."""
    known = {story for each in live for story in each.stories}
    heaviest = [each.id for each in turn.snapshot.stories if each.id not in known][:LOOKED_AT]
    gravest = dict.fromkeys(each.story_id for each in turn.snapshot.notables if each.story_id not in known)
    names = dict.fromkeys([*heaviest, *list(gravest)[:LOOKED_AT]])
    return [story for name in names if (story := turn.story(name))]


def _part(
    incident: Incident,
    live: Sequence[Incident],
    ended: Sequence[Incident],
    owners: Mapping[str, int | None],
    parted: Collection[str],
    turn: Circumstances,
) -> Snapshot | None:
    """What speaks for *incident*; None if that is all there is. The first one takes what is nobody's."""
    foreign = set(parted)
    for each in live:
        if each.id != incident.id:
            foreign |= {*each.stories, *(story for story, owner in owners.items() if owner == each.id)}
    for each in ended:  # what was closed beside it goes on by itself, or not at all
        if each.closed_at is not None and each.closed_at > incident.opened_at and in_mind(each, turn.now):
            foreign |= set(each.stories)
    foreign -= set(incident.stories)
    part = turn.snapshot
    if incident.id != live[0].id:
        part = of_stories(
            part, {*incident.stories, *(story for story, owner in owners.items() if owner == incident.id)}
        )
    elif foreign & set(turn.snapshot.state.stories.by_id):
        part = of_stories(part, set(turn.snapshot.state.stories.by_id) - foreign)
    elif not incident.split and incident.counted_from is None:
        return None
    return part if incident.counted_from is None else since(part, incident.counted_from)


def _own(
    incident: Incident, part: Snapshot | None, strange: Collection[str], assessment: Assessment, turn: Circumstances
) -> Decision:
    """*incident* under what *part* tells. Once it had a part of its own, it keeps a level of its own."""
    if part is None:
        whole = _without(assessment, strange, turn)
        return follow(incident, whole, now=turn.now, posts=_posts(turn.snapshot))
    found, held = turn.judged(part, _held(incident, turn))
    changed = replace(incident, held=held, split=incident.split or incident.counted_from is None)
    decision = follow(changed, _without(found, strange, turn), now=turn.now, posts=_posts(part))
    return Decision(incident=changed) if decision.incident is None and changed != incident else decision


def _held(incident: Incident, turn: Circumstances) -> Held:
    """What *incident* was held at; as long as it had all of the topic, that is what the topic was held at."""
    if incident.split or incident.counted_from is not None:
        return replace(incident.held, carriers=turn.before.carriers)
    level = None if incident.calm_since else incident.level
    return turn.before if turn.before.level == level else replace(turn.before, level=level, below_since=None)


def _posts(part: Snapshot) -> int:
    """Live posts of the last hour."""
    return round(float(part.column(Column.LIVE, HOUR).sum()))


def _without(found: Assessment, strange: Collection[str], turn: Circumstances) -> Assessment:
    """*found* headed by what belongs to the incident; a stranger is not taken for a part of it."""
    mine = tuple(each for each in found.stories if each not in strange)
    if mine == found.stories:
        return found
    first = turn.story(mine[0]) if mine else None
    return replace(found, stories=mine, headline=first.headline if first else "")


def _another(
    live: Sequence[Incident], ended: Sequence[Incident], strange: Sequence[str], turn: Circumstances
) -> Decision:
    """What the first of the *strange* stories that is grave enough opens: a new incident, or one that was closed."""
    for story in strange:
        before = _told_before(story, ended, turn)
        decision = _again(before, live, turn) if before is not None else _matter_of_its_own(story, live, turn)
        if decision.incident is not None:
            return decision
    return Decision()


def _matter_of_its_own(story: str, live: Sequence[Incident], turn: Circumstances) -> Decision:
    told = [each for each in turn.snapshot.notables if each.story_id == story]
    if len(told) < FEWEST and not any(each.grave for each in told):
        return Decision()
    last = max(told, key=lambda each: (each.at, each.post_id)).post_id
    known, mild = (len(told), last, (turn.tuning, turn.policy.opens_at)), turn.snapshot.state.mild
    if story in mild and known[1:] == mild[story][1:] and known[0] <= mild[story][0]:
        return Decision()  # nothing was added to what was not enough before
    part = of_stories(turn.snapshot, {story})
    found, held = turn.judged(part, Held())
    if not _grave_by_itself(found) or not _reaches(found, turn):
        if len(mild) >= MOST_MILD:
            mild.clear()
        mild[story] = known
        return Decision()
    mild.pop(story, None)
    latest = max(each.opened_at for each in live)
    opened = open_new(found, topic=turn.topic, policy=turn.policy, now=turn.now, after=latest, split=True)
    return _by_itself(opened, held)


def _again(before: Incident, live: Sequence[Incident], turn: Circumstances) -> Decision:
    """What was closed *before*, if as much was said of it since as would open it."""
    assert before.closed_at is not None
    others = {story for each in live for story in each.stories}
    part = since(of_stories(turn.snapshot, set(before.stories) - others), before.closed_at)
    found, held = turn.judged(part, Held())
    if not _reaches(found, turn):
        return Decision()
    again = reopen(before, found, said=_said(part), now=turn.now)
    return _by_itself(again, held, counted_from=before.closed_at)


def _after_the_close(ended: Sequence[Incident], assessment: Assessment, turn: Circumstances) -> Decision:
    """A topic without a live incident: what is measured since the last close opens one, or lets the old one go on."""
    latest = max(ended, key=_closed_last, default=None)
    if latest is None or latest.closed_at is None:
        return decide(None, assessment, topic=turn.topic, policy=turn.policy, now=turn.now)
    part = since(turn.snapshot, latest.closed_at)
    found, held = turn.judged(part, Held())
    if not _reaches(found, turn):
        return Decision()
    before = _told_before(found.stories[0], ended, turn) if found.stories else None
    decision = decide(
        before or latest,
        found,
        topic=turn.topic,
        policy=turn.policy,
        now=turn.now,
        said=_said(part),
        after=max(each.opened_at for each in ended),
    )
    return _by_itself(decision, held, counted_from=latest.closed_at)


def _told_before(number: str, ended: Sequence[Incident], turn: Circumstances) -> Incident | None:
    """That of *ended* which told the story, or one that it is the same as, with the story among its own.

    After days of silence the same is told in a story of its own.
    """
    story = turn.story(number)
    for each in sorted(ended, key=_closed_last, reverse=True):
        known = number in each.stories or (story and turn.kinship(story, turn.told(each), MERGED) >= 0)
        if known and not each.merged_into:
            return replace(each, stories=tuple(dict.fromkeys((*each.stories, number))))
    return None


def _by_itself(decision: Decision, held: Held, *, counted_from: datetime | None = None) -> Decision:
    """*decision*, whose incident is measured by itself from now on."""
    if decision.incident is None:
        return decision
    return replace(decision, incident=replace(decision.incident, held=held, counted_from=counted_from))


def _grave_by_itself(found: Assessment) -> bool:
    """True if it is orange, or yellow by what is said to have happened."""
    if found.level is None or found.level > Level.YELLOW:
        return False
    first = max(found.signals, key=lambda signal: signal.weight, default=None)
    return found.level < Level.YELLOW or (first is not None and first.name == "gravity")


def _reaches(found: Assessment, turn: Circumstances) -> bool:
    """True if *found* is what the topic's policy opens at."""
    return found.level is not None and not turn.policy.opens_at.graver_than(found.level)


def _said(part: Snapshot) -> int:
    """Negative posts of *part* that are remembered, within the last day."""
    return sum(each.negative for each in part.notables)


def _closed_last(incident: Incident) -> tuple[datetime, int]:
    return incident.closed_at or incident.opened_at, incident.id


def _warned(incident: Incident, live: Sequence[Incident], assessment: Assessment, turn: Circumstances) -> Decision:
    """Beside a live matter only its own stories can say that what was closed is red still."""
    if incident.closed_at is None or not in_mind(incident, turn.now):
        return Decision()
    level = assessment.level
    if live:
        mine = set(incident.stories) - {story for each in live for story in each.stories}
        level = turn.judged(of_stories(turn.snapshot, mine), Held())[0].level
    said = _said(since(turn.snapshot, incident.closed_at))
    return warn(incident, level, posts=said, now=turn.now)
