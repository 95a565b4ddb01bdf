"""users.* and usergroups.*: the people."""

from __future__ import annotations

from bot.sandbox.errors import SlackError
from bot.sandbox.methods.call import Call, Json, Method, page


def info(call: Call) -> Json:
    member = call.workspace.members.get(call.need("user", "user_not_found"))
    if member is None:
        raise SlackError("user_not_found")
    return {"user": member.public(locale=call.flag("include_locale"))}


def listing(call: Call) -> Json:
    rows, more = page(list(call.workspace.members.values()), call, most=1000)
    return {"members": [one.public(locale=call.flag("include_locale")) for one in rows], **more}


def by_email(call: Call) -> Json:
    wanted = call.need("email", "users_not_found").casefold()
    for member in call.workspace.members.values():
        if member.email.casefold() == wanted:
            return {"user": member.public()}
    raise SlackError("users_not_found")


def groups(call: Call) -> Json:
    return {"usergroups": [one.public() for one in call.workspace.groups.values()]}


def in_group(call: Call) -> Json:
    found = call.workspace.groups.get(call.need("usergroup"))
    if found is None:
        raise SlackError("no_such_subteam")
    return {"users": sorted(found.people)}


METHODS = (
    Method(name="users.info", run=info, scopes=("users:read",), tier=4),
    Method(name="users.list", run=listing, scopes=("users:read",), tier=2),
    Method(name="usergroups.list", run=groups, scopes=("usergroups:read",), tier=2),
    Method(name="usergroups.users.list", run=in_group, scopes=("usergroups:read",), tier=2),
    Method(name="users.lookupByEmail", run=by_email, scopes=("users:read.email",), tier=3),
)
