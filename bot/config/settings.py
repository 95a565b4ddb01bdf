"""``tocsin.yaml``: what is watched, where it is read, who is told and when.

Secrets and addresses of servers are not here but in the environment (``bot.config.environment``). A file is either
usable as a whole or refused with every fault at once; nothing is silently ignored.
"""

from __future__ import annotations

import re
from datetime import datetime, time, timedelta, tzinfo
from importlib import resources
from pathlib import Path

import yaml
from pydantic import (
    ValidationError,
)

from bot.config.locations import SettingsError, SettingsFault, Tree, syntax_fault
from bot.config.schema import (
    CATALOGUE,
    DEFAULT_POLICY,
    ChannelPart,
    ExpectPart,
    Language,
    Name,
    Part,
    PersonPart,
    PolicyPart,
    QueryPart,
    RolesPart,
    SourcePart,
    StepPart,
    TimeOfDay,
    TopicPart,
    ZoneName,
)
from bot.config.validation import link_faults, shape_faults
from bot.i18n.catalogue import DEFAULT, languages
from bot.i18n.localised import LocalisedText, localised
from bot.i18n.zones import zone_named
from bot.incidents.people.permissions import Permissions
from bot.records import Policy, PolicyStep, SourceRecord, TopicRecord
from engine.post import Topic

TOPIC_CHANNEL = "topic"
"""The target of a policy step that stands for the topic's own channel."""


class Settings(Part):
    """The whole file, checked; it hands out the frozen records that the rest of Tocsin works with."""

    language: Language = DEFAULT
    timezone: ZoneName = "UTC"
    morning: TimeOfDay = "09:00"
    default_channel: Name
    channels: tuple[ChannelPart, ...] = ()
    people: tuple[PersonPart, ...] = ()
    roles: RolesPart = RolesPart()
    policies: tuple[PolicyPart, ...] = ()
    queries: tuple[QueryPart, ...] = ()
    topics: tuple[TopicPart, ...] = ()
    sources: tuple[SourcePart, ...] = ()

    @property
    def zone(self) -> tzinfo:
        """The team's time zone."""
        return zone_named(self.timezone)

    @property
    def day_begins(self) -> time:
        return time.fromisoformat(self.morning)

    def channel_id(self, name: str) -> str:
        """What Slack is given for a channel: the id where the file names one, else *name* as it stands."""
        listed = {channel.name.removeprefix("#").casefold(): channel.id for channel in self.channels}
        return listed.get(name.removeprefix("#").casefold(), name)

    def channel_language(self, channel: str) -> Language:
        """The language spoken in the channel of this name or id."""
        wanted = self.channel_id(channel)
        spoken = {known.id: known.language for known in self.channels}
        return spoken.get(wanted) or self.language

    def target(self, name: str) -> str:
        """What a policy's *notify* stands for: ``topic``, a channel's id or name, a person's id or e-mail."""
        found = self._person(name)
        return found or (name if name == TOPIC_CHANNEL else self.channel_id(name))

    @property
    def names(self) -> dict[str, str]:
        """How people and channels are called, by what Slack calls them."""
        people = {person.slack or person.email or "": person.name for person in self.people}
        return people | {channel.id: f"#{channel.name.removeprefix('#')}" for channel in self.channels}

    @property
    def permissions(self) -> Permissions:
        """Who may do what, by what Slack calls people and user groups."""
        named = {
            role: tuple(self._person(name) or name for name in names) for role, names in self.roles.model_dump().items()
        }
        return Permissions(**named, leads=tuple(self._person(one.name) for one in self.people if one.lead))

    def policy(self, name: str) -> Policy:
        """The policy of this name; the built-in one for a name that nobody has written down (any more)."""
        for part in self.policies:
            if part.name == name:
                return self._policy(part)
        return self._default_policy()

    def policy_names(self) -> tuple[str, ...]:
        """The policies that are written down; the built-in one where there is none."""
        return tuple(part.name for part in self.policies) or (DEFAULT_POLICY,)

    @property
    def saved(self) -> dict[str, str]:
        """The saved queries by name."""
        return {part.name: part.query for part in self.queries}

    def topic_records(self, now: datetime) -> list[TopicRecord]:
        """The topics as the store takes them (id 0), their queries written out; *watched_since* counts for new ones."""
        from engine.query.saved import written_out

        return [
            TopicRecord(
                id=0,
                topic=Topic(
                    name=part.name,
                    query=written_out(part.query, self.saved),
                    aliases=part.aliases,
                    languages=part.languages,
                ),
                channel=self.channel_id(part.channel or self.default_channel),
                policy=part.policy,
                speak=part.speak or self.channel_language(part.channel or self.default_channel),
                budget_per_week=part.budget_per_week,
                watched_since=now,
                paused=part.paused,
                was=part.was,
                expected=tuple(each.expected for each in part.expect),
            )
            for part in self.topics
        ]

    def source_records(self) -> list[SourceRecord]:
        """The sources as the store takes them (id 0), never polled yet."""
        return [
            SourceRecord(
                id=0,
                name=part.name,
                kind=part.kind,
                url=part.address,
                every=part.every.total_seconds(),
                standing=part.standing,
                lang=part.lang,
                allow_private=part.allow_private,
                enabled=part.enabled,
                options=part.options,
            )
            for part in self.sources
        ]

    def _person(self, name: str) -> str:
        """The Slack id or e-mail address of somebody among ``people``; empty for anybody else."""
        known = {person.name.casefold(): person.slack or person.email or "" for person in self.people}
        return known.get(name.casefold(), "")

    def _policy(self, part: PolicyPart) -> Policy:
        return Policy(
            name=part.name,
            opens_at=part.opens_at,
            steps=tuple(
                PolicyStep(after_minutes=_minutes(step.after), notify=tuple(map(self.target, step.notify)))
                for step in part.steps
            ),
            repeat=part.repeat,
            reminder_minutes=_minutes(part.reminder),
            unacknowledge_minutes=_minutes(part.unacknowledge),
            resolve_minutes=_minutes(part.resolve),
            leads=self.permissions.leads,
            timezone=self.timezone,
            morning=self.morning,
        )

    def _default_policy(self) -> Policy:
        return Policy(
            name=DEFAULT_POLICY,
            leads=self.permissions.leads,
            timezone=self.timezone,
            morning=self.morning,
            steps=(
                PolicyStep(after_minutes=0, notify=(TOPIC_CHANNEL,)),
                PolicyStep(after_minutes=15, notify=(TOPIC_CHANNEL,)),
                PolicyStep(after_minutes=30, notify=(self.channel_id(self.default_channel),)),
            ),
        )


_PARTS: dict[str, type[Part]] = {
    "": Settings,
    "channels": ChannelPart,
    "people": PersonPart,
    "roles": RolesPart,
    "policies": PolicyPart,
    "steps": StepPart,
    "queries": QueryPart,
    "topics": TopicPart,
    "expect": ExpectPart,
    "sources": SourcePart,
}
_LANGUAGE = re.compile(r"^language:\s*[\"']?([\w-]+)", re.MULTILINE)
_KEYS = {section: tuple(part.model_fields) for section, part in _PARTS.items()}


def load(path: Path, *, folder: Path | None = None) -> Settings:
    """Read the settings file; SettingsError with every fault and its place if it cannot be used.

    *folder* holds the languages that there are, None for Tocsin's own.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError as error:
        raise SettingsError(str(path), [_at_top(localised("settings.no_file", path=path))]) from error
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(str(path), [_at_top(localised("settings.no_text", why=error))]) from error
    return read(text, name=str(path), folder=folder)


def read(text: str, *, name: str = "tocsin.yaml", folder: Path | None = None) -> Settings:
    """The settings that *text* holds; *name* is what a SettingsError calls the file."""
    settings, faults = _read(text, folder)
    if settings is None or faults:
        raise SettingsError(name, faults, language=_language(text, folder), folder=folder)
    return settings


def _read(text: str, folder: Path | None) -> tuple[Settings | None, list[SettingsFault]]:
    try:
        tree = Tree(text)
    except yaml.YAMLError as error:
        return None, [syntax_fault(error)]
    if not isinstance(tree.value, dict):
        return None, [_at_top(localised("settings.empty"))]
    settings, faults = None, tree.doubles()
    try:
        settings = Settings.model_validate(tree.value, context={CATALOGUE: folder})
    except ValidationError as error:
        faults += shape_faults(tree, error, _KEYS)
    return settings, faults + link_faults(tree, default_policy=DEFAULT_POLICY, topic_channel=TOPIC_CHANNEL)


def _language(text: str, folder: Path | None) -> str:
    """The language that *text* asks for, however broken the rest of it is."""
    found = _LANGUAGE.search(text)
    return found[1] if found and found[1] in languages(folder) else DEFAULT


def example() -> str:
    """The commented settings file that ``tocsin init`` writes."""
    return resources.files("bot.config").joinpath("example.yaml").read_text(encoding="utf-8")


def _minutes(span: timedelta) -> float:
    return span.total_seconds() / 60


def _at_top(text: LocalisedText) -> SettingsFault:
    return SettingsFault(line=1, column=1, where="", text=text)
