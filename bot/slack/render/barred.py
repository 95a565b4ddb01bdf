"""What somebody is told who may not: why, who could, and a button to ask them. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from bot.i18n.speech import Speech
from bot.incidents.people.permissions import Barrier, NotAllowed, Right
from bot.records import ActKind, Incident
from bot.slack.render import blocks as b
from bot.slack.render import parts
from bot.slack.render.blocks import BlockMessage
from bot.slack.render.escape import quoted

ASK = "tocsin_ask"


def answer(
    found: NotAllowed,
    incident: Incident | None,
    speech: Speech,
    *,
    deed: ActKind | None = None,
    asks: Sequence[tuple[str, str]] = (),
    workspace: str = "",
) -> BlockMessage:
    """Why, in a sentence; *asks* are ids and names of people who could do *deed*, each with a button."""
    said = _sentence(found, incident, speech, workspace)
    if incident is None or deed is None or not asks:
        return b.message(said, [b.section(said)])
    buttons = [
        b.button(f"{ASK}_{place}", speech.say("ask.button", name=name), f"{incident.id}:{deed.value}:{person}")
        for place, (person, name) in enumerate(asks)
    ]
    return b.message(said, [b.section(said), b.actions(f"ask:{incident.id}", *buttons)])


def asked(person: str, speech: Speech, *, again: bool) -> str:
    """What stands in the place of a refusal whose button was pressed."""
    return speech.say("ask.again" if again else "ask.done", who=parts.who(person))


def _sentence(found: NotAllowed, incident: Incident | None, speech: Speech, workspace: str) -> str:
    number = str(incident.id) if incident else ""
    match found.why:
        case Barrier.STRANGER:
            key = "barred.stranger" if workspace else "barred.stranger_unnamed"
            return speech.say(key, **({"workspace": f"*{quoted(workspace, 60)}*"} if workspace else {}))
        case Barrier.CLOSING if incident:
            return speech.say(f"barred.closing.{incident.level.colour}")
        case Barrier.OUTSIDE if incident:
            return speech.say("barred.outside", number=number, channel=parts.called(incident.channel, {}))
        case Barrier.GUEST | Barrier.UNNAMED if incident:
            return speech.say(f"barred.{found.why.value}", number=number)
        case Barrier.BOT | Barrier.LEFT | Barrier.UNCHECKED:
            return speech.say(f"barred.{found.why.value}")
    return speech.say("barred.add" if found.right is Right.CONFIGURE else "barred.look")
