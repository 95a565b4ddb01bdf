"""What people do, and what follows: payloads to the bot, and its answers on their screens."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import Future
from dataclasses import replace
from typing import Any

from bot.i18n.speech import speech_for
from bot.sandbox.blocks.controls import Control, action
from bot.sandbox.blocks.input_values import initial
from bot.sandbox.errors import SlackError
from bot.sandbox.people import payloads
from bot.sandbox.people.response_urls import respond
from bot.sandbox.posting import Content, post
from bot.sandbox.records import BOT_USER, Channel, Member, Message, View
from bot.sandbox.sockets import AppResponse, response_of
from bot.sandbox.switchboard import InjectedFault, Switchboard
from bot.sandbox.tickets import Response

Json = dict[str, Any]
UnderWay = Future[AppResponse]


def done(answer: AppResponse | None = None) -> UnderWay:
    """A deed that needs nothing from the bot."""
    future: UnderWay = Future()
    future.set_result(answer or AppResponse())
    return future


def type_text(board: Switchboard, who: Member, channel: Channel, text: str, thread_ts: str = "") -> UnderWay:
    """Send what stands in the message box: a command or a message."""
    if channel.archived:
        _notice(board, who, channel, "sandbox.says.archived")
        return done(AppResponse(problem="is_archived"))
    if text.startswith("/"):
        return _command(board, who, channel, text, thread_ts)
    return _message(board, who, channel, text, thread_ts)


def _command(board: Switchboard, who: Member, channel: Channel, text: str, thread_ts: str) -> UnderWay:
    name, _, rest = text.partition(" ")
    known = board.workspace.app.commands
    if thread_ts:
        _notice(board, who, channel, "sandbox.says.not_in_threads", command=name)
        return done(AppResponse(problem="not_in_threads"))
    if known and name not in known:
        names = ", ".join(known)
        _notice(board, who, channel, "sandbox.says.unknown_command", command=name, commands=names)
        return done(AppResponse(problem="unknown_command"))
    payload = payloads.command(
        member=who,
        channel=channel,
        name=name,
        text=rest.strip(),
        domain=board.workspace.name,
        trigger_id=board.tickets.trigger(who.id, channel.id),
        response_url=board.response_url(who.id, channel.id),
    )
    return board.outbox.submit(
        "slash_commands", payload, lambda answer: _command_answered(board, who, channel, name, answer)
    )


def _command_answered(board: Switchboard, who: Member, channel: Channel, name: str, answer: AppResponse) -> AppResponse:
    body = response_of(answer.body)
    if not answer.ok:
        words = speech_for(who.locale).say("sandbox.says.failed", command=name, problem=answer.problem)
        board.notice(who.id, channel.id, words)
    elif body:
        place = Response(reader=who.id, channel=channel.id, born=0)
        try:
            respond(board, place, body)
        except SlackError as refusal:
            board.faults.append(InjectedFault(method=name, code=refusal.code, messages=refusal.messages))
            words = speech_for(who.locale).say("sandbox.says.failed", command=name, problem=refusal.code)
            board.notice(who.id, channel.id, words)
    return answer


def _message(board: Switchboard, who: Member, channel: Channel, text: str, thread_ts: str) -> UnderWay:
    bot = board.workspace.members[BOT_USER]
    for spelled in (f"@{bot.name}", f"@{bot.handle}"):
        text = text.replace(spelled, f"<@{BOT_USER}>")
    message = post(board.workspace, channel, Content(text=text), author=who.id, thread_ts=thread_ts)
    kind = "message.im" if channel.direct else "message.groups" if channel.private else "message.channels"
    body = board.workspace.public(message) | {"channel": channel.id, "event_ts": message.ts}
    body["channel_type"] = {"message.im": "im", "message.groups": "group"}.get(kind, "channel")
    if BOT_USER not in channel.people:
        return done()
    sent = [board.tell_bot(kind, body)]
    if f"<@{BOT_USER}>" in text and not channel.direct:
        sent.append(board.tell_bot("app_mention", {**body, "type": "app_mention"}))
    return next((future for future in reversed(sent) if future is not None), done())


def press(
    board: Switchboard,
    who: Member,
    message: Message,
    control: Control,
    value: Mapping[str, Any] | None = None,
) -> UnderWay:
    """Press or choose in a message. *value* is what was chosen (``{"selected_option": …}``)."""
    workspace = board.workspace
    channel = workspace.channels[message.channel]
    values = initial(message.blocks)
    if value:
        block = values.setdefault(control.block["block_id"], {})
        block[control.element["action_id"]] = {"type": control.kind, **value}
    payload = payloads.message_action(
        member=who,
        channel=channel,
        domain=workspace.name,
        message=workspace.public(message, metadata=True),
        ephemeral=bool(message.only_for),
        values=values,
        action=action(control, value or {}, at=workspace.timestamp()),
        trigger_id=board.tickets.trigger(who.id, channel.id),
        response_url=board.response_url(who.id, channel.id, ts=message.ts, thread_ts=message.thread_ts),
    )
    return board.outbox.submit("interactive", payload, lambda answer: _pressed(board, who, channel, answer))


def _notice(board: Switchboard, who: Member, channel: Channel, key: str, **values: str) -> None:
    """Say something to *who* alone, in their language."""
    board.notice(who.id, channel.id, speech_for(who.locale).say(key, **values))


def _pressed(board: Switchboard, who: Member, channel: Channel, answer: AppResponse) -> AppResponse:
    if not answer.ok:
        _notice(board, who, channel, "sandbox.says.click_failed", problem=answer.problem)
    return answer


def enter(board: Switchboard, view: View, control: Control, value: Json) -> View:
    """Keep what was typed or chosen in an input of *view*; the bot hears of it with the submission."""
    values = {key: dict(row) for key, row in view.values.items()}
    values.setdefault(control.block["block_id"], {})[control.element["action_id"]] = value
    errors = {key: text for key, text in view.errors.items() if key != control.block["block_id"]}
    return board.workspace.put_view(replace(view, values=values, errors=errors))


def press_in_view(
    board: Switchboard, who: Member, view: View, control: Control, value: Mapping[str, Any] | None = None
) -> UnderWay:
    """Press or choose in a modal or a Home tab, outside of an input block."""
    if value and control.kind not in ("button", "overflow"):
        view = enter(board, view, control, {"type": control.kind, **value})
    payload = payloads.view_action(
        member=who,
        domain=board.workspace.name,
        view=view,
        action=action(control, value or {}, at=board.workspace.timestamp()),
        trigger_id=board.tickets.trigger(who.id),
    )
    return board.outbox.submit("interactive", payload, lambda answer: _pressed_in_view(board, who, view, answer))


def _pressed_in_view(board: Switchboard, who: Member, view: View, answer: AppResponse) -> AppResponse:
    if not answer.ok and view.modal:
        board.workspace.put_view(replace(view, errors={"": speech_for(who.locale).say("sandbox.says.trouble")}))
    return answer


def suggest(board: Switchboard, who: Member, container: Json, control: Control, typed: str) -> list[Json]:
    """Ask the bot for the options of an external menu; empty if it does not answer."""
    payload = payloads.suggestion(
        member=who,
        domain=board.workspace.name,
        container=container,
        block_id=control.block["block_id"],
        action_id=control.element["action_id"],
        typed=typed,
    )
    body = response_of(board.outbox.submit("interactive", payload).result().body)
    groups = body.get("option_groups", ())
    return [*body.get("options", ()), *(one for group in groups for one in group.get("options", ()))]


def open_home(board: Switchboard, who: Member) -> UnderWay:
    """Look at the app's Home tab."""
    view = board.workspace.homes.get(who.id)
    direct = board.workspace.direct((who.id, BOT_USER))
    body: Json = {"type": "app_home_opened", "user": who.id, "channel": direct.id, "tab": "home"}
    body["event_ts"] = board.workspace.timestamp()
    if view is not None:
        body["view"] = view.public()
    return board.tell_bot("app_home_opened", body) or done()


def react(board: Switchboard, who: Member, message: Message, name: str) -> UnderWay:
    """Put a reaction on a message, or take it away again."""
    users = message.reactions.get(name, ())
    taken = who.id in users
    users = tuple(one for one in users if one != who.id) if taken else (*users, who.id)
    rest = {**message.reactions, name: users}
    board.workspace.put(replace(message, reactions={key: row for key, row in rest.items() if row}))
    if BOT_USER not in board.workspace.channels[message.channel].people:
        return done()
    kind = "reaction_removed" if taken else "reaction_added"
    item = {"type": "message", "channel": message.channel, "ts": message.ts}
    body = {"type": kind, "user": who.id, "reaction": name, "item": item, "item_user": message.author}
    return board.tell_bot(kind, {**body, "event_ts": board.workspace.timestamp()}) or done()
