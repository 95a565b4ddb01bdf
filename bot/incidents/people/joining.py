"""Two incidents that are one matter become one, and a story that is another gets an incident of its own. Pure."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from bot.incidents.closing import closed
from bot.incidents.escalation import Because, restart
from bot.incidents.facts import KEPT
from bot.incidents.level_changes import told_of
from bot.incidents.rows import noted, owed, with_rows
from bot.incidents.transitions import ActRequest, Refusal, Refused, refusal
from bot.records import Act, ActKind, AlertKind, Decision, Incident, Status
from engine.post import Fact
from engine.watch.severity import Held


def merge(
    source: Incident, target: Incident, request: ActRequest, *, now: datetime
) -> tuple[Decision, Decision] | Refusal:
    """Let *source* go on as *target*: its stories, facts and evidence go there, and it is closed."""
    for each in (source, target):
        if each.status.closed:
            return refusal(each, request, Refused.CLOSED)
    if source.id == target.id:
        return refusal(source, request, Refused.SAME)
    if source.topic_id != target.topic_id:
        return refusal(source, request, Refused.OTHER_TOPIC)
    gone = replace(closed(source, Status.RESOLVED, by=request.by, now=now), merged_into=target.id, last_act_at=now)
    grown = replace(
        target,
        stories=tuple(dict.fromkeys((*target.stories, *source.stories))),
        facts=_joined(source, target),
        untold=tuple(dict.fromkeys((*target.untold, *source.untold))),
        tell_at=min(filter(None, (target.tell_at, source.tell_at)), default=None),
        evidence=tuple(dict.fromkeys((*target.evidence, *source.evidence))),
        level=min(target.level, source.level),
        peak=min(target.peak, source.peak),
        calm_since=target.calm_since if source.calm_since else None,
        split=target.split and source.split,
        held=Held(),
        last_act_at=now,
    )
    return (
        _done(gone, request, now, {"into": target.id}),
        _done(grown, request, now, {"from": source.id, "headline": source.headline}),
    )


def split(
    source: Incident, story: str, headline: str, request: ActRequest, *, now: datetime
) -> tuple[Decision, Decision] | Refusal:
    """Give *story* of *source*, headed *headline*, an incident of its own; its level is measured at the next look."""
    if source.status.closed:
        return refusal(source, request, Refused.CLOSED)
    if story not in source.stories or len(source.stories) < 2:
        return refusal(source, request, Refused.ONLY_STORY)
    left = replace(
        source,
        stories=tuple(each for each in source.stories if each != story),
        facts=tuple(fact for fact in source.facts if fact.story != story),
        untold=tuple(fact.key for fact in source.facts if fact.key in source.untold and fact.story != story),
        split=True,
        held=Held(),
        last_act_at=now,
    )
    fresh = Incident(
        topic_id=source.topic_id,
        topic=source.topic,
        channel=source.channel,
        speak=source.speak,
        level=source.level,
        peak=source.level,
        score=source.score,
        headline=headline,
        stories=(story,),
        facts=tuple(fact for fact in source.facts if fact.story == story),
        policy=source.policy,
        opened_at=now,
        assessed_at=now,
        split=True,
    )
    fresh = told_of(fresh, fresh.level, now)
    opened = noted(fresh, ActKind.OPENED, now, {"level": fresh.level.value, "split_from": source.id, "by": request.by})
    card = owed(fresh, AlertKind.CARD, now)
    return (
        _done(left, request, now, {"headline": headline}),
        with_rows(restart(fresh, because=Because.OPENED, now=now), acts=[opened], alerts=[card]),
    )


def _joined(source: Incident, target: Incident) -> tuple[Fact, ...]:
    """The facts of both, each once, the oldest first."""
    known = {fact.key for fact in target.facts}
    both = [*target.facts, *(fact for fact in source.facts if fact.key not in known)]
    return tuple(sorted(both, key=lambda fact: fact.at))[-KEPT:]


def _done(incident: Incident, request: ActRequest, now: datetime, detail: dict[str, object]) -> Decision:
    """*incident* as it stands now, with its row, its line in the thread and its card drawn again."""
    if request.text.strip():
        detail = {**detail, "text": request.text.strip()}
    row = Act(kind=request.kind, at=now, by=request.by, detail=detail, key=request.key)
    line = {"act": request.kind.value, "by": request.by, **detail}
    return Decision(
        incident=incident,
        acts=(row,),
        alerts=(owed(incident, AlertKind.UPDATE, now), owed(incident, AlertKind.ACT, now, line)),
    )
