"""The things of a Slack workspace as frozen values, each with the JSON that Slack shows of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

Json = dict[str, Any]

APP_ID = "A0TOCSIN01"
BOT_ID = "B0TOCSIN01"
BOT_USER = "U0TOCSIN01"
TEAM_ID = "T0SANDBOX1"

LONGEST_WAIT_S = 60.0
"""A bot that has not done something by then will not do it: a busy machine is slow, not wrong."""


@dataclass(frozen=True, kw_only=True)
class App:
    """The one app that is installed: what its manifest asks for. Empty *commands* or *scopes* mean all.

    *hints* tell beside a command's name what it does and what it takes.
    """

    name: str = "Tocsin"
    commands: tuple[str, ...] = ()
    scopes: tuple[str, ...] = ()
    events: tuple[str, ...] = ()
    hints: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def from_manifest(cls, manifest: Mapping[str, Any]) -> App:
        """Read the app out of a Slack app manifest that was loaded from YAML or JSON."""
        features, settings = manifest.get("features", {}), manifest.get("settings", {})
        rows = features.get("slash_commands", ())
        return cls(
            hints={row["command"]: _hint(row) for row in rows},
            name=features.get("bot_user", {}).get("display_name", "Tocsin"),
            commands=tuple(row["command"] for row in rows),
            scopes=tuple(manifest.get("oauth_config", {}).get("scopes", {}).get("bot", ())),
            events=tuple(settings.get("event_subscriptions", {}).get("bot_events", ())),
        )


def _hint(row: Mapping[str, Any]) -> str:
    return " · ".join(row[key] for key in ("usage_hint", "description") if row.get(key))


@dataclass(frozen=True, kw_only=True)
class Member:
    """A person of the workspace, the bot, or another bot. *title* is the role that stands under the name.

    *guest* is empty, ``single`` or ``multi`` (of one channel or of several); *team* is another workspace's for somebody
    who came by a shared channel.
    """

    id: str
    name: str
    handle: str
    email: str = ""
    title: str = ""
    locale: str = "en-US"
    zone: str = "Etc/UTC"
    bot: bool = False
    guest: str = ""
    deleted: bool = False
    team: str = TEAM_ID

    def public(self, *, locale: bool = False) -> Json:
        profile = {"real_name": self.name, "display_name": self.name, "title": self.title}
        if self.email:
            profile["email"] = self.email
        if self.bot:
            profile |= {"bot_id": f"B{self.id[1:]}"}
        if self.id == BOT_USER:
            profile |= {"bot_id": BOT_ID, "api_app_id": APP_ID}
        answer: Json = {"id": self.id, "team_id": self.team, "name": self.handle, "real_name": self.name}
        answer |= {"deleted": self.deleted, "is_bot": self.bot, "tz": self.zone, "profile": profile}
        if not self.deleted:  # Slack tells little of those who have left
            answer |= {"is_restricted": bool(self.guest), "is_ultra_restricted": self.guest == "single"}
        if self.team != TEAM_ID:
            answer["is_stranger"] = True
        return answer | ({"locale": self.locale} if locale else {})


@dataclass(frozen=True, kw_only=True)
class UserGroup:
    """A user group (``@handle``) with its members' ids."""

    id: str
    handle: str
    people: frozenset[str] = frozenset()

    def public(self) -> Json:
        answer: Json = {"id": self.id, "team_id": TEAM_ID, "is_usergroup": True, "name": self.handle}
        return answer | {"handle": self.handle, "date_delete": 0, "user_count": len(self.people)}


@dataclass(frozen=True, kw_only=True)
class Channel:
    """A conversation. *people* are the members' ids; a direct message has no name."""

    id: str
    name: str = ""
    topic: str = ""
    private: bool = False
    direct: bool = False
    archived: bool = False
    people: frozenset[str] = frozenset()
    created: int = 0

    def public(self, reader: str) -> Json:
        """What conversations.info says to *reader*."""
        answer: Json = {"id": self.id, "created": self.created, "is_archived": self.archived}
        if self.direct:
            other = next(iter(sorted(self.people - {reader})), reader)
            return answer | {"is_im": True, "is_channel": False, "user": other, "is_open": True}
        return answer | {
            "name": self.name,
            "name_normalized": self.name,
            "is_channel": not self.private,
            "is_group": self.private,
            "is_im": False,
            "is_mpim": False,
            "is_private": self.private,
            "is_general": False,
            "is_member": reader in self.people,
            "num_members": len(self.people),
            "topic": {"value": self.topic, "creator": "", "last_set": 0},
            "purpose": {"value": "", "creator": "", "last_set": 0},
            "context_team_id": TEAM_ID,
        }


@dataclass(frozen=True, kw_only=True)
class Message:
    """One message. *only_for* is the one person who sees an ephemeral; *thread_ts* names the parent."""

    channel: str
    ts: str
    author: str
    text: str = ""
    blocks: tuple[Json, ...] = ()
    attachments: tuple[Json, ...] = ()
    thread_ts: str = ""
    broadcast: bool = False
    metadata: Mapping[str, Any] | None = None
    edited: str = ""
    deleted: bool = False
    only_for: str = ""
    reactions: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    pinned: bool = False
    files: tuple[str, ...] = ()

    @property
    def by_bot(self) -> bool:
        return self.author == BOT_USER

    def public(self, *, metadata: bool = False) -> Json:
        """The message as the Web API and payloads carry it."""
        if self.deleted:
            text = "This message was deleted."
            return {
                "type": "message",
                "subtype": "tombstone",
                "text": text,
                "user": "USLACKBOT",
                "ts": self.ts,
            }
        answer: Json = {"type": "message", "user": self.author, "ts": self.ts, "text": self.text}
        answer["team"] = TEAM_ID
        if self.by_bot:
            answer |= {"bot_id": BOT_ID, "app_id": APP_ID}
        optional: Json = {
            "blocks": list(self.blocks),
            "attachments": list(self.attachments),
            "thread_ts": self.thread_ts,
            "edited": {"user": self.author, "ts": self.edited} if self.edited else None,
            "reactions": [
                {"name": name, "users": list(users), "count": len(users)} for name, users in self.reactions.items()
            ],
            "metadata": dict(self.metadata) if metadata and self.metadata else None,
        }
        if self.broadcast:
            answer["subtype"] = "thread_broadcast"
        return answer | {key: value for key, value in optional.items() if value}


@dataclass(frozen=True, kw_only=True)
class Shelved:
    """A file: announced by getUploadURLExternal, filled by an upload, shared by completeUploadExternal."""

    id: str
    name: str
    length: int
    title: str = ""
    body: bytes | None = None
    shared: tuple[str, ...] = ()
    kind: str = "application/octet-stream"

    def filled(self, body: bytes) -> Shelved:
        return replace(self, body=body, length=len(body))

    def public(self, site: str) -> Json:
        return {
            "id": self.id,
            "name": self.name,
            "title": self.title or self.name,
            "mimetype": self.kind,
            "size": self.length,
            "user": BOT_USER,
            "url_private": f"{site}/files/{self.id}/{self.name}",
            "channels": list(self.shared),
        }


@dataclass(frozen=True, kw_only=True)
class View:
    """An open modal or a Home tab, with what *reader* has typed into it so far."""

    id: str
    reader: str
    body: Mapping[str, Any]
    hash: str
    root: str
    previous: str = ""
    values: Mapping[str, Mapping[str, Json]] = field(default_factory=dict)
    errors: Mapping[str, str] = field(default_factory=dict)

    @property
    def modal(self) -> bool:
        return self.body.get("type") == "modal"

    def public(self) -> Json:
        fixed: Json = {"id": self.id, "team_id": TEAM_ID, "app_id": APP_ID, "bot_id": BOT_ID}
        fixed |= {"hash": self.hash, "root_view_id": self.root, "previous_view_id": self.previous or None}
        fixed |= {"app_installed_team_id": TEAM_ID, "state": {"values": dict(self.values)}}
        empty: Json = {"title": None, "close": None, "submit": None, "callback_id": "", "external_id": ""}
        empty |= {"private_metadata": "", "clear_on_close": False, "notify_on_close": False}
        return empty | dict(self.body) | fixed
