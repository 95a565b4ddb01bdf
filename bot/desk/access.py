"""What one person may see and do at the desk. Asks who they are, and lets the core decide."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TypeVar

from bot.errors import DeskError
from bot.incidents.people.permissions import USUAL, Actor, Barrier, NotAllowed, may, may_configure, may_see
from bot.ports import Policies, Viewer
from bot.records import ActKind, Incident, TopicRecord

T = TypeVar("T", Incident, TopicRecord)
Check = Callable[[Actor], NotAllowed | None]
Rule = Callable[[Incident], NotAllowed | None]


class BarredError(DeskError):
    """Somebody may not do what they asked for: an act of *kind* on *incident*, or something that is about none."""

    def __init__(self, barred: NotAllowed, incident: Incident | None = None, kind: ActKind | None = None) -> None:
        super().__init__("barred.unchecked" if barred.why is Barrier.UNCHECKED else "barred.add")
        self.barred, self.incident, self.kind = barred, incident, kind


def _nowhere(_: Incident) -> Sequence[str]:
    return ()


class Access:
    """Without a *viewer* it is Tocsin itself that asks, which may see and do everything.

    *told* says in which channels a card of an incident stands: whoever has it in front of them there may answer it as
    the members of its own channel may.
    """

    def __init__(
        self, policies: Policies, viewer: Viewer | None = None, told: Callable[[Incident], Sequence[str]] = _nowhere
    ) -> None:
        self._policies, self._viewer, self._told = policies, viewer, told
        self._permissions = viewer.permissions if viewer else USUAL

    def visible(self, found: list[T], *, urgent: bool = False) -> list[T]:
        """Those of *found* that the person may see; *urgent* takes what cannot be told in time too.

        BarredError where there is nothing else than what cannot be told.
        """
        why = [(one, self.hidden(one, urgent=urgent)) for one in found]
        unsure = [barred for _, barred in why if barred is not None and barred.why is Barrier.UNCHECKED]
        seen = [one for one, barred in why if barred is None or (urgent and barred in unsure)]
        if unsure and not seen:
            raise BarredError(unsure[0])
        return seen

    def hidden(self, one: Incident | TopicRecord, *, urgent: bool = False) -> NotAllowed | None:
        """Why the person may not see *one*; None if they may."""
        policy = one.policy if isinstance(one, Incident) else self._policies.policy(one.policy)
        owner = one.owner if isinstance(one, Incident) else ""

        def look(actor: Actor) -> NotAllowed | None:
            return may_see(actor, policy, owner=owner, permissions=self._permissions)

        found, _ = self._asked(look, one, looking=True, urgent=urgent)
        return found

    def rule(self, kind: ActKind, incident: Incident) -> Rule:
        """The rule for an act of *kind*, whoever the person is having been asked: it asks nobody any more."""

        def allowed(actor: Actor, current: Incident) -> NotAllowed | None:
            return may(actor, kind, current, self._permissions)

        urgent = kind is ActKind.ACKNOWLEDGE
        _, actor = self._asked(lambda asked: allowed(asked, incident), incident, urgent=urgent)
        return lambda current: allowed(actor, current) if actor else None

    def configuring(self) -> NotAllowed | None:
        """Why the person may not add topics; None if they may."""
        found, _ = self._asked(lambda actor: may_configure(actor, self._permissions), None)
        return found

    def _asked(
        self, check: Check, one: Incident | TopicRecord | None, *, looking: bool = False, urgent: bool = False
    ) -> tuple[NotAllowed | None, Actor | None]:
        """What *check* finds of the person before *one*. Nobody is refused by what Slack said a while ago: it is asked
        anew first."""
        if self._viewer is None:
            return None, None
        actor = self._viewer.at(one.channel if one else "", looking=looking, urgent=urgent)
        if check(actor) is not None:
            actor = self._viewer.at(one.channel if one else "", looking=looking, urgent=urgent, anew=True)
        if isinstance(one, Incident) and check(actor) is not None:
            actor = self._before_a_card(self._viewer, actor, one, urgent=urgent)
        return check(actor), actor

    def _before_a_card(self, viewer: Viewer, actor: Actor, incident: Incident, *, urgent: bool) -> Actor:
        """*actor* as a member of any channel in which a card of *incident* stands, if they are one."""
        known = [viewer.at(channel, urgent=urgent, anew=True).in_channel for channel in self._told(incident)]
        if True in known or (None in known and actor.in_channel is False):
            return replace(actor, in_channel=True if True in known else None)
        return actor
