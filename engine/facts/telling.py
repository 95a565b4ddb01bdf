"""The facts that sightings amount to: each once, at the time at which it was first seen, with those who say so.

Facts are drawn anew from all sightings of the stories that are looked at, so that a story that became one with
another, or a post that was read late, needs no care.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Sequence
from itertools import groupby

from engine.facts.lexicon import CASUALTIES
from engine.facts.sightings import Sighting
from engine.post import Fact, FactKind, NoteValue, Standing

MOST = 64
"""Facts of a topic; the latest stay."""

EVIDENCE = 5
NAMED = 3  # sources that are named
TEN = 10
TIERS = (1, 3, 10, 30)
"""A title's place on a board is news again when it reaches the first of these that it had not reached."""

GENERIC = "regulator"
"""An authority that is not named further is no news once one is."""

COVERED = {"ill": ("hospital",)}
"""Who is in hospital was taken ill: the second is no news after the first."""

_LOUDEST = (Standing.OUTLET, Standing.BOARD, Standing.SOCIAL, Standing.COMMENT)


def facts(seen: Iterable[Sighting], stories: Container[str]) -> tuple[Fact, ...]:
    """What is known of *stories*, the oldest first."""
    ours = sorted((each for each in seen if each.story_id in stories), key=_order)
    by_kind = {kind: [each for each in ours if each.kind is kind] for kind in FactKind}
    found = [
        *_casualties(by_kind[FactKind.CASUALTIES]),
        *_named(by_kind[FactKind.AUTHORITY]),
        *_said(by_kind[FactKind.STATEMENT]),
        *_said(by_kind[FactKind.DELETION]),
        *_outlets(by_kind[FactKind.OUTLET]),
        *_boards(by_kind[FactKind.BOARD]),
        *_paces(by_kind[FactKind.DOUBLING]),
        *_leaders(by_kind[FactKind.STORY]),
    ]
    return tuple(sorted(found, key=lambda fact: (fact.at, fact.key))[-MOST:])


def _casualties(seen: Sequence[Sighting]) -> Iterator[Fact]:
    """First of its kind, and each higher count; what another source says later stands beside the last of them."""
    best: dict[str, list[Sighting]] = {kind: [] for kind in CASUALTIES}
    last: dict[str, Sighting] = {}
    for each in seen:
        covering = [steps[-1].n for kind in COVERED.get(each.what, ()) if (steps := best[kind])]
        steps = best[each.what]
        if any(n >= each.n for n in covering):
            continue
        if not steps or each.n > steps[-1].n:
            steps.append(each)
        elif each.n < steps[-1].n and each.source != steps[-1].source:
            if each.what not in last or each.own >= last[each.what].own:
                last[each.what] = each
    for kind, steps in best.items():
        for place, step in enumerate(steps):
            agreeing = [each for each in seen if (each.what, each.n) == (kind, step.n)]
            other = last.get(kind) if place == len(steps) - 1 else None
            yield _casualty(step, agreeing, steps[place - 1] if place else None, other)


def _casualty(step: Sighting, agreeing: Sequence[Sighting], before: Sighting | None, other: Sighting | None) -> Fact:
    differs = other is not None and other.at >= step.at and other.source not in {each.source for each in agreeing}
    values: dict[str, NoteValue] = {
        "what": step.what,
        "n": step.n,
        "bound": step.bound,
        "who": next((each.name for each in agreeing if each.name), ""),
        "before": before.n if before else None,
        "other": other.n if other and differs else None,
        "other_source": other.source if other and differs else "",
        "other_own": int(other.own) if other and differs else 0,
    }
    return _fact(f"casualties.{step.what}.{step.n}", agreeing, values)


def _named(seen: Sequence[Sighting]) -> Iterator[Fact]:
    """One fact a body."""
    bodies = {code: [each for each in seen if each.what == code] for code in dict.fromkeys(each.what for each in seen)}
    for code, sightings in bodies.items():
        named = [first for other, (first, *_) in bodies.items() if other != GENERIC]
        if code == GENERIC and any(each.at <= sightings[0].at for each in named):
            continue
        yield _fact(f"authority.{code}", sightings, {"what": code, "name": sightings[0].name})


def _said(seen: Sequence[Sighting]) -> Iterator[Fact]:
    """Each thing that the organisation does once: an apology, a recall, a denial, a deletion …"""
    for what in dict.fromkeys(each.what for each in seen):
        sightings = [each for each in seen if each.what == what]
        key = what if sightings[0].kind is FactKind.DELETION else f"statement.{what}"
        yield _fact(key, sightings, {"what": what, "own": int(any(each.own for each in sightings))})


def _outlets(seen: Sequence[Sighting]) -> Iterator[Fact]:
    """The first outlet that tells it, and every ten more."""
    first: dict[str, Sighting] = {}
    for each in seen:
        first.setdefault(each.source, each)
    outlets = list(first.values())
    if not outlets:
        return
    yield _fact("outlet", outlets, {"n": len(outlets)})
    for n in range(TEN, len(outlets) + 1, TEN):
        latest = outlets[n - TEN : n]
        yield _fact(f"outlets.{n}", latest[::-1], {"n": n}, kind=FactKind.OUTLETS)


def _boards(seen: Sequence[Sighting]) -> Iterator[Fact]:
    """The first title on each board, and each better tier that one reaches."""
    for board, titles in groupby(sorted(seen, key=lambda each: (each.source, _order(each))), lambda each: each.source):
        tier, before = len(TIERS) + 1, None
        for title in titles:
            reached = next((place for place, most in enumerate(TIERS) if 0 < title.n <= most), len(TIERS))
            if reached < tier:
                key = f"board.{board}" if before is None else f"board.{board}.{TIERS[reached]}"
                yield _fact(key, [title], {"board": board, "n": title.n, "before": before})
                tier, before = reached, title.n


def _paces(seen: Sequence[Sighting]) -> Iterator[Fact]:
    """Each time that twice as many negative posts came in an hour; *power* counts the doublings of ten."""
    for each in seen:
        power = (each.n // TEN).bit_length() - 1
        yield _fact(f"doubling.{power}", [each], {"n": each.n, "before": each.before})


def _leaders(seen: Sequence[Sighting]) -> Iterator[Fact]:
    for each in {each.what: each for each in reversed(seen)}.values():
        yield _fact(f"story.{each.what}", [each], {"headline": each.name})


def _fact(
    key: str, seen: Sequence[Sighting], values: dict[str, NoteValue], *, kind: FactKind | None = None
) -> Fact:
    first = min(seen, key=_order) if kind is None else seen[0]
    sources = dict.fromkeys(each.source for each in seen if each.source)
    best = sorted(seen, key=lambda each: (_LOUDEST.index(each.standing), _order(each)))
    return Fact(
        key=key,
        kind=kind or first.kind,
        at=first.at,
        story=first.story_id,
        values={
            **values,
            "source": first.source,
            "standing": first.standing.value,
            "sources": tuple(sources)[:NAMED],
            "saying": len(sources),
        },
        evidence=tuple(dict.fromkeys(each.post_id for each in best))[:EVIDENCE],
    )


def _order(each: Sighting) -> tuple[object, ...]:
    return each.at, each.post_id, each.kind, each.what, each.n
