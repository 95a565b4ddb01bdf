"""What became of what a person asked for."""

from __future__ import annotations

from dataclasses import dataclass

from bot.incidents.lifecycle import ActRequest, Refusal
from bot.records import Incident


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What became of a person's act: the incident as it stands now, and why nothing was done, if nothing was.

    *repeated*: the same person had done the same already, so that there is nothing to say. *stale*: it was clicked on
    a card that was out of date, and done all the same.
    """

    request: ActRequest
    incident: Incident
    refusal: Refusal | None = None
    repeated: bool = False
    stale: bool = False
