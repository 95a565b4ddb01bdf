"""The incident card: what happened, who owns it and what to do now; below that how bad, why, and who says so. Pure.

The title, one sentence, the owner and the buttons fill the first screen of a phone. It is drawn from the database
every time, and always whole: an updated card never needs the messages before it.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial

from bot.desk.views.view_models import IncidentView, ShownPost
from bot.i18n.speech import Speech
from bot.incidents.closing import REOPENABLE, is_grave
from bot.records import TOCSIN, ActKind, Incident, Status
from bot.slack.render import blocks as b
from bot.slack.render import parts
from bot.slack.render.blocks import Block, BlockMessage
from bot.slack.render.escape import escaped, quoted
from bot.slack.render.moments import clock_time, moment, recent
from bot.slack.render.sentence import level_now, sentence, title
from engine.post import Level

ACKNOWLEDGE, RESOLVE, MORE, STILL_ON_IT = "tocsin_acknowledge", "tocsin_resolve", "tocsin_more", "tocsin_still_on_it"
REOPEN, RARE, USE_POLICY = "tocsin_reopen", "tocsin_rare", "tocsin_use_policy"
EXPORT = "tocsin_export"
CLOSE = "tocsin_close"
"""Resolve where the matter is grave: a form asks for the reason."""
POST, WHY, WRONG = "tocsin_post", "why", "wrong"
"""The menu beside a quoted post, and its choices: why it was read so, and that the sentiment was read wrong."""
MENU = (ActKind.SNOOZE, ActKind.ESCALATE, ActKind.ASSIGN, ActKind.NOTE, ActKind.FALSE_ALARM)
"""What the menu behind the two buttons offers, in its order. Slack takes five at most."""

_HOLDING_LINE, _STATEMENT = timedelta(hours=1), timedelta(hours=4)


def card(view: IncidentView, speech: Speech, *, lead: str = "") -> BlockMessage:
    """The card of an incident. *lead* (mrkdwn) stands above it: why you in particular are told."""
    incident = view.incident
    if incident.status.closed:
        return _closed_card(view, speech, lead)
    quotations = parts.quotations(view.posts, speech, now=view.now, menu=partial(post_menu, incident, speech))
    chart = parts.chart(view.trend, speech)
    chart_block = b.section(chart) if chart else None
    why = parts.reasons(incident.reasons, speech)
    body = [
        b.section(lead) if lead else None,
        b.header(title(incident, speech)),
        b.section(sentence(view, speech)),
        b.section(standing(view, speech)),
        buttons(incident, speech),
        b.section(_details(view, speech)),
        b.section(why) if why else None,
        chart_block,
        *quotations,
        b.context(*_circumstances(view, speech), parts.notes_line(incident.notes, speech)),
    ]
    return b.fitting(summary(view, speech, lead), body, [*quotations[:1], chart_block, *quotations[1:]])


def summary(view: IncidentView, speech: Speech, lead: str = "") -> str:
    """The whole card in words, for the notification on a locked phone and for those who listen to it."""
    number = speech.say("card.number", number=str(view.incident.id))
    opening = escaped(title(view.incident, speech))
    sentences = [
        lead,
        opening if number in opening else f"{opening} ({number})",
        sentence(view, speech) if not view.incident.status.closed else parts.headline(view.incident.headline, 140),
        standing(view, speech),
    ]
    return "\n".join(each.replace("*", "") for each in sentences if each)


def buttons(incident: Incident, speech: Speech) -> Block | None:
    """At most two buttons, and the rest in a menu. Each carries the incident and the version that was drawn."""
    value = button_value(incident)
    if incident.status.closed:
        return b.actions(f"incident:{incident.id}", b.button(REOPEN, speech.say("button.reopen"), value))
    resolve = resolve_button(incident, speech, confirm=_sure(incident, speech))
    taken = incident.status is Status.ACKNOWLEDGED
    acknowledge = b.button(ACKNOWLEDGE, speech.say("button.acknowledge"), value, style="primary")
    menu = [b.option(speech.say(f"button.{kind.value}"), f"{kind.value}:{value}") for kind in MENU]
    return b.actions(f"incident:{incident.id}", *([] if taken else [acknowledge]), resolve, b.overflow(MORE, menu))


def resolve_button(incident: Incident, speech: Speech, *, confirm: Block | None = None) -> Block:
    """Resolve: at once, after *confirm*; or by the form that asks for the reason, where the matter is grave."""
    if is_grave(incident):
        return b.button(CLOSE, speech.say("button.resolve"), button_value(incident))
    return b.button(RESOLVE, speech.say("button.resolve"), button_value(incident), confirm=confirm)


def post_menu(incident: Incident, speech: Speech, shown: ShownPost) -> Block:
    """What can be said of a post that is quoted as evidence."""
    place = f"{incident.id}:{shown.post.id}"
    why = speech.say(f"why.menu.{shown.polarity.value}" if shown.polarity else "why.menu.any")
    wrong = b.option(speech.say("wrong.menu"), f"{WRONG}:{place}")
    return b.overflow(POST, [b.option(why, f"{WHY}:{place}"), wrong])


def button_value(incident: Incident) -> str:
    return f"{incident.id}:{incident.version}"


def standing(view: IncidentView, speech: Speech) -> str:
    """Who owns it, and what to do now."""
    incident = view.incident
    if incident.status.closed:
        return _ending(view, speech)
    if incident.snoozed_until is not None and incident.snoozed_until > view.now:
        return f"{_ownership(incident, speech)}\n{_sleep(view, speech)}"
    advice = _advice(view, speech)
    return "\n".join(line for line in (_ownership(incident, speech), advice) if line)


def _details(view: IncidentView, speech: Speech) -> str:
    """The story that carries it now, and its level, moment and number."""
    incident = view.incident
    level = parts.levels(level_now(incident), parts.level_before(view.timeline), speech)
    line = speech.say(
        "card.facts",
        number=str(incident.id),
        level=level,
        since=recent(incident.opened_at, view.now, speech),
        score=round(incident.score),
    )
    return "\n".join(part for part in (parts.headline(incident.headline), line) if part)


def _circumstances(view: IncidentView, speech: Speech) -> list[str]:
    """What else must be known to read the card right: a level set by hand, ties to others, the policy, the sources."""
    incident = view.incident
    lines = [_set_level(view, speech)] if incident.set_level is not None else []
    if view.linked:
        names = speech.say("card.and").join(_named(one, speech) for one in view.linked)
        lines.append(speech.say("card.linked", names=names))
    steps = len(incident.policy.steps)
    if incident.status is Status.OPEN and steps:
        step = min(max(incident.step, 1), steps)
        lines.append(speech.say("card.policy", policy=quoted(incident.policy.name, 60), step=step, steps=steps))
    return [*lines, parts.health_line(view.health, speech)]


def _named(incident: Incident, speech: Speech) -> str:
    return f"{speech.say('card.number', number=str(incident.id))} · {parts.topic_name(incident.topic)}"


def _set_level(view: IncidentView, speech: Speech) -> str:
    incident = view.incident
    set_acts = [act for act in view.timeline if act.kind is ActKind.SET_LEVEL]
    why = str(set_acts[-1].detail.get("text") or "") if set_acts else ""
    until = recent(incident.set_until or view.now, view.now, speech)
    return speech.say("card.set_by", by=parts.who(incident.set_by), until=until, why=quoted(why, 200))


def _ownership(incident: Incident, speech: Speech) -> str:
    if incident.status is Status.ACKNOWLEDGED:
        since = clock_time(incident.acknowledged_at or incident.opened_at, speech)
        return speech.say("card.owned", owner=parts.who(incident.owner or incident.acknowledged_by), since=since)
    return speech.say("card.unowned")


def _advice(view: IncidentView, speech: Speech) -> str:
    """The next deadline: the page if nobody takes it, the clocks of the craft once somebody has."""
    incident = view.incident
    if incident.calm_since is not None:
        return _calm(incident, speech)
    if incident.status is Status.OPEN:
        return _next_page(view, speech)
    if incident.level > Level.ORANGE:
        return speech.say("advice.look")
    line, statement = incident.opened_at + _HOLDING_LINE, incident.opened_at + _STATEMENT
    if view.now < line:
        return speech.say("advice.line", line=clock_time(line, speech), statement=clock_time(statement, speech))
    if view.now < statement:
        return speech.say("advice.statement", statement=clock_time(statement, speech))
    return speech.say("advice.later")


def _calm(incident: Incident, speech: Speech) -> str:
    assert incident.calm_since is not None
    minutes = incident.policy.resolve_minutes
    if minutes <= 0:
        return speech.say("advice.calm")
    return speech.say("advice.calm_until", at=moment(incident.calm_since + timedelta(minutes=minutes), speech))


def _next_page(view: IncidentView, speech: Speech) -> str:
    incident = view.incident
    steps = incident.policy.steps
    if incident.next_action_at is None or not steps:
        return speech.say("advice.take")
    targets = steps[min(incident.step, len(steps) - 1)].notify
    told = [incident.channel if target == "topic" else target for target in targets]
    names = speech.say("card.and").join(parts.called(target, view.names) for target in dict.fromkeys(told))
    return speech.say("advice.take_or_page", at=clock_time(incident.next_action_at, speech), who=names)


def _sleep(view: IncidentView, speech: Speech) -> str:
    until = view.incident.snoozed_until
    assert until is not None
    by = next((act.by for act in reversed(view.timeline) if act.kind is ActKind.SNOOZE), "")
    return speech.say(
        "card.snoozed_by" if by else "card.snoozed", until=recent(until, view.now, speech), by=parts.who(by)
    )


def _ending(view: IncidentView, speech: Speech) -> str:
    incident = view.incident
    at = incident.closed_at or view.now
    kind = ActKind.FALSE_ALARM if incident.status is Status.FALSE_ALARM else ActKind.RESOLVE
    if incident.merged_into:
        values = {"number": str(incident.merged_into), "by": parts.who(incident.closed_by), "at": moment(at, speech)}
        sentence = speech.say("card.merged", **values)
    elif incident.closed_by in (TOCSIN, ""):
        sentence = speech.say("card.calmed", at=moment(at, speech))
    else:
        sentence = speech.say(f"card.closed.{kind.value}", by=parts.who(incident.closed_by), at=moment(at, speech))
    why = next((str(act.detail.get("text") or "") for act in reversed(view.timeline) if act.kind is kind), "")
    return f"{sentence}\n> {quoted(why, 300)}" if why else sentence


def reopenable(incident: Incident, now: datetime) -> bool:
    """True for a closed incident that may still go on."""
    lately = incident.closed_at is not None and now - incident.closed_at <= REOPENABLE
    return lately and not incident.merged_into


def _closed_card(view: IncidentView, speech: Speech, lead: str) -> BlockMessage:
    """How it ended, and what it was: the reasons, posts and curve of its last hours stay to be read."""
    incident = view.incident
    quotations = parts.quotations(view.posts, speech, now=view.now)
    chart = parts.chart(view.trend, speech)
    chart_block = b.section(chart) if chart else None
    why = parts.reasons(incident.reasons, speech)
    lasted = speech.span((incident.closed_at or view.now) - incident.opened_at)
    facts = speech.say(
        "card.closed_facts", number=str(incident.id), peak=speech.level(incident.peak),
        since=moment(incident.opened_at, speech), span=lasted,
    )  # fmt: skip
    body = [
        b.section(lead) if lead else None,
        b.header(title(incident, speech)),
        b.section("\n".join(part for part in (parts.headline(incident.headline), facts) if part)),
        b.section(_ending(view, speech)),
        buttons(incident, speech) if reopenable(incident, view.now) else None,
        b.section(why) if why else None,
        chart_block,
        *quotations,
        b.context(speech.say("card.record", command=parts.code(f"{parts.COMMAND} incident {incident.id}"))),
    ]
    return b.fitting(summary(view, speech, lead), body, [*quotations[:1], chart_block, *quotations[1:]])


def _sure(incident: Incident, speech: Speech) -> Block:
    return b.confirm(
        speech.say("confirm.resolve.title", number=str(incident.id)),
        speech.say("confirm.resolve.text"),
        speech.say("confirm.resolve.yes"),
        speech.say("confirm.no"),
    )
