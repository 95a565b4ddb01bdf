"""A backtest and the digest as messages. Pure."""

from __future__ import annotations

from bot.backtest.core import Backtest, BacktestAlarm, SettingResult
from bot.desk.views.history_queries import ChartedBacktest, Digest, DigestLine
from bot.i18n.reasons import signal_name
from bot.i18n.speech import Speech, mark, percent
from bot.records import Basis, TuningRecord
from bot.slack.render import blocks as b
from bot.slack.render import parts
from bot.slack.render.blocks import Block, BlockMessage
from bot.slack.render.escape import plain, quoted
from bot.slack.render.moments import bars, moment
from engine.text.masking import mask
from engine.tuning.tuning import Tally
from engine.tuning.tuning_from_history import LEAST_DAYS, precision

MOST_BELLS = 10
MOST_BARS = 30
MOST_TOPICS = 20


def backtest(tested: ChartedBacktest, speech: Speech) -> BlockMessage:
    """What would have rung, when and why, and what it would have cost."""
    found = tested.found
    trial = found.trials[0]
    title = speech.say("backtest.title", topic=plain(found.topic, 100))
    head = "\n".join([_span(found, speech), *_cost(found, trial, speech)])
    shown = [_bell(bell, speech) for bell in trial.bells[:MOST_BELLS]]
    beyond = len(trial.bells) - len(shown)
    more = speech.say("backtest.more", n=beyond) if beyond > 0 else ""
    notes = [
        thresholds(tested.tuning, found.budget_per_week, speech),
        "" if found.has_baseline else speech.say("backtest.early"),
        speech.say("backtest.nobody_acts"),
    ]
    rows = [b.section(line) for line in shown]
    body: list[Block | None] = [b.header(title), b.section(head), b.section(_chart(found, speech)), *rows]
    body += [b.context(more)] if more else []
    body.append(b.context(*(note for note in notes if note)))
    return b.fitting("\n".join([title, head.replace("*", ""), *shown]), body, rows)


def thresholds(tuning: TuningRecord | None, budget: float, speech: Speech) -> str:
    """How easily a topic rings, and from what that was learned, in a sentence."""
    per_week = f"{budget:g}"
    if tuning is None or tuning.basis is Basis.NONE:
        return speech.say("tuned.none", budget=per_week)
    strictness = tuning.tuning.strictness
    times = speech.say("tuned.usual") if strictness == 1 else speech.say("tuned.times", factor=f"{strictness:.2g}")
    values = {"times": times, "budget": per_week, "n": round(tuning.days), "at": moment(tuning.learned_at, speech)}
    if tuning.basis is Basis.OTHERS:
        return speech.say("tuned.others", least=round(LEAST_DAYS), **values)
    over = tuning.bells > budget * tuning.days / 7
    told = speech.say("tuned.own", **values)
    return f"{told} {speech.say('tuned.over', n=tuning.bells)}" if over else told


def digest(found: Digest, speech: Speech) -> BlockMessage:
    """The week: what rang on each topic against its budget, and how right each signal has been."""
    title = speech.say("digest.title")
    span = speech.say("digest.span", since=moment(found.since, speech), until=moment(found.until, speech))
    ordered = sorted(found.lines, key=lambda line: (-line.opened, line.record.topic.name))
    topics = [_topic(line, speech) for line in ordered[:MOST_TOPICS]] or [speech.say("digest.no_topics")]
    signals = [_signal(name, tally, speech) for name, tally in _surest(found.tallies)]
    learned = "\n".join([f"*{speech.say('digest.signals')}*", *(signals or [speech.say("digest.no_signals")])])
    rows = [b.section(line) for line in topics]
    body = [b.header(title), b.context(span), *rows, b.section(learned), b.context(speech.say("digest.how"))]
    return b.fitting("\n".join([title, *topics, *signals]), body, rows)


def _span(found: Backtest, speech: Speech) -> str:
    return speech.say(
        "backtest.span", since=moment(found.since, speech), until=moment(found.until, speech), n=found.posts
    )


def _cost(found: Backtest, trial: SettingResult, speech: Speech) -> list[str]:
    if not trial.bells:
        return [speech.say("backtest.silent", budget=f"{found.budget_per_week:g}")]
    a_week = found.a_week(trial)
    key = "backtest.within" if a_week <= found.budget_per_week else "backtest.over"
    told = speech.say("backtest.cost", n=len(trial.bells), incidents=trial.incidents, a_week=f"{a_week:.1f}")
    lines = [f"{told} {speech.say(key, budget=f'{found.budget_per_week:g}')}"]
    if found.judged and trial.unconfirmed:
        lines.append(speech.say("backtest.unconfirmed", n=trial.unconfirmed))
    return lines


def _chart(found: Backtest, speech: Speech) -> str:
    """Volume, negative volume and the gravest bell of each step, as small bars."""
    size = -(-len(found.volume) // MOST_BARS)
    volume, negative = _summed(found.volume, size), _summed(found.negative, size)
    rung = ["·"] * len(volume)
    for bell in sorted(found.trials[0].bells, key=lambda each: -each.level):
        place = int((bell.at - found.since).total_seconds() // 3600) // size
        rung[min(place, len(rung) - 1)] = "▲"
    return "\n".join(
        [
            f"`{bars(volume)}`  {speech.say('backtest.volume', hours=size, n=max(volume))}",
            f"`{bars(negative)}`  {speech.say('backtest.negative', hours=size, n=max(negative))}",
            f"`{''.join(rung)}`  {speech.say('backtest.bells')}",
        ]
    )


def _summed(values: tuple[int, ...], size: int) -> list[int]:
    return [sum(values[start : start + size]) for start in range(0, len(values), size)]


def _bell(bell: BacktestAlarm, speech: Speech) -> str:
    colour = f"{mark(bell.level)} *{speech.colour(bell.level)}*"
    head = speech.say(f"backtest.{bell.event}", at=moment(bell.at, speech), level=colour, score=round(bell.score))
    ruling = f" · {speech.say(f'ruling.{bell.ruling.value}')}" if bell.ruling else ""
    why = parts.reason_lines(bell.reasons, speech)[:2]
    about = [f"“{quoted(mask(bell.headline), 90)}”"] if bell.headline else []
    return "\n".join([f"{head}{ruling}", *about, *(f"•  {line}" for line in why)])


def _topic(line: DigestLine, speech: Speech) -> str:
    budget = line.record.budget_per_week
    count = speech.say("digest.opened", n=line.opened, budget=f"{budget:g}")
    facts = [count]
    if line.false:
        facts.append(speech.say("digest.false", n=line.false))
    if line.unconfirmed:
        facts.append(speech.say("digest.unconfirmed", n=line.unconfirmed))
    name = parts.topic_name(line.record.topic.name)
    return f"*{name}* · {' · '.join(facts)}\n{thresholds(line.tuning, budget, speech)}"


def _surest(tallies: dict[str, Tally]) -> list[tuple[str, Tally]]:
    return sorted(tallies.items(), key=lambda each: (-precision(each[1]), each[0]))


def _signal(name: str, tally: Tally, speech: Speech) -> str:
    return speech.say(
        "digest.signal",
        name=signal_name(name, speech),
        real=tally.real,
        judged=tally.judged,
        precision=percent(precision(tally)),
    )
