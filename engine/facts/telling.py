"""The facts that sightings amount to: each once, at the time at which it was first seen, with those who say so.

Facts are drawn anew from all sightings of the stories that are looked at, so that a story that became one with
another, or a post that was read late, needs no care.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Iterable, Iterator, Sequence
from datetime import timedelta

from engine.facts.sightings import Sighting, order
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

GRAVEST = ("dead",)
"""What no single voice of a social network is believed."""

APART = timedelta(days=3)
"""Counts of different stories that lie so far apart are of different matters."""

TOGETHER = timedelta(hours=1)
"""What changes within so long, in the same respect, is one change: a text may go through many hands in an hour."""

COVERED = {"ill": ("hospital",)}
"""Who is in hospital was taken ill: the second is no news after the first."""

_LOUDEST = (Standing.OUTLET, Standing.BOARD, Standing.SOCIAL, Standing.COMMENT)


def facts(seen: Iterable[Sighting], stories: Container[str]) -> tuple[Fact, ...]:
    """What is known of *stories*, the oldest first. Counts and places are news by all that was seen of the topic."""
    everything = sorted(seen, key=order)
    by_kind: dict[FactKind, list[Sighting]] = {kind: [] for kind in FactKind}
    for each in everything:
        if each.story_id in stories:
            by_kind[each.kind].append(each)
    found = [
        *_casualties([each for each in everything if each.kind is FactKind.CASUALTIES], stories),
        *_named(by_kind[FactKind.AUTHORITY]),
        *_said(by_kind[FactKind.STATEMENT]),
        *_said(by_kind[FactKind.DELETION]),
        *_changes(by_kind[FactKind.CHANGE]),
        *_outlets(by_kind[FactKind.OUTLET]),
        *_boards([each for each in everything if each.kind is FactKind.BOARD], stories),
        *_paces(by_kind[FactKind.DOUBLING]),
        *_leaders(by_kind[FactKind.STORY]),
    ]
    return tuple(sorted(found, key=lambda fact: (fact.at, fact.key))[-MOST:])


def _casualties(seen: Sequence[Sighting], stories: Container[str]) -> Iterator[Fact]:
    """First of its kind, and each higher count; what another source says later stands beside the last of them."""
    groups: dict[tuple[str, int], list[Sighting]] = {}
    for each in seen:
        groups.setdefault((each.what, each.n), []).append(each)
    believed = {key for key, agreeing in groups.items() if _credible(agreeing)}
    credible = [each for each in seen if (each.what, each.n) in believed]
    steps: list[tuple[Sighting, Sighting | None]] = []
    for each in credible:
        before = [one for one, _ in steps if one.what == each.what and _same_matter(one, each)]
        covering = [one for one, _ in steps if one.what in COVERED.get(each.what, ()) and _same_matter(one, each)]
        if all(each.n > one.n for one in before) and not any(one.n >= each.n for one in covering):
            steps.append((each, max(before, key=lambda one: one.n, default=None)))
    last = {step.what: step for step, _ in steps}
    for step, earlier in steps:
        agreeing = groups[step.what, step.n]
        if any(each.story_id in stories for each in agreeing):
            other = _other(credible, step, agreeing) if last[step.what] is step else None
            yield _casualty(step, agreeing, earlier, other)


def _credible(agreeing: Sequence[Sighting]) -> bool:
    """Whether a count is one to tell: that somebody died is told once an outlet, a board, the organisation itself or a
    second voice says so."""
    if agreeing[0].what not in GRAVEST:
        return True
    return any(each.loud for each in agreeing) or len({(each.source, each.voice) for each in agreeing}) > 1


def _same_matter(earlier: Sighting, later: Sighting) -> bool:
    return earlier.story_id == later.story_id or later.at - earlier.at < APART


def _other(seen: Sequence[Sighting], step: Sighting, agreeing: Sequence[Sighting]) -> Sighting | None:
    """The lower count that somebody else gave after *step*, the organisation's own before anybody's."""
    sources = {each.source for each in agreeing}
    lower = [
        each
        for each in seen
        if each.what == step.what and each.n < step.n and each.at >= step.at and each.source not in sources
    ]
    return max(lower, key=lambda each: (each.own, order(each)), default=None)


def _casualty(step: Sighting, agreeing: Sequence[Sighting], before: Sighting | None, other: Sighting | None) -> Fact:
    values: dict[str, NoteValue] = {
        "what": step.what,
        "n": step.n,
        "bound": step.bound,
        "who": next((each.name for each in agreeing if each.name), ""),
        "before": before.n if before else None,
        "confirmed": int(any(each.loud for each in agreeing)),
        "other": other.n if other else None,
        "other_source": other.source if other else "",
        "other_own": int(other.own) if other else 0,
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


def _changes(seen: Sequence[Sighting]) -> Iterator[Fact]:
    """Each time that what was told is told otherwise; *before* is what the first said, *after* what the last does."""
    for what in dict.fromkeys(each.what for each in seen):
        steps: list[list[Sighting]] = []
        for each in (one for one in seen if one.what == what):
            if steps and each.at - steps[-1][0].at < TOGETHER:
                steps[-1].append(each)
            else:
                steps.append([each])
        for step in steps:
            values: dict[str, NoteValue] = {"what": what, "before": step[0].was, "after": step[-1].name, "n": len(step)}
            yield _fact(f"change.{what}.{step[0].at:%Y%m%dT%H%M%S}", step, values)


def _alike(outlets: Sequence[Sighting]) -> int:
    """How many of *outlets* carry the text that most of them carry."""
    return max(Counter(each.what for each in outlets if each.what).values(), default=0)


def _outlets(seen: Sequence[Sighting]) -> Iterator[Fact]:
    """The first outlet that tells it, and every ten more."""
    first: dict[str, Sighting] = {}
    for each in seen:
        first.setdefault(each.source, each)
    outlets = list(first.values())
    if not outlets:
        return
    yield _fact("outlet", outlets, {"n": len(outlets), "alike": _alike(outlets)})
    for n in range(TEN, len(outlets) + 1, TEN):
        latest = outlets[n - TEN : n]
        yield _fact(f"outlets.{n}", latest[::-1], {"n": n, "alike": _alike(outlets[:n])}, kind=FactKind.OUTLETS)


def board_steps(seen: Sequence[Sighting]) -> list[tuple[Sighting, Sighting | None]]:
    """The titles that are news, each with the one before: the first on a board, and each that reaches a better tier."""
    steps: list[tuple[Sighting, Sighting | None]] = []
    for title in seen:
        before = [one for one, _ in steps if one.source == title.source and _same_matter(one, title)]
        if all(_tier(title) < _tier(one) for one in before):
            steps.append((title, before[-1] if before else None))
    return steps


def _tier(title: Sighting) -> int:
    return next((place for place, most in enumerate(TIERS) if 0 < title.n <= most), len(TIERS))


def _boards(seen: Sequence[Sighting], stories: Container[str]) -> Iterator[Fact]:
    for title, before in board_steps(seen):
        if title.story_id in stories:
            key = f"board.{title.source}.{TIERS[_tier(title)]}" if before else f"board.{title.source}"
            yield _fact(key, [title], {"board": title.source, "n": title.n, "before": before.n if before else None})


def _paces(seen: Sequence[Sighting]) -> Iterator[Fact]:
    """Each time that twice as many negative posts came in an hour; *power* counts the doublings of ten."""
    for each in seen:
        power = (each.n // TEN).bit_length() - 1
        yield _fact(f"doubling.{power}", [each], {"what": each.what, "n": each.n, "before": each.before})


def _leaders(seen: Sequence[Sighting]) -> Iterator[Fact]:
    for each in {each.what: each for each in reversed(seen)}.values():
        yield _fact(f"story.{each.what}", [each], {"headline": each.name})


def _fact(key: str, seen: Sequence[Sighting], values: dict[str, NoteValue], *, kind: FactKind | None = None) -> Fact:
    first = min(seen, key=order) if kind is None else seen[0]
    sources = dict.fromkeys(each.source for each in seen if each.source)
    best = sorted(seen, key=lambda each: (_LOUDEST.index(each.standing), order(each))) if kind is None else seen
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
