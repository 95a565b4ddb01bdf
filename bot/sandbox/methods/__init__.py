"""The methods of the Web API, one file a family. A method is a function from a call to Slack's answer."""

from __future__ import annotations

from bot.sandbox.methods import auth, chat, conversations, files, marks, users, views
from bot.sandbox.methods.call import Call, Method

METHODS: dict[str, Method] = {
    method.name: method
    for family in (auth, chat, conversations, files, marks, users, views)
    for method in family.METHODS
}

__all__ = ["METHODS", "Call", "Method"]
