"""Stands before everything that people do in Slack: who may not come in is told so, and it is kept on the record.

``keep_out`` stands before every listener and turns away what comes from another workspace; bots and closed accounts
are turned away as soon as Slack has said what they are. ``bot.incidents.people.permissions`` decides over all others.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace

from slack_bolt import BoltResponse

from bot.desk.access import BarredError
from bot.desk.desk import Desk
from bot.i18n.speech import Speech
from bot.incidents.people.permissions import ActorKind, Barrier, NotAllowed, Right
from bot.infra.loops import Loop
from bot.records import ActKind, Incident
from bot.slack.commands import spoken
from bot.slack.forms import forms
from bot.slack.membership import Membership, Visitor, Workplace
from bot.slack.render import barred
from bot.slack.render.blocks import BlockMessage
from bot.slack.requests import SENT, Body, SlackRequest, enterprise_of, request_of, teams_of

GATE_S = 0.5
"""How long a request waits to hear which workspace Tocsin lives in: it is asked once an hour at most."""

HURRIED_S = 1.0
"""How long a form waits for Slack to say who somebody is: it must be opened within 3 s."""

NAME_S = 1.0
MOST_ASKED, MOST_KNOWN = 2, 20
"""To so many people a refusal offers a button, and so many are looked up when one is pressed."""

AFTERWARDS_S = 3600.0
"""For so long an acknowledgement that was taken unchecked is still checked."""

_TURNED_AWAY = {
    ActorKind.BOT: Barrier.BOT,
    ActorKind.LEFT: Barrier.LEFT,
    ActorKind.STRANGER: Barrier.STRANGER,
}


@dataclass(frozen=True, kw_only=True)
class Unchecked:
    """An acknowledgement of *user* that is still to be checked, until the clock's second *until*."""

    user: str
    incident: Incident
    until: float


class Gate:
    def __init__(self, desk: Desk, membership: Membership) -> None:
        self._desk, self._membership = desk, membership
        membership.home()  # asked ahead: the first click need not wait for it
        self._unchecked: deque[Unchecked] = deque()
        self._checking = threading.Lock()
        self.afterwards = Loop("afterwards", self.check_afterwards, pause=10.0)

    def desk_for(self, asked: SlackRequest, *, hurried: bool = False) -> Desk:
        """The desk as the person who asks may see and use it."""
        patience = {"patience": HURRIED_S} if hurried else {}
        return self._desk.seen_by(Visitor(self._membership, asked.user, **patience))

    def turned_away(self, asked: SlackRequest, speech: Speech) -> BlockMessage | None:
        """What a bot, a closed account or a stranger is told, whatever they want; None for everybody else."""
        if self.kind(asked.user, 0) not in _TURNED_AWAY:
            return None
        why = _TURNED_AWAY.get(Visitor(self._membership, asked.user).at("", looking=True, anew=True).kind)
        return self.turn_away(asked, why, speech) if why else None

    def kind(self, user: str, within: float = NAME_S) -> ActorKind:
        """What *user* is in the workspace, as far as Slack says it within so many seconds."""
        profile = self._membership.profile(user).wait(within)
        return profile.kind(self._membership.home().wait(within)) if profile else ActorKind.UNKNOWN

    def can_own(self, user: str) -> bool:
        """False for those who cannot answer for anything: bots, closed accounts, people of elsewhere."""
        return self.kind(user) not in _TURNED_AWAY

    def turn_away(self, asked: SlackRequest, why: Barrier, speech: Speech) -> BlockMessage:
        """Keep that *asked* was refused, and say so."""
        found = self._desk.refusals.turn_away(
            why, by=asked.user, deed=asked.deed, number=asked.number, origin=asked.origin
        )
        home = self._membership.home().wait(0)
        return barred.answer(found, None, speech, workspace=home.name if home else "")

    def answer(self, error: BarredError, speech: Speech) -> BlockMessage:
        """Why somebody may not, who could, and a button to ask them."""
        asks = self._who_could(error.barred) if error.incident else ()
        return barred.answer(error.barred, error.incident, speech, deed=error.kind, asks=asks)

    def ask(self, asked: SlackRequest, speech: Speech, *, number: int, kind: ActKind, to: str) -> tuple[str, bool]:
        """Have *to* told who asks them for what; the answer, and whether a message is owed now."""
        desk = self.desk_for(asked)
        incident = desk.incident(number).incident
        found = desk.barred(incident, kind)
        if found is None or to not in [person for person, _ in self._who_could(found, most=MOST_KNOWN)]:
            return speech.say("ask.over"), False
        owed = self._desk.refusals.ask(incident, by=asked.user, to=to, kind=kind, origin=asked.origin)
        return barred.asked(to, speech, again=not owed), owed

    def check_later(self, asked: SlackRequest, incident: Incident) -> None:
        """Check an acknowledgement as soon as Slack answers."""
        until = self._membership.lookups.seconds() + AFTERWARDS_S
        self._unchecked.append(Unchecked(user=asked.user, incident=incident, until=until))
        self.afterwards.wake()

    def check_afterwards(self) -> int:
        """Check what was taken unchecked; how many are settled. What Slack does not say waits for the next time."""
        with self._checking:
            settled = 0
            for _ in range(len(self._unchecked)):
                if self._settled(self._unchecked[0]):  # if this raises, it stays where it is
                    self._unchecked.popleft()
                    settled += 1
                else:
                    self._unchecked.rotate(-1)
            return settled

    def _settled(self, one: Unchecked) -> bool:
        unowned = replace(one.incident, owner="")  # what is to be checked does not speak for them
        found = self._desk.seen_by(Visitor(self._membership, one.user)).barred(unowned, ActKind.ACKNOWLEDGE)
        if found is not None and found.why is Barrier.UNCHECKED:
            return self._membership.lookups.seconds() > one.until
        if found is not None:
            self._desk.refusals.take_back(one.incident, found, by=one.user)
        return True

    def _who_could(self, found: NotAllowed, *, most: int = MOST_ASKED) -> tuple[tuple[str, str], ...]:
        """Ids and names of those who could, as far as Slack tells them in time; the nearest first."""
        known: dict[str, str] = {}
        for name in found.who_could:
            person = self._membership.address(name).wait(NAME_S) if "@" in name else name
            if person and person not in known:
                profile = self._membership.profile(person).wait(NAME_S)
                known[person] = profile.name if profile and profile.name else name
            if len(known) >= most:
                break
        return tuple(known.items())


def foreign(body: Body, home: Workplace) -> bool:
    """True for a payload that comes from another workspace than *home*, or from somebody of another one."""
    enterprise = enterprise_of(body)
    named = teams_of(body)
    return any(not home.ours(team, enterprise) for team in named) or (not named and not home.ours("", enterprise))


def keep_out(
    membership: Membership, turn_away: Callable[[SlackRequest], None], language: str
) -> Callable[..., BoltResponse]:
    """The middleware that stands before every listener: a request of another workspace goes no further."""

    def check(body: Body, next: Callable[[], BoltResponse]) -> BoltResponse:  # noqa: A002 -- Bolt calls it so
        home = membership.home().wait(GATE_S)
        if home is None or not foreign(body, home):
            return next()
        try:
            asked = request_of(body, event=_event(body))
        except KeyError:  # an event of Slack's, which no person sent
            return BoltResponse(status=200, body="")
        turn_away(asked)
        if asked.via != SENT:
            return BoltResponse(status=200, body="")
        speech = Speech(spoken(asked.text) or language)
        found = NotAllowed(why=Barrier.STRANGER, right=Right.VIEW)
        said = barred.answer(found, None, speech, workspace=home.name).text
        page = forms.page(speech.say("barred.title"), said, speech)
        return BoltResponse(status=200, body={"response_action": "update", "view": page})

    return check


def _event(body: Body) -> str:
    view = body.get("view") or {}
    return str(body.get("trigger_id") or view.get("id") or "")
