"""Acts on more than one incident: merging, and splitting a story off. Loads, lets the core decide, records."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from bot.incidents.lifecycle import ActRequest, Refusal
from bot.incidents.people.joining import merge, split
from bot.infra.clock import Clock
from bot.records import ActKind, Decision, Incident

if TYPE_CHECKING:
    from bot.store import Store

OFFERED_STORIES = 20

Check = Callable[[Incident], None]
"""Raises where the act may not be done to an incident."""


class RefusedError(Exception):
    """Leaves the store's transaction without writing."""

    def __init__(self, refusal: Refusal, incident: Incident) -> None:
        super().__init__()
        self.refusal, self.incident = refusal, incident


class JointActs:
    def __init__(self, store: Store, clock: Clock) -> None:
        self._store, self._clock = store, clock

    def siblings(self, incident: Incident) -> tuple[Incident, ...]:
        """The other live incidents of its topic."""
        live = self._store.incidents.open()
        return tuple(one for one in live if one.topic_id == incident.topic_id and one.id != incident.id)

    def stories(self, incident: Incident) -> tuple[tuple[str, str], ...]:
        """The id and headline of each of its stories that is still told, the largest first."""
        told = self._store.topics.state(incident.topic_id).stories.by_id
        mine = [told[story] for story in incident.stories if story in told]
        ranked = sorted(mine, key=lambda story: -story.size)[:OFFERED_STORIES]
        return tuple((story.id, story.headline) for story in ranked)

    def do(self, incident: Incident, request: ActRequest, check: Check) -> Incident:
        """Merge *incident* or split a story off it; as it stands then. Raises RefusedError, Missing, StoreError."""
        if request.kind is ActKind.MERGE:
            changed = self._store.incidents.change_several(
                [incident.id, request.other], lambda found: self._merged(found, request, check)
            )
        else:
            headline = dict(self.stories(incident)).get(request.story, "")
            changed = self._store.incidents.change_several(
                [incident.id], lambda found: self._split(found[0], headline, request, check)
            )
        return next(one for one in changed if one.id == incident.id)

    def _merged(self, found: Sequence[Incident], request: ActRequest, check: Check) -> Sequence[Decision]:
        source, target = found
        for each in found:
            check(each)
        return _done(merge(source, target, request, now=self._clock.now()), source)

    def _split(self, source: Incident, headline: str, request: ActRequest, check: Check) -> Sequence[Decision]:
        check(source)
        return _done(split(source, request.story, headline, request, now=self._clock.now()), source)


def _done(made: tuple[Decision, Decision] | Refusal, source: Incident) -> tuple[Decision, Decision]:
    if isinstance(made, Refusal):
        raise RefusedError(made, source)
    return made
