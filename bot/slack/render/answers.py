"""What a person is answered who asked: topics, incidents, sources, help. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from bot.desk.views.view_models import IncidentList, IncidentView, SourceList, TopicLine, TopicView
from bot.i18n.speech import Speech, mark, percent, rounded
from bot.records import NOT_ABOUT, Act, ActKind, Incident, SourceRecord
from bot.slack.expected.told import ahead
from bot.slack.render import blocks as b
from bot.slack.render import parts
from bot.slack.render.backtests import thresholds
from bot.slack.render.blocks import Block, BlockMessage
from bot.slack.render.cards import EXPORT, RARE, button_value, card, standing
from bot.slack.render.escape import plain, quoted
from bot.slack.render.explanations import taken_out
from bot.slack.render.moments import bars, moment, recent
from bot.slack.render.parts import COMMAND
from bot.slack.render.sentence import level_now
from engine.post import Polarity
from engine.text.masking import mask

MOST_LINES = 20
A_PAGE = 15
"""Rows of a record on one page; nothing of it is ever left out."""

RARELY = (ActKind.SET_LEVEL, ActKind.MERGE, ActKind.SPLIT)

_HELP = {
    "look": ("topic", "topics", "incidents", "incident", "brief", "export", "backtest", "digest", "sources"),
    "act": (
        "ack",
        "snooze",
        "escalate",
        "assign",
        "note",
        "resolve",
        "false-alarm",
        "reopen",
        "level",
        "merge",
        "split",
        "policy",
    ),
    "set": ("add", "expect", "help"),
}


def topic(view: TopicView, speech: Speech) -> BlockMessage:
    """How a topic stands now, as it is told to somebody in a hurry; below that why, stories, posts and measures."""
    chart = parts.chart(view.trend, speech)
    why = parts.reasons(view.signals, speech)
    stories = parts.story_lines(view.stories, speech)
    story_block = b.section(stories) if stories else None
    quotations = parts.quotations(view.posts, speech, now=view.now)
    body = [
        b.header(f"{mark(view.level)} {_title(view, speech)}"),
        b.section(_now(view, speech)),
        b.section(chart) if chart else None,
        b.section(why) if why else None,
        b.section(parts.what_would_change(view.what_if, speech)) if view.what_if else None,
        story_block,
        *quotations,
        b.context(parts.health_line(view.health, speech), parts.notes_line(view.notes, speech)),
        b.context(ahead(view.record, view.now.astimezone(speech.zone).date(), speech)),
        b.context(_measured(view, speech), thresholds(view.tuning, view.record.budget_per_week, speech)),
    ]
    text = "\n".join([f"{_title(view, speech)}. {_now(view, speech)}".replace("*", ""), *_whys(view, speech)])
    return b.fitting(text, body, [*quotations[:1], story_block, *quotations[1:]])


def topics(lines: tuple[TopicLine, ...], speech: Speech) -> BlockMessage:
    """Every topic in two lines, the gravest first."""
    if not lines:
        return _short(speech.say("topics.none", command=parts.code(f"{COMMAND} {verb('add', speech)}")))
    ordered = sorted(lines, key=lambda line: (line.level or 9, -line.negative, -line.volume))
    shown = [_topic_line(line, speech) for line in ordered[:MOST_LINES]]
    more = speech.say("topics.more", n=len(ordered) - MOST_LINES) if len(ordered) > MOST_LINES else ""
    title = speech.say("topics.title", n=len(lines))
    return _list(title, shown, speech, more or _hint("topic", ordered[0].record.topic.name, speech))


def incidents(view: IncidentList, speech: Speech) -> BlockMessage:
    """What is open, the gravest first, with its owner; or the last ones."""
    if not view.incidents:
        calm = speech.say("incidents.none_ever" if view.closed else "incidents.none")
        return _short(f"{calm}\n{parts.health_line(view.health, speech)}")
    shown = [_incident_line(incident, view, speech) for incident in view.incidents[:MOST_LINES]]
    title = speech.say("incidents.title_recent" if view.closed else "incidents.title", n=len(view.incidents))
    more = len(view.incidents) - MOST_LINES
    note = speech.say("incidents.more", n=more) if more > 0 else _hint("incident", str(view.incidents[0].id), speech)
    return _list(title, shown, speech, note)


def incident(view: IncidentView, speech: Speech, *, page: int = 0) -> BlockMessage:
    """The card with its buttons, and below it a page of what happened, with the acts that are seldom needed."""
    made = card(view, speech)
    change = parts.what_would_change(view.what_if, speech) if page == 0 else ""
    lines = [timeline_line(act, speech, view.now) for act in view.timeline]
    pages = [lines[start : start + A_PAGE] for start in range(0, len(lines), A_PAGE)] or [[]]
    number = min(page, len(pages)) or len(pages)
    record = "\n".join([f"*{speech.say('timeline.title')}*", *pages[number - 1]]) if lines else ""
    text = "\n".join([made.text, *([change.replace("*", "")] if change else []), *pages[number - 1]])
    more = taken_out(view, speech) if page == 0 else []
    more += [b.section(part) for part in (change, record) if part]
    more += [part for part in (_pages(view, number, len(pages), speech), _rare(view.incident, speech)) if part]
    head = list(made.blocks) if page == 0 else list(made.blocks[:3])
    return b.fitting(text, [*head, *more], head[4:5])


def _pages(view: IncidentView, number: int, pages: int, speech: Speech) -> Block | None:
    """Which page of the record this is, and how the others are asked for."""
    if pages < 2:
        return None
    other = number - 1 if number > 1 else 2
    command = parts.code(f"{COMMAND} {verb('incident', speech)} {view.incident.id} {other}")
    return b.context(speech.say("timeline.page", page=number, pages=pages, command=command))


def _rare(incident: Incident, speech: Speech) -> Block | None:
    """What is seldom done to an incident."""
    value, export = button_value(incident), speech.say("button.export")
    if incident.status.closed:
        return b.actions(f"rare:{incident.id}", b.button(EXPORT, export, value))
    menu = [b.option(speech.say(f"button.{kind.value}"), f"{kind.value}:{value}") for kind in RARELY]
    menu.append(b.option(export, f"{EXPORT}:{value}"))
    return b.actions(f"rare:{incident.id}", b.overflow(RARE, menu))


def sources(view: SourceList, speech: Speech) -> BlockMessage:
    """Every source with its health, the ailing ones first."""
    if not view.sources:
        return _short(speech.say("sources.none"))
    silent = set(view.health.silent)
    ordered = sorted(view.sources, key=lambda source: (source.name not in silent, source.name.casefold()))
    shown = [_source_line(source, view, speech) for source in ordered[:MOST_LINES]]
    return _list(
        speech.say("sources.title", n=len(view.sources)), shown, speech, parts.health_line(view.health, speech)
    )


def help_page(speech: Speech, people_first: str = "") -> BlockMessage:
    """Every command with one line, in three groups. *people_first*: what is going on now."""
    groups = []
    for group, verbs in _HELP.items():
        lines = [f"{parts.code(usage(name, speech))}  {speech.say(f'help.{name}')}" for name in verbs]
        groups.append("\n".join([f"*{speech.say(f'help.group.{group}')}*", *lines]))
    body: list[Block | None] = [b.header(speech.say("help.title")), b.section(speech.say("help.intro"))]
    body += [b.section(group) for group in groups]
    body.append(b.context(people_first, speech.say("help.foot")))
    return b.message("\n".join([speech.say("help.title"), *groups]), body)


def usage(name: str, speech: Speech) -> str:
    """How a command is typed in this language: ``/opinion snooze 12 2h``."""
    return f"{COMMAND} {verb(name, speech)} {speech.say(f'usage.{name}')}".strip()


def verb(name: str, speech: Speech) -> str:
    """The word that a command goes by in this language."""
    return speech.say(f"command.{name}").split()[0]


def timeline_line(act: Act, speech: Speech, now: datetime, *, most: int = 200) -> str:
    """``08:14  Ada acknowledged it``, with what was written about it in at most so many characters."""
    detail = act.detail
    until = act.at + timedelta(minutes=float(detail.get("minutes") or 0))
    said = speech.say(
        f"act.{_wording(act)}",
        by=parts.who(act.by),
        before=speech.colour(parts.level_of(detail.get("from"))),
        after=speech.colour(parts.level_of(detail.get("to", detail.get("level")))),
        who=_told(detail, speech),
        until=recent(until, now, speech),
        polarity=_polarity(detail.get("polarity"), speech),
        number=str(detail.get("into") or detail.get("from") or detail.get("incident") or ""),
        name=quoted(str(detail.get("name") or ""), 80),
        policy=quoted(str(detail.get("policy") or ""), 60),
        headline=quoted(mask(str(detail.get("headline") or "")), 90),
        deed=_deed(detail.get("deed"), speech),
        pinner=parts.who(str(detail.get("pinned_by") or "")),
    )
    if detail.get("unchecked"):
        said = speech.say("act.unchecked", line=said)
    text = str(detail.get("text") or detail.get("reason") or "")
    said = speech.say("act.quoted", line=said, text=quoted(text, most)) if text else said
    return f"{recent(act.at, now, speech)}  {said}"


def _wording(act: Act) -> str:
    """Which sentence tells of *act*: some are told from two sides."""
    if act.kind is ActKind.MERGE:
        return "merge" if "into" in act.detail else "merged_from"
    if act.kind is ActKind.CORRECT and act.detail.get("polarity") == NOT_ABOUT:
        return "not_about"
    if act.kind is ActKind.NOTE and (act.detail.get("origin") or {}).get("via") == "thread":
        return "written"
    if act.kind is ActKind.NOTE and act.detail.get("pinned_by"):
        return "pinned"
    if act.kind is ActKind.SET_LEVEL and act.detail.get("level") is None:
        return "measured_again"
    return act.kind.value


def _polarity(polarity: object, speech: Speech) -> str:
    known = str(polarity) in speech.section("polarity")
    return speech.say(f"polarity.{polarity}") if known else ""


def _deed(deed: object, speech: Speech) -> str:
    """What somebody wanted to do, in a word."""
    known = str(deed) in speech.section("deed")
    return speech.say(f"deed.{deed if known else 'other'}")


def _told(detail: Mapping[str, object], speech: Speech) -> str:
    """Those whom a row of the timeline speaks of. A mention here is read by one person only, and pings nobody."""
    found = detail.get("targets") or [detail.get("target") or detail.get("to") or detail.get("owner") or "…"]
    names = [str(name) for name in (found if isinstance(found, list | tuple) else [found])]
    called = [parts.who(name) if parts.is_person(name) else parts.called(name, {}) for name in names]
    return speech.say("card.and").join(called)


def _title(view: TopicView, speech: Speech) -> str:
    return speech.say("topic.title", topic=plain(view.record.topic.name, 100), level=speech.colour(view.level))


def _now(view: TopicView, speech: Speech) -> str:
    """How much is said, how much of it against the topic, what is loudest, and who has it in hand."""
    told = [_numbers(view, speech)]
    if view.usual_volume is None:
        since = moment(view.baseline_since or view.record.watched_since, speech)
        told.append(speech.say("topic.no_baseline", since=since))
    if view.stories:
        told.append(speech.say("topic.loudest", headline=quoted(mask(view.stories[0].headline), 90)))
    return "\n".join([*told, _in_hand(view, speech)])


def _numbers(view: TopicView, speech: Speech) -> str:
    """One number in one window, and what is usual there."""
    usual = view.usual_volume
    name = "numbers" if view.volume else "silent"
    if usual is None:
        name += "_alone"
    return speech.say(
        f"topic.{name}",
        posts=view.volume,
        usual=rounded(usual or 0),
        share=percent(view.negative / max(view.volume, 1)),
        usual_share=percent((view.usual_negative or 0) / usual if usual else 0),
    )


def _in_hand(view: TopicView, speech: Speech) -> str:
    if view.incident is None:
        if view.last is None or view.last.closed_at is None:
            return speech.say("topic.no_incident")
        ago = view.now - view.last.closed_at
        whole = timedelta(days=ago.days) if ago.days else ago  # so long ago, the hours do not matter
        return speech.say("topic.last_incident", number=str(view.last.id), ago=speech.span(whole))
    owner = view.incident.owner or view.incident.acknowledged_by
    key = "topic.incident_owned" if owner else "topic.incident"
    since = recent(view.incident.opened_at, view.now, speech)
    return speech.say(key, number=str(view.incident.id), since=since, owner=parts.who(owner))


def _measured(view: TopicView, speech: Speech) -> str:
    """The score and the shares of sentiment, for those who look further."""
    told = [speech.say("topic.score", score=round(view.score))]
    if view.volume and view.shares:
        told += [
            f"{speech.say(f'polarity.{polarity.value}')} {percent(view.shares.get(polarity, 0))}"
            for polarity in Polarity
        ]
    return " · ".join(told)


def _whys(view: TopicView, speech: Speech) -> list[str]:
    return [*parts.reason_lines(view.signals, speech)[:3], parts.health_line(view.health, speech)]


def _topic_line(line: TopicLine, speech: Speech) -> str:
    chart = f"  `{bars(line.trend.volume)}`" if any(line.trend.volume) else ""
    count = speech.say("topics.count", count=speech.times(line.volume, line.usual_volume), negative=line.negative)
    open_one = f" · {speech.say('topics.incident', number=str(line.incident.id))}" if line.incident else ""
    return f"{mark(line.level)} *{parts.topic_name(line.record.topic.name)}*{chart}\n{count}{open_one}"


def _incident_line(incident: Incident, view: IncidentList, speech: Speech) -> str:
    state = standing(IncidentView(incident=incident, now=view.now), speech).split("\n")[0]
    name = f"*{incident.id} · {parts.topic_name(incident.topic)}*"
    head = f"{mark(level_now(incident))} {name} · {quoted(incident.headline, 100)}"
    since = speech.say("incidents.since", since=recent(incident.opened_at, view.now, speech))
    return f"{head}\n{since} · {state}"


def _source_line(source: SourceRecord, view: SourceList, speech: Speech) -> str:
    ill = source.name in view.health.silent
    name = f"{'⏸' if not source.enabled else '⚠️' if ill else '✅'} *{quoted(source.name, 60)}*"
    if not source.enabled:
        return f"{name} · {speech.say('sources.off')}"
    last = moment(source.last_item_at, speech) if source.last_item_at else speech.say("sources.never")
    every = speech.span(timedelta(seconds=source.every))
    facts = speech.say("sources.facts", kind=source.kind, every=every, last=last)
    return f"{name} · {facts}" + (f"\n{quoted(speech.text(source.error), 200)}" if source.error else "")


def _hint(name: str, example: str, speech: Speech) -> str:
    return speech.say("hint", command=parts.code(f"{COMMAND} {verb(name, speech)} {example}"))


def _short(text: str) -> BlockMessage:
    return b.message(text, [b.section(text)])


def _list(title: str, lines: list[str], speech: Speech, foot: str) -> BlockMessage:
    body = [b.section(line) for line in lines]
    return b.fitting("\n".join([title, *lines]), [b.header(title), *body, b.context(foot)], body)
