"""Where a message goes, and where it goes instead when it is not taken there. Pure."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from bot.delivery.slack_errors import DeliveryFailure, FailureKind
from bot.incidents.escalation import TOPIC, order
from bot.records import Alert, Incident
from bot.slack.directory import is_person

MOST_TRIES = 5
LONGEST_TRYING = timedelta(minutes=10)
"""A conversation that fails so often or so long without a reason that we know is given up."""


def routes(alert: Alert, incident: Incident, *, default: str, channel_id: Callable[[str], str]) -> tuple[str, ...]:
    """The conversations that *alert* is offered, one after the other, until one takes it.

    Its own; the default channel; the topic's; the other channels of the policy. Each once, by whatever name.
    """
    named = [target for step in order(incident.policy) for target in step.notify]
    others = [incident.channel if target == TOPIC else target for target in named]
    wanted = [default, incident.channel, *(target for target in others if not is_person(target))]
    found = {channel_id(target): target for target in reversed([alert.target, *wanted])}
    return tuple(dict.fromkeys([alert.target, *(found[channel_id(target)] for target in wanted)]))


def lasting(tried: Alert, found: DeliveryFailure, now: datetime) -> bool:
    """True if the conversation that *tried* was just offered to will not take it: another one must be told."""
    if found.trouble is FailureKind.ROUTE:
        return True
    if found.trouble not in (FailureKind.UNSURE, FailureKind.GONE):
        return False
    since = tried.failing_since or now
    return tried.failures >= MOST_TRIES or now - since >= LONGEST_TRYING
