"""What would have to change for the next level up or down, found by asking the measures themselves.

The scene is drawn once more with posts added to its last minutes, or taken from its last day, until the score
crosses the line: so the numbers are those at which the level really moves, not those of a second formula.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from engine.post import RISKS, Level, Standing
from engine.watch import severity
from engine.watch.reasons import LEVEL_NAMES, RISK_NAMES, Sentence, number, span
from engine.watch.severity import Held
from engine.watch.signals import measure
from engine.watch.snapshot import PER_DAY, Measured, Snapshot, look
from engine.watch.state import WatchState
from engine.watch.tuning import DEFAULT, Tuning
from engine.watch.windows import Column

if TYPE_CHECKING:
    from engine.watch.snapshot import Table

MOST_POSTS, MOST_TITLES, MOST_REPORTS = 1 << 14, 12, 3
"""What is not reached with so many is not offered as a way."""

SURE = 0.9
"""How sure the reader is of a plain report."""

POSTS = (Column.VOLUME, Column.NEGATIVE, Column.LIVE, Column.LIVE_NEGATIVE)
TITLES = (Column.VOLUME, Column.NEGATIVE, *range(Column.TITLES, Column.LIVE_NEGATIVE_TITLES + 1))
LIVE = (Column.LIVE, Column.LIVE_NEGATIVE)

Score = Callable[[Snapshot], float]


@dataclass(frozen=True, kw_only=True, slots=True)
class Phrase:
    """A part of a sentence in both languages."""

    en: str
    zh: str


def outlook(
    state: WatchState, *, now: datetime, watched_since: datetime, tuning: Tuning = DEFAULT
) -> tuple[Sentence, ...]:
    """How the level that *state* holds would rise, and how it would fall, a sentence each. Changes nothing."""
    scene = look(state, now=now, watched_since=watched_since)

    def score(changed: Snapshot) -> float:
        return severity.fuse({each.name: tuning.weigh(each.name, each.weight) for each in measure(changed)})[0]

    measures, held = measure(scene), state.held
    found = [_rise(scene, held.level, score), _fall(scene, held, score, measures)]
    return tuple(sentence for sentence in found if sentence is not None)


def _rise(scene: Snapshot, level: Level | None, score: Score) -> Sentence | None:
    """What would lift the level by one; None at red."""
    if level is Level.RED:
        return None
    above = Level.BLUE if level is None else Level(level - 1)
    asked = severity.THRESHOLDS[above]
    missing = math.ceil(asked - score(scene))
    ways = [way for find in (_posts, _report, _titles) if (way := find(scene, asked, score))]
    if missing <= 0 or not ways:
        return None
    en_level, zh_level = LEVEL_NAMES[above]
    points = "1 point" if missing == 1 else f"{missing} points"
    return {
        "en": f"{en_level.capitalize()} needs {points} more: {', or '.join(way.en for way in ways)}.",
        "zh": f"升至{zh_level}还差 {missing} 分：{'，或'.join(way.zh for way in ways)}。",
    }


def _posts(scene: Snapshot, asked: float, score: Score) -> Phrase | None:
    count = _fewest(MOST_POSTS, lambda n: score(_with_posts(scene, n)) >= asked)
    if count is None:
        return None
    more = "1 more negative post" if count == 1 else f"about {number(count)} more negative posts"
    return Phrase(en=f"{more} now", zh=f"此刻再有约 {number(count)} 条负面帖子")


def _report(scene: Snapshot, asked: float, score: Score) -> Phrase | None:
    """The mildest matter of which a report in an outlet is enough, or several if one never is."""
    mildest = sorted(RISKS, key=lambda risk: severity.SEVERITY[risk])
    for reports in range(1, MOST_REPORTS + 1):
        for risk in mildest:
            if score(_with_reports(scene, risk, reports)) >= asked:
                en_risk, zh_risk = RISK_NAMES[risk]
                who = "an outlet" if reports == 1 else f"{reports} outlets"
                return Phrase(en=f"{who} reporting {en_risk}", zh=f"有 {reports} 家媒体报道{zh_risk}")
    return None


def _titles(scene: Snapshot, asked: float, score: Score) -> Phrase | None:
    count = _fewest(MOST_TITLES, lambda n: score(_with_titles(scene, n)) >= asked)
    if count is None:
        return None
    noun = "title" if count == 1 else "titles"
    return Phrase(en=f"{count} more negative {noun} on hot-search boards", zh=f"再有 {count} 条负面热搜")


def _fall(scene: Snapshot, held: Held, score: Score, measures: Sequence[Measured]) -> Sentence | None:
    """What would lower the level by one; None while there is none."""
    if held.level is None:
        return None
    line = severity.THRESHOLDS[held.level] - severity.RELIEF
    en_below, zh_below = ("calm", "平静") if held.level is Level.BLUE else LEVEL_NAMES[Level(held.level + 1)]
    when = _wait(held, scene.now) if score(scene) <= line else _less(scene, line, score, measures, held.hold)
    return {"en": f"Falls to {en_below} {when.en}.", "zh": f"{when.zh}，将降至{zh_below}。"}


def _wait(held: Held, now: datetime) -> Phrase:
    """The score is low enough: how long it still has to stay there."""
    left = held.hold - (now - (held.below_since or now))
    en, zh = _for(max(left, timedelta(minutes=1)))
    return Phrase(en=f"if the score stays as low for {en} more", zh=f"得分再保持 {zh}")


def _less(scene: Snapshot, line: float, score: Score, measures: Sequence[Measured], hold: timedelta) -> Phrase:
    """How few posts would be few enough, or what must grow old where posts alone do not carry the level."""
    en_hold, zh_hold = _for(hold)
    stays, zh_stays = f"when the score stays below {line:.0f} for {en_hold}", f"得分低于 {line:.0f} 并持续 {zh_hold}"
    counted = next((each for each in measures if each.name in ("negative_volume", "volume")), None)
    if counted is None or score(_with_part(scene, 0.0)) > line:
        return Phrase(
            en=f"{stays}: what raised it must be more than a day old, and nothing like it may follow",
            zh=f"{zh_stays}（引发预警的内容须超过一天且不再出现）",
        )
    part = _most(lambda share: score(_with_part(scene, share)) <= line)
    en_span, zh_span = _for(counted.hold)
    few, negative = math.floor(counted.value * part), counted.name == "negative_volume"
    en_kind, zh_kind = ("negative posts", "负面帖子") if negative else ("posts", "帖子")
    return Phrase(
        en=f"{stays}: at most about {number(few)} {en_kind} in {en_span}, now {number(counted.value)}",
        zh=f"{zh_stays}（{zh_span}内{zh_kind}不超过约 {number(few)} 条，现为 {number(counted.value)} 条）",
    )


def _for(length: timedelta) -> tuple[str, str]:
    en, zh = span(length)
    return ("1 hour" if en == "hour" else en), zh


def _fewest(most: int, enough: Callable[[int], bool]) -> int | None:
    """The smallest n from 1 to *most* for which *enough* is true, by bisection; None if it never is."""
    high = 1
    while not enough(high):
        if high >= most:
            return None
        high = min(2 * high, most)
    low = high // 2
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if enough(middle) else (middle, high)
    return high


def _most(few: Callable[[float], bool]) -> float:
    """The largest share (0-1) of the posts at which *few* still holds; it holds at 0."""
    low, high = 0.0, 1.0
    for _ in range(8):
        middle = (low + high) / 2
        low, high = (middle, high) if few(middle) else (low, middle)
    return low


def _with_posts(scene: Snapshot, count: int) -> Snapshot:
    """*scene* with so many more negative posts in its last five minutes."""
    return replace(scene, counts=_added(scene.counts, POSTS, count))


def _with_titles(scene: Snapshot, count: int) -> Snapshot:
    return replace(scene, counts=_added(scene.counts, TITLES, count))


def _with_reports(scene: Snapshot, risk: str, count: int) -> Snapshot:
    """*scene* with so many outlets that report a *risk* in its last hour."""
    mass, place = count * SURE * SURE * severity.VOICE[Standing.OUTLET], RISKS.index(risk)
    risks = _added(scene.risks, (place, len(RISKS) + place), mass)
    return replace(_with_posts(scene, count), risks=risks)


def _with_part(scene: Snapshot, share: float) -> Snapshot:
    """*scene* with only a *share* (0-1) of what may ring in its last day."""
    counts = scene.counts.copy()
    counts[-PER_DAY:, LIVE] *= share
    return replace(scene, counts=counts)


def _added(table: Table, columns: Sequence[int], amount: float) -> Table:
    changed = table.copy()
    changed[-1, list(columns)] += amount
    return changed
