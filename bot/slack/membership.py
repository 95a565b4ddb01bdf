"""Who people are, as Slack knows them: members, guests, bots and strangers, their channels and their user groups.

Decides nothing: it tells ``bot.incidents.people.permissions`` what must be known, and leaves open what Slack does not
say.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import tzinfo
from typing import Any, TypeVar

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from bot.i18n.catalogue import spoken_in
from bot.i18n.zones import zone_named
from bot.incidents.people.permissions import MEMBERS, Actor, ActorKind, Permissions
from bot.infra.error_trail import code_of
from bot.slack.lookups import Lookup, Lookups

PERSON_S, CHANNEL_S, GROUPS_S, HOME_S = 600.0, 300.0, 300.0, 3600.0
"""For how long an answer about a person, a channel, the user groups and the workspace is taken as it is."""
ANEW_S = 10.0
"""Somebody is refused only by an answer that is no older."""
PAGES = 100

URGENT_S, PATIENCE_S = 0.4, 4.0
"""How long an acknowledgement, and anything else, waits for Slack to say who somebody is."""

_ID = re.compile(r"^[CGD][A-Z0-9]{2,}$")
_NOBODY = ("user_not_found", "user_not_visible", "users_not_found")
_NOWHERE = (
    "channel_not_found", "invalid_channel", "not_in_channel", "missing_scope", "no_permission", "access_denied",
    "method_not_supported_for_channel_type",
)  # fmt: skip
"""Answers that say that there is nothing to know, unlike those of a Slack that has trouble."""


T = TypeVar("T")


@dataclass(frozen=True, kw_only=True)
class Workplace:
    """Where the bot is installed: a workspace, or with *org_wide* a whole enterprise."""

    team: str
    name: str = ""
    enterprise: str = ""
    org_wide: bool = False

    def ours(self, team: str, enterprise: str = "") -> bool:
        """True for what comes from here: the same workspace, or another one of the same enterprise."""
        if self.enterprise and self.enterprise in (enterprise, team):
            return True
        return bool(team) and team == self.team and not self.org_wide


@dataclass(frozen=True, kw_only=True)
class SlackProfile:
    """Somebody as users.info tells of them. *language* is empty if Tocsin does not speak it, *zone* None if Slack
    names none."""

    id: str
    name: str = ""
    email: str = ""
    language: str = ""
    zone: tzinfo | None = None
    team: str = ""
    enterprise: str = ""
    bot: bool = False
    deleted: bool = False
    guest: bool = False
    stranger: bool = False

    def kind(self, home: Workplace | None) -> ActorKind:
        if self.deleted:
            return ActorKind.LEFT
        if self.bot:
            return ActorKind.BOT
        foreign = home is not None and bool(self.team) and not home.ours(self.team, self.enterprise)
        if self.stranger or foreign:
            return ActorKind.STRANGER
        return ActorKind.GUEST if self.guest else ActorKind.MEMBER


@dataclass(frozen=True, kw_only=True)
class Place:
    """A channel; *id* is empty for one that Tocsin cannot see."""

    id: str = ""
    private: bool = True


class Membership:
    """*default_channel* gets the cards of topics whose channel cannot be reached: its members answer for them."""

    def __init__(self, client: WebClient, permissions: Permissions, *, default_channel: str, lookups: Lookups) -> None:
        self._client, self.permissions, self.default_channel = client, permissions, default_channel
        self.lookups = lookups
        self._own: tuple[float, dict[str, Place]] | None = None
        self._own_lock = threading.Lock()

    def home(self, *, fresh: float = HOME_S, stale: bool = True) -> Lookup[Workplace]:
        """The workspace of the bot's token."""
        return self.lookups.ask("home", self._read_home, fresh=fresh, stale=stale)

    def profile(self, user: str, *, fresh: float = PERSON_S, stale: bool = True) -> Lookup[SlackProfile]:
        return self.lookups.ask(("person", user), lambda: self._read_profile(user), fresh=fresh, stale=stale)

    def groups(self, *, fresh: float = GROUPS_S, stale: bool = True) -> Lookup[Mapping[str, frozenset[str]]]:
        """Who is in each user group that the settings name."""
        if not self.permissions.groups:
            return Lookup({})
        return self.lookups.ask("groups", self._read_groups, fresh=fresh, stale=stale)

    def place(self, channel: str, *, fresh: float = CHANNEL_S, stale: bool = True) -> Lookup[Place]:
        return self.lookups.ask(("place", channel), lambda: self._read_place(channel), fresh=fresh, stale=stale)

    def people(self, channel: str, *, fresh: float = CHANNEL_S, stale: bool = True) -> Lookup[frozenset[str]]:
        """Who is in a channel."""
        return self.lookups.ask(("people", channel), lambda: self._read_people(channel), fresh=fresh, stale=stale)

    def address(self, email: str) -> Lookup[str]:
        """The id behind an e-mail address; empty if nobody has it."""
        return self.lookups.ask(("address", email), lambda: self._read_address(email), fresh=PERSON_S)

    def _read_address(self, email: str) -> str:
        try:
            return str((self._client.users_lookupByEmail(email=email).get("user") or {}).get("id") or "")
        except SlackApiError as error:
            if code_of(error) in (*_NOBODY, *_NOWHERE):
                return ""
            raise

    def _read_home(self) -> Workplace:
        told = self._client.auth_test()
        return Workplace(
            team=str(told.get("team_id") or ""),
            name=str(told.get("team") or ""),
            enterprise=str(told.get("enterprise_id") or ""),
            org_wide=bool(told.get("is_enterprise_install")),
        )

    def _read_profile(self, user: str) -> SlackProfile:
        try:
            told = self._client.users_info(user=user, include_locale=True).get("user") or {}
        except SlackApiError as error:
            if code_of(error) in _NOBODY:
                return SlackProfile(id=user, stranger=True)
            raise
        return profile_of(user, told)

    def _read_place(self, channel: str) -> Place:
        by_id = bool(_ID.match(channel))
        own = self._own_places(needed=not by_id)
        name = channel if by_id else f"#{channel.removeprefix('#').casefold()}"
        if name in own or not by_id:
            return own.get(name, Place())
        try:
            return place_of(self._client.conversations_info(channel=channel).get("channel") or {})
        except SlackApiError as error:
            if code_of(error) in _NOWHERE:
                return Place()
            raise

    def _own_places(self, *, needed: bool) -> dict[str, Place]:
        """The channels that the bot is in, by id and by ``#name``: one question instead of one a channel."""
        with self._own_lock:
            now = self.lookups.seconds()
            if self._own is None or now - self._own[0] > ANEW_S:
                try:
                    self._own = (now, self._read_own())
                except SlackApiError:
                    if needed:
                        raise
                    return {}
            return self._own[1]

    def _read_own(self) -> dict[str, Place]:
        found: dict[str, Place] = {}
        cursor = ""
        for _ in range(PAGES):
            told = self._client.users_conversations(types="public_channel,private_channel", limit=200, cursor=cursor)
            for row in told.get("channels") or ():
                place = place_of(row)
                found |= {place.id: place, f"#{str(row.get('name', '')).casefold()}": place}
            cursor = _next(told)
            if not cursor:
                break
        return found

    def _read_people(self, channel: str) -> frozenset[str]:
        place = self._read_place(channel)
        found: set[str] = set()
        cursor = ""
        for _ in range(PAGES if place.id else 0):
            told = self._client.conversations_members(channel=place.id, limit=1000, cursor=cursor)
            found |= {str(one) for one in told.get("members") or ()}
            cursor = _next(told)
            if not cursor:
                break
        return frozenset(found)

    def _read_groups(self) -> Mapping[str, frozenset[str]]:
        """None is known where the token lacks usergroups:read: only what the groups would allow is lost."""
        try:
            rows = self._client.usergroups_list().get("usergroups") or ()
            ids = {f"@{row.get('handle')}": str(row["id"]) for row in rows}
            named = {name: ids.get(name, name) for name in self.permissions.groups}
            return {
                name: frozenset(self._client.usergroups_users_list(usergroup=group).get("users") or ())
                for name, group in named.items()
                if group in ids.values()
            }
        except SlackApiError as error:
            if code_of(error) in _NOWHERE:
                return {}
            raise


class Visitor:
    """One person with one request: all that it asks of Slack together takes no longer than one can wait."""

    def __init__(self, membership: Membership, user: str, *, urgent: float = URGENT_S, patience: float = PATIENCE_S):
        self._membership, self._user = membership, user
        now = membership.lookups.seconds()
        self._urgent_until, self._until = now + urgent, now + patience

    @property
    def permissions(self) -> Permissions:
        return self._membership.permissions

    def at(self, channel: str, *, looking: bool = False, urgent: bool = False, anew: bool = False) -> Actor:
        """See ``bot.ports.Viewer``."""
        until = self._urgent_until if urgent else self._until
        how: dict[str, Any] = {"fresh": ANEW_S, "stale": False} if anew else {}
        person, groups = self._membership.profile(self._user, **how), self._membership.groups(**how)
        home = self._membership.home()
        if channel and not looking:
            self._membership.people(channel, **how)  # under way while the others are waited for
        profile, workplace = self._wait(person, until), self._wait(home, until)
        kind = profile.kind(workplace) if profile else ActorKind.UNKNOWN
        member_may_look = looking and kind is ActorKind.MEMBER and MEMBERS in self.permissions.view
        private, inside = self._standing(channel, kind, until, how, only_private=member_may_look)
        in_groups = [name for name, ids in (self._wait(groups, until) or {}).items() if self._user in ids]
        email = profile.email if profile else ""
        return Actor(
            id=self._user, kind=kind, email=email, groups=frozenset(in_groups), in_channel=inside, private=private
        )

    def _standing(
        self, channel: str, kind: ActorKind, until: float, how: Mapping[str, Any], *, only_private: bool
    ) -> tuple[bool | None, bool | None]:
        """Whether *channel* is private, and whether the person is in it; *only_private* asks that only if it is."""
        if not channel:
            return False, False
        place = self._wait(self._membership.place(channel, **how), until)
        if place is None or place.id:
            private = place.private if place else None
            if only_private and private is False:
                return False, None
            people = self._wait(self._membership.people(channel, **how), until)
            return private, None if people is None else self._user in people
        default = self._membership.default_channel
        if channel != default:
            _, inside = self._standing(default, kind, until, how, only_private=False)
            return True, inside
        return True, kind is ActorKind.MEMBER  # no channel can be reached: somebody must be able to act

    def _wait(self, lookup: Lookup[T], until: float) -> T | None:
        return lookup.wait(until - self._membership.lookups.seconds())


def profile_of(user: str, told: Mapping[str, Any]) -> SlackProfile:
    """Somebody out of what users.info answers."""
    about = told.get("profile") or {}
    enterprise = told.get("enterprise_user") or {}
    return SlackProfile(
        id=user,
        name=str(about.get("display_name") or about.get("real_name") or told.get("name") or ""),
        email=str(about.get("email") or "").casefold(),
        language=spoken_in(str(told.get("locale") or "")) or "",
        zone=_zone(str(told.get("tz") or "")),
        team=str(told.get("team_id") or ""),
        enterprise=str(enterprise.get("enterprise_id") or ""),
        bot=bool(told.get("is_bot")) or user == "USLACKBOT",
        deleted=bool(told.get("deleted")),
        guest=bool(told.get("is_restricted") or told.get("is_ultra_restricted")),
        stranger=bool(told.get("is_stranger")),
    )


def _zone(name: str) -> tzinfo | None:
    try:
        return zone_named(name) if name else None
    except ValueError:
        return None


def place_of(told: Mapping[str, Any]) -> Place:
    """A channel out of what conversations.info answers."""
    closed = any(told.get(key) for key in ("is_private", "is_im", "is_mpim"))
    return Place(id=str(told.get("id") or ""), private=closed)


def _next(told: Any) -> str:
    return str((told.get("response_metadata") or {}).get("next_cursor") or "")
