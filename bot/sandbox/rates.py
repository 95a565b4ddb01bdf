"""Slack's rate limits: so many calls of a method a minute, and one posted message a second a channel."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

from bot.sandbox.errors import SlackError

PER_MINUTE: Mapping[int, int] = {1: 1, 2: 20, 3: 50, 4: 100, 5: 600}  # tier 5: "special", hundreds a minute
POSTING_BURST = 4


class Bucket:
    """A token bucket: *size* calls at once, then *rate* a second."""

    def __init__(self, size: float, rate: float, now: float) -> None:
        self.size, self.rate, self.left, self.at = size, rate, size, now

    def take(self, now: float) -> float:
        """0 if the call may pass, else the seconds to wait. A clock that stands still fills nothing."""
        self.left = min(self.size, self.left + max(0.0, now - self.at) * self.rate)
        self.at = max(self.at, now)
        if self.left < 1:
            return (1 - self.left) / self.rate
        self.left -= 1
        return 0.0


class Rates:
    """Counts the calls. *seconds* is the sandbox's clock: a speeded-up demonstration is not held up."""

    def __init__(self, seconds: Callable[[], float], *, strict: bool = True) -> None:
        self._seconds, self.strict = seconds, strict
        self._buckets: dict[str, Bucket] = {}

    def spend(self, method: str, tier: int, channel: str = "") -> None:
        """Raise ratelimited (429 with Retry-After) when *method* is called too often."""
        if not self.strict:
            return
        if channel:
            self._take(f"post {channel}", POSTING_BURST, 1.0)
        else:
            most = PER_MINUTE[tier]
            self._take(method, most, most / 60)

    def _take(self, key: str, size: float, rate: float) -> None:
        now = self._seconds()
        wait = self._buckets.setdefault(key, Bucket(size, rate, now)).take(now)
        if wait:
            raise too_many(math.ceil(wait))


def too_many(seconds: int) -> SlackError:
    """Slack's answer to the caller that was too fast."""
    return SlackError("ratelimited", status=429, headers={"Retry-After": str(seconds)})
