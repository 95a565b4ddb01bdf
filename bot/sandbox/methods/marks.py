"""reactions.* and pins.*: what is stuck onto a message."""

from __future__ import annotations

from dataclasses import replace

from bot.sandbox.errors import SlackError
from bot.sandbox.methods.call import Call, Json, Method
from bot.sandbox.records import BOT_USER, Message


def _marked(call: Call) -> Message:
    if not call.text("timestamp"):
        raise SlackError("no_item_specified")
    return call.message(call.joined_channel(), "timestamp")


def _name(call: Call) -> str:
    name = call.text("name").strip(":")
    if not name or not all(one.isalnum() or one in "_-+'" for one in name):
        raise SlackError("invalid_name")
    return name


def react(call: Call) -> Json:
    message, name = _marked(call), _name(call)
    users = message.reactions.get(name, ())
    if BOT_USER in users:
        raise SlackError("already_reacted")
    call.workspace.put(replace(message, reactions={**message.reactions, name: (*users, BOT_USER)}))
    return {}


def unreact(call: Call) -> Json:
    message, name = _marked(call), _name(call)
    users = message.reactions.get(name, ())
    if BOT_USER not in users:
        raise SlackError("no_reaction")
    rest = {**message.reactions, name: tuple(one for one in users if one != BOT_USER)}
    call.workspace.put(replace(message, reactions={key: who for key, who in rest.items() if who}))
    return {}


def reactions(call: Call) -> Json:
    message = _marked(call)
    return {"type": "message", "channel": message.channel, "message": call.workspace.public(message)}


def pin(call: Call) -> Json:
    message = _marked(call)
    if message.pinned:
        raise SlackError("already_pinned")
    call.workspace.put(replace(message, pinned=True))
    return {}


def unpin(call: Call) -> Json:
    message = _marked(call)
    if not message.pinned:
        raise SlackError("no_pin")
    call.workspace.put(replace(message, pinned=False))
    return {}


METHODS = (
    Method(name="reactions.add", run=react, scopes=("reactions:write",), tier=3),
    Method(name="reactions.remove", run=unreact, scopes=("reactions:write",), tier=2),
    Method(name="reactions.get", run=reactions, scopes=("reactions:read",), tier=3),
    Method(name="pins.add", run=pin, scopes=("pins:write",), tier=2),
    Method(name="pins.remove", run=unpin, scopes=("pins:write",), tier=2),
)
