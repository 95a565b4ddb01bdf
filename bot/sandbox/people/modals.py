"""Submitting and closing a modal: the client's own checks, then the bot's answer shown on the screen."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import Future
from dataclasses import replace
from typing import Any

from bot.i18n.speech import speech_for
from bot.sandbox.blocks.input_values import initial, shortcomings
from bot.sandbox.errors import SlackError
from bot.sandbox.methods.views import MOST_STACKED, changed_view, new_view
from bot.sandbox.people import payloads
from bot.sandbox.records import Member, View
from bot.sandbox.sockets import AppResponse, response_of
from bot.sandbox.switchboard import InjectedFault, Switchboard


def values_of(view: View) -> dict[str, dict[str, Any]]:
    """What the view holds: its initial values under what was typed since."""
    values = initial(view.body["blocks"])
    for block, row in view.values.items():
        values.setdefault(block, {}).update(row)
    return values


def submit(board: Switchboard, who: Member, view: View) -> Future[AppResponse]:
    """Press the submit button. The view shows errors, changes, or goes away, as the bot answers."""
    view = replace(view, values=values_of(view))
    missing = shortcomings(view.body["blocks"], view.values)
    if missing:
        speech = speech_for(who.locale)
        errors = {block: speech.say(f"sandbox.says.{key}") for block, key in missing.items()}
        board.workspace.put_view(replace(view, errors=errors))
        refused: Future[AppResponse] = Future()
        refused.set_result(AppResponse(problem="incomplete"))
        return refused
    view = board.workspace.put_view(replace(view, errors={}))
    payload = payloads.view_submission(
        member=who,
        domain=board.workspace.name,
        view=view,
        trigger_id=board.tickets.trigger(who.id),
    )
    return board.outbox.submit("interactive", payload, lambda answer: _submitted(board, who, view, answer))


def close(board: Switchboard, who: Member, view: View, *, everything: bool = False) -> Future[AppResponse]:
    """Press cancel or the cross."""
    stack = board.workspace.stack(who.id)
    everything = everything or bool(view.body.get("clear_on_close"))
    board.workspace.set_stack(who.id, [] if everything else [one for one in stack if one.id != view.id])
    if view.body.get("notify_on_close"):
        payload = payloads.view_closed(member=who, domain=board.workspace.name, view=view, cleared=everything)
        return board.outbox.submit("interactive", payload)
    closed: Future[AppResponse] = Future()
    closed.set_result(AppResponse())
    return closed


def _submitted(board: Switchboard, who: Member, view: View, answer: AppResponse) -> AppResponse:
    if not answer.ok:
        return _trouble(board, who, view, answer)
    try:
        with board.workspace.lock:
            _carry_out(board, who, view, response_of(answer.body))
    except SlackError as refusal:
        fault = InjectedFault(method="view_submission", code=refusal.code, messages=refusal.messages)
        board.faults.append(fault)
        return _trouble(board, who, view, AppResponse(problem=refusal.code))
    return answer


def _trouble(board: Switchboard, who: Member, view: View, answer: AppResponse) -> AppResponse:
    if any(one.id == view.id for one in board.workspace.stack(who.id)):
        board.workspace.put_view(replace(view, errors={"": speech_for(who.locale).say("sandbox.says.trouble")}))
    return answer


def _carry_out(board: Switchboard, who: Member, view: View, body: Mapping[str, Any]) -> None:
    workspace = board.workspace
    stack = workspace.stack(who.id)
    match body.get("response_action"):
        case "errors":
            workspace.put_view(replace(_current(stack, view), errors=_checked(view, body.get("errors"))))
        case "update":
            workspace.put_view(changed_view(workspace, _current(stack, view), body.get("view")))
        case "push":
            if len(stack) >= MOST_STACKED:
                raise SlackError("push_limit_reached")
            workspace.set_stack(who.id, [*stack, new_view(workspace, who.id, body.get("view"), under=view)])
        case "clear":
            workspace.set_stack(who.id, [])
        case None:
            workspace.set_stack(who.id, [one for one in stack if one.id != view.id])
        case other:
            raise SlackError("invalid_response_action", [f"[ERROR] unknown response_action: {other}"])


def _current(stack: list[View], view: View) -> View:
    return next((one for one in stack if one.id == view.id), view)


def _checked(view: View, errors: Any) -> dict[str, str]:
    """Errors may only be shown at input blocks of the view. SlackError invalid_errors."""
    inputs = {block["block_id"] for block in view.body["blocks"] if block["type"] == "input"}
    if not isinstance(errors, Mapping) or not errors or not set(errors) <= inputs:
        raise SlackError("invalid_errors", [f"[ERROR] errors must name input blocks: {sorted(inputs)}"])
    return {str(block): str(text) for block, text in errors.items()}
