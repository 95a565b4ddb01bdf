"""What a topic's watch remembers of facts: sightings of the last days, which story led, and how fast it was told to be.

Small whatever the topic brings: the same thing said again by the same source is kept once, the latest are kept, and
what is bulky (who else tells it) goes before what is grave. The order in which a batch arrived changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from engine.facts.sightings import Sighting, order
from engine.facts.telling import board_steps, facts
from engine.post import Fact, FactKind, Standing
from engine.stories.live_stories import Changes
from engine.stories.story import Story

REMEMBERED = timedelta(days=3)
SAID = timedelta(days=7)
"""For how long what is measured, and what is said, is remembered after the last of its kind."""

MEASURED = (FactKind.OUTLET, FactKind.BOARD, FactKind.DOUBLING)
MOST_TOLD = 32  # sets of stories whose facts are kept until something else is seen
VOICES = 4  # sightings of the same count that are kept
KEPT, KEPT_OUTLETS = 128, 128
"""Sightings that are kept: of outlets that tell it, and of everything else."""

FEWEST_AN_HOUR = 10
TIMES_USUAL = 3.0
"""A pace is news from so many live negative posts an hour, and from so many times the mean hour of the week before."""

LEADING, FEWEST_OF_A_STORY, MARGIN = 0.3, 3, 1.25
"""A story leads that carries so much of a day's bad news, in so many negative posts at least; another one leads once it
weighs so much more than that."""

STRANGE = 0.2
"""Two stories are about different things whose centres have a lower cosine, or that share fewer of their words."""


@dataclass(kw_only=True)
class FactMemory:
    """The sightings of one topic. *lead* is the story that leads, as far as people were told."""

    seen: list[Sighting] = field(default_factory=list)
    lead: str = ""
    _trimmed: int = -1  # sightings after the last trim; as many may be left as they are
    _next: datetime | None = None  # until then, and as long as nothing else is seen, nothing is too old
    _told: dict[frozenset[str], tuple[Fact, ...]] = field(default_factory=dict)

    def told(self, stories: frozenset[str]) -> tuple[Fact, ...]:
        """What is known of *stories*, the oldest first: drawn once, until something else is seen."""
        if stories not in self._told:
            if len(self._told) >= MOST_TOLD:
                self._told.clear()
            self._told[stories] = facts(self.seen, stories)
        return self._told[stories]

    def take(self, found: Iterable[Sighting]) -> None:
        """Remember what was *found* in one post."""
        before = len(self.seen)
        self.seen.extend(found)
        if len(self.seen) > before:
            self._told.clear()
            self._trimmed = -1
        if len(self.seen) > 2 * (KEPT + KEPT_OUTLETS):
            self._trim()

    def settle(self, now: datetime) -> None:
        """After a batch: keep each thing once, let go of what is too old, and of what is too much."""
        if self._next is not None and now < self._next and len(self.seen) == self._trimmed:
            return
        latest: dict[object, datetime] = {}
        for each in self.seen:
            latest[_matter(each)] = max(each.at, latest.get(_matter(each), each.at))
        before = self.seen
        kept = [each for each in self.seen if now - latest[_matter(each)] < _limit(each)]
        self._next = min((latest[_matter(each)] + _limit(each) for each in kept), default=None)
        if len(kept) == len(before) == self._trimmed:
            return
        self.seen = kept
        self._trim()
        if self.seen != before:
            self._told.clear()

    def follow(self, changes: Changes) -> None:
        """Let the sightings go with the stories that became one with another, or two."""
        if changes.merged or changes.moved:
            self.seen = [replace(each, story_id=changes.place(each.post_id, each.story_id)) for each in self.seen]
            self._trimmed = -1
            self.lead = changes.final(self.lead)
            self._told.clear()

    def _trim(self) -> None:
        first: dict[tuple[object, ...], Sighting] = {}
        for each in sorted(self.seen, key=order):
            first.setdefault(each.same, each)
        outlets = [each for each in first.values() if each.kind is FactKind.OUTLET]
        others = _few_voices(each for each in first.values() if each.kind is not FactKind.OUTLET)
        titles = {title.post_id for title, _ in board_steps([each for each in others if each.kind is FactKind.BOARD])}
        others = [each for each in others if each.kind is not FactKind.BOARD or each.post_id in titles]
        self.seen = sorted([*outlets[-KEPT_OUTLETS:], *others[-KEPT:]], key=order)
        self._trimmed = len(self.seen)

    def pace(self, count: int, usual: float, *, at: datetime, proofs: Sequence[str]) -> None:
        """Remember that *count* live negative posts came in the last hour, if that is twice what was told last.

        *usual* is the mean hour of the week before. The first pace that is told is FEWEST_AN_HOUR at least, and
        TIMES_USUAL the usual one; each further one twice the count that was told last within REMEMBERED.
        """
        told = max((each.n for each in self.seen if each.kind is FactKind.DOUBLING), default=0)
        floor = max(FEWEST_AN_HOUR, TIMES_USUAL * usual) if not told else 2 * told
        if count >= floor and proofs:
            what = "again" if told else "first"
            found = self._measured(FactKind.DOUBLING, at, proofs[0], what=what, n=count, before=told or round(usual))
            self.take([found])

    def leads(self, ranked: Sequence[tuple[Story, float]], known: Mapping[str, Story], *, at: datetime) -> None:
        """Look which of the stories *ranked* by their weight leads; remember it if it is another matter than before.

        *known* are the live stories by id. The first story that leads is no news: it is the matter itself.
        """
        if not ranked or ranked[0][0].negative < FEWEST_OF_A_STORY:
            return
        (top, weight), before = ranked[0], known.get(self.lead)
        old = next((each for story, each in ranked if story.id == self.lead), 0.0)
        if weight < max(LEADING * sum(each for _, each in ranked), MARGIN * old) or top.id == self.lead:
            return
        if before is not None and strangers(top, before):
            self.take([self._measured(FactKind.STORY, at, top.headline_id, what=top.id, name=top.headline)])
        self.lead = top.id

    def _measured(self, kind: FactKind, at: datetime, post_id: str, **more: Any) -> Sighting:
        story = more["what"] if kind is FactKind.STORY else self.lead
        return Sighting(kind=kind, at=at, post_id=post_id, story_id=story, source="", standing=Standing.SOCIAL, **more)

    def dump(self) -> list[Any]:
        """Everything as plain values."""
        return [self.lead, [_plain(each) for each in self.seen]]

    @staticmethod
    def load(plain: list[Any] | None) -> FactMemory:
        """What ``dump`` gave; a state of an earlier version has nothing."""
        if not plain:
            return FactMemory()
        lead, seen = plain
        return FactMemory(lead=lead, seen=[_sighting(each) for each in seen])


def _limit(sighting: Sighting) -> timedelta:
    """How long after the last word of its matter it is remembered."""
    return REMEMBERED if sighting.kind in MEASURED else SAID


def _matter(each: Sighting) -> object:
    """What is forgotten together: a count is no news for as long as a higher one of its kind is remembered."""
    by = {FactKind.BOARD: each.source, FactKind.OUTLET: "", FactKind.DOUBLING: ""}
    return each.kind, by.get(each.kind, each.what)


def _few_voices(seen: Iterable[Sighting]) -> list[Sighting]:
    """*seen*, of the same count only the first few, those that are loud before the others; in their order."""
    kept: dict[tuple[object, ...], list[Sighting]] = {}
    for each in sorted(seen, key=lambda each: (not each.loud, order(each))):
        same = kept.setdefault((each.kind, each.what, each.n, each.name, each.story_id), [])
        if len(same) < VOICES:
            same.append(each)
    return sorted((each for same in kept.values() for each in same), key=order)


def strangers(one: Story, other: Story) -> bool:
    """True if two stories are about different things: by their centres, or by their words where one has none."""
    if one.centre is not None and other.centre is not None and one.centre.shape == other.centre.shape:
        return float(one.centre.astype("float32") @ other.centre.astype("float32")) < STRANGE
    shared = len(one.words.keys() & other.words.keys())
    return shared < STRANGE * min(len(one.words), len(other.words))


def _plain(each: Sighting) -> list[Any]:
    return [
        each.kind.value, each.what, each.at.timestamp(), each.post_id, each.story_id, each.source,
        each.standing.value, each.n, each.bound, each.name, int(each.own), each.before, each.voice, each.was,
    ]  # fmt: skip


def _sighting(plain: list[Any]) -> Sighting:
    kind, what, at, post_id, story_id, source, standing, n, bound, name, own, before, voice, *rest = plain
    return Sighting(
        kind=FactKind(kind), what=what, at=datetime.fromtimestamp(at, UTC), post_id=post_id, story_id=story_id,
        source=source, standing=Standing(standing), n=n, bound=bound, name=name, own=bool(own), before=before,
        voice=voice, was=rest[0] if rest else "",  # an earlier version did not keep it
    )  # fmt: skip
