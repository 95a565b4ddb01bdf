"""auth.*, apps.*, bots.*, team.*: who the caller is."""

from __future__ import annotations

from bot.sandbox.errors import SlackError
from bot.sandbox.methods.call import Call, Json, Method
from bot.sandbox.records import APP_ID, BOT_ID, BOT_USER, TEAM_ID


def test(call: Call) -> Json:
    bot = call.workspace.members[BOT_USER]
    return {
        "url": f"{call.workspace.site}/",
        "team": call.workspace.name,
        "user": bot.handle,
        "team_id": TEAM_ID,
        "user_id": BOT_USER,
        "bot_id": BOT_ID,
        "is_enterprise_install": False,
    }


def open_connection(call: Call) -> Json:
    return {"url": call.board.socket_url}


def bot_info(call: Call) -> Json:
    if call.text("bot", BOT_ID) != BOT_ID:
        raise SlackError("bot_not_found")
    bot = call.workspace.members[BOT_USER]
    row = {"id": BOT_ID, "deleted": False, "name": bot.name, "user_id": BOT_USER, "app_id": APP_ID}
    return {"bot": row | {"updated": 0, "icons": {}}}


def team_info(call: Call) -> Json:
    name = call.workspace.name
    return {"team": {"id": TEAM_ID, "name": name, "domain": "sandbox", "icon": {}}}


METHODS = (
    Method(name="auth.test", run=test, tier=5),
    Method(name="apps.connections.open", run=open_connection, tier=5, app_token=True),
    Method(name="bots.info", run=bot_info, scopes=("users:read",), tier=3),
    Method(name="team.info", run=team_info, scopes=("team:read",), tier=3),
)
