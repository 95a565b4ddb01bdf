"""files.*: the two-step upload that replaced files.upload."""

from __future__ import annotations

import mimetypes
from dataclasses import replace

from bot.sandbox.errors import SlackError
from bot.sandbox.methods.call import Call, Json, Method
from bot.sandbox.posting import Content, content, post
from bot.sandbox.records import BOT_USER, Shelved


def upload_address(call: Call) -> Json:
    name, length = call.need("filename"), call.need("length")
    if not length.isdigit() or int(length) == 0:
        raise SlackError("invalid_arguments", ["[ERROR] length must be a positive number"])
    file_id = f"F{call.workspace.number():010d}"
    kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
    call.workspace.files[file_id] = Shelved(id=file_id, name=name, length=int(length), kind=kind)
    return {"upload_url": f"{call.workspace.site}/upload/{file_id}", "file_id": file_id}


def complete(call: Call) -> Json:
    """Share uploaded files into a channel or a thread, with a first comment."""
    wanted = call.arguments.get("files")
    if not isinstance(wanted, list) or not wanted:
        raise SlackError("invalid_arguments", ["[ERROR] missing required field: files"])
    files = [_uploaded(call, row) for row in wanted]
    if call.text("channel_id"):
        channel = call.channel("channel_id")
        if channel.archived or BOT_USER not in channel.people:
            raise SlackError("is_archived" if channel.archived else "not_in_channel")
        files = [replace(one, shared=(*one.shared, channel.id)) for one in files]
        call.workspace.files.update({one.id: one for one in files})
        said = content(call.arguments)
        said = Content(text=call.text("initial_comment"), blocks=said.blocks)
        shared = tuple(one.id for one in files)
        post(call.workspace, channel, said, thread_ts=call.text("thread_ts"), files=shared)
    return {"files": [one.public(call.workspace.site) for one in files]}


def _uploaded(call: Call, row: Json) -> Shelved:
    shelved = call.workspace.files.get(str(row.get("id")))
    if shelved is None or shelved.body is None:
        raise SlackError("file_not_found")
    titled = replace(shelved, title=str(row.get("title") or shelved.name))
    call.workspace.files[titled.id] = titled
    return titled


def info(call: Call) -> Json:
    shelved = call.workspace.files.get(call.need("file"))
    if shelved is None:
        raise SlackError("file_not_found")
    return {"file": shelved.public(call.workspace.site)}


METHODS = (
    Method(name="files.getUploadURLExternal", run=upload_address, scopes=("files:write",)),
    Method(name="files.completeUploadExternal", run=complete, scopes=("files:write",)),
    Method(name="files.info", run=info, scopes=("files:read",)),
)
