"""Incidents, topics and posts to draw: invented, and as long or as hostile as a test wants them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from bot.desk.views.view_models import IncidentView, ShownPost, StoryLine, TopicView, Trend
from bot.i18n.as_written import AS_WRITTEN
from bot.records import Act, ActKind, Incident, Policy, PolicyStep, Status, TopicRecord
from engine.post import Level, Note, Polarity, Post, Signal, SourceHealth, Standing, Topic

NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
POLICY = Policy(
    steps=(
        PolicyStep(after_minutes=0, notify=("topic",)),
        PolicyStep(after_minutes=15, notify=("U0LEAD", "C0DESK")),
    )
)


def signal(number: int = 316, text: str = "") -> Signal:
    """*number* negative posts in an hour; or any *text*, as an earlier version stored it."""
    counted = {"posts": "negative", "value": number, "minutes": 60, "usual": 4}
    told = Note(code=AS_WRITTEN, values={"en": text, "zh": text}) if text else Note(code="surge.counts", values=counted)
    return Signal(name="negative_volume", value=number, baseline=4, weight=40, reason=told)


def post(number: int = 1, **more: Any) -> Post:
    made = Post(
        id=str(number),
        published=NOW - timedelta(minutes=20 * number),
        text=f"Third person in our office taken ill after the new Lumen Tea jasmine bottle, number {number}",
        url=f"https://social.test/p/{number}",
        author="@teadrinker",
        source="Town Square",
        standing=Standing.SOCIAL,
        lang="en",
        reach=12000,
    )
    return replace(made, **more)


def incident(**more: Any) -> Incident:
    made = Incident(
        id=12,
        version=5,
        topic_id=1,
        topic="Lumen Tea",
        channel="C0PR",
        speak="en",
        level=Level.ORANGE,
        peak=Level.ORANGE,
        score=71.4,
        headline="Regulator opens inquiry into Lumen Tea after complaints of stomach pain",
        reasons=(signal(), signal(62, "62 % of posts are negative; usual: 11 %")),
        evidence=("1", "2", "3"),
        policy=POLICY,
        opened_at=NOW - timedelta(minutes=40),
        assessed_at=NOW,
        step=1,
        next_action_at=NOW + timedelta(minutes=15),
    )
    return replace(made, **more)


def view(shown: Incident | None = None, **more: Any) -> IncidentView:
    made = IncidentView(
        incident=shown or incident(),
        now=NOW,
        posts=tuple(ShownPost(post=post(n), polarity=Polarity.NEGATIVE) for n in (1, 2, 3)),
        health=SourceHealth(total=7),
        trend=Trend(volume=(3,) * 20 + (9, 40, 180, 316), negative=(0,) * 20 + (2, 20, 120, 240)),
        timeline=(
            Act(kind=ActKind.OPENED, at=NOW - timedelta(minutes=40), detail={"to": 3}),
            Act(kind=ActKind.RAISED, at=NOW - timedelta(minutes=10), detail={"from": 3, "to": 2}),
        ),
        names={"U0LEAD": "Lead on duty"},
    )
    return replace(made, **more)


def taken(by: str = "U0ADA") -> Incident:
    return incident(
        status=Status.ACKNOWLEDGED, owner=by, acknowledged_by=by, acknowledged_at=NOW - timedelta(minutes=34)
    )


def topic_record(**more: Any) -> TopicRecord:
    made = TopicRecord(
        id=1,
        topic=Topic(name="Lumen Tea", query='"Lumen Tea" OR 露明茶', aliases=("Lumen Tea", "露明茶")),
        channel="C0PR",
        policy="default",
        speak="en",
        budget_per_week=2,
        watched_since=NOW - timedelta(days=14),
    )
    return replace(made, **more)


def topic_view(**more: Any) -> TopicView:
    made = TopicView(
        record=topic_record(),
        now=NOW,
        level=Level.ORANGE,
        score=71,
        signals=(signal(),),
        incident=incident(),
        volume=640,
        usual_volume=72.5,
        negative=402,
        usual_negative=8.2,
        shares={Polarity.NEGATIVE: 0.63, Polarity.NEUTRAL: 0.3, Polarity.POSITIVE: 0.07},
        trend=view().trend,
        stories=(
            StoryLine(
                headline="Regulator opens inquiry",
                size=380,
                copies=41,
                first_at=NOW - timedelta(hours=5),
                doubling=timedelta(minutes=50),
            ),
            StoryLine(headline="Queue outside the new shop", size=12, copies=0, first_at=NOW - timedelta(hours=9)),
        ),
        posts=view().posts,
        health=SourceHealth(total=7, silent=("Town Square",)),
    )
    return replace(made, **more)
