"""What Tocsin says back: what became of an act, why something cannot be done, and what it calls into a thread. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Any

from bot.desk.desk import Outcome, TopicAdded
from bot.desk.view_models import IncidentView
from bot.errors import DeskError
from bot.i18n.speech import Speech, mark
from bot.incidents.escalation import Because
from bot.incidents.lifecycle import Refusal, Refused
from bot.records import TOCSIN, ActKind, Alert, AlertKind, Incident, Status
from bot.slack.commands import Misunderstood
from bot.slack.render import blocks as b
from bot.slack.render import parts
from bot.slack.render.answers import usage, verb
from bot.slack.render.blocks import Block, BlockMessage
from bot.slack.render.cards import ACKNOWLEDGE, RESOLVE, STILL_ON_IT, button_value, standing
from bot.slack.render.escape import escaped, quoted
from bot.slack.render.moments import clock_time, moment, recent
from bot.slack.render.parts import COMMAND, code, who

_CLOSE_RACE = timedelta(minutes=2)


def said(text: str) -> BlockMessage:
    """One plain paragraph."""
    return b.message(text, [b.section(text)])


def outcome(result: Outcome, view: IncidentView, speech: Speech) -> BlockMessage:
    """What became of an act: done, or who was first."""
    if result.refusal is not None:
        return said(refused(result.refusal, view, speech))
    incident, request = view.incident, result.request
    values: dict[str, Any] = {"number": str(incident.id)}
    key = request.kind.value
    if request.kind is ActKind.ACKNOWLEDGE:
        key = "acknowledge_stale" if result.stale else key
        values["advice"] = standing(view, speech).partition("\n")[2]
    elif request.kind is ActKind.SNOOZE:
        values["until"] = recent(incident.snoozed_until or view.now, view.now)
    elif request.kind is ActKind.ASSIGN:
        values["owner"] = who(incident.owner)
    elif request.kind is ActKind.ESCALATE:
        paged = [act for act in view.timeline if act.kind is ActKind.PAGED and act.detail.get("targets")]
        told = paged[-1].detail["targets"] if paged else []
        key = key if told else "escalate_none"
        values["who"] = speech.say("card.and").join(parts.called(str(target), view.names) for target in told)
    elif request.kind is ActKind.FALSE_ALARM:
        values["topic"] = parts.topic_name(incident.topic)
    return said(speech.say(f"done.{key}", **values).strip())


def still(result: Outcome, speech: Speech) -> BlockMessage:
    """What stands in the place of a reminder that its owner has answered."""
    at = result.incident.last_act_at or result.incident.assessed_at
    return said(speech.say("thread.still", by=who(result.request.by), at=clock_time(at)))


def refused(refusal: Refusal, view: IncidentView, speech: Speech) -> str:
    """Why an act was not done, and who was first."""
    number = str(refusal.incident_id)
    match refusal.why:
        case Refused.OWNED:
            return _owned(refusal, view, speech)
        case Refused.CLOSED:
            key = "false_alarm" if refusal.status is Status.FALSE_ALARM else "resolved"
            key = "calmed" if refusal.by in (TOCSIN, "") else key
            return speech.say(f"refused.{key}", number=number, by=who(refusal.by), at=moment(refusal.at or view.now))
        case Refused.EMPTY:
            return _with_example("note_empty", "note", speech)
        case Refused.STALE:
            return speech.say("refused.stale", number=number)
    return speech.say("refused.span" if refusal.why is Refused.SPAN else "refused.other", number=number)


def _owned(refusal: Refusal, view: IncidentView, speech: Speech) -> str:
    """Who was first; in a close race, by how much."""
    at, number, by = refusal.at or view.now, str(refusal.incident_id), who(refusal.by)
    ago = view.now - at
    if timedelta() <= ago <= _CLOSE_RACE:
        span = speech.span(max(ago, timedelta(seconds=1)))
        return speech.say("refused.acknowledged_close", number=number, by=by, span=span)
    return speech.say("refused.acknowledged", number=number, by=by, at=moment(at))


def misunderstood(what: Misunderstood, speech: Speech) -> BlockMessage:
    """What was not understood, and the command that was probably meant."""
    if what.key == "topic_missing":
        every = code(f"{COMMAND} {verb('topics', speech)}")
        return said(speech.say("sorry.topic_missing", example=code(usage("topic", speech)), list=every))
    if what.key == "note_empty":
        return said(_with_example("note_empty", "note", speech))
    typed = code(f"{COMMAND} {what.typed}") if what.key == "unknown_command" else f"“{escaped(what.typed[:80])}”"
    lines = [speech.say(f"sorry.{what.key}", typed=typed)]
    if what.meant:
        lines.append(speech.say("sorry.did_you_mean", meant=code(f"{COMMAND} {what.meant}")))
    lines.append(speech.say("sorry.see_help", help=code(f"{COMMAND} {verb('help', speech)}")))
    return said(" ".join(lines))


def sorry(error: DeskError, speech: Speech) -> BlockMessage:
    """Why what was asked for cannot be done."""
    values = error.values
    if error.code == "topic.unknown":
        return said(_unknown_topic(values, speech))
    if error.code == "sorry.backtest_failed":
        return said(speech.say(error.code, reason=escaped(speech.text(values["reason"]))))
    if error.code == "sorry.no_person":
        example = code(usage("assign", speech))
        return said(speech.say("sorry.no_person", name=quoted(str(values["name"]), 60), example=example))
    listed = _listed(values.get("incidents", ()), speech)
    if error.code == "sorry.no_incident" and not listed:
        listed = f"{speech.say('incidents.none')}"
    return said(speech.say(error.code, **values | {"number": str(values.get("number", "")), "list": listed}))


def fault(reference: str, speech: Speech) -> BlockMessage:
    """Something failed that nobody foresaw; *reference* finds it in the log."""
    return said(speech.say("sorry.fault", reference=code(reference)))


def added(result: TopicAdded, speech: Speech) -> str:
    """What a person reads who has just added a topic."""
    topic = result.record.topic
    lines = [speech.say("form.add.saved", topic=quoted(topic.name, 80))]
    if result.matched:
        lines.append(speech.say("form.add.baseline", n=result.matched))
    else:
        lines.append(speech.say("form.add.nothing", query=code(topic.query)))
    command = code(f"{COMMAND} {verb('topic', speech)} {topic.name}")
    lines.append(speech.say("form.add.next", command=command, channel=parts.called(result.record.channel, {})))
    return "\n".join(lines)


def reply(alert: Alert, view: IncidentView, speech: Speech, *, lead: str = "") -> BlockMessage:
    """What an alert calls into the thread of its card: short, complete by itself, with what can be done now."""
    incident = view.incident
    text = "\n".join(line for line in (lead, *_call(alert, view, speech)) if line)
    owner = _state(alert, view, speech)
    words = "\n".join([f"{text} ({speech.say('card.number', number=str(incident.id))})", owner]).strip()
    return b.message(words, [b.section(text), b.context(owner), _buttons(alert, incident, speech)])


def settled(blocks: Sequence[Block], view: IncidentView, speech: Speech) -> BlockMessage:
    """A call that was answered meanwhile: the same *blocks* without buttons, and how the matter stands now."""
    kept = [block for block in blocks if block.get("type") == "section"]
    now = standing(view, speech).partition("\n")[0]
    words = [str((block.get("text") or {}).get("text") or "") for block in kept]
    return b.message("\n".join([*words, now]), [*kept, b.context(now)])


def _buttons(alert: Alert, incident: Incident, speech: Speech) -> Block | None:
    value = button_value(incident)
    resolve = b.button(RESOLVE, speech.say("button.resolve"), value)
    if alert.kind is AlertKind.REMINDER and not incident.status.closed:
        still = b.button(STILL_ON_IT, speech.say("button.still_on_it"), value, style="primary")
        return b.actions(f"reminder:{incident.id}", still, resolve)
    if incident.status is Status.OPEN:
        take = b.button(ACKNOWLEDGE, speech.say("button.acknowledge"), value, style="primary")
        return b.actions(f"call:{incident.id}", take)
    return None


def _state(alert: Alert, view: IncidentView, speech: Speech) -> str:
    """Whose it is, below a call that it got worse."""
    if alert.kind is not AlertKind.WORSE:
        return ""
    if view.incident.status is Status.ACKNOWLEDGED:
        return speech.say("thread.owner", owner=who(view.incident.owner))
    return speech.say("thread.nobody")


def page_lead(alert: Alert, view: IncidentView, speech: Speech) -> str:
    """What stands above the card of somebody who is paged."""
    because, incident = str(alert.payload.get("because", "")), view.incident
    if because == Because.ASSIGNED:
        return speech.say("thread.assigned", by=who(str(alert.payload.get("by", ""))))
    if because == Because.ESCALATED:
        by = who(str(alert.payload.get("by", "")))
        return f"{speech.say('thread.escalated', by=by)} {speech.say('thread.page_new')}"
    waited = speech.span(view.now - incident.opened_at)
    if because == Because.UNANSWERED:
        return speech.say("thread.page_waiting", span=waited)
    return speech.say("thread.page_new")


def meant_for(target: str, reason: str, speech: Speech, names: Mapping[str, str]) -> str:
    """What stands above a message that could not go where it should."""
    return speech.say("thread.meant_for", target=parts.called(target, names), reason=reason)


def _call(alert: Alert, view: IncidentView, speech: Speech) -> Iterable[str]:
    incident = view.incident
    level = f"{mark(incident.level)} *{speech.colour(incident.level)}*"
    owner = who(incident.owner or incident.acknowledged_by)
    match alert.kind:
        case AlertKind.WORSE:
            return _worse(alert, view, speech)
        case AlertKind.PAGE:
            return [_page(alert, view, speech)]
        case AlertKind.REMINDER:
            since = clock_time(incident.acknowledged_at or incident.opened_at)
            return [speech.say("thread.reminder", owner=owner, since=since, level=level)]
        case _:
            return [_notice(str(alert.payload.get("because", "")), alert, level, speech)]


def _worse(alert: Alert, view: IncidentView, speech: Speech) -> list[str]:
    incident = view.incident
    before = parts.level_of(alert.payload.get("from"))
    level = parts.levels(incident.level, before, speech)
    key = "thread.worse" if before and before != incident.level else "thread.worse_same"
    first = parts.reason_lines(incident.reasons, speech)[:2]
    opening = speech.say(key, level=level, topic=parts.topic_name(incident.topic))
    return [opening, *(f"•  {line}" for line in first)]


def _page(alert: Alert, view: IncidentView, speech: Speech) -> str:
    if alert.payload.get("because") == Because.UNANSWERED:
        return speech.say("thread.page", span=speech.span(view.now - view.incident.opened_at))
    return page_lead(alert, view, speech)


def _notice(because: str, alert: Alert, level: str, speech: Speech) -> str:
    match because:
        case Because.UNACKNOWLEDGED:
            return speech.say("thread.unacknowledged", owner=who(str(alert.payload.get("owner", ""))))
        case Because.SNOOZE_ENDED:
            return speech.say("thread.snooze_ended", level=level)
        case Because.STOOD_DOWN:
            return speech.say("thread.resolved")
        case _:
            return speech.say("thread.changed")


def _unknown_topic(values: Mapping[str, Any], speech: Speech) -> str:
    name = quoted(str(values["name"]), 80)
    near, known = values.get("near", ()), values.get("known", ())
    if near:
        asks = ", ".join(code(f"{COMMAND} {verb('topic', speech)} {one}") for one in near)
        return speech.say("topic.unknown_near", name=name, names=asks)
    if known:
        return speech.say("topic.unknown_all", name=name, names=", ".join(quoted(one, 60) for one in known))
    return speech.say("topic.unknown_none", name=name, command=code(usage("add", speech)))


def _with_example(key: str, name: str, speech: Speech) -> str:
    return speech.say(f"sorry.{key}", example=code(usage(name, speech)))


def _listed(incidents: Iterable[Incident], speech: Speech) -> str:
    return speech.say("card.and").join(
        f"{mark(one.level)} {one.id} {parts.topic_name(one.topic)}" for one in list(incidents)[:8]
    )
