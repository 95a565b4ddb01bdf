"""What a person typed after ``/opinion``, as a value. Pure: no store, no clock, no Slack.

English and Chinese words are equals, whoever types them. What cannot be understood becomes ``Misunderstood`` with
the command that was probably meant; nothing here raises.
"""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta

from bot.i18n.catalogue import DEFAULT
from bot.i18n.speech import Speech
from bot.incidents.transitions import LONGEST_SNOOZE
from bot.records import ActKind
from bot.slack.ends import TypedEnd, lasting
from bot.slack.expected.typed import Expect
from bot.slack.render.escape import unescaped
from engine.post import Level


def _words(speech: Speech) -> dict[str, tuple[str, ...]]:
    return {verb: tuple(words.split()) for verb, words in speech.section("command").items()}


@dataclass(frozen=True, kw_only=True)
class Help:
    pass


@dataclass(frozen=True, kw_only=True)
class ShowTopic:
    name: str


@dataclass(frozen=True, kw_only=True)
class ListTopics:
    pass


@dataclass(frozen=True, kw_only=True)
class ListIncidents:
    closed: bool = False


@dataclass(frozen=True, kw_only=True)
class ListSources:
    pass


@dataclass(frozen=True, kw_only=True)
class ShowIncident:
    """*number* 0 stands for the only open incident, here and in ``ActOn``; *page* 0 is the last page of its record."""

    number: int = 0
    page: int = 0
    export: bool = False  # all of it, as a file


@dataclass(frozen=True, kw_only=True)
class ShowBrief:
    number: int = 0


@dataclass(frozen=True, kw_only=True)
class ShowBacktest:
    """*days* None is the usual span. *typed* is all that was typed: a name may end in a number."""

    name: str
    days: float | None = None
    typed: str = ""


@dataclass(frozen=True, kw_only=True)
class ShowDigest:
    pass


@dataclass(frozen=True, kw_only=True)
class AddTopic:
    name: str = ""


@dataclass(frozen=True, kw_only=True)
class ActOn:
    """An act on an incident. *minutes* is for a snooze or a level, or *until* instead (neither: ask), *typed*
    is how that was written, *person* a Slack id, a name or ``me``;
    *measured* lets the measured level count again; *other* is the incident to merge into."""

    kind: ActKind
    number: int = 0
    minutes: float | None = None
    until: TypedEnd | None = None
    typed: str = ""
    person: str = ""
    text: str = ""
    level: Level | None = None
    measured: bool = False
    other: int = 0


@dataclass(frozen=True, kw_only=True)
class Misunderstood:
    """*key* names the sentence in the catalogue; *typed* is what was not understood, *meant* the whole command
    that it is nearest to, or empty."""

    key: str
    typed: str = ""
    meant: str = ""


def asks_more(wanted: ActOn) -> bool:
    """True if it cannot be done as it stands, and opens a form for the rest."""
    match wanted.kind:
        case ActKind.SNOOZE:
            return wanted.minutes is None and wanted.until is None
        case ActKind.SET_LEVEL:
            return not wanted.measured and not (wanted.level and (wanted.minutes or wanted.until) and wanted.text)
        case ActKind.MERGE:
            return not wanted.other
    return wanted.kind is ActKind.SPLIT


Look = (
    Help | ShowTopic | ListTopics | ListIncidents | ListSources | ShowIncident | ShowBrief | ShowBacktest | ShowDigest
)
Command = Look | Expect | AddTopic | ActOn | Misunderstood

SPOKEN = {one.language: _words(one) for one in Speech(DEFAULT).siblings}
"""Language → every verb with the words it goes by there, the one that help shows first."""

VERBS = {verb: tuple(word for words in SPOKEN.values() for word in words[verb]) for verb in SPOKEN[DEFAULT]}
"""Every verb with all the words it goes by."""

LEVEL_WORDS = {
    level: {word for one in Speech(DEFAULT).siblings for word in one.say(f"level_words.{level.colour}").split()}
    for level in Level
} | {None: {word for one in Speech(DEFAULT).siblings for word in one.say("level_words.measured").split()}}
"""What a level is called in a command; for None, what lets the measured one count again."""

_BY_WORD = {word: verb for verb, words in VERBS.items() for word in words}
_HAN = re.compile(r"[\u3400-\u9fff]")
_CHINESE = sorted((word for word in _BY_WORD if _HAN.search(word)), key=len, reverse=True)
_PLAIN: dict[str, Command] = {
    "help": Help(), "topics": ListTopics(), "sources": ListSources(), "digest": ShowDigest(),
}  # fmt: skip
_ACTS = {
    "ack": ActKind.ACKNOWLEDGE, "resolve": ActKind.RESOLVE, "snooze": ActKind.SNOOZE, "escalate": ActKind.ESCALATE,
    "false-alarm": ActKind.FALSE_ALARM, "assign": ActKind.ASSIGN, "note": ActKind.NOTE, "reopen": ActKind.REOPEN,
    "level": ActKind.SET_LEVEL, "merge": ActKind.MERGE, "split": ActKind.SPLIT, "policy": ActKind.USE_POLICY,
}  # fmt: skip
_NUMBER = re.compile(r"^(?:#|no\.?|№|第)?\s*(\d{1,9})(?:号)?(?:\s+|$)", re.IGNORECASE)
_MENTION = re.compile(r"^<@([A-Z0-9]+)(?:\|[^>]*)?>$")
_DAYS = re.compile(r"^(.*\S)\s+(\d{1,4})\s*(?:d|days?|天|日)?$", re.IGNORECASE)
_CLOSED = ("all", "closed", "recent", "全部", "所有", "最近", "已关闭")
_QUOTES = "\"'“”‘’「」『』《》"


def parse(text: str) -> Command:
    """The command in *text*, which is what stands after ``/opinion``."""
    typed = " ".join(text.split())
    if not typed:
        return Help()
    word, rest = _split(typed)
    verb = _BY_WORD.get(word)
    if verb is None:
        return Misunderstood(key="unknown_command", typed=unescaped(typed), meant=_meant(word, rest))
    return _command(verb, rest)


def spoken(text: str) -> str:
    """The language that alone has the command's own word, else an empty string: everybody types English words."""
    word = _split(" ".join(text.split()))[0]
    owners = [language for language, verbs in SPOKEN.items() if any(word in words for words in verbs.values())]
    return owners[0] if len(owners) == 1 and owners[0] != DEFAULT else ""


def _split(typed: str) -> tuple[str, str]:
    """The command's word, folded, and the rest. Chinese is typed without spaces: ``认领12`` is ``认领 12``."""
    first, _, rest = typed.partition(" ")
    word = unicodedata.normalize("NFKC", first).casefold()
    if word == "false" and rest.casefold().startswith("alarm"):
        return "false-alarm", rest[5:].strip()
    if word not in _BY_WORD:
        for known in _CHINESE:
            if word.startswith(known):
                return known, typed[len(known) :].strip()
    return word, rest


def _command(verb: str, rest: str) -> Command:
    if verb in _PLAIN:
        return _PLAIN[verb]
    if verb in _ACTS:
        return _act(verb, rest)
    if verb in ("incident", "brief", "export"):
        return _incident(verb, rest)
    if verb == "incidents":
        return ListIncidents(closed=rest.casefold() in _CLOSED)
    return _named(verb, rest)


def _named(verb: str, rest: str) -> Command:
    """A command that is followed by the name of a topic."""
    name = unescaped(rest).strip(_QUOTES + " ")
    if verb == "add":
        return AddTopic(name=name)
    if not name:
        return Misunderstood(key="topic_missing")
    if verb == "expect":
        return Expect(typed=unescaped(rest).strip())
    return _backtest(rest) if verb == "backtest" else ShowTopic(name=name)


def _backtest(rest: str) -> Command:
    typed = unescaped(rest).strip()
    found = _DAYS.match(unicodedata.normalize("NFKC", typed))
    name = (found[1] if found else typed).strip(_QUOTES + " ")
    return ShowBacktest(name=name, days=float(found[2]) if found else None, typed=typed.strip(_QUOTES + " "))


def _incident(verb: str, rest: str) -> Command:
    number, beyond = _number(rest)
    page, more = _number(re.sub(r"^(?:page|页)\s*", "", beyond, flags=re.IGNORECASE)) if verb == "incident" else (0, "")
    if verb == "brief" and (number or not rest):
        return ShowBrief(number=number)
    if number or not rest:
        return ShowIncident(number=number, page=0 if more else page, export=verb == "export")
    return Misunderstood(key="number_wrong", typed=unescaped(beyond), meant=f"{verb} 12")


def _act(verb: str, rest: str) -> Command:
    number, beyond = _number(rest)
    kind = _ACTS[verb]
    if kind in _ACT_PARSERS:
        return _ACT_PARSERS[kind](number, beyond)
    if (kind is ActKind.ACKNOWLEDGE and beyond) or (beyond and not number):
        return Misunderstood(key="number_wrong", typed=unescaped(beyond), meant=f"{verb} {number or 12}")
    return ActOn(kind=kind, number=number, text=unescaped(beyond))


def _snooze(number: int, beyond: str) -> Command:
    if not beyond:
        return ActOn(kind=ActKind.SNOOZE, number=number)
    wanted, rest = lasting(beyond)
    if number and (wanted is None or rest):
        joined = lasting(f"{number} {beyond}")  # "snooze 2 h" names no incident
        if joined[0] is not None and not joined[1]:
            number, wanted, rest = 0, *joined
    if wanted is None or rest:
        return Misunderstood(key="span_wrong", typed=unescaped(beyond), meant=f"snooze {number or 12} 2h")
    return _for(ActOn(kind=ActKind.SNOOZE, number=number, typed=unescaped(beyond)), wanted, "snooze {} 1d")


def _for(act: ActOn, wanted: timedelta | TypedEnd, example: str) -> Command:
    """*act* with how long it lasts. An end is measured when its moment is known."""
    if isinstance(wanted, TypedEnd):
        return replace(act, until=wanted)
    if not timedelta() < wanted <= LONGEST_SNOOZE:
        return Misunderstood(key="span_too_long", typed=act.typed, meant=example.format(act.number or 12))
    return replace(act, minutes=wanted.total_seconds() / 60, typed="")


def _assign(number: int, beyond: str) -> Command:
    words = beyond.removeprefix("to ").removeprefix("给").strip()
    mention = _MENTION.match(words)
    person = mention[1] if mention else unescaped(words).removeprefix("@").strip(_QUOTES + " ")
    if person in ("我", "myself", "自己"):
        person = "me"
    if not person:
        return Misunderstood(key="person_missing", meant=f"assign {number or 12} @name")
    return ActOn(kind=ActKind.ASSIGN, number=number, person=person)


def _level(number: int, beyond: str) -> Command:
    """``level 12 orange 4h why``; what is missing is asked for."""
    word, _, rest = beyond.partition(" ")
    if word.casefold() in LEVEL_WORDS[None]:
        return ActOn(kind=ActKind.SET_LEVEL, number=number, measured=True)
    level = next((each for each in Level if word.casefold() in LEVEL_WORDS[each]), None)
    if word and level is None:
        return Misunderstood(key="level_wrong", typed=unescaped(word), meant=f"level {number or 12} orange 4h …")
    wanted, why = lasting(rest)
    act = ActOn(kind=ActKind.SET_LEVEL, number=number, level=level, text=unescaped(why))
    if wanted is None:
        return act
    typed = rest.removesuffix(why).strip()
    return _for(replace(act, typed=unescaped(typed)), wanted, "level {} orange 1d …")


def _merge(number: int, beyond: str) -> Command:
    """``merge 12 into 9``."""
    other, rest = _number(re.sub(r"^(?:into|with|入|到|进)\s*", "", beyond.strip(), flags=re.IGNORECASE))
    if beyond and not other:
        return Misunderstood(key="number_wrong", typed=unescaped(beyond), meant=f"merge {number or 12} into 9")
    return ActOn(kind=ActKind.MERGE, number=number, other=other, text=unescaped(rest))


def _note(number: int, beyond: str) -> Command:
    text = unescaped(beyond)
    return ActOn(kind=ActKind.NOTE, number=number, text=text) if text else Misunderstood(key="note_empty")


_ACT_PARSERS: Mapping[ActKind, Callable[[int, str], Command]] = {
    ActKind.SNOOZE: _snooze, ActKind.ASSIGN: _assign, ActKind.SET_LEVEL: _level, ActKind.MERGE: _merge,
    ActKind.NOTE: _note,
}  # fmt: skip


def _number(rest: str) -> tuple[int, str]:
    """The incident's number at the head of *rest* (0 if there is none) and what follows it."""
    found = _NUMBER.match(unicodedata.normalize("NFKC", rest)) if rest else None
    if not found:
        return 0, rest
    return int(found[1]), unicodedata.normalize("NFKC", rest)[found.end() :].strip()


def _meant(word: str, rest: str) -> str:
    """The command nearest to *word*, with what followed it; empty if none is near."""
    cutoff = 0.5 if _HAN.search(word) else 0.6
    near = difflib.get_close_matches(word, list(_BY_WORD), n=1, cutoff=cutoff)
    if not near:
        return ""
    verb = near[0] if _HAN.search(near[0]) else _BY_WORD[near[0]]
    return f"{verb} {unescaped(rest)}".strip()
