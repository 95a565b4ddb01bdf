"""The life of an incident: what happens to it when the level changes, when time passes, when people act.

Pure. ``decide``, ``sweep`` and ``act`` take an incident as it is stored and say what should be written: the
store counts its version up, the notifier delivers what is owed. An alert's key names the version that it was
decided at, so that deciding twice owes once.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from bot.incidents.acts import act
from bot.incidents.closing import REOPENABLE, closed, live_again
from bot.incidents.due_actions import sweep
from bot.incidents.escalation import Because, disowned, due, restart, resume
from bot.incidents.facts import known_from_the_start, learned, no_news
from bot.incidents.level_changes import moved, told_of
from bot.incidents.rows import account, noted, owed, with_rows
from bot.incidents.transitions import TRANSITIONS, ActRequest, Refusal, Refused
from bot.records import TOCSIN, Act, ActKind, AlertKind, Decision, Incident, Policy, Status, TopicRecord
from engine.post import Assessment

__all__ = ["TRANSITIONS", "ActRequest", "Refusal", "Refused", "act", "decide", "follow", "open_new", "reopen", "sweep"]

REMEMBERED_STORIES = 200

IN_MIND = timedelta(hours=24)
"""For so long only what was said after its close speaks for an incident that was closed: older posts leave the longest
window then."""

SCORE_STEP = 5.0
"""Points by which the score must have moved for a card to be drawn again at once."""

REDRAW = timedelta(minutes=5)
"""A card whose numbers moved by less is drawn again at most so often."""


def decide(
    incident: Incident | None,
    assessment: Assessment,
    *,
    topic: TopicRecord,
    policy: Policy,
    now: datetime,
    posts: int = 0,
    said: int = 0,
    after: datetime | None = None,
) -> Decision:
    """Say what should happen to *incident*, the topic's live or last closed one, as *assessment* sees it.

    Without a live one, a new one is opened if the level is what *policy* asks for; if the story that leads is that of
    the one that was closed, it goes on instead. *posts* came in the last hour, *said* are the negative ones since the
    close; *after* is when the topic's latest incident opened.
    """
    if incident is not None and not incident.status.closed:
        return follow(incident, assessment, now=now, posts=posts)
    level = assessment.level
    if level is None or policy.opens_at.graver_than(level):
        return Decision()
    if incident is not None and same_matter(incident, assessment, now):
        return reopen(incident, assessment, said=said, now=now)
    last = after or (incident.opened_at if incident else None)
    return open_new(assessment, topic=topic, policy=policy, now=now, after=last)


def open_new(
    assessment: Assessment,
    *,
    topic: TopicRecord,
    policy: Policy,
    now: datetime,
    after: datetime | None = None,
    split: bool = False,
) -> Decision:
    """A new incident, opened after all others of its topic (*after*). A *split* one follows its own stories only."""
    level = assessment.level
    assert level is not None
    # A topic and a time name an incident until it has a number, so no two of a topic open at the same moment.
    opened_at = now if after is None else max(now, after + timedelta(microseconds=1))
    incident = Incident(
        topic_id=topic.id,
        topic=topic.topic.name,
        channel=topic.channel,
        speak=topic.speak,
        level=level,
        peak=level,
        score=assessment.score,
        headline=assessment.headline,
        policy=policy,
        opened_at=opened_at,
        assessed_at=now,
        split=split,
    )
    incident = told_of(_taken_over(incident, assessment, now), level, now)
    incident = known_from_the_start(incident, assessment.facts)
    opened = noted(incident, ActKind.OPENED, now, {"level": level.value, **account(assessment)})
    card = owed(incident, AlertKind.CARD, now)
    return with_rows(restart(incident, because=Because.OPENED, now=now), acts=[opened], alerts=[card])


def follow(incident: Incident, assessment: Assessment, *, now: datetime, posts: int = 0) -> Decision:
    """A live *incident* under a new *assessment*."""
    waited = incident.next_action_at
    incident, expired = _without_old_setting(_awake(incident, now), now)
    if incident.set_level is not None:
        assessment = replace(assessment, level=incident.set_level)
    fresh = _with_news(_taken_over(incident, assessment, now), assessment, now, posts)
    decision = _followed(incident, fresh, assessment, now)
    if decision.incident is None and (expired or incident.next_action_at != waited):
        decision = Decision(incident=fresh, alerts=(owed(fresh, AlertKind.UPDATE, now),))
    return with_rows(decision, acts=[expired] if expired else [])


def _awake(incident: Incident, now: datetime) -> Incident:
    """*incident*, which waits for a moment: an earlier version left what nobody owns without one."""
    return resume(incident, now=now) if incident.next_action_at is None and due(incident) is not None else incident


def in_mind(incident: Incident, now: datetime) -> bool:
    """True while *incident* is live, or was closed not long ago."""
    return incident.closed_at is None or now - incident.closed_at <= IN_MIND


def same_matter(incident: Incident, assessment: Assessment, now: datetime) -> bool:
    """True if what *assessment* tells is what the closed *incident* was about, and it may still go on."""
    lately = incident.closed_at is not None and now - incident.closed_at <= REOPENABLE
    return lately and not incident.merged_into and bool(set(assessment.stories[:1]) & set(incident.stories))


def reopen(incident: Incident, assessment: Assessment, *, said: int, now: datetime) -> Decision:
    """What was closed goes on: as much was said since as would open a new one, *said* of it negative posts."""
    level = assessment.level
    assert level is not None
    assert incident.closed_at is not None
    why = {
        "because": Because.REOPENED.value, "closed_by": incident.closed_by, "was": incident.status.value,
        "closed_at": incident.closed_at.isoformat(), "level": level.value, "posts": said,
        **account(assessment),
    }  # fmt: skip
    again = live_again(disowned(_taken_over(incident, assessment, now)), now)
    again = replace(again, level=level, peak=min(level, incident.peak), calm_since=None)
    again = learned(told_of(again, level, now), assessment.facts, now=now)
    people = [person for person in (incident.owner, incident.closed_by) if person and person != TOCSIN]
    return with_rows(
        restart(again, because=Because.REOPENED, now=now, also=people),
        acts=[noted(again, ActKind.REOPENED, now, why)],
        alerts=[owed(again, AlertKind.UPDATE, now), owed(again, AlertKind.NOTICE, now, why)],
    )


def _followed(incident: Incident, fresh: Incident, assessment: Assessment, now: datetime) -> Decision:
    before = None if incident.calm_since else incident.level
    if assessment.level != before:
        return moved(incident, fresh, assessment, before, now)
    if before is None and _calm_enough(incident, now) and not _on_boards(assessment):
        return _stand_down(incident, now)
    if fresh.untold != incident.untold or _worth_drawing(incident, assessment, now):
        return Decision(incident=fresh, alerts=(owed(fresh, AlertKind.UPDATE, now),))
    return Decision()


def _with_news(fresh: Incident, assessment: Assessment, now: datetime, posts: int) -> Incident:
    quiet = no_news(fresh, posts, now=now)
    news = [*assessment.facts, *([quiet] if quiet else [])]
    return learned(fresh, news, now=now, level=assessment.level)


def _without_old_setting(incident: Incident, now: datetime) -> tuple[Incident, Act | None]:
    """*incident* without a level that was set by hand until a time that is past, and the row that says so."""
    if incident.set_until is None or now < incident.set_until:
        return incident, None
    detail = {"level": incident.set_level and incident.set_level.value, "by": incident.set_by}
    free = replace(incident, set_level=None, set_by="", set_until=None)
    return free, noted(incident, ActKind.EXPIRED, now, detail)


def _leads_anew(incident: Incident, assessment: Assessment) -> bool:
    """True if the story that leads now is none of *incident*'s."""
    return bool(assessment.stories) and assessment.stories[0] not in incident.stories


def _calm_enough(incident: Incident, now: datetime) -> bool:
    minutes = incident.policy.resolve_minutes
    assert incident.calm_since is not None
    return minutes > 0 and now >= incident.calm_since + timedelta(minutes=minutes)


def _on_boards(assessment: Assessment) -> bool:
    """True while hot-search boards show more of the topic than usual: what millions read is not over, however calm."""
    return any(signal.name == "board" for signal in assessment.signals)


def _stand_down(incident: Incident, now: datetime) -> Decision:
    done = closed(replace(incident, assessed_at=now), Status.RESOLVED, by=TOCSIN, now=now)
    why = {"because": Because.STOOD_DOWN.value}
    return Decision(
        incident=done,
        acts=(noted(done, ActKind.RESOLVE, now, why),),
        alerts=(owed(done, AlertKind.UPDATE, now), owed(done, AlertKind.NOTICE, now, why)),
    )


def _worth_drawing(incident: Incident, assessment: Assessment, now: datetime) -> bool:
    """True if the card would say something else: at once if it matters, every few minutes otherwise."""
    seen = (incident.score, incident.reasons, incident.notes, incident.evidence)
    if seen == (assessment.score, assessment.signals, assessment.notes, assessment.evidence):
        return _leads_anew(incident, assessment)
    return (
        _leads_anew(incident, assessment)
        or abs(assessment.score - incident.score) >= SCORE_STEP
        or [signal.name for signal in assessment.signals] != [signal.name for signal in incident.reasons]
        or assessment.notes != incident.notes
        or now >= incident.assessed_at + REDRAW
    )


def _taken_over(incident: Incident, assessment: Assessment, now: datetime) -> Incident:
    """*incident* with what *assessment* found, whatever the level. Its headline is that of the story that carries it
    now; once it is calm, the last one stays."""
    stories = dict.fromkeys((*assessment.stories, *incident.stories))
    return replace(
        incident,
        score=assessment.score,
        headline=(assessment.headline if assessment.level else "") or incident.headline,
        stories=tuple(stories)[:REMEMBERED_STORIES],
        reasons=assessment.signals,
        notes=assessment.notes,
        evidence=assessment.evidence,
        assessed_at=now,
    )
