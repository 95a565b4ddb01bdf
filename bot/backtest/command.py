"""``tocsin backtest``: what would have rung over stored history or a file of posts, as text, JSON or a picture."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

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
from bot.errors import TocsinError
from bot.i18n.reasons import reason
from bot.i18n.speech import Speech
from bot.ports import PostReader
from bot.records import Policy
from engine.post import Topic
from engine.query.query import parse
from engine.watch.tuning import Tuning

LEAST_STRICTNESS, MOST_STRICTNESS = 0.1, 10.0
MOST_REASONS = 3

WORDS = {
    "en": {
        "head": "{topic}: {since:%Y-%m-%d %H:%M}Z to {until:%Y-%m-%d %H:%M}Z, {posts:,} posts",
        "early": "The first days have no baseline: counts ring nothing there, grave facts do.",
        "trial": "strictness {strictness:g}: alerts {bells}, incidents {incidents}, {a_week:.1f} alerts a week "
        "({within} the budget of {budget:g})",
        "within": "within", "over": "over",
        "rulings": "of them nobody confirmed {unconfirmed}",
        "opened": "opened", "raised": "raised",
        "red": "red", "orange": "orange", "yellow": "yellow", "blue": "blue",
        "real": "was real", "false": "was a false alarm", "unconfirmed": "not confirmed", "open": "still open",
    },
    "zh": {
        "head": "{topic}：{since:%Y-%m-%d %H:%M}Z 至 {until:%Y-%m-%d %H:%M}Z，共 {posts:,} 条帖子",
        "early": "最初几天尚无基线：数量不会鸣钟，严重事实仍会。",
        "trial": "严格度 {strictness:g}：警报 {bells} 次，事件 {incidents} 个，"
        "每周 {a_week:.1f} 次（{within}预算 {budget:g} 次）",
        "within": "未超", "over": "超出",
        "rulings": "其中无人确认 {unconfirmed} 次",
        "opened": "开启", "raised": "升级",
        "red": "红", "orange": "橙", "yellow": "黄", "blue": "蓝",
        "real": "属实", "false": "误报", "unconfirmed": "未确认", "open": "未结",
    },
}  # fmt: skip


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
    language: str = "en"
    as_json: bool = False


def run(wanted: BacktestOptions) -> None:
    """Test, print, draw. Raises TocsinError with a plain sentence."""
    if wanted.language not in WORDS:
        raise TocsinError(f'"{wanted.language}" is no language of Tocsin\'s: use en or zh.')
    for strictness in (wanted.strictness, wanted.versus):
        if strictness is not None and not LEAST_STRICTNESS <= strictness <= MOST_STRICTNESS:
            raise TocsinError(f"Strictness is a number from {LEAST_STRICTNESS:g} to {MOST_STRICTNESS:g}.")
    found = _from_file(wanted, wanted.posts) if wanted.posts else _from_store(wanted)
    if wanted.chart is not None:
        draw(found, wanted.chart, wanted.language)
    if wanted.as_json:
        typer.echo(json.dumps(as_dict(found), ensure_ascii=False))
        return
    for line in lines(found, wanted.language):
        typer.echo(line)


def draw(found: Backtest, path: Path, language: str) -> None:
    from bot.backtest.charts import png

    picture = png(found, language)
    try:
        path.write_bytes(picture)
    except OSError as error:
        raise TocsinError(f"The chart cannot be written to {path}: {error.strerror}.") from None


def _from_store(wanted: BacktestOptions) -> Backtest:
    from bot.config.environment import Environment
    from bot.config.settings import load
    from bot.infra.clock import SystemClock
    from bot.store import Store

    settings = load(wanted.settings)
    with Store.open(Environment().database) as store:
        store.migrate()
        record = store.topics.find(wanted.topic)
        if record is None:
            known = ", ".join(one.topic.name for one in store.topics.all()) or "none yet"
            raise TocsinError(f'No topic is called "{wanted.topic}". Watched are: {known}.')
        learned = store.tunings.get(record.id)
        tunings = _tunings(wanted, learned.tuning if learned else Tuning())
        days, now = wanted.days or USUAL_DAYS, SystemClock().now()
        return over_history(store, ask(record, settings.policy(record.policy), now=now, days=days, tunings=tunings))


def _from_file(wanted: BacktestOptions, path: Path) -> Backtest:
    if not wanted.query:
        raise TocsinError("Say with --query which posts of the file belong to the topic.")
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
        raise TocsinError(f"There is no post in {path}.")
    first, last = posts[0].published, posts[-1].published + timedelta(minutes=1)
    if days and not 1 <= days <= MOST_DAYS:
        raise TocsinError(f"A backtest looks at 1 to {MOST_DAYS} days.")
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


def lines(found: Backtest, language: str) -> Iterator[str]:
    """The backtest as text, a line at a time."""
    say = WORDS[language]
    yield say["head"].format(topic=found.topic, since=found.since, until=found.until, posts=found.posts)
    if not found.has_baseline:
        yield say["early"]
    for trial in found.trials:
        yield ""
        yield _summary(found, trial, say)
        for bell in trial.bells:
            yield from _bell(bell, say, language)


def _summary(found: Backtest, trial: SettingResult, say: dict[str, str]) -> str:
    a_week = found.a_week(trial)
    told = say["trial"].format(
        strictness=trial.tuning.strictness, bells=len(trial.bells), incidents=trial.incidents, a_week=a_week,
        within=say["within" if a_week <= found.budget_per_week else "over"], budget=found.budget_per_week,
    )  # fmt: skip
    if found.judged and trial.bells:
        told += "; " + say["rulings"].format(unconfirmed=trial.unconfirmed)
    return told


def _bell(bell: BacktestAlarm, say: dict[str, str], language: str) -> Iterator[str]:
    ruling = f"  [{say[bell.ruling.value]}]" if bell.ruling else ""
    head = f"{bell.at:%Y-%m-%d %H:%M}Z  {say[bell.event]:<6}  {say[bell.level.colour]:<6}  {bell.score:3.0f}"
    yield f"  {head}  {bell.headline[:80]}{ruling}".rstrip()
    for signal in bell.reasons[:MOST_REASONS]:
        yield f"      {reason(signal, Speech(language))}"


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
