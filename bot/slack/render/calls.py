"""What Tocsin calls into the thread of an incident: it got worse, what is new, who did what, who is needed. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from bot.desk.views.view_models import IncidentView
from bot.i18n.speech import Speech, mark
from bot.incidents.escalation import Because
from bot.records import TOCSIN, Act, ActKind, Alert, AlertKind, Incident, Status
from bot.slack.render import blocks as b
from bot.slack.render import fact_lines, parts
from bot.slack.render.answers import timeline_line
from bot.slack.render.blocks import Block, BlockMessage
from bot.slack.render.cards import ACKNOWLEDGE, REOPEN, STILL_ON_IT, USE_POLICY, button_value, resolve_button, standing
from bot.slack.render.escape import quoted
from bot.slack.render.moments import clock_time
from bot.slack.render.parts import who


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
    if alert.kind in (AlertKind.ACT, AlertKind.FACT):
        return None
    value = button_value(incident)
    resolve = resolve_button(incident, speech)
    if alert.payload.get("because") == Because.STILL_RED and incident.status.closed:
        return b.actions(f"still_red:{incident.id}", _reopen_button(incident, speech))
    if alert.payload.get("because") == Because.POLICY_CHANGED and not incident.status.closed:
        return b.actions(f"policy:{incident.id}", b.button(USE_POLICY, speech.say("button.use_policy"), value))
    if alert.kind is AlertKind.REMINDER and not incident.status.closed:
        still = b.button(STILL_ON_IT, speech.say("button.still_on_it"), value, style="primary")
        return b.actions(f"reminder:{incident.id}", still, resolve)
    if incident.status is Status.OPEN:
        take = b.button(ACKNOWLEDGE, speech.say("button.acknowledge"), value, style="primary")
        return b.actions(f"call:{incident.id}", take)
    return None


def _reopen_button(incident: Incident, speech: Speech) -> Block:
    return b.button(REOPEN, speech.say("button.reopen"), button_value(incident), style="primary")


def _state(alert: Alert, view: IncidentView, speech: Speech) -> str:
    """Whose it is, below a call that it got worse."""
    if alert.kind is not AlertKind.WORSE:
        return ""
    if view.incident.status is Status.ACKNOWLEDGED:
        return speech.say("thread.owner", owner=who(view.incident.owner))
    return speech.say("thread.nobody")


def page_lead(page: Mapping[str, Any], view: IncidentView, speech: Speech) -> str:
    """What stands above the card of somebody who is paged, and why: *page* is the payload of it."""
    because, by = str(page.get("because", "")), who(str(page.get("by", "")))
    if because == Because.ASSIGNED:
        return speech.say("thread.assigned", by=by)
    if because == Because.ASKED:
        return speech.say(f"thread.asked.{page['right']}", by=by)
    if because == Because.ESCALATED:
        return f"{speech.say('thread.escalated', by=by)} {speech.say('thread.page_new')}"
    if because == Because.STILL_RED:
        span = speech.span(view.now - (view.incident.closed_at or view.now))
        return speech.say("thread.still_red", span=span, by=by, n=int(page.get("posts") or 0))
    if because == Because.UNANSWERED:
        return speech.say("thread.page_waiting", span=speech.span(view.now - unowned_since(view)))
    return speech.say("thread.page_new")


def unowned_since(view: IncidentView) -> datetime:
    """Since when nobody owns an open incident: since it opened, went on, or lost its owner."""
    lost = (ActKind.UNACKNOWLEDGED, ActKind.REOPENED, ActKind.REOPEN)
    return max((act.at for act in view.timeline if act.kind in lost), default=view.incident.opened_at)


def unanswered(page: Mapping[str, Any], view: IncidentView) -> bool:
    """True while nobody has answered *page*: it is unowned still, or whom it was given to has not acted yet."""
    incident, because = view.incident, page.get("because")
    if not page or incident.status.closed:
        return bool(page) and because == Because.STILL_RED and incident.status.closed
    if because in (Because.ASSIGNED, Because.ASKED):
        at, to = datetime.fromisoformat(str(page["at"])), page["to"]
        theirs = because == Because.ASKED or incident.owner == to
        return theirs and not any(act.by == to and act.at >= at for act in view.timeline)
    return because != Because.STILL_RED and incident.status is Status.OPEN


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
        case AlertKind.ACT:
            return [_done(alert, view, speech)]
        case AlertKind.FACT:
            return [_news(alert, view, speech)]
        case AlertKind.REMINDER:
            since = clock_time(incident.acknowledged_at or incident.opened_at, speech)
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
        return speech.say("thread.page", span=speech.span(view.now - unowned_since(view)))
    return page_lead(alert.payload, view, speech)


_NOTICES = {
    Because.UNACKNOWLEDGED: "thread.unacknowledged",
    Because.NOT_ALLOWED: "thread.not_allowed",
    Because.SNOOZE_ENDED: "thread.snooze_ended",
    Because.STOOD_DOWN: "thread.resolved",
    Because.NOT_WATCHED: "thread.not_watched",
    Because.RENAMED: "thread.renamed",
    Because.POLICY_CHANGED: "thread.policy_changed",
}


def _notice(because: str, alert: Alert, level: str, speech: Speech) -> str:
    if because == Because.REOPENED:
        return _goes_on(alert, speech)
    told = {name: quoted(str(alert.payload.get(name, "")), 80) for name in ("name", "policy")}
    key = _NOTICES.get(Because(because), "thread.changed") if because in set(Because) else "thread.changed"
    return speech.say(key, owner=who(str(alert.payload.get("owner", ""))), level=level, **told)


def _news(alert: Alert, view: IncidentView, speech: Speech) -> str:
    """What is new, one line a fact."""
    wanted = set(alert.payload.get("facts", ()))
    facts = [fact for fact in view.incident.facts if fact.key in wanted]
    return fact_lines.told(facts, speech, topic=view.incident.topic, posts=view.proofs)


def _goes_on(alert: Alert, speech: Speech) -> str:
    """That what was closed goes on, and why."""
    told = alert.payload
    ago = alert.at - datetime.fromisoformat(str(told["closed_at"]))
    how = "by_itself" if told.get("closed_by") in (TOCSIN, "") else told["was"]
    values = {"span": speech.span(ago), "by": who(str(told.get("closed_by", "")))}
    return speech.say(
        f"thread.goes_on.{how}", posts=speech.say("thread.since_then", n=int(told.get("posts") or 0)), **values
    )


def _done(alert: Alert, view: IncidentView, speech: Speech) -> str:
    """What a person did, in one line."""
    detail = {name: value for name, value in alert.payload.items() if name not in ("act", "by")}
    act = Act(kind=ActKind(str(alert.payload["act"])), at=alert.at, by=str(alert.payload["by"]), detail=detail)
    return timeline_line(act, speech, view.now)
