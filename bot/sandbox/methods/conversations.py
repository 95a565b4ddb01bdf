"""conversations.*: channels, their members and their messages."""

from __future__ import annotations

from bot.sandbox.errors import SlackError
from bot.sandbox.methods.call import Call, Json, Method, page
from bot.sandbox.records import BOT_USER, Channel, Message

READ = ("channels:read", "groups:read", "im:read", "mpim:read")
HISTORY = ("channels:history", "groups:history", "im:history", "mpim:history")


def info(call: Call) -> Json:
    return {"channel": call.channel().public(BOT_USER)}


def listing(call: Call) -> Json:
    rows, more = page(_visible(call), call, most=1000)
    return {"channels": [one.public(BOT_USER) for one in rows], **more}


def of_user(call: Call) -> Json:
    """users.conversations: those that a person, or the bot itself, is in."""
    who = call.text("user", BOT_USER)
    if who not in call.workspace.members:
        raise SlackError("user_not_found")
    rows, more = page([one for one in _visible(call) if who in one.people], call, most=1000)
    return {"channels": [one.public(BOT_USER) for one in rows], **more}


def _visible(call: Call) -> list[Channel]:
    kinds = set(call.text("types", "public_channel").split(","))
    if not kinds <= {"public_channel", "private_channel", "im", "mpim"}:
        raise SlackError("invalid_types")
    rows = [one for one in call.workspace.channels.values() if _kind(one) in kinds]
    rows = [one for one in rows if BOT_USER in one.people or _kind(one) == "public_channel"]
    return [one for one in rows if not (one.archived and call.flag("exclude_archived"))]


def _kind(channel: Channel) -> str:
    if channel.direct:
        return "im"
    return "private_channel" if channel.private else "public_channel"


def members(call: Call) -> Json:
    rows, more = page(sorted(call.channel().people), call, most=1000)
    return {"members": rows, **more}


def join(call: Call) -> Json:
    channel = call.channel()
    if channel.private or channel.direct:
        raise SlackError("method_not_supported_for_channel_type")
    if channel.archived:
        raise SlackError("is_archived")
    already = BOT_USER in channel.people
    channel = call.workspace.change_channel(channel.id, people=channel.people | {BOT_USER})
    warning = {"warning": "already_in_channel"} if already else {}
    return {"channel": channel.public(BOT_USER), **warning}


def open_direct(call: Call) -> Json:
    """Open the direct conversation with one person."""
    people = [one for one in call.text("users").split(",") if one]
    if len(people) != 1:
        raise SlackError("users_list_not_supplied" if not people else "not_enough_users")
    if people[0] not in call.workspace.members:
        raise SlackError("user_not_found")
    channel = call.workspace.direct((people[0], BOT_USER))
    return {"channel": channel.public(BOT_USER) if call.flag("return_im") else {"id": channel.id}}


def history(call: Call) -> Json:
    """What stands in the channel itself, the newest first."""
    channel = call.joined_channel()
    rows = [one for one in call.workspace.messages[channel.id].values() if _in_channel(one)]
    rows = sorted(_between(call, rows), key=lambda one: one.ts, reverse=True)
    shown, more = page(rows, call)
    return {"messages": _shown(call, shown), "has_more": bool(_next(more)), "pin_count": 0, **more}


def replies(call: Call) -> Json:
    """A thread: its parent, then the replies, the oldest first."""
    channel = call.joined_channel()
    parent = call.workspace.message(channel.id, call.need("ts", "thread_not_found"))
    if parent is None or parent.only_for:
        raise SlackError("thread_not_found")
    root = call.workspace.message(channel.id, parent.thread_ts) or parent
    rows, more = page([root, *_between(call, call.workspace.replies(root))], call, default=1000, most=1000)
    return {"messages": _shown(call, rows), "has_more": bool(_next(more)), **more}


def _in_channel(message: Message) -> bool:
    top_level = not message.thread_ts or message.thread_ts == message.ts or message.broadcast
    return top_level and not message.only_for


def _between(call: Call, rows: list[Message]) -> list[Message]:
    oldest, latest = call.text("oldest", "0"), call.text("latest")
    if call.flag("inclusive"):
        return [one for one in rows if one.ts >= oldest and (not latest or one.ts <= latest)]
    return [one for one in rows if one.ts > oldest and (not latest or one.ts < latest)]


def _shown(call: Call, rows: list[Message]) -> list[Json]:
    metadata = call.flag("include_all_metadata")
    return [call.workspace.public(one, metadata=metadata) for one in rows]


def _next(more: Json) -> str:
    return str(more["response_metadata"]["next_cursor"])


METHODS = (
    Method(name="conversations.info", run=info, scopes=READ, tier=3),
    Method(name="conversations.list", run=listing, scopes=READ, tier=2),
    Method(name="conversations.members", run=members, scopes=READ, tier=4),
    Method(name="conversations.join", run=join, scopes=("channels:join",), tier=3),
    Method(name="conversations.open", run=open_direct, scopes=("im:write", "mpim:write"), tier=3),
    Method(name="conversations.history", run=history, scopes=HISTORY, tier=3),
    Method(name="conversations.replies", run=replies, scopes=HISTORY, tier=3),
    Method(name="users.conversations", run=of_user, scopes=READ, tier=3),
)
