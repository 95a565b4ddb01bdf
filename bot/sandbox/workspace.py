"""What is in the workspace: channels, people, messages, files and views, behind one lock.

Knows no Slack rules beyond "a timestamp is unique in its channel": those are in the methods. Everything here
is in memory and gone with the process.
"""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from itertools import count
from typing import Any

from bot.infra.clock import Clock
from bot.sandbox.errors import SandboxError, SlackError
from bot.sandbox.records import App, Channel, Member, Message, Shelved, UserGroup, View


@dataclass(frozen=True, kw_only=True)
class WorkspaceChange:
    """Something that a reader's screen must show: a ``message``, ``view``, ``channel`` or ``status``."""

    kind: str
    channel: str = ""
    ts: str = ""
    reader: str = ""
    text: str = ""


class Workspace:
    """The state of the local Slack. Every change wakes ``changed`` and the observers."""

    def __init__(self, *, name: str, app: App, clock: Clock) -> None:
        self.name, self.app, self.clock = name, app, clock
        self.lock = threading.RLock()
        self.changed = threading.Condition(self.lock)
        self.members: dict[str, Member] = {}
        self.channels: dict[str, Channel] = {}
        self.groups: dict[str, UserGroup] = {}
        self.messages: dict[str, dict[str, Message]] = {}
        self.views: dict[str, list[View]] = {}  # the stack of open modals of each person
        self.homes: dict[str, View] = {}
        self.files: dict[str, Shelved] = {}
        self.run = uuid.uuid4().hex  # tells a page that this is another workspace than the one it remembers
        self.site = ""  # where the page and the files are served; the server fills it in
        self._observers: list[Callable[[WorkspaceChange], None]] = []
        self._last = 0
        self._numbers = count(1)

    def observe(self, observer: Callable[[WorkspaceChange], None]) -> Callable[[], None]:
        """Call *observer* with every change, from whatever thread made it; the answer stops that."""
        with self.lock:
            self._observers.append(observer)
        return lambda: self._observers.remove(observer)

    def tell(self, change: WorkspaceChange) -> None:
        with self.lock:
            self.changed.notify_all()
            for observer in tuple(self._observers):
                observer(change)

    def number(self) -> int:
        """A number that was never given before."""
        return next(self._numbers)

    def timestamp(self) -> str:
        """Slack's message time: seconds with six decimals, later than any given before."""
        with self.lock:
            self._last = max(int(self.clock.now().timestamp() * 1_000_000), self._last + 1)
            return f"{self._last // 1_000_000}.{self._last % 1_000_000:06d}"

    def add_member(self, member: Member) -> Member:
        with self.lock:
            self.members[member.id] = member
            return member

    def change_member(self, who: str, **changes: Any) -> Member:
        """Somebody becomes a guest, leaves, or comes back."""
        with self.lock:
            return self.add_member(replace(self.member(who), **changes))

    def add_channel(self, channel: Channel) -> Channel:
        with self.lock:
            self.channels[channel.id] = channel
            self.messages[channel.id] = {}
            return channel

    def member(self, who: str) -> Member:
        """The person with this id, name, handle or ``@handle``. SandboxError if there is none."""
        wanted = who.removeprefix("@").casefold()
        for member in self.members.values():
            if wanted in (member.id.casefold(), member.name.casefold(), member.handle.casefold()):
                return member
        raise SandboxError(f"Nobody in the sandbox is called {who}.")

    def find_channel(self, which: str) -> Channel | None:
        """The channel with this id, name or ``#name``."""
        if which in self.channels:
            return self.channels[which]
        name = which.removeprefix("#")
        return next((one for one in self.channels.values() if name and one.name == name), None)

    def channel(self, which: str) -> Channel:
        """The same for people: SandboxError if there is none."""
        found = self.find_channel(which)
        if found is None:
            raise SandboxError(f"The sandbox has no channel {which}.")
        return found

    def change_channel(self, which: str, **changes: Any) -> Channel:
        with self.lock:
            channel = replace(self.channel(which), **changes)
            self.channels[channel.id] = channel
            self.tell(WorkspaceChange(kind="channel", channel=channel.id))
            return channel

    def direct(self, people: Iterable[str]) -> Channel:
        """The direct conversation of these people; it begins when it is first asked for."""
        members = frozenset(people)
        with self.lock:
            for channel in self.channels.values():
                if channel.direct and channel.people == members:
                    return channel
            name = f"D{1 + sum(one.direct for one in self.channels.values()):010d}"
            channel = self.add_channel(Channel(id=name, direct=True, people=members))
            self.tell(WorkspaceChange(kind="channel", channel=channel.id))
            return channel

    def put(self, message: Message) -> Message:
        """Keep *message*, new or changed."""
        with self.lock:
            self.messages[message.channel][message.ts] = message
            self.tell(WorkspaceChange(kind="message", channel=message.channel, ts=message.ts, reader=message.only_for))
            return message

    def drop(self, message: Message) -> None:
        """Take *message* away for good."""
        with self.lock:
            self.messages[message.channel].pop(message.ts, None)
            self.tell(WorkspaceChange(kind="message", channel=message.channel, ts=message.ts, reader=message.only_for))

    def erase(self, message: Message) -> None:
        """Delete *message* as Slack does: a parent with replies leaves a tombstone."""
        if self.replies(message):
            self.put(Message(channel=message.channel, ts=message.ts, author=message.author, deleted=True))
        else:
            self.drop(message)

    def message(self, channel: str, ts: str) -> Message | None:
        return self.messages.get(channel, {}).get(ts)

    def replies(self, parent: Message) -> list[Message]:
        """The replies in a thread that everybody sees, the oldest first."""
        rows = self.messages[parent.channel].values()
        found = [one for one in rows if one.thread_ts == parent.ts and one.ts != parent.ts]
        return sorted((one for one in found if not one.only_for), key=lambda one: one.ts)

    def public(self, message: Message, *, metadata: bool = False) -> dict[str, Any]:
        """The message as Slack tells it: a parent with the count of its thread, a file with its address."""
        answer = message.public(metadata=metadata)
        if message.files:
            answer["files"] = [self.files[one].public(self.site) for one in message.files]
        replies = self.replies(message) if not message.thread_ts or message.thread_ts == message.ts else []
        if replies:
            answer |= {
                "thread_ts": message.ts,
                "reply_count": len(replies),
                "reply_users": sorted({one.author for one in replies}),
                "latest_reply": replies[-1].ts,
            }
        return answer

    def stack(self, reader: str) -> list[View]:
        return self.views.setdefault(reader, [])

    def find_view(self, view_id: str = "", external_id: str = "") -> View:
        """An open view. SlackError not_found."""
        everything = [*self.homes.values(), *(view for stack in self.views.values() for view in stack)]
        for view in everything:
            if view.id == view_id or (external_id and view.body.get("external_id") == external_id):
                return view
        raise SlackError("not_found")

    def put_view(self, view: View) -> View:
        """Show *view* in the place of the one with its id."""
        with self.lock:
            if not view.modal:
                self.homes[view.reader] = view
            else:
                stack = self.stack(view.reader)
                self.views[view.reader] = [view if one.id == view.id else one for one in stack]
            self.tell(WorkspaceChange(kind="view", reader=view.reader))
            return view

    def set_stack(self, reader: str, stack: list[View]) -> None:
        with self.lock:
            self.views[reader] = stack
            self.tell(WorkspaceChange(kind="view", reader=reader))
