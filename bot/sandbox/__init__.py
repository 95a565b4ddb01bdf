"""A local Slack workspace: the same Web API, the same Socket Mode, and a page to look at.

It imports no Slack package, so that what speaks to it proves something.
"""

from __future__ import annotations

from bot.sandbox.errors import NotThereError, SandboxError
from bot.sandbox.people.person import Form, Person, SeenMessage
from bot.sandbox.records import App
from bot.sandbox.sandbox import Room, Sandbox, Somebody, Subteam
from bot.sandbox.server import SandboxServer

__all__ = [
    "App",
    "Form",
    "NotThereError",
    "Person",
    "Room",
    "Sandbox",
    "SandboxError",
    "SandboxServer",
    "SeenMessage",
    "Somebody",
    "Subteam",
]  # fmt: skip
