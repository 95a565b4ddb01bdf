"""chat.*: posting, changing and deleting messages."""

from __future__ import annotations

import re
from dataclasses import replace

from bot.sandbox.blocks import rules
from bot.sandbox.errors import SlackError
from bot.sandbox.methods.call import Call, Json, Method
from bot.sandbox.posting import content, post
from bot.sandbox.records import BOT_USER, Channel

WRITE = ("chat:write",)
_TIMESTAMP = re.compile(r"\d+\.\d{6}")


def post_message(call: Call) -> Json:
    channel = _postable(call)
    said = content(call.arguments)
    if said.empty:
        raise SlackError("no_text")
    thread_ts = call.text("thread_ts")
    if thread_ts and not _TIMESTAMP.fullmatch(thread_ts):
        raise SlackError("invalid_thread_ts")
    message = post(
        call.workspace,
        channel,
        said,
        thread_ts=thread_ts,
        broadcast=call.flag("reply_broadcast"),
    )
    shown = call.workspace.public(message, metadata=True)
    return {"channel": channel.id, "ts": message.ts, "message": shown}


def _postable(call: Call) -> Channel:
    channel = call.channel(by_name=True)
    if channel.archived:
        raise SlackError("is_archived")
    open_to_all = "chat:write.public" in call.workspace.app.scopes and not channel.private
    if BOT_USER not in channel.people and not open_to_all:
        raise SlackError("not_in_channel")
    return channel


def post_ephemeral(call: Call) -> Json:
    channel = _postable(call)
    reader = call.need("user")
    if reader not in call.workspace.members:
        raise SlackError("user_not_found")
    if reader not in channel.people:
        raise SlackError("user_not_in_channel")
    said = content(call.arguments)
    if said.empty:
        raise SlackError("no_text")
    message = post(call.workspace, channel, said, thread_ts=call.text("thread_ts"), only_for=reader)
    return {"message_ts": message.ts}


def update(call: Call) -> Json:
    """Change a message of the bot's own. What the call does not speak of stays."""
    channel = call.channel()
    old = call.message(channel)
    if not old.by_bot:
        raise SlackError("cant_update_message")
    if channel.archived:
        raise SlackError("is_archived")
    said = content(call.arguments, most_text=rules.MOST_UPDATED_TEXT)
    if said.text is None and said.blocks is None and said.attachments is None:
        raise SlackError("no_text")
    changed = replace(
        old,
        text=old.text if said.text is None else said.text,
        blocks=old.blocks if said.blocks is None else said.blocks,
        attachments=old.attachments if said.attachments is None else said.attachments,
        metadata=old.metadata if said.metadata is None else said.metadata or None,
    )
    if not (changed.text or changed.blocks or changed.attachments):
        raise SlackError("no_text")
    if changed.text != old.text:
        changed = replace(changed, edited=call.workspace.timestamp())
    call.workspace.put(changed)
    shown = call.workspace.public(changed, metadata=True)
    return {"channel": channel.id, "ts": old.ts, "text": changed.text, "message": shown}


def delete(call: Call) -> Json:
    """Delete a message of the bot's own. A parent with replies leaves a tombstone."""
    channel = call.channel()
    message = call.message(channel)
    if not message.by_bot:
        raise SlackError("cant_delete_message")
    call.workspace.erase(message)
    return {"channel": channel.id, "ts": message.ts}


def permalink(call: Call) -> Json:
    channel = call.channel()
    message = call.message(channel, "message_ts")
    path = f"{call.workspace.site}/archives/{channel.id}/p{message.ts.replace('.', '')}"
    thread = f"?thread_ts={message.thread_ts}&cid={channel.id}" if message.thread_ts else ""
    return {"channel": channel.id, "permalink": path + thread}


METHODS = (
    Method(name="chat.postMessage", run=post_message, scopes=WRITE, posts=True),
    Method(name="chat.postEphemeral", run=post_ephemeral, scopes=WRITE),
    Method(name="chat.update", run=update, scopes=WRITE, tier=3),
    Method(name="chat.delete", run=delete, scopes=WRITE, tier=3),
    Method(name="chat.getPermalink", run=permalink, tier=5),
)
