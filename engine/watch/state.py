"""What the watch remembers of one topic between two batches, and how it is kept as bytes.

Small and bounded whatever the topic brings: counts in buckets, how rare words are, the latest posts that
matter, the live stories, and the level that is held. Stories are stored apart, each by itself.
"""

from __future__ import annotations

import json
import struct
import zlib
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np

from engine.errors import EngineError
from engine.facts.memory import FactMemory
from engine.post import Level
from engine.stories.live_stories import Changes, Stories
from engine.stories.similarity import Bar
from engine.stories.story import Story
from engine.text.keywords import SLOTS, Vocabulary
from engine.watch.baseline import Baseline, Why
from engine.watch.severity import Held
from engine.watch.windows import Ring, counts_ring, risks_ring

MAGIC = b"TOW3"  # since the lengths of stories are of dampened words
KEPT_NOTABLES = 256


class StateError(EngineError):
    """A stored state that this version cannot read."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Notable:
    """A live post that can be shown as proof: negative, on a board, or with a risk.

    *weight* ranks the proofs; *grave* ones (a board's, an outlet's, one with a risk) are kept longest.
    """

    at: datetime
    post_id: str
    story_id: str
    source: str
    weight: float
    negative: bool
    title: bool
    grave: bool
    risks: tuple[str, ...] = ()


@dataclass(kw_only=True)
class WatchState:
    """The memory of one topic's watch. Changed only by ``engine.watch.watch.update``."""

    counts: Ring = field(default_factory=counts_ring)
    risks: Ring = field(default_factory=risks_ring)
    vocabulary: Vocabulary = field(default_factory=Vocabulary)
    notables: list[Notable] = field(default_factory=list)
    stories: Stories = field(default_factory=Stories)
    held: Held = field(default_factory=Held)
    baseline: Baseline = field(default_factory=Baseline)
    facts: FactMemory = field(default_factory=FactMemory)
    kinships: dict[tuple[str, tuple[str, ...], Bar], float] = field(default_factory=dict)
    """How alike its stories are, as far as it was asked since the last post: between two posts nothing changes."""
    mild: dict[str, tuple[int, str, object]] = field(default_factory=dict)
    """Stories that are not grave enough by themselves: with how many proofs, the last one, and by which rules."""

    def note(self, notable: Notable) -> None:
        """Remember *notable*, and forget the least of them when there are too many."""
        self.notables.append(notable)
        if len(self.notables) > 2 * KEPT_NOTABLES:
            self._trim()

    def follow_stories(self, changes: Changes) -> None:
        """Let proofs and facts go with the stories that became one with another, or two."""
        if changes.merged or changes.moved:
            self.notables = [
                replace(each, story_id=changes.place(each.post_id, each.story_id)) for each in self.notables
            ]
            self.facts.follow(changes)

    def _trim(self) -> None:
        self.notables.sort(key=lambda each: (each.grave, each.at, each.post_id))
        del self.notables[:-KEPT_NOTABLES]

    def recent(self, since: datetime) -> list[Notable]:
        """The notable posts from *since* on, the weightiest first."""
        found = [each for each in self.notables if each.at >= since]
        return sorted(found, key=lambda each: (-each.weight, each.at, each.post_id))

    def dump(self) -> bytes:
        """Everything but the stories, compact: a header of JSON, then the tables."""
        self._trim()
        counts, packed_counts = self.counts.dump()
        risks, packed_risks = self.risks.dump()
        seen = zlib.compress(self.vocabulary.seen.tobytes(), 1)
        background, packed_background = self.stories.background.dump()
        blobs = (packed_counts, packed_risks, seen, packed_background)
        header = {
            "counts": counts,
            "risks": risks,
            "posts": self.vocabulary.posts,
            "notables": [_plain(each) for each in self.notables],
            "held": _plain_held(self.held),
            "baseline": _plain_baseline(self.baseline),
            "facts": self.facts.dump(),
            "background": background,
            "novelty": self.stories.novelty,
            "blobs": [len(blob) for blob in blobs],
        }
        head = zlib.compress(json.dumps(header, ensure_ascii=False, separators=(",", ":")).encode(), 1)
        return MAGIC + struct.pack("<I", len(head)) + head + b"".join(blobs)

    @staticmethod
    def load(payload: bytes | None, stories: Iterable[bytes] = ()) -> WatchState:
        """The state that ``dump`` wrote, with the stories that were touched in the last days.

        None is a topic that nobody has watched yet. Raises StateError if the payload is of another kind.
        """
        if payload is not None and payload[:4] != MAGIC:
            raise StateError("state.version")
        state = WatchState(stories=Stories(Story.load(story) for story in stories))
        if payload is None:
            return state
        end = 8 + int(struct.unpack_from("<I", payload, 4)[0])
        header: dict[str, Any] = json.loads(zlib.decompress(payload[8:end]))
        blobs = []
        for length in header["blobs"]:
            blobs.append(payload[end : end + length])
            end += length
        state.counts.load(header["counts"], blobs[0])
        state.risks.load(header["risks"], blobs[1])
        state.vocabulary.posts = header["posts"]
        state.vocabulary.seen = np.frombuffer(zlib.decompress(blobs[2]), np.int32, SLOTS).copy()
        state.notables = [_notable(plain) for plain in header["notables"]]
        state.held = _held(header["held"])
        state.stories.background.load(header["background"], blobs[3])
        state.stories.novelty = header["novelty"]
        state.baseline = _baseline(header.get("baseline"))
        state.facts = FactMemory.load(header.get("facts"))
        return state


def _plain(notable: Notable) -> list[Any]:
    flags = notable.negative + 2 * notable.title + 4 * notable.grave
    at = notable.at.timestamp()
    return [at, notable.post_id, notable.story_id, notable.source, notable.weight, flags, *notable.risks]


def _notable(plain: list[Any]) -> Notable:
    at, post_id, story_id, source, weight, flags, *risks = plain
    return Notable(
        at=datetime.fromtimestamp(at, UTC),
        post_id=post_id,
        story_id=story_id,
        source=source,
        weight=weight,
        negative=bool(flags & 1),
        title=bool(flags & 2),
        grave=bool(flags & 4),
        risks=tuple(risks),
    )


def _plain_held(held: Held) -> dict[str, Any]:
    return {
        "level": held.level,
        "below_since": held.below_since and held.below_since.timestamp(),
        "hold": held.hold.total_seconds(),
        "carriers": held.carriers,
    }


def _held(plain: dict[str, Any]) -> Held:
    since = plain["below_since"]
    return Held(
        level=None if plain["level"] is None else Level(plain["level"]),
        below_since=None if since is None else datetime.fromtimestamp(since, UTC),
        hold=timedelta(seconds=plain["hold"]),
        carriers=tuple(plain["carriers"]),
    )


def _plain_baseline(baseline: Baseline) -> list[Any]:
    times = (baseline.changed_at, baseline.refilled_from)
    return [baseline.query, baseline.why, *(at and at.timestamp() for at in times)]


def _baseline(plain: list[Any] | None) -> Baseline:
    """What ``_plain_baseline`` wrote; a state of an earlier version has none."""
    if plain is None:
        return Baseline()
    query, why, changed, refilled = plain
    changed_at, refilled_from = (None if at is None else datetime.fromtimestamp(at, UTC) for at in (changed, refilled))
    return Baseline(query=query, why=Why(why), changed_at=changed_at, refilled_from=refilled_from)
