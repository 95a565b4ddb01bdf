"""What a person's word on a post means for the incidents that show it. Pure."""

from __future__ import annotations

from dataclasses import replace

from bot.incidents.lifecycle import ActRequest
from bot.incidents.rows import owed
from bot.records import Act, ActKind, AlertKind, Correction, Decision, Incident


def corrected(incident: Incident, verdict: Correction, request: ActRequest, *, place: int | None) -> Decision:
    """The word on the timeline of *incident*, whose cards are drawn again; the post stays at its *place* there.

    What was measured since may have no use for it: then the card shows it once more, with who corrected it.
    """
    if verdict.polarity is None:
        incident = without(incident, verdict.post_id)
    elif place is not None:
        others = [each for each in incident.evidence if each != verdict.post_id]
        incident = replace(incident, evidence=(*others[:place], verdict.post_id, *others[place:]))
    detail: dict[str, object] = {"post": verdict.post_id, "polarity": verdict.word}
    detail |= {"origin": dict(request.origin)} if request.origin else {}
    act = Act(kind=ActKind.CORRECT, at=verdict.at, by=verdict.by, detail=detail, key=request.key)
    update = owed(incident, AlertKind.UPDATE, verdict.at, {"by": verdict.by})
    return Decision(incident=incident, acts=(act,), alerts=(update,))


def taken_out(incident: Incident, verdict: Correction) -> Decision:
    """*incident*, another one of the topic that showed the post, without it."""
    left = without(incident, verdict.post_id)
    if verdict.polarity is not None or left == incident:
        return Decision()
    return Decision(incident=left, alerts=(owed(left, AlertKind.UPDATE, verdict.at),))


def without(incident: Incident, post_id: str) -> Incident:
    """*incident* without the post among its evidence, and without news that nobody was told and that only it tells."""
    gone = {fact.key for fact in incident.facts if fact.key in incident.untold and fact.evidence == (post_id,)}
    untold = tuple(key for key in incident.untold if key not in gone)
    return replace(
        incident,
        evidence=tuple(each for each in incident.evidence if each != post_id),
        facts=tuple(fact for fact in incident.facts if fact.key not in gone),
        untold=untold,
        tell_at=incident.tell_at if untold else None,
    )
