"""The local Slack as one object: made of names, driven by people, and made to fail on demand."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from bot.infra.clock import Clock, SystemClock
from bot.sandbox import webapi
from bot.sandbox.errors import SandboxError
from bot.sandbox.people.person import Person
from bot.sandbox.rates import Rates
from bot.sandbox.records import BOT_USER, LONGEST_WAIT_S, TEAM_ID, App, Channel, Member, Message, UserGroup
from bot.sandbox.sockets import ACK_SECONDS, Outbox
from bot.sandbox.switchboard import Credentials, InjectedFault, Order, Switchboard
from bot.sandbox.tickets import Tickets
from bot.sandbox.workspace import Workspace

LOOK_S = 0.05


@dataclass(frozen=True, kw_only=True)
class Room:
    """A channel to set up. Without the *bot* in it the app must be invited before it may post.

    *people* are the names of those who are in it; None is everybody.
    """

    name: str
    id: str = ""
    topic: str = ""
    private: bool = False
    bot: bool = True
    people: tuple[str, ...] | None = None


@dataclass(frozen=True, kw_only=True)
class Subteam:
    """A user group to set up, with the names of those who are in it."""

    handle: str
    id: str = ""
    people: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Somebody:
    """A person to set up. *title* is a role, *locale* the language of their Slack (``en-US``, ``zh-CN``),
    *zone* their time zone.

    *guest*, *bot*, *deleted* and *team* say what else they are: see ``Member``.
    """

    name: str
    id: str = ""
    email: str = ""
    title: str = ""
    locale: str = "en-US"
    zone: str = "Etc/UTC"
    guest: str = ""
    bot: bool = False
    deleted: bool = False
    team: str = TEAM_ID


class Sandbox:
    """A workspace with one installed app, in memory. Every method may be called from any thread.

    *channels* and *people* are names, or dictionaries, or Room and Somebody. *clock* gives the times that
    messages carry and the pace of the rate limits; *rates* False lifts those.
    """

    def __init__(
        self,
        *,
        channels: Iterable[str | Mapping[str, Any] | Room] = ("general",),
        people: Iterable[str | Mapping[str, Any] | Somebody] = ("Ada",),
        groups: Iterable[Subteam] = (),
        app: App | None = None,
        name: str = "Sandbox",
        clock: Clock | None = None,
        rates: bool = True,
        credentials: Credentials | None = None,
        ack_seconds: float = ACK_SECONDS,
        retry_after: tuple[float, ...] = (0.0, 1.0, 5.0),
        seconds: Callable[[], float] = time.monotonic,
    ) -> None:
        clock = clock or SystemClock()
        self.workspace = Workspace(name=name, app=app or App(), clock=clock)
        self.credentials = credentials or Credentials()
        secret = self.credentials.signing_secret
        self.board = Switchboard(
            workspace=self.workspace,
            outbox=Outbox(secret, ack_seconds=ack_seconds, retry_after=retry_after),
            tickets=Tickets(seconds),
            rates=Rates(lambda: clock.now().timestamp(), strict=rates),
            credentials=self.credentials,
        )
        self._settle(list(channels), list(people))
        for number, group in enumerate(groups, start=1):
            made = UserGroup(id=group.id or f"S{number:010d}", handle=group.handle, people=self._ids(group.people))
            self.workspace.groups[made.id] = made

    def _ids(self, names: Iterable[str]) -> frozenset[str]:
        return frozenset(self.workspace.member(name).id for name in names)

    def _settle(self, channels: list[Any], people: list[Any]) -> None:
        app_name = self.workspace.app.name
        self.workspace.add_member(Member(id=BOT_USER, name=app_name, handle=_handle(app_name), title="App", bot=True))
        for number, one in enumerate(people, start=1):
            who = _somebody(one)
            self.workspace.add_member(
                Member(
                    id=who.id or f"U{number:010d}",
                    name=who.name,
                    handle=_handle(who.name),
                    email=who.email or f"{_handle(who.name)}@sandbox.example",
                    title=who.title,
                    locale=who.locale,
                    zone=who.zone,
                    bot=who.bot,
                    guest=who.guest,
                    deleted=who.deleted,
                    team=who.team,
                )
            )
        everybody = frozenset(self.workspace.members)
        created = int(self.workspace.clock.now().timestamp())
        for number, one in enumerate(channels, start=1):
            room = _room(one)
            inside = everybody if room.people is None else self._ids(room.people) | {BOT_USER}
            self.workspace.add_channel(
                Channel(
                    id=room.id or f"C{number:010d}",
                    name=room.name.removeprefix("#"),
                    topic=room.topic,
                    private=room.private,
                    people=inside if room.bot else inside - {BOT_USER},
                    created=created,
                )
            )

    @property
    def faults(self) -> list[InjectedFault]:
        """The answers to the bot that only a mistake in the bot explains. A good test ends with none."""
        return self.board.faults

    @property
    def refusals(self) -> list[InjectedFault]:
        """Every answer that was not ok and was not ordered."""
        return self.board.refusals

    @property
    def people(self) -> list[Person]:
        return [Person(self.board, one) for one in self.workspace.members.values() if not one.bot]

    def person(self, who: str) -> Person:
        """The person with this name, handle or id. SandboxError if there is none."""
        return Person(self.board, self.workspace.member(who))

    def channel(self, which: str) -> Channel:
        """The channel with this name or id. SandboxError if there is none."""
        return self.workspace.channel(which)

    def messages(self, channel: str) -> list[Message]:
        """Every message of a channel, replies too but no ephemerals, the oldest first."""
        with self.workspace.lock:
            rows = list(self.workspace.messages[self.channel(channel).id].values())
        return sorted((one for one in rows if not one.only_for), key=lambda one: one.ts)

    def call(self, method: str, arguments: Mapping[str, Any], token: str = "") -> webapi.Reply:
        """Call a Web API method without the wire, as the bot unless another *token* is given."""
        return webapi.answer(self.board, method, arguments, token or self.credentials.bot_token)

    def settled(self, timeout: float = LONGEST_WAIT_S) -> None:
        """Wait until the bot has acknowledged everything. SandboxError after *timeout* seconds."""
        self.board.outbox.settled(timeout)

    def until(self, holds: Callable[[], bool], timeout: float = LONGEST_WAIT_S) -> None:
        """Wait until *holds*, asked again at every change here and soon after any elsewhere, of which nothing is heard.

        SandboxError after *timeout* seconds.
        """
        end = time.monotonic() + timeout
        with self.workspace.changed:
            while not holds():
                if time.monotonic() > end:
                    raise SandboxError(f"It did not come to pass within {timeout:g} seconds.")
                self.workspace.changed.wait(LOOK_S)

    def connected(self, timeout: float = LONGEST_WAIT_S) -> None:
        """Wait until the bot has a socket open. SandboxError after *timeout* seconds."""
        self.until(lambda: self.board.outbox.connections > 0, timeout)

    def deliver_to(self, url: str) -> None:
        """Send payloads by signed HTTP to *url*; empty goes back to Socket Mode."""
        self.board.outbox.http_url = url

    def fail_next(
        self,
        method: str,
        *,
        error: str = "fatal_error",
        times: int = 1,
        status: int = 200,
        retry_after: int | None = None,
        after_the_deed: bool = False,
        hang_up: bool = False,
        only: Callable[[dict[str, Any]], bool] | None = None,
    ) -> None:
        """Let the next calls of *method* (``*`` for any) fail.

        With *error*; or with an HTTP *status*; or 429 with *retry_after* seconds; or *hang_up* closes the
        connection. *after_the_deed* does what was asked first: the answer alone is lost. *only* picks calls
        by their arguments.
        """
        order = Order(method=method, times=times, code=error, status=status, retry_after=retry_after)
        order.after_the_deed, order.hang_up = after_the_deed, hang_up
        order.only = only or order.only
        self.board.orders.append(order)

    def repeat_next(self, times: int = 1) -> None:
        """Deliver the next payload more than once, as after a lost ack."""
        self.board.outbox.repeat_next(times)

    def leaves(self, who: str, channel: str) -> None:
        """Somebody is in a channel no more."""
        found = self.channel(channel)
        self.workspace.change_channel(found.id, people=found.people - {self.workspace.member(who).id})

    def joins(self, who: str, channel: str) -> None:
        """Somebody is in a channel from now on."""
        found = self.channel(channel)
        self.workspace.change_channel(found.id, people=found.people | {self.workspace.member(who).id})

    def archive(self, channel: str, *, archived: bool = True) -> None:
        self.workspace.change_channel(channel, archived=archived)

    def remove_bot(self, channel: str) -> None:
        found = self.channel(channel)
        self.workspace.change_channel(found.id, people=found.people - {BOT_USER})

    def delete_message(self, message: Message) -> None:
        """An administrator deletes a message; a parent with replies leaves a tombstone."""
        self.workspace.erase(message)

    def revoke_token(self, code: str = "token_revoked") -> None:
        """From now on every call of the bot answers *code*; empty gives the token back."""
        self.credentials.dead = code

    def drop_sockets(self, *, politely: bool = False) -> None:
        """Cut the Socket Mode connections, or ask them to reconnect."""
        if politely:
            self.board.outbox.farewell()
        else:
            self.board.outbox.drop()

    def stop(self) -> None:
        self.board.outbox.stop()


def _room(given: str | Mapping[str, Any] | Room) -> Room:
    if isinstance(given, str):
        return Room(name=given)
    return given if isinstance(given, Room) else Room(**given)


def _somebody(given: str | Mapping[str, Any] | Somebody) -> Somebody:
    if isinstance(given, str):
        return Somebody(name=given)
    return given if isinstance(given, Somebody) else Somebody(**given)


def _handle(name: str) -> str:
    return re.sub(r"[^\w.-]+", ".", name.casefold()).strip(".")
