"""A person in the workspace, for tests: who types, clicks, fills in forms and reads."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any

from bot.sandbox.blocks import mrkdwn
from bot.sandbox.blocks.controls import Control, button, choice, controls, field
from bot.sandbox.blocks.input_values import entered
from bot.sandbox.errors import NotThereError
from bot.sandbox.people import actions, modals
from bot.sandbox.records import BOT_USER, LONGEST_WAIT_S, Member, Message, View
from bot.sandbox.sockets import AppResponse
from bot.sandbox.switchboard import SLACKBOT, Switchboard
from bot.sandbox.workspace import Workspace


@dataclass(frozen=True, kw_only=True)
class SeenMessage:
    """A message as one reader sees it at this moment. ``fresh()`` looks again."""

    board: Switchboard
    message: Message
    reader: str

    @property
    def ts(self) -> str:
        return self.message.ts

    @property
    def channel(self) -> str:
        return self.message.channel

    @property
    def text(self) -> str:
        """The text beside the blocks: what notifications and screen readers read."""
        return self.message.text

    @property
    def blocks(self) -> tuple[Mapping[str, Any], ...]:
        """All blocks, those inside attachments too."""
        inside = (block for one in self.message.attachments for block in one.get("blocks", ()))
        return (*self.message.blocks, *inside)

    @property
    def ephemeral(self) -> bool:
        return bool(self.message.only_for)

    @property
    def from_slack(self) -> bool:
        """True for what Slack itself says, such as a command that failed."""
        return self.message.author == SLACKBOT

    @property
    def author(self) -> str:
        members = self.board.workspace.members
        return members[self.message.author].name if self.message.author in members else "Slack"

    @property
    def thread(self) -> list[SeenMessage]:
        """The replies, the oldest first, with the ephemerals that this reader got there."""
        rows = self.board.workspace.messages[self.channel].values()
        mine = [one for one in rows if one.thread_ts == self.ts and one.only_for in ("", self.reader)]
        return [self._of(one) for one in sorted(mine, key=lambda one: one.ts)]

    @property
    def buttons(self) -> list[str]:
        return [one.label for one in controls(self.blocks) if one.kind == "button"]

    @property
    def options(self) -> list[str]:
        """What stands in the menus."""
        return [row["text"]["text"] for one in controls(self.blocks) for row in one.options]

    @property
    def pings(self) -> set[str]:
        """Whom this message alerts: ids, ``channel``, ``here``, ``everyone``. Plain text never does."""
        spoken = [one["text"] for one in mrkdwn.texts(self.blocks) if one.get("type") in ("mrkdwn", "markdown")]
        return {one for text in (*spoken, self.message.text) for one in mrkdwn.pings(text)}

    @property
    def links(self) -> list[tuple[str, str]]:
        """Every link in it as (address, label)."""
        marked = [one["text"] for one in mrkdwn.texts(self.blocks) if one.get("type") == "mrkdwn"]
        return [link for text in marked or [self.text] for link in mrkdwn.links(text)]

    def plain(self) -> str:
        """Everything that a reader sees, line by line; the bare text only where there are no blocks."""
        names = names_of(self.board.workspace)
        lines = [] if self.message.blocks else [mrkdwn.plain(self.text, names)]
        lines += mrkdwn.read(self.message.blocks, names)
        for one in self.message.attachments:
            lines += mrkdwn.read(one.get("blocks") or [one], names)
        lines += [self.board.workspace.files[one].title for one in self.message.files]
        return "\n".join(line for line in lines if line)

    def fresh(self) -> SeenMessage:
        """The same message now. NotThereError if it was deleted."""
        message = self.board.workspace.message(self.channel, self.ts)
        if message is None:
            raise NotThereError("The message is gone.")
        return self._of(message)

    def _of(self, message: Message) -> SeenMessage:
        return SeenMessage(board=self.board, message=message, reader=self.reader)


@dataclass(frozen=True, kw_only=True)
class Form:
    """A modal with what this person has typed into it."""

    person: Person
    id: str

    @property
    def view(self) -> View:
        return self.person.board.workspace.find_view(self.id)

    @property
    def title(self) -> str:
        return str(self.view.body["title"]["text"])

    @property
    def errors(self) -> Mapping[str, str]:
        """The errors shown, by block id; ``""`` is Slack's own line of trouble."""
        return self.view.errors

    def plain(self) -> str:
        names = names_of(self.person.board.workspace)
        return "\n".join([self.title, *mrkdwn.read(self.view.body["blocks"], names)])

    def fills(self, values: Mapping[str, Any]) -> Form:
        """Type or choose; fields go by label, block id or action id."""
        for name, typed in values.items():
            control = field(self.view.body["blocks"], name)
            value = entered(control, typed, self.person.known)
            if control.block["type"] == "input" and not control.block.get("dispatch_action"):
                actions.enter(self.person.board, self.view, control, value)
            else:
                self.person.done(self.person.press_in(self.view, control, value))
        return self

    def submits(self) -> Mapping[str, str]:
        """Press submit and wait for the ack; the errors that are shown then, empty if it was taken."""
        self.person.done(modals.submit(self.person.board, self.person.member, self.view))
        still = [one for one in self.person.board.workspace.stack(self.person.id) if one.id == self.id]
        return still[0].errors if still else {}

    def clicks(self, label: str) -> None:
        control = button(self.view.body["blocks"], label)
        self.person.done(self.person.press_in(self.view, control))

    def closes(self) -> None:
        self.person.done(modals.close(self.person.board, self.person.member, self.view))


class Person:
    """Somebody who uses Slack. With ``wait=False`` a deed does not wait for the bot's ack."""

    def __init__(self, board: Switchboard, member: Member) -> None:
        self.board, self.member, self.id, self.name = board, member, member.id, member.name

    def types(
        self, channel: str, text: str, *, thread: SeenMessage | None = None, wait: bool = True
    ) -> Future[AppResponse]:
        """Type a message or a ``/command`` into a channel (a name, ``#name`` or id)."""
        place = self.board.workspace.channel(channel)
        ts = thread.ts if thread else ""
        return self.done(actions.type_text(self.board, self.member, place, text, ts), wait=wait)

    def writes_to_bot(self, text: str) -> Future[AppResponse]:
        """Type into the direct conversation with the bot."""
        return self.types(self.direct, text)

    @property
    def direct(self) -> str:
        """The id of the direct conversation with the bot."""
        return self.board.workspace.direct((self.id, BOT_USER)).id

    def reads(self, channel: str) -> list[SeenMessage]:
        """What stands in a channel for this person, the oldest first; replies are in ``thread``."""
        place = self.board.workspace.channel(channel)
        if place.private and self.id not in place.people:
            raise NotThereError(f"{self.name} is not in #{place.name}.")
        with self.board.workspace.lock:
            rows = list(self.board.workspace.messages[place.id].values())
        mine = [one for one in rows if one.only_for in ("", self.id) and _top_level(one)]
        ordered = sorted(mine, key=lambda one: one.ts)
        return [SeenMessage(board=self.board, message=one, reader=self.id) for one in ordered]

    def everything(self, channel: str) -> Iterator[SeenMessage]:
        """The same with every thread opened."""
        for one in self.reads(channel):
            yield one
            yield from one.thread

    def waits_for(
        self, channel: str, words: str | Callable[[SeenMessage], bool], timeout: float = LONGEST_WAIT_S
    ) -> SeenMessage:
        """Wait for a message or reply with *words*; the newest such. NotThereError after *timeout* s."""
        fits = words if callable(words) else lambda one: words in one.plain() or words in one.text
        with self.board.workspace.changed:
            found: list[SeenMessage] = []

            def look() -> bool:
                found[:] = [one for one in self.everything(channel) if fits(one)]
                return bool(found)

            if self.board.workspace.changed.wait_for(look, timeout):
                return max(found, key=lambda one: one.ts)
        seen = "\n---\n".join(one.plain() for one in self.everything(channel))
        raise NotThereError(f"{self.name} waited {timeout:g} s for {words!r} in {channel} and saw:\n{seen}")

    def clicks(
        self, message: SeenMessage, label: str, *, confirm: bool = True, wait: bool = True
    ) -> Future[AppResponse]:
        """Press the button with this label (or action id); *confirm* is the answer to "are you sure?"."""
        control = button(message.fresh().blocks, label)
        if control.element.get("confirm") and not confirm:
            return actions.done()
        return self.done(actions.press(self.board, self.member, message.fresh().message, control), wait=wait)

    def chooses(
        self, message: SeenMessage, option: str, *, menu: str = "", confirm: bool = True, wait: bool = True
    ) -> Future[AppResponse]:
        """Choose from an overflow or another menu by the option's text or value."""
        control, row = choice(message.fresh().blocks, option, menu)
        if control.element.get("confirm") and not confirm:
            return actions.done()
        key = "selected_options" if control.kind in ("checkboxes", "multi_static_select") else "selected_option"
        value = {key: [row] if key == "selected_options" else row}
        pressed = actions.press(self.board, self.member, message.fresh().message, control, value)
        return self.done(pressed, wait=wait)

    def reacts(self, message: SeenMessage, name: str) -> Future[AppResponse]:
        """Put a reaction on a message; again takes it away."""
        return self.done(actions.react(self.board, self.member, message.fresh().message, name.strip(":")))

    @property
    def form(self) -> Form:
        """The modal in front. NotThereError if none is open."""
        stack = self.board.workspace.stack(self.id)
        if not stack:
            raise NotThereError(f"{self.name} has no modal open.")
        return Form(person=self, id=stack[-1].id)

    def waits_for_form(self, timeout: float = LONGEST_WAIT_S) -> Form:
        """Wait until a modal opens."""
        with self.board.workspace.changed:
            opened = self.board.workspace.changed.wait_for(lambda: bool(self.board.workspace.stack(self.id)), timeout)
        if not opened:
            raise NotThereError(f"No modal opened for {self.name} within {timeout:g} s.")
        return self.form

    def opens_home(self) -> View | None:
        """Look at the app's Home tab."""
        self.done(actions.open_home(self.board, self.member))
        return self.board.workspace.homes.get(self.id)

    def press_in(self, view: View, control: Control, value: Mapping[str, Any] | None = None) -> Future[AppResponse]:
        return actions.press_in_view(self.board, self.member, view, control, value)

    def known(self, kind: str, wanted: str) -> str:
        """The id of a person or a channel that is chosen by name."""
        workspace = self.board.workspace
        return workspace.member(wanted).id if "users" in kind else workspace.channel(wanted).id

    def done(self, future: Future[AppResponse], *, wait: bool = True) -> Future[AppResponse]:
        if wait:
            future.result(timeout=60)
        return future


def names_of(workspace: Workspace) -> mrkdwn.Names:
    people = {one.id: one.name for one in workspace.members.values()}
    return mrkdwn.Names(people=people, channels={one.id: one.name for one in workspace.channels.values()})


def _top_level(message: Message) -> bool:
    return not message.thread_ts or message.thread_ts == message.ts or message.broadcast
