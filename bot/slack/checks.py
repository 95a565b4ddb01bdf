"""Asks Slack whether Tocsin can do its work there: token, scopes, a way in, and everybody whom it must reach.

Nothing is posted.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import structlog
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from bot.check.findings import CheckResult, CheckSentences
from bot.config.environment import Environment
from bot.config.settings import TOPIC_CHANNEL, Settings
from bot.i18n.localised import LocalisedText, localised
from bot.i18n.speech import Speech
from bot.incidents.people.permissions import CHANNEL, MEMBERS, is_group
from bot.infra.error_trail import log_expected
from bot.slack.bolt_app import client as slack_client
from bot.slack.directory import FAULTS, Directory, is_channel_id, is_person

SCOPES = (
    "channels:history", "channels:join", "channels:read", "chat:write", "chat:write.public", "commands",
    "files:write", "groups:history", "groups:read", "im:history", "im:read", "im:write", "reactions:read",
    "usergroups:read", "users:read", "users:read.email",
)  # fmt: skip
"""What the bot token must be allowed; deploy/slack_manifest.yaml asks for the same."""

GROUPS_SCOPE = "usergroups:read"
SLACK = localised("check.what.slack")

log = structlog.get_logger("tocsin.slack")


def look(settings: Settings | None, env: Environment, say: CheckSentences) -> Iterator[CheckResult]:
    """Every finding about Slack; with a token that Slack does not know there is only that one."""
    token = env.slack_bot_token.get_secret_value()
    if not token:
        yield say.bad(SLACK, "check.slack.no_token")
        return
    client = slack_client(token, env.slack_api_url)
    try:
        told = client.auth_test()
    except FAULTS as error:
        key = "check.slack.refused" if isinstance(error, SlackApiError) else "check.slack.unreachable"
        yield say.bad(SLACK, key, why=reason(error))
        return
    yield say.good(SLACK, "check.slack.good", bot=told.get("user"), team=told.get("team"))
    named = settings.permissions.groups if settings else ()
    yield from _scopes({name.lower(): str(value) for name, value in told.headers.items()}, named, say)
    yield _way_in(env, say)
    if settings is not None:
        yield from _targets(settings, client, say)
        yield from _groups(named, client, say)


def reason(error: Exception) -> str | LocalisedText:
    """What Slack answered, in its own word (``invalid_auth``), or why there was no answer."""
    if isinstance(error, SlackApiError):
        return str(error.response.get("error", "")) or localised("check.no_reason")
    return str(getattr(error, "reason", "") or error)


def _scopes(headers: dict[str, str], groups: Sequence[str], say: CheckSentences) -> Iterator[CheckResult]:
    """Without the scope of user groups only these are lost: that is a fault only where a role names one."""
    held = {scope.strip() for scope in headers.get("x-oauth-scopes", "").split(",")}
    lacking = [scope for scope in SCOPES if scope not in held]
    needed = [scope for scope in lacking if scope != GROUPS_SCOPE]
    if needed:
        yield say.bad(SLACK, "check.slack.scopes", scopes=", ".join(lacking))
    if GROUPS_SCOPE in lacking and groups:
        yield say.bad(SLACK, "check.slack.groups", names=", ".join(groups))
    elif lacking == [GROUPS_SCOPE]:
        yield say.good(SLACK, "check.slack.no_groups")
    if not lacking:
        yield say.good(SLACK, "check.slack.all_scopes")


def _way_in(env: Environment, say: CheckSentences) -> CheckResult:
    token = env.slack_app_token.get_secret_value()
    if not token:
        signed = bool(env.slack_signing_secret)
        return say.good(SLACK, "check.slack.http") if signed else say.bad(SLACK, "check.slack.no_way_in")
    try:
        slack_client(token, env.slack_api_url).apps_connections_open(app_token=token)
    except FAULTS as error:
        return say.bad(SLACK, "check.slack.socket_refused", why=reason(error))
    return say.good(SLACK, "check.slack.socket")


def _targets(settings: Settings, client: WebClient, say: CheckSentences) -> Iterator[CheckResult]:
    """Every channel and person that the settings name, each once."""
    directory = Directory(client, language=settings.language)
    for target, name in _names(settings).items():
        if is_person(target):
            yield _person(client, target, name, say)
        elif is_channel_id(target):
            yield _channel(client, target, name, say)
        else:
            yield _named(client, directory, target, say)


def _names(settings: Settings) -> dict[str, str]:
    """What Slack is given for each target, and how the settings call it."""
    roles = settings.roles.model_dump().values()
    named = [name for names in roles for name in names if name not in (MEMBERS, CHANNEL) and not is_group(name)]
    named += [person.name for person in settings.people if person.lead]
    written = [settings.default_channel, *(topic.channel or "" for topic in settings.topics)]
    written += [name for part in settings.policies for step in part.steps for name in step.notify]
    return {settings.target(name): name for name in [*written, *named] if name and name != TOPIC_CHANNEL}


def _groups(names: Sequence[str], client: WebClient, say: CheckSentences) -> Iterator[CheckResult]:
    """Every user group that a role names; nothing where Slack does not tell of any."""
    try:
        rows = client.usergroups_list(include_count=True).get("usergroups") or () if names else ()
    except FAULTS:
        return
    known = {key: row for row in rows for key in (f"@{row.get('handle')}", row.get("id"))}
    for name in names:
        if name in known:
            yield say.good(name, "check.target.group", name=name, count=known[name].get("user_count", "?"))
        else:
            yield say.bad(name, "check.target.no_group", name=name)


def _named(client: WebClient, directory: Directory, target: str, say: CheckSentences) -> CheckResult:
    """A channel that has no id in the settings: Tocsin must be in it to know which it is."""
    try:
        found = directory.channel(target)
    except FAULTS as error:
        return say.bad(target, "check.target.no_channel", name=target, why=reason(error))
    if not found:
        return say.bad(target, "check.target.outside", name=target.removeprefix("#"))
    return _channel(client, found, target, say)


def _channel(client: WebClient, channel: str, name: str, say: CheckSentences) -> CheckResult:
    try:
        told = client.conversations_info(channel=channel).get("channel") or {}
    except FAULTS as error:
        return say.bad(name, "check.target.no_channel", name=name, why=reason(error))
    shown = str(told.get("name") or name.removeprefix("#"))
    if told.get("is_archived"):
        return say.bad(name, "check.target.archived", name=shown)
    if not told.get("is_member", True) and not told.get("is_private"):
        return say.good(name, "check.target.joins", name=shown)
    if not told.get("is_member", True):
        return say.bad(name, "check.target.outside", name=shown)
    return say.good(name, "check.target.channel", name=shown)


def _person(client: WebClient, target: str, name: str, say: CheckSentences) -> CheckResult:
    try:
        told = client.users_lookupByEmail(email=target) if "@" in target else client.users_info(user=target)
    except FAULTS as error:
        return say.bad(name, "check.target.no_person", name=name, why=reason(error))
    if (told.get("user") or {}).get("deleted"):
        return say.bad(name, "check.target.left", name=name)
    return say.good(name, "check.target.person", name=name)


class NamedChannels:
    """The channels that the settings call by a name and give no id: Tocsin must be in each to know which it is."""

    def __init__(self, settings: Settings, directory: Directory) -> None:
        self._directory, self._speech = directory, Speech(settings.language)
        self._names = [name for name in _names(settings) if not is_person(name) and not is_channel_id(name)]
        self.trouble = ""

    def look(self) -> int:
        """Say plainly which of them are unknown: nothing can be posted there. Without an answer nothing is said."""
        try:
            unknown = [name.removeprefix("#") for name in self._names if not self._directory.channel(name)]
        except FAULTS as error:
            log_expected(log.warning, "channels_not_looked_up", error)
            return 0
        said = [self._speech.say("check.target.outside", name=name) for name in unknown]
        self.trouble = f"{said[0]} {self._speech.say('check.target.outside_hint')}" if said else ""
        for name, sentence in zip(unknown, said, strict=True):
            log.error("channel_unknown", channel=name, sentence=sentence)
        return 0
