"""What the page of one person shows, as JSON: the whole of it, and each change. Reads and never writes."""

from __future__ import annotations

from typing import Any

from bot.i18n.speech import speech_for
from bot.sandbox.people.modals import values_of
from bot.sandbox.records import BOT_USER, Channel, Member, Message, View
from bot.sandbox.switchboard import Switchboard
from bot.sandbox.workspace import WorkspaceChange

Json = dict[str, Any]


def snapshot(board: Switchboard, who: Member) -> Json:
    """Everything that *who* can see."""
    workspace = board.workspace
    with workspace.lock:
        board.workspace.direct((who.id, BOT_USER))
        seen = [one for one in workspace.channels.values() if _in_sight(one, who)]
        return {
            "kind": "snapshot",
            "workspace": workspace.name,
            "run": workspace.run,
            "me": who.id,
            "words": speech_for(who.locale).section("sandbox.page"),
            "bot": BOT_USER,
            "people": [_person(one) for one in workspace.members.values()],
            "channels": [_channel(one) for one in seen],
            "messages": {one.id: _messages(board, one, who) for one in seen},
            "commands": [{"name": name, "hint": workspace.app.hints.get(name, "")} for name in workspace.app.commands],
            "has_home": "app_home_opened" in workspace.app.events or who.id in workspace.homes,
            **_views(board, who),
            **_status(board),
        }


def change(board: Switchboard, who: Member, news: WorkspaceChange) -> Json | None:
    """The part of the screen that *news* touches; None if *who* does not see it."""
    with board.workspace.lock:
        match news.kind:
            case "message":
                return _message_change(board, who, news)
            case "view":
                return {"kind": "views", **_views(board, who)} if news.reader == who.id else None
            case "channel":
                channel = board.workspace.channels[news.channel]
                return {"kind": "channel", "channel": _channel(channel)} if _in_sight(channel, who) else None
            case _:
                return {"kind": "status", **_status(board)}


def _message_change(board: Switchboard, who: Member, news: WorkspaceChange) -> Json | None:
    channel = board.workspace.channels[news.channel]
    if not _in_sight(channel, who) or news.reader not in ("", who.id):
        return None
    message = board.workspace.message(news.channel, news.ts)
    shown = _message(board, message) if message else None
    return {"kind": "message", "channel": news.channel, "ts": news.ts, "message": shown}


def _in_sight(channel: Channel, who: Member) -> bool:
    return who.id in channel.people or not (channel.private or channel.direct)


def _person(member: Member) -> Json:
    shown = {"id": member.id, "name": member.name, "handle": member.handle, "title": member.title}
    return shown | {"language": speech_for(member.locale).say("language.own"), "bot": member.bot}


def _channel(channel: Channel) -> Json:
    return {
        "id": channel.id,
        "name": channel.name,
        "topic": channel.topic,
        "private": channel.private,
        "direct": channel.direct,
        "archived": channel.archived,
        "people": sorted(channel.people),
    }


def _messages(board: Switchboard, channel: Channel, who: Member) -> list[Json]:
    rows = board.workspace.messages[channel.id].values()
    mine = sorted((one for one in rows if one.only_for in ("", who.id)), key=lambda one: one.ts)
    return [_message(board, one) for one in mine]


def _message(board: Switchboard, message: Message) -> Json:
    extra: Json = {"channel": message.channel, "author": message.author, "deleted": message.deleted}
    extra |= {"ephemeral": bool(message.only_for), "pinned": message.pinned, "broadcast": message.broadcast}
    shown = message.public()
    if message.files:
        shown["files"] = [board.workspace.files[one].public(board.workspace.site) for one in message.files]
    return shown | extra


def _views(board: Switchboard, who: Member) -> Json:
    home = board.workspace.homes.get(who.id)
    return {
        "views": [_view(one) for one in board.workspace.stack(who.id)],
        "home": _view(home) if home else None,
    }


def _view(view: View) -> Json:
    return view.public() | {"errors": dict(view.errors), "state": {"values": values_of(view)}}


def _status(board: Switchboard) -> Json:
    http = bool(board.outbox.http_url)
    return {"connected": http or board.outbox.connections > 0, "http": http}
