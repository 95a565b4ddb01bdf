"""``tocsin backtest``: what would have rung over stored history or a file of posts, as text, JSON or a picture."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from bot.backtest.core import (
    MOST_DAYS,
    USUAL_DAYS,
    Backtest,
    BacktestAlarm,
    BacktestRequest,
    SettingResult,
    ask,
    backtest,
    over_history,
)
from bot.backtest.post_file import OrderedPosts, caught, read, read_posts
from bot.backtest.replay import CHINESE, ENGLISH, watched
from bot.config.locations import either
from bot.errors import LocalisedError
from bot.i18n.catalogue import DEFAULT, LANGUAGES
from bot.i18n.localised import localised
from bot.i18n.reasons import reason
from bot.i18n.speech import Speech
from bot.i18n.zones import written, zone_named
from bot.ports import PostReader
from bot.records import Policy
from engine.post import Topic
from engine.query.query import parse
from engine.tuning.tuning import Tuning

if TYPE_CHECKING:
    from bot.config.settings import Settings

LEAST_STRICTNESS, MOST_STRICTNESS = 0.1, 10.0
MOST_REASONS = 3


@dataclass(frozen=True, kw_only=True)
class BacktestOptions:
    """What was typed. *days* 0 is the usual span: 28 days of stored history, the whole of a file."""

    topic: str
    settings: Path
    posts: Path | None = None
    query: str = ""
    aliases: tuple[str, ...] = ()
    days: float = 0.0
    readings: Path | None = None
    strictness: float | None = None
    versus: float | None = None
    chart: Path | None = None
    language: str = DEFAULT
    as_json: bool = False


def run(wanted: BacktestOptions) -> None:
    """Test, print, draw; times of a file of posts are in UTC. Raises LocalisedError."""
    from bot.config.settings import load

    if wanted.language not in LANGUAGES:
        raise LocalisedError("language.unknown", language=wanted.language, known=either(LANGUAGES))
    for strictness in (wanted.strictness, wanted.versus):
        if strictness is not None and not LEAST_STRICTNESS <= strictness <= MOST_STRICTNESS:
            raise LocalisedError("history.strictness", least=f"{LEAST_STRICTNESS:g}", most=f"{MOST_STRICTNESS:g}")
    if wanted.posts:
        found, zone = _from_file(wanted, wanted.posts), zone_named("")
    else:
        settings = load(wanted.settings)
        found, zone = _from_store(wanted, settings), settings.zone
    speech = Speech(wanted.language, zone=zone)
    if wanted.chart is not None:
        draw(found, wanted.chart, speech)
    if wanted.as_json:
        typer.echo(json.dumps(as_dict(found), ensure_ascii=False))
        return
    for line in lines(found, speech):
        typer.echo(line)


def draw(found: Backtest, path: Path, speech: Speech) -> None:
    from bot.backtest.charts import png

    picture = png(found, speech)
    try:
        path.write_bytes(picture)
    except OSError as error:
        raise LocalisedError("history.unwritable_chart", path=path, why=error.strerror) from None


def _from_store(wanted: BacktestOptions, settings: Settings) -> Backtest:
    from bot.config.environment import Environment
    from bot.infra.clock import SystemClock
    from bot.store import Store

    with Store.open(Environment().database) as store:
        store.migrate()
        record = store.topics.find(wanted.topic)
        if record is None:
            known = ", ".join(one.topic.name for one in store.topics.all()) or localised("history.no_topics")
            raise LocalisedError("history.unknown_topic", name=wanted.topic, known=known)
        learned = store.tunings.get(record.id)
        tunings = _tunings(wanted, learned.tuning if learned else Tuning())
        days, now = wanted.days or USUAL_DAYS, SystemClock().now()
        return over_history(store, ask(record, settings.policy(record.policy), now=now, days=days, tunings=tunings))


def _from_file(wanted: BacktestOptions, path: Path) -> Backtest:
    if not wanted.query:
        raise LocalisedError("history.no_query")
    from bot.backtest.reading_cache import remembering

    topic = Topic(name=wanted.topic, query=wanted.query, aliases=wanted.aliases or (wanted.topic,))
    reader = remembering(wanted.readings)
    return over_file(path, topic, reader, tunings=_tunings(wanted, Tuning()), days=wanted.days)


def over_file(
    path: Path, topic: Topic, reader: PostReader, *, tunings: Sequence[Tuning], days: float = 0.0
) -> Backtest:
    """The backtest of the posts in a file, of which the last *days* count; 0 = all of them."""
    query = parse(topic.query)
    posts = list(OrderedPosts(read_posts(path)))
    if not posts:
        raise LocalisedError("history.no_posts", path=path)
    first, last = posts[0].published, posts[-1].published + timedelta(minutes=1)
    if days and not 1 <= days <= MOST_DAYS:
        raise LocalisedError("sorry.backtest_days", most=MOST_DAYS)
    since = max(first, last - timedelta(days=days)) if days else first
    asked = BacktestRequest(
        record=watched(topic, first), policy=Policy(), tunings=tuple(tunings), since=since, until=last
    )
    return backtest(asked, read(caught(posts, query), topic, reader))


def _tunings(wanted: BacktestOptions, usual: Tuning) -> list[Tuning]:
    first = usual if wanted.strictness is None else _with(usual, wanted.strictness)
    return [first] if wanted.versus is None else [first, _with(usual, wanted.versus)]


def _with(tuning: Tuning, strictness: float) -> Tuning:
    return Tuning(strictness=strictness, trust=tuning.trust, tallies=tuning.tallies)


def lines(found: Backtest, speech: Speech) -> Iterator[str]:
    """The backtest as text, a line at a time."""
    since, until = written(found.since, speech.zone), written(found.until, speech.zone)
    yield speech.say("table.head", topic=found.topic, since=since, until=until, posts=found.posts)
    if not found.has_baseline:
        yield speech.say("backtest.early")
    for trial in found.trials:
        yield ""
        yield _summary(found, trial, speech)
        for bell in trial.bells:
            yield from _bell(bell, speech)


def _summary(found: Backtest, trial: SettingResult, speech: Speech) -> str:
    a_week = found.a_week(trial)
    told = speech.say(
        "table.within" if a_week <= found.budget_per_week else "table.over",
        strictness=f"{trial.tuning.strictness:g}", bells=str(len(trial.bells)), incidents=str(trial.incidents),
        a_week=f"{a_week:.1f}", budget=f"{found.budget_per_week:g}",
    )  # fmt: skip
    if found.judged and trial.bells:
        return speech.say("table.rulings", trial=told, unconfirmed=str(trial.unconfirmed))
    return told


def _bell(bell: BacktestAlarm, speech: Speech) -> Iterator[str]:
    ruling = f"  [{speech.say(f'table.ruling.{bell.ruling.value}')}]" if bell.ruling else ""
    event, level = speech.say(f"table.event.{bell.event}"), speech.say(f"short_level.{bell.level.colour}")
    head = f"{written(bell.at, speech.zone)}  {event:<6}  {level:<6}  {bell.score:3.0f}"
    yield f"  {head}  {bell.headline[:80]}{ruling}".rstrip()
    for signal in bell.reasons[:MOST_REASONS]:
        yield f"      {reason(signal, speech)}"


def as_dict(found: Backtest) -> dict[str, Any]:
    """The backtest for JSON."""
    return {
        "topic": found.topic,
        "since": _utc(found.since),
        "until": _utc(found.until),
        "posts": found.posts,
        "budget_per_week": found.budget_per_week,
        "baseline": found.has_baseline,
        "settings": [_trial(found, trial) for trial in found.trials],
        "hours": {"volume": list(found.volume), "negative": list(found.negative)},
    }


def _trial(found: Backtest, trial: SettingResult) -> dict[str, Any]:
    return {
        "strictness": trial.tuning.strictness,
        "alerts": len(trial.bells),
        "incidents": trial.incidents,
        "alerts_per_week": round(found.a_week(trial), 2),
        "unconfirmed": trial.unconfirmed if found.judged else None,
        "bells": [
            {
                "at": _utc(bell.at),
                "event": bell.event,
                "level": int(bell.level),
                "score": bell.score,
                "incident": bell.incident,
                "headline": bell.headline,
                "ruling": bell.ruling and bell.ruling.value,
                "reasons": [
                    {"signal": each.name, "value": each.value, "baseline": each.baseline,
                     "text": reason(each, ENGLISH), "text_zh": reason(each, CHINESE)}
                    for each in bell.reasons
                ],
            }
            for bell in trial.bells
        ],
    }  # fmt: skip


def _utc(at: datetime) -> str:
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")
