"""What the rooms need of each other, each as small as its user needs it; ``bot.app`` puts the real things in."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol, TypeVar, runtime_checkable

from bot.incidents.people.permissions import Actor, Permissions
from bot.records import Policy, Ref
from engine.post import Explanation, Post, Reading, Topic

T = TypeVar("T")


class PostReader(Protocol):
    """Reads posts for topics: ``engine.model.Reader``."""

    def read(self, pairs: Sequence[tuple[Post, Topic]]) -> Sequence[Reading]: ...


@runtime_checkable
class ExplainingReader(Protocol):
    """A reader that can say which words carried a reading."""

    def explain(self, post: Post, topic: Topic) -> Explanation: ...


class Policies(Protocol):
    """The policies by their names: the settings."""

    def policy(self, name: str) -> Policy: ...


class Viewer(Protocol):
    """Somebody who asks or acts, as Slack knows them: ``bot.slack.membership``."""

    @property
    def permissions(self) -> Permissions:
        """Who may do what."""

    def at(self, channel: str, *, looking: bool = False, urgent: bool = False, anew: bool = False) -> Actor:
        """The person as they stand to *channel* (an id or a name, or empty); what is not known in time is left open.

        *looking* asks only what a look needs; *urgent* waits for less; *anew* takes no answer older than some seconds.
        """


class Publisher(Protocol):
    """Takes matches to the workers: the stream."""

    def publish(self, refs: Sequence[Ref]) -> None: ...


class Rematch(Protocol):
    """Matches a topic against the stored posts; how many were caught: ``bot.ingest.matching.Ingest``."""

    def rematch(self, topic_id: int) -> int: ...


class Leadership(Protocol):
    """Says whether this process leads: the lease."""

    def hold(self) -> bool: ...


class JobRunner(Protocol):
    """Where long work is done. *work* is a function of a module, *args* and its answer are plain values."""

    def do(self, work: Callable[..., T], *args: object) -> T:
        """``work(store, *args)``; waits for the answer. Raises what it raises, or JobError."""


class Requests(Protocol):
    """The asking side of questions that another process answers. Raises TocsinError when none can be reached."""

    def ask(self, request: str) -> str | None:
        """The answer, or None if nobody gave one in time."""


class Replies(Protocol):
    """The answering side."""

    def take(self) -> str | None:
        """A request that somebody still waits for, or None."""

    def reply(self, request: str, answer: str, *, kept_s: int) -> None:
        """Answer whoever waits, and whoever asks the same within *kept_s*."""
