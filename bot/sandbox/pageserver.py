"""Serves the page on which a person reads, types and clicks, and carries out what is done there.

Everything that a person does comes as one JSON object to ``/page/do``; everything that changes goes out on the
WebSocket ``/page/live``. Requests that another site's page sends are refused.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from starlette.concurrency import run_in_threadpool
from starlette.requests import HTTPConnection, Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import BaseRoute, Mount, Route, WebSocketRoute
from starlette.staticfiles import StaticFiles
from starlette.websockets import WebSocket, WebSocketDisconnect

from bot.sandbox.blocks.controls import Control, controls
from bot.sandbox.blocks.input_values import entered
from bot.sandbox.errors import NotThereError, SandboxError, SlackError
from bot.sandbox.people import actions, modals, screen
from bot.sandbox.people.person import Person
from bot.sandbox.records import Member, Message, View
from bot.sandbox.sockets import AppResponse
from bot.sandbox.switchboard import Switchboard
from bot.sandbox.workspace import WorkspaceChange

PAGE = Path(__file__).parent / "page"
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
Json = Mapping[str, Any]


def page_routes(board: Switchboard) -> list[BaseRoute]:
    """The page, its live line and its deeds."""
    page = _Page(board)
    return [
        Route("/", page.index),
        Route("/archives/{channel}/{message}", page.index),
        Route("/page/do", page.do, methods=["POST"]),
        WebSocketRoute("/page/live", page.live),
        Mount("/static", StaticFiles(directory=PAGE)),
    ]


class _Page:
    def __init__(self, board: Switchboard) -> None:
        self._board = board

    async def index(self, request: Request) -> Response:
        headers = {"Content-Security-Policy": POLICY, "Cache-Control": "no-store"}
        return FileResponse(PAGE / "index.html", headers=headers)

    async def do(self, request: Request) -> Response:
        """Carry out one deed; the answer says whether the bot took it."""
        if not _own_site(request):
            return JSONResponse({"ok": False, "problem": "forbidden"}, status_code=403)
        try:
            given = json.loads(await request.body())
            answer = await run_in_threadpool(perform, self._board, given)
        except (SandboxError, SlackError) as error:
            return JSONResponse({"ok": False, "problem": str(error)})
        except (ValueError, KeyError, TypeError):
            return JSONResponse({"ok": False, "problem": "not a deed"}, status_code=400)
        return JSONResponse(answer)

    async def live(self, websocket: WebSocket) -> None:
        """Send the screen of one person, then each change of it."""
        people = [one for one in self._board.workspace.members.values() if not one.bot]
        wanted = websocket.query_params.get("as", "")
        who = next((one for one in people if one.id == wanted), people[0] if people else None)
        if who is None or not _own_site(websocket):
            await websocket.close(code=1008)
            return
        await websocket.accept()
        news: asyncio.Queue[WorkspaceChange] = asyncio.Queue()
        loop = asyncio.get_running_loop()

        def observe(change: WorkspaceChange) -> None:
            with contextlib.suppress(RuntimeError):  # the loop has ended, and the page with it
                loop.call_soon_threadsafe(news.put_nowait, change)

        forget = self._board.workspace.observe(observe)
        sender = asyncio.create_task(_tell(self._board, websocket, who, news))
        try:
            while True:
                await websocket.receive_text()
        except WebSocketDisconnect:
            pass
        finally:
            forget()
            sender.cancel()


async def _tell(board: Switchboard, websocket: WebSocket, who: Member, news: asyncio.Queue[WorkspaceChange]) -> None:
    with contextlib.suppress(WebSocketDisconnect, RuntimeError):
        await websocket.send_text(json.dumps(screen.snapshot(board, who), ensure_ascii=False))
        while True:
            shown = screen.change(board, who, await news.get())
            if shown is not None:
                await websocket.send_text(json.dumps(shown, ensure_ascii=False))


def _own_site(connection: HTTPConnection) -> bool:
    """True unless a browser says that another site's page is asking."""
    origin = connection.headers.get("origin", "")
    return not origin or urlsplit(origin).netloc == connection.headers.get("host", "")


def perform(board: Switchboard, given: Json) -> dict[str, Any]:
    """Do what a person did on the page, and wait until the bot has taken it.

    SandboxError where the thing is not on the screen any more, KeyError and ValueError for nonsense.
    """
    who = board.workspace.members[given["as"]]
    outcome = _DEEDS[given["deed"]](board, who, given)
    if isinstance(outcome, list):
        return {"ok": True, "options": outcome}
    return {"ok": outcome.ok, "problem": outcome.problem}


def _type(board: Switchboard, who: Member, given: Json) -> AppResponse:
    channel = board.workspace.channel(given["channel"])
    return actions.type_text(board, who, channel, str(given["text"]), given.get("thread", "")).result()


def _press(board: Switchboard, who: Member, given: Json) -> AppResponse:
    message = _message(board, given)
    inside = [block for one in message.attachments for block in one.get("blocks", ())]
    control = _seen([*message.blocks, *inside], given)
    return actions.press(board, who, message, control, _value(board, who, control, given)).result()


def _press_view(board: Switchboard, who: Member, given: Json) -> AppResponse:
    view = board.workspace.find_view(given["view"])
    control = _control(view.body["blocks"], given)
    value = _value(board, who, control, given)
    return actions.press_in_view(board, who, _filled(board, who, view, given), control, value).result()


def _submit(board: Switchboard, who: Member, given: Json) -> AppResponse:
    view = board.workspace.find_view(given["view"])
    return modals.submit(board, who, _filled(board, who, view, given)).result()


def _close(board: Switchboard, who: Member, given: Json) -> AppResponse:
    view = board.workspace.find_view(given["view"])
    return modals.close(board, who, view, everything=bool(given.get("everything"))).result()


def _react(board: Switchboard, who: Member, given: Json) -> AppResponse:
    return actions.react(board, who, _message(board, given), str(given["name"])).result()


def _home(board: Switchboard, who: Member, given: Json) -> AppResponse:
    return actions.open_home(board, who).result()


def _suggest(board: Switchboard, who: Member, given: Json) -> list[Any]:
    if "view" in given:
        view = board.workspace.find_view(given["view"])
        blocks, container = view.body["blocks"], {"type": "view", "view_id": view.id}
    else:
        message = _message(board, given)
        blocks = message.blocks
        container = {"type": "message", "message_ts": message.ts, "channel_id": message.channel}
    return actions.suggest(board, who, container, _control(blocks, given), str(given.get("typed", "")))


def _filled(board: Switchboard, who: Member, view: View, given: Json) -> View:
    """The view with what stands in the page's inputs (``typed``: block id to what was typed or chosen)."""
    for block_id, typed in given.get("typed", {}).items():
        rows = [one for one in controls(view.body["blocks"]) if one.block["block_id"] == block_id]
        if not rows:
            raise NotThereError("That field is not there any more.")
        control = rows[0]
        view = actions.enter(board, view, control, entered(control, typed, Person(board, who).known))
    return view


def _value(board: Switchboard, who: Member, control: Control, given: Json) -> Json | None:
    if control.kind == "button":
        return None
    if control.kind == "overflow":
        chosen = next((one for one in control.options if one["value"] == given["value"]), None)
        if chosen is None:
            raise NotThereError("That choice is not there any more.")
        return {"selected_option": chosen}
    value = entered(control, given["value"], Person(board, who).known)
    return {key: row for key, row in value.items() if key != "type"}


def _message(board: Switchboard, given: Json) -> Message:
    message = board.workspace.message(given["channel"], given["ts"])
    if message is None:
        raise NotThereError("message_gone")
    return message


def _seen(blocks: Any, given: Json) -> Control:
    """What was pressed, as the person saw it: as in Slack, a card may be drawn again while a menu of it is open."""
    seen = given.get("seen")
    if not isinstance(seen, dict) or seen.get("action_id") != given["action"] or "type" not in seen:
        return _control(blocks, given)
    standing = [one for one in blocks if one.get("block_id") == given["block"]]
    block = standing[0] if standing else {"type": "actions", "block_id": given["block"], "elements": [seen]}
    return Control(block=block, element=seen)


def _control(blocks: Any, given: Json) -> Control:
    for one in controls(blocks):
        if (one.block["block_id"], one.element["action_id"]) == (given["block"], given["action"]):
            return one
    raise NotThereError("button_gone")


_DEEDS: Mapping[str, Callable[[Switchboard, Member, Json], AppResponse | list[Any]]] = {
    "type": _type,
    "press": _press,
    "press_view": _press_view,
    "submit": _submit,
    "close": _close,
    "react": _react,
    "home": _home,
    "suggest": _suggest,
}
