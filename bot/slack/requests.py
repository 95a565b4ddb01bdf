"""What Slack brings, as a value: who asked, from where, for what, and how to answer. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.desk.topic_adding import ADD
from bot.records import ActKind
from bot.slack import commands
from bot.slack.forms import act_forms, forms
from bot.slack.render import cards

Body = dict[str, Any]

LOOK = "look"
TYPED, CLICKED, SENT = "command", "click", "form"
WRITTEN, PINNED = "thread", "pin"
"""What people say to each other: Tocsin hears it and answers nothing."""

_BUTTONS = {
    cards.ACKNOWLEDGE: ActKind.ACKNOWLEDGE,
    cards.STILL_ON_IT: ActKind.ACKNOWLEDGE,
    cards.RESOLVE: ActKind.RESOLVE,
    cards.CLOSE: ActKind.RESOLVE,
    cards.REOPEN: ActKind.REOPEN,
    cards.USE_POLICY: ActKind.USE_POLICY,
}


@dataclass(frozen=True, kw_only=True)
class Attempt:
    """*deed* is the value of an ActKind, ADD or LOOK; *number* is an incident's, 0 if none is named."""

    deed: str = LOOK
    number: int = 0
    via: str = CLICKED


def attempt(body: Body) -> Attempt:
    """What *body* is about. What cannot be understood is a look."""
    via = TYPED if "command" in body else SENT if body.get("type") == "view_submission" else CLICKED
    try:
        return {TYPED: _typed, SENT: _sent, CLICKED: _pressed}[via](body)
    except (KeyError, IndexError, TypeError, ValueError):
        return Attempt(via=via)


def _typed(body: Body) -> Attempt:
    wanted = commands.parse(str(body.get("text") or ""))
    if isinstance(wanted, commands.ActOn):
        return Attempt(deed=wanted.kind.value, number=wanted.number, via=TYPED)
    return Attempt(deed=ADD if isinstance(wanted, commands.AddTopic) else LOOK, via=TYPED)


def _sent(body: Body) -> Attempt:
    match body["view"]["callback_id"]:
        case act_forms.ACT:
            form = act_forms.filled(body["view"])
            return Attempt(deed=form.kind.value, number=form.number, via=SENT)
        case forms.WRONG:
            return Attempt(deed=ActKind.CORRECT.value, number=forms.marked(body["view"]).number, via=SENT)
        case _:
            return Attempt(deed=ADD, via=SENT)


def _pressed(body: Body) -> Attempt:
    action = body["actions"][0]
    name = action["action_id"]
    if name in _BUTTONS:
        return Attempt(deed=_BUTTONS[name].value, number=_number(action["value"]))
    if name in (cards.MORE, cards.RARE):
        kind, _, value = action["selected_option"]["value"].partition(":")
        return Attempt(deed=ActKind(kind).value, number=_number(value))
    if name == cards.POST:
        chosen, number, _ = action["selected_option"]["value"].split(":", 2)
        return Attempt(deed=ActKind.CORRECT.value if chosen == cards.WRONG else LOOK, number=int(number))
    return Attempt(number=_number(action["value"]))


def _number(value: str) -> int:
    return int(value.partition(":")[0])


@dataclass(frozen=True, kw_only=True)
class SlackRequest:
    """Who asked, where, and how to answer. *event* is the same when Slack repeats itself.

    *deed*, *number* and *via* are what is wanted (see ``Attempt``); *team* is where the person comes from.
    """

    event: str
    user: str
    channel: str = ""
    trigger: str = ""
    url: str = ""
    text: str = ""
    team: str = ""
    deed: str = LOOK
    number: int = 0
    via: str = ""
    again: bool = False  # it was begun before: the process died, or the database was away

    def kept(self) -> dict[str, str]:
        """What must be known of it to carry it out later."""
        return {name: str(getattr(self, name)) for name in _KEPT}

    @staticmethod
    def restored(kept: Mapping[str, str], *, again: bool) -> SlackRequest:
        """The request that ``kept`` wrote down."""
        told = {name: kept[name] for name in _KEPT if name in kept and name != "number"}
        return SlackRequest(**told, number=int(kept.get("number") or 0), again=again)

    @property
    def overheard(self) -> bool:
        """True if nobody asked for anything, so that nothing is answered."""
        return self.via in (WRITTEN, PINNED)

    @property
    def origin(self) -> Mapping[str, str]:
        """From where it came, as the record keeps it."""
        told = {"channel": self.channel, "via": self.via, "team": self.team}
        return {name: value for name, value in told.items() if value}


_KEPT = ("event", "user", "channel", "trigger", "url", "text", "team", "deed", "number", "via")


def request_of(body: Body, *, event: str = "", channel: str = "", url: str = "") -> SlackRequest:
    """The request in a payload of Slack's; what is given beside it stands above it."""
    wanted = attempt(body)
    return SlackRequest(
        event=event or str(body.get("trigger_id")),
        user=body.get("user_id") or body["user"]["id"],
        channel=channel or str(body.get("channel_id") or (body.get("channel") or {}).get("id", "")),
        trigger=str(body.get("trigger_id") or ""),
        url=url or str(body.get("response_url") or ""),
        text=str(body.get("text") or ""),
        team=next(iter(teams_of(body)), ""),
        deed=wanted.deed,
        number=wanted.number,
        via=wanted.via,
    )


def teams_of(body: Body) -> list[str]:
    """Every workspace that a payload names as the one it comes from, the person's own first."""
    person, team = body.get("user"), body.get("team")
    named = [
        person.get("team_id") if isinstance(person, Mapping) else "",
        body.get("team_id"),
        team.get("id") if isinstance(team, Mapping) else "",
    ]
    return list(dict.fromkeys(str(one) for one in named if one))


def enterprise_of(body: Body) -> str:
    """The enterprise that a payload names as the one it comes from, if any."""
    enterprise = body.get("enterprise")
    return str(body.get("enterprise_id") or (enterprise.get("id") if isinstance(enterprise, Mapping) else "") or "")
