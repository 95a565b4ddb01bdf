"""What Tocsin says back: what became of an act, why something cannot be done, and what it calls into a thread. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Any

from bot.desk.outcome import Outcome
from bot.desk.topic_adding import TopicAdded
from bot.desk.views.view_models import IncidentView
from bot.errors import DeskError
from bot.i18n.previews import percent
from bot.i18n.queries import query_remark
from bot.i18n.speech import Speech, mark
from bot.incidents.lifecycle import ActRequest, Refusal, Refused
from bot.records import TOCSIN, ActKind, Incident, Status
from bot.slack.commands import Misunderstood
from bot.slack.render import blocks as b
from bot.slack.render import parts
from bot.slack.render.answers import usage, verb
from bot.slack.render.blocks import BlockMessage
from bot.slack.render.cards import standing
from bot.slack.render.escape import escaped, quoted
from bot.slack.render.moments import clock_time, moment, recent
from bot.slack.render.parts import COMMAND, code, who
from bot.slack.render.sentence import title
from engine.preview.preview import QueryPreview

BUNDLED_LINES = 30
"""A message names so many incidents; the rest is counted."""

_CLOSE_RACE = timedelta(minutes=2)


def said(text: str) -> BlockMessage:
    """One plain paragraph."""
    return b.message(text, [b.section(text)])


def bundle(incidents: Sequence[Incident], speech: Speech, *, shared: int) -> BlockMessage:
    """Many *incidents* in one message, of which so many are known to have posts that are *shared*."""
    head = speech.say("bundle.title", n=len(incidents), minutes=10)
    lines = [
        speech.say("bundle.line", mark=mark(one.level), number=str(one.id), title=title(one, speech))
        for one in sorted(incidents, key=lambda one: (one.level, one.id))[:BUNDLED_LINES]
    ]
    if len(incidents) > BUNDLED_LINES:
        lines.append(speech.say("bundle.more", n=len(incidents) - BUNDLED_LINES))
    same = speech.say("bundle.shared" if shared else "bundle.unknown", n=shared)
    foot = speech.say("bundle.foot", command=code(f"{COMMAND} {verb('incident', speech)} {incidents[0].id}"))
    text = "\n".join([head, same, *lines])
    return b.message(text, [b.section(f"*{head}*\n{same}"), b.section("\n".join(lines)), b.context(foot)])


def outcome(result: Outcome, view: IncidentView, speech: Speech) -> BlockMessage:
    """What became of an act: done, or who was first."""
    if result.refusal is not None:
        return said(refused(result.refusal, view, speech))
    key, values = _DONE.get(result.request.kind, _plain)(result.request, view, speech)
    if result.stale and result.request.kind is ActKind.ACKNOWLEDGE:
        key = "acknowledge_stale"
    return said(speech.say(f"done.{key}", number=str(view.incident.id), **values).strip())


Done = tuple[str, dict[str, Any]]
"""The sentence of an act that was done, and what fills its gaps."""


def _plain(request: ActRequest, view: IncidentView, speech: Speech) -> Done:
    return request.kind.value, {}


def _taken(request: ActRequest, view: IncidentView, speech: Speech) -> Done:
    return request.kind.value, {"advice": standing(view, speech).partition("\n")[2]}


def _snoozed(request: ActRequest, view: IncidentView, speech: Speech) -> Done:
    return request.kind.value, {"until": recent(view.incident.snoozed_until or view.now, view.now, speech)}


def _assigned(request: ActRequest, view: IncidentView, speech: Speech) -> Done:
    return request.kind.value, {"owner": who(view.incident.owner)}


def _escalated(request: ActRequest, view: IncidentView, speech: Speech) -> Done:
    paged = [act for act in view.timeline if act.kind is ActKind.PAGED and act.detail.get("targets")]
    told = paged[-1].detail["targets"] if paged else []
    names = speech.say("card.and").join(parts.called(str(target), view.names) for target in told)
    return "escalate" if told else "escalate_none", {"who": names}


def _no_alarm(request: ActRequest, view: IncidentView, speech: Speech) -> Done:
    return request.kind.value, {"topic": parts.topic_name(view.incident.topic)}


def _set_level(request: ActRequest, view: IncidentView, speech: Speech) -> Done:
    incident = view.incident
    if incident.set_level is None:
        return "measured_again", {}
    until = recent(incident.set_until or view.now, view.now, speech)
    return request.kind.value, {"level": speech.level(incident.set_level), "until": until}


def _joined(request: ActRequest, view: IncidentView, speech: Speech) -> Done:
    return request.kind.value, {"other": str(request.other or "")}


def _policy(request: ActRequest, view: IncidentView, speech: Speech) -> Done:
    return request.kind.value, {"policy": quoted(view.incident.policy.name, 60)}


_DONE: Mapping[ActKind, Callable[[ActRequest, IncidentView, Speech], Done]] = {
    ActKind.ACKNOWLEDGE: _taken,
    ActKind.REOPEN: _taken,
    ActKind.SNOOZE: _snoozed,
    ActKind.ASSIGN: _assigned,
    ActKind.ESCALATE: _escalated,
    ActKind.FALSE_ALARM: _no_alarm,
    ActKind.SET_LEVEL: _set_level,
    ActKind.MERGE: _joined,
    ActKind.USE_POLICY: _policy,
}


def still(result: Outcome, speech: Speech) -> BlockMessage:
    """What stands in the place of a reminder that its owner has answered."""
    at = result.incident.last_act_at or result.incident.assessed_at
    return said(speech.say("thread.still", by=who(result.request.by), at=clock_time(at, speech)))


def refused(refusal: Refusal, view: IncidentView, speech: Speech) -> str:
    """Why an act was not done, and who was first."""
    number = str(refusal.incident_id)
    match refusal.why:
        case Refused.OWNED:
            return _owned(refusal, view, speech)
        case Refused.CLOSED:
            key = "false_alarm" if refusal.status is Status.FALSE_ALARM else "resolved"
            key = "calmed" if refusal.by in (TOCSIN, "") else key
            return speech.say(
                f"refused.{key}", number=number, by=who(refusal.by), at=moment(refusal.at or view.now, speech)
            )
        case Refused.EMPTY:
            return _with_example("note_empty", "note", speech)
        case Refused.NOBODY:
            return speech.say("refused.other", number=number)
    return speech.say(f"refused.{refusal.why.value}", number=number, at=moment(refusal.at or view.now, speech))


def _owned(refusal: Refusal, view: IncidentView, speech: Speech) -> str:
    """Who was first; in a close race, by how much."""
    at, number, by = refusal.at or view.now, str(refusal.incident_id), who(refusal.by)
    ago = view.now - at
    if timedelta() <= ago <= _CLOSE_RACE:
        span = speech.span(max(ago, timedelta(seconds=1)))
        return speech.say("refused.acknowledged_close", number=number, by=by, span=span)
    return speech.say("refused.acknowledged", number=number, by=by, at=moment(at, speech))


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
    found = QueryPreview(total=result.total, matched=result.matched)
    if found.everything:
        lines.append(speech.say("preview.everything", share=percent(found.share)))
    lines += [escaped(query_remark(note, speech)) for note in result.remarks]
    command = code(f"{COMMAND} {verb('topic', speech)} {topic.name}")
    lines.append(speech.say("form.add.next", command=command, channel=parts.called(result.record.channel, {})))
    return "\n".join(lines)


def _unknown_topic(values: Mapping[str, Any], speech: Speech) -> str:
    name = quoted(str(values["name"]), 80)
    near, known = values.get("near", ()), values.get("known", ())
    if near:
        asks = speech.say("card.and").join(code(f"{COMMAND} {verb('topic', speech)} {one}") for one in near)
        return speech.say("topic.unknown_near", name=name, names=asks)
    if known:
        names = speech.say("card.and").join(quoted(one, 60) for one in known)
        return speech.say("topic.unknown_all", name=name, names=names)
    return speech.say("topic.unknown_none", name=name, command=code(usage("add", speech)))


def _with_example(key: str, name: str, speech: Speech) -> str:
    return speech.say(f"sorry.{key}", example=code(usage(name, speech)))


def _listed(incidents: Iterable[Incident], speech: Speech) -> str:
    return speech.say("card.and").join(
        f"{mark(one.level)} {one.id} {parts.topic_name(one.topic)}" for one in list(incidents)[:8]
    )
