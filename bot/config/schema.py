"""The sections of ``tocsin.yaml``, each as pydantic checks it by itself."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Annotated, Literal, get_args

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError

from bot.config import days, durations
from bot.config.errors import SettingValueError
from bot.config.locations import either
from bot.errors import LocalisedError
from bot.i18n.catalogue import languages
from bot.i18n.queries import query_fault_text
from bot.i18n.zones import zone_named
from bot.incidents.people.permissions import USUAL
from engine.post import Level, Standing
from engine.watch.expected import ExpectedDays

Kind = Literal["rss", "jsonfeed", "json", "jsonl", "webhook"]
KINDS: tuple[str, ...] = get_args(Kind)
CATALOGUE = "catalogue"
"""The key of pydantic's context that holds the catalogue's folder: the languages that there are."""

DEFAULT_POLICY = "default"
"""The policy of topics that name none: built in, unless the file writes one of that name."""

_COLOURS = {"红": Level.RED, "橙": Level.ORANGE, "黄": Level.YELLOW, "蓝": Level.BLUE}

MOST_WHAT = 80
"""So many characters say what is expected: it stands on cards."""

_TIME_OF_DAY = re.compile(r"([01]?\d|2[0-3])[:：]([0-5]\d)", re.ASCII)


def _duration(value: object) -> timedelta:
    if isinstance(value, timedelta):
        return value
    if value == 0 and not isinstance(value, bool):
        return timedelta()
    if isinstance(value, int | float):
        raise SettingValueError("settings.span.unit", value=str(value))
    return durations.parse(value if isinstance(value, str) else "")


def _level(value: object) -> Level:
    if isinstance(value, Level):
        return value
    name = str(value).strip()
    level = _COLOURS.get(name.removesuffix("色")) or Level.__members__.get(name.upper())
    if level is None:
        raise SettingValueError("settings.level", name=name)
    return level


def _name(value: str) -> str:
    if not value.strip():
        raise SettingValueError("settings.name_empty")
    return value.strip()


def _interval(value: timedelta) -> timedelta:
    if value < timedelta(seconds=1):
        raise SettingValueError("settings.interval")
    return value


def _language(value: str, info: ValidationInfo) -> str:
    known = languages((info.context or {}).get(CATALOGUE))
    if value not in known:
        raise SettingValueError("settings.choice", given=value, known=either(known))
    return value


def _zone(name: str) -> str:
    try:
        zone_named(name)
    except ValueError:
        raise SettingValueError("settings.timezone", name=name) from None
    return name


def _time_of_day(value: object) -> str:
    """``HH:MM``. YAML takes 10:30 without quotes for the number 630, base sixty."""
    given = f"{value // 60}:{value % 60:02}" if isinstance(value, int) and value >= 60 else str(value).strip()
    found = _TIME_OF_DAY.fullmatch(given)
    if found is None:
        raise SettingValueError("settings.time_of_day", value=given)
    return f"{int(found[1]):02}:{found[2]}"


Language = Annotated[str, AfterValidator(_language)]
ZoneName = Annotated[str, AfterValidator(_zone)]
TimeOfDay = Annotated[str, BeforeValidator(_time_of_day)]
Duration = Annotated[timedelta, BeforeValidator(_duration)]
LevelName = Annotated[Level, BeforeValidator(_level)]
Name = Annotated[str, Field(max_length=120), AfterValidator(_name)]


def _wrong(error: LocalisedError) -> PydanticCustomError:
    """*error* as pydantic carries it: its context keeps the error itself, which is worded later."""
    return PydanticCustomError("value_error", "{error}", {"error": error})


def understood(query: str) -> str:
    """*query* if it can be understood, else a fault that points at its character."""
    from engine.query.query import QueryError, parse

    try:
        parse(query)
    except QueryError as error:
        where = {"position": error.position, "text": query_fault_text(error.note)}
        raise PydanticCustomError("value_error", "query", where) from error
    return query


class Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=False, str_strip_whitespace=True)


class ChannelPart(Part):
    name: Name
    id: Annotated[str, Field(pattern=r"^[CGD][A-Z0-9]{2,}$")]
    language: Language | None = None


class PersonPart(Part):
    """Somebody a policy or a role can name. Slack is asked for the id where only the e-mail address is given."""

    name: Name
    slack: Annotated[str, Field(pattern=r"^[UW][A-Z0-9]{2,}$")] | None = None
    email: Annotated[str, Field(pattern=r"^[^@\s]+@[^@\s]+\.[^@\s]+$")] | None = None
    lead: bool = False


class RolesPart(Part):
    """Who may do what: names of ``people``, Slack ids, e-mail addresses, user groups, MEMBERS and CHANNEL."""

    view: tuple[Name, ...] = USUAL.view
    respond: tuple[Name, ...] = USUAL.respond
    close: tuple[Name, ...] = USUAL.close
    configure: tuple[Name, ...] = USUAL.configure


class StepPart(Part):
    after: Duration
    notify: Annotated[tuple[str, ...], Field(min_length=1)]


class PolicyPart(Part):
    name: Name
    opens_at: LevelName = Level.YELLOW
    steps: Annotated[tuple[StepPart, ...], Field(min_length=1)]
    repeat: Annotated[int, Field(ge=0, le=20)] = 2
    reminder: Duration = timedelta(hours=1)
    unacknowledge: Duration = timedelta(hours=2)
    resolve: Duration = timedelta(hours=12)


class ExpectPart(Part):
    """Days on which a topic's number of posts is explained."""

    days: tuple[date, date]
    what: Annotated[str, Field(min_length=1, max_length=MOST_WHAT)]

    @field_validator("days", mode="before")
    @classmethod
    def _read(cls, given: object) -> tuple[date, date]:
        return days.parse(given)

    @property
    def expected(self) -> ExpectedDays:
        return ExpectedDays(first=self.days[0], last=self.days[1], what=self.what)


class TopicPart(Part):
    """What is watched. *was* are names that it had before, so that a rename is a rename."""

    name: Name
    was: tuple[Name, ...] = ()
    query: Annotated[str, Field(min_length=1, max_length=4000)]
    aliases: tuple[Name, ...] = ()
    languages: tuple[Annotated[str, Field(pattern=r"^[a-z]{2,3}$")], ...] = ()
    channel: Name | None = None
    policy: Name = DEFAULT_POLICY
    speak: Language | None = None
    budget_per_week: Annotated[float, Field(ge=0)] = 2.0
    expect: tuple[ExpectPart, ...] = ()
    paused: bool = False

    @field_validator("query")
    @classmethod
    def _understood(cls, query: str) -> str:
        return understood(query)


class QueryPart(Part):
    """A query that topics name by ``@name``."""

    name: Annotated[str, Field(pattern=r"^[\w-]{1,60}$")]
    query: Annotated[str, Field(min_length=1, max_length=4000)]

    @field_validator("query")
    @classmethod
    def _understood(cls, query: str) -> str:
        return understood(query)


class SourcePart(Part):
    name: Name
    kind: Kind
    url: Annotated[str, Field(pattern=r"^https?://\S+$", max_length=2000)] | None = None
    path: Annotated[str, Field(min_length=1)] | None = None
    every: Annotated[Duration, AfterValidator(_interval)] = timedelta(minutes=5)
    standing: Standing = Standing.SOCIAL
    lang: Annotated[str, Field(pattern=r"^[a-z]{2,3}$")] = ""
    allow_private: bool = False
    enabled: bool = True
    mapping: dict[str, str] = Field(default_factory=dict)
    timezone: str = ""

    @property
    def address(self) -> str:
        return self.url or self.path or ""

    @property
    def options(self) -> dict[str, object]:
        """What only the source's kind understands."""
        given = {"mapping": self.mapping, "timezone": self.timezone}
        return {name: value for name, value in given.items() if value}

    @field_validator("mapping")
    @classmethod
    def _usable(cls, mapping: dict[str, str]) -> dict[str, str]:
        from bot.ingest.sources import SourceError, mapped

        try:
            mapped.check(mapping)
        except SourceError as error:
            raise _wrong(error) from error
        return mapping

    @field_validator("timezone")
    @classmethod
    def _known(cls, name: str) -> str:
        from bot.ingest.sources import SourceError, dates

        try:
            dates.zone(name)
        except SourceError as error:
            raise _wrong(error) from error
        return name
