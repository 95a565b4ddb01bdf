"""How much one incident says and when it falls silent: simulated days of the rules themselves, minute by minute.

Fatigue: patterns of a level and of news, and the messages a day that people get of them, against those of a bot that
tells every change. Silence: each policy, and how long it goes on calling what nobody answers.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING

import typer

from bot.incidents.lifecycle import ActRequest, act, decide, follow, sweep
from bot.records import ActKind, Alert, AlertKind, Decision, Incident, Policy, PolicyStep, TopicRecord
from engine.post import Assessment, Fact, FactKind, Level, Topic

START = datetime(2026, 3, 2, 8, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
OWNER = "U_OWNER"
STORY = "s1"
SPOKEN = frozenset(AlertKind) - {AlertKind.UPDATE, AlertKind.ACT}
"""What people hear; a card that is drawn again, and the line of what somebody has just done, call nobody."""

if TYPE_CHECKING:
    from bot.config.settings import Settings

LevelAt = Callable[[timedelta], Level | None]
FactsAt = Callable[[timedelta], tuple[Fact, ...]]


@dataclass(frozen=True, kw_only=True)
class Fatigue:
    """Messages of a day of *pattern*: what Tocsin says, and what a bot says that tells *every_change*."""

    pattern: str
    messages: int
    every_change: int


@dataclass(frozen=True, kw_only=True)
class Silence:
    """A *policy* and what happens: when the steps that it names end, when the *last* word is said, and the *longest*
    pause until then; in hours. *goes_on*: when the week ended, the next word was still to come."""

    policy: str
    case: str
    steps_end: float
    last: float
    longest: float
    goes_on: bool


@dataclass(frozen=True, kw_only=True)
class Life:
    """What was owed to people, and how the incident stands at the end."""

    told: tuple[Alert, ...]
    incident: Incident


def live(
    level_at: LevelAt,
    *,
    days: float,
    policy: Policy,
    acknowledged: bool = False,
    facts_at: FactsAt = lambda _: (),
) -> Life:
    """An incident whose topic stands at *level_at* of the time since it opened, looked at every minute."""
    incident, owed = _after(None, decide(None, _seen(level_at, timedelta()), topic=TOPIC, policy=policy, now=START))
    if acknowledged:
        request = ActRequest(kind=ActKind.ACKNOWLEDGE, by=OWNER, key="owner")
        taken = act(incident, request, now=START + MINUTE)
        assert isinstance(taken, Decision)
        incident, more = _after(incident, taken)
        owed += more
    for minute in range(2, int(days * 24 * 60)):
        since = minute * MINUTE
        seen = replace(_seen(level_at, since), facts=facts_at(since))
        incident, more = _after(incident, follow(incident, seen, now=START + since))
        owed += more
        incident, more = _after(incident, sweep(incident, now=START + since))
        owed += more
    return Life(told=tuple(alert for alert in owed if alert.kind in SPOKEN), incident=incident)


def _after(incident: Incident | None, decision: Decision) -> tuple[Incident, list[Alert]]:
    """What the store would hold afterwards, and what is owed."""
    after = decision.incident or incident
    assert after is not None
    if decision.incident is not None:
        after = replace(after, id=1, version=after.version + 1)
    return after, list(decision.alerts)


def _seen(level_at: LevelAt, since: timedelta) -> Assessment:
    return Assessment(at=START + since, level=level_at(since), score=50, stories=(STORY,), headline="…")


def swinging(level: Level, every: timedelta) -> LevelAt:
    """*level* and calm by turns, each for *every*."""
    return lambda since: level if (since // every) % 2 == 0 else None


def steady(level: Level) -> LevelAt:
    return lambda _: level


def news(every: timedelta) -> FactsAt:
    """Something new each time *every* has passed."""

    def known(since: timedelta) -> tuple[Fact, ...]:
        count = since // every
        return tuple(
            Fact(key=f"f{n}", kind=FactKind.OUTLET, at=START + n * every, story=STORY) for n in range(1, count + 1)
        )

    return known


PATTERNS: tuple[tuple[str, LevelAt, timedelta | None, bool], ...] = (
    ("yellow and calm by turns, every 15 minutes, owned", swinging(Level.YELLOW, 15 * MINUTE), None, True),
    ("yellow and calm by turns, every 15 minutes, nobody's", swinging(Level.YELLOW, 15 * MINUTE), None, False),
    ("orange and calm by turns, every hour, owned", swinging(Level.ORANGE, HOUR), None, True),
    ("orange and calm by turns, every hour, nobody's", swinging(Level.ORANGE, HOUR), None, False),
    ("red and calm by turns, every 30 minutes, owned", swinging(Level.RED, 30 * MINUTE), None, True),
    ("red all day, owned", steady(Level.RED), None, True),
    ("red all day, nobody's", steady(Level.RED), None, False),
    ("red all day, news every 5 minutes, owned", steady(Level.RED), 5 * MINUTE, True),
    ("orange all day, news every 20 minutes, owned", steady(Level.ORANGE), 20 * MINUTE, True),
    ("yellow all day, news every hour, owned", steady(Level.YELLOW), HOUR, True),
)
"""What is simulated: its name, the level, how often there is news, and whether somebody acknowledged it at once."""

CASES: tuple[tuple[str, Level, bool], ...] = (
    ("red, nobody's", Level.RED, False),
    ("orange, nobody's", Level.ORANGE, False),
    ("orange, its owner does nothing", Level.ORANGE, True),
    ("yellow, nobody's", Level.YELLOW, False),
)
SILENT_DAYS = 7.0


def fatigue(policy: Policy) -> list[Fatigue]:
    """A day of each of PATTERNS under *policy*."""
    found = []
    for name, level_at, every, owned in PATTERNS:
        facts_at = news(every) if every else lambda _: ()
        told = live(level_at, days=1, policy=policy, acknowledged=owned, facts_at=facts_at).told
        levels = [level_at(minute * MINUTE) for minute in range(24 * 60)]
        changes = 1 + sum(before != after for before, after in pairwise(levels)) + len(facts_at(DAY))
        found.append(Fatigue(pattern=name, messages=len(told), every_change=changes))
    return found


def silence(policies: Sequence[Policy]) -> list[Silence]:
    """A week of each of CASES under each of *policies*."""
    return [_silence(policy, name, level, owned) for policy in policies for name, level, owned in CASES]


def _silence(policy: Policy, name: str, level: Level, owned: bool) -> Silence:
    lived = live(steady(level), days=SILENT_DAYS, policy=policy, acknowledged=owned)
    times = sorted({START, *(alert.at for alert in lived.told)})
    last = policy.steps[-1].after_minutes if policy.steps else 0.0
    return Silence(
        policy=policy.name,
        case=name,
        steps_end=last * (1 + policy.repeat) / 60,
        last=(times[-1] - START) / HOUR,
        longest=max(((after - before) / HOUR for before, after in pairwise(times)), default=0.0),
        goes_on=lived.incident.next_action_at is not None,
    )


TOPIC = TopicRecord(
    id=1,
    topic=Topic(name="Acme", query="acme"),
    channel="#acme",
    policy="default",
    speak="en",
    budget_per_week=1,
    watched_since=START - 30 * DAY,
)

USUAL = Policy(
    name="three steps",
    steps=(
        PolicyStep(after_minutes=0, notify=("topic", "U_LEAD")),
        PolicyStep(after_minutes=10, notify=("U_OFFICER",)),
        PolicyStep(after_minutes=30, notify=("U_BOSS",)),
    ),
)
"""What is measured where no settings are given, with two more that say less."""
BARE = (replace(USUAL, name="one step, no rounds", steps=USUAL.steps[:1], repeat=0), Policy(name="no steps"))


def run(settings: Settings | None, *, as_json: bool) -> None:
    """Print both tables, for the policies of *settings* or, without them, for usual ones."""
    policies = [settings.policy(name) for name in settings.policy_names()] if settings else [USUAL, *BARE]
    tired, silent = fatigue(policies[0]), silence(policies)
    if as_json:
        for line in [*map(asdict, tired), *map(asdict, silent)]:
            typer.echo(json.dumps(line, ensure_ascii=False))
        return
    typer.echo(f"Messages of one day under the policy {policies[0].name!r}:")
    typer.echo(f"{'':58}{'Tocsin':>8}{'every change':>14}")
    for each in tired:
        typer.echo(f"{each.pattern:58}{each.messages:>8}{each.every_change:>14}")
    typer.echo(f"\n{SILENT_DAYS:.0f} days in which nobody answers, in hours:")
    typer.echo(f"{'':58}{'steps end':>10}{'last word':>11}{'longest pause':>15}")
    for row in silent:
        last = "goes on" if row.goes_on else f"{row.last:.1f}"
        typer.echo(f"{row.policy + ': ' + row.case:58}{row.steps_end:>10.1f}{last:>11}{row.longest:>15.1f}")
