"""views.*: modals and the Home tab."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from bot.sandbox.blocks import rules
from bot.sandbox.blocks.input_values import current_conversation
from bot.sandbox.errors import SlackError
from bot.sandbox.methods.call import Call, Json, Method
from bot.sandbox.posting import with_ids
from bot.sandbox.records import View
from bot.sandbox.workspace import Workspace

MOST_STACKED = 3


def new_view(workspace: Workspace, reader: str, body: Any, *, under: View | None = None, channel: str = "") -> View:
    """Make *body* a view, not yet shown. SlackError as rules.check_view, and duplicate_external_id."""
    rules.check_view(body)
    external = body.get("external_id")
    if external and any(one.body.get("external_id") == external for one in workspace.stack(reader)):
        raise SlackError("duplicate_external_id")
    number = workspace.number()
    name = f"V{number:010d}"
    blocks = list(with_ids(body["blocks"]))
    return View(
        id=name,
        reader=reader,
        body={**body, "blocks": blocks},
        values=current_conversation(blocks, channel),
        hash=f"{number}.{name.lower()}",
        root=under.root if under else name,
        previous=under.id if under else "",
    )


def changed_view(workspace: Workspace, old: View, body: Any) -> View:
    """*old* with a new body: what was typed stays where block and action kept their ids."""
    rules.check_view(body)
    blocks = list(with_ids(body["blocks"]))
    kept = {str(block["block_id"]) for block in blocks if block["type"] == "input"}
    values = {block: value for block, value in old.values.items() if block in kept}
    number = workspace.number()
    fresh: Mapping[str, Any] = {**body, "blocks": blocks}
    return replace(old, body=fresh, hash=f"{number}.{old.id.lower()}", values=values, errors={})


def open_view(call: Call) -> Json:
    trigger = call.board.tickets.spend_trigger(_trigger(call))
    view = new_view(call.workspace, trigger.reader, _modal(call), channel=trigger.channel)
    call.workspace.set_stack(trigger.reader, [view])
    return {"view": view.public()}


def push(call: Call) -> Json:
    trigger = call.board.tickets.spend_trigger(_trigger(call))
    reader = trigger.reader
    stack = call.workspace.stack(reader)
    if not stack:
        raise SlackError("not_found")
    if len(stack) >= MOST_STACKED:
        raise SlackError("push_limit_reached")
    view = new_view(call.workspace, reader, _modal(call), under=stack[-1], channel=trigger.channel)
    call.workspace.set_stack(reader, [*stack, view])
    return {"view": view.public()}


def update(call: Call) -> Json:
    old = call.workspace.find_view(call.text("view_id"), call.text("external_id"))
    if call.text("hash") and call.text("hash") != old.hash:
        raise SlackError("hash_conflict")
    view = call.workspace.put_view(changed_view(call.workspace, old, call.arguments.get("view")))
    return {"view": view.public()}


def publish(call: Call) -> Json:
    reader = call.need("user_id")
    body = call.arguments.get("view")
    if reader not in call.workspace.members:
        raise SlackError("invalid_arguments", ["[ERROR] user_id is unknown [json-pointer:/user_id]"])
    if isinstance(body, Mapping) and body.get("type") != "home":
        raise SlackError("invalid_arguments", ["[ERROR] unsupported type [json-pointer:/view/type]"])
    old = call.workspace.homes.get(reader)
    if call.text("hash") and old and call.text("hash") != old.hash:
        raise SlackError("hash_conflict")
    view = changed_view(call.workspace, old, body) if old else new_view(call.workspace, reader, body)
    call.workspace.put_view(view)
    return {"view": view.public()}


def _trigger(call: Call) -> str:
    return call.text("trigger_id") or call.need("interactivity_pointer")


def _modal(call: Call) -> Any:
    body = call.arguments.get("view")
    if isinstance(body, Mapping) and body.get("type") == "home":
        raise SlackError("invalid_arguments", ["[ERROR] a Home tab is published [json-pointer:/view/type]"])
    return body


METHODS = (
    Method(name="views.open", run=open_view),
    Method(name="views.push", run=push),
    Method(name="views.update", run=update),
    Method(name="views.publish", run=publish),
)
