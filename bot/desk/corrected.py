"""What a person's word on a post means for the incidents that show it. Pure."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from bot.incidents.lifecycle import ActRequest
from bot.incidents.rows import owed
from bot.records import Act, ActKind, AlertKind, Correction, Decision, Incident
from engine.post import Fact


def corrected(
    incident: Incident, verdict: Correction, request: ActRequest, *, place: int | None, gone: Collection[str]
) -> Decision:
    """The word on the timeline of *incident*, whose cards are drawn again; the post stays at its *place* there.

    What was measured since may have no use for it: then the card shows it once more, with who corrected it. *gone* are
    the posts that are not about the topic.
    """
    if gone:
        incident = without(incident, gone)
    elif place is not None:
        others = [each for each in incident.evidence if each != verdict.post_id]
        incident = replace(incident, evidence=(*others[:place], verdict.post_id, *others[place:]))
    detail: dict[str, object] = {"post": verdict.post_id, "polarity": verdict.word}
    detail |= {"origin": dict(request.origin)} if request.origin else {}
    act = Act(kind=ActKind.CORRECT, at=verdict.at, by=verdict.by, detail=detail, key=request.key)
    update = owed(incident, AlertKind.UPDATE, verdict.at, {"by": verdict.by})
    return Decision(incident=incident, acts=(act,), alerts=(update,))


def taken_out(incident: Incident, verdict: Correction, gone: Collection[str]) -> Decision:
    """*incident*, another one of the topic that may show posts that are *gone*, without them."""
    left = without(incident, gone)
    if left == incident:
        return Decision()
    return Decision(incident=left, alerts=(owed(left, AlertKind.UPDATE, verdict.at),))


def without(incident: Incident, gone: Collection[str]) -> Incident:
    """*incident* without the posts *gone*: not among its evidence, and no fact that only they prove, told or not.

    What the thread said stays said; with another proof it is news again.
    """
    facts = tuple(kept for fact in incident.facts if (kept := _without(fact, gone)) is not None)
    known = {fact.key for fact in facts}
    untold = tuple(key for key in incident.untold if key in known)
    return replace(
        incident,
        evidence=tuple(each for each in incident.evidence if each not in gone),
        facts=facts,
        untold=untold,
        tell_at=incident.tell_at if untold else None,
    )


def _without(fact: Fact, gone: Collection[str]) -> Fact | None:
    """*fact* as far as other posts prove it; None if none does."""
    left = tuple(post for post in fact.evidence if post not in gone)
    if len(left) == len(fact.evidence):
        return fact
    return replace(fact, evidence=left) if left else None
