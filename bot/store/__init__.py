"""The store: everything that must survive, and the only SQL. Records in, records out.

It asks no clock: the time is an argument. It is safe to share between threads, and any number of processes
may open the same database.
"""

from __future__ import annotations

from contextlib import AbstractContextManager
from datetime import datetime
from types import TracebackType

from bot.store.audit import Audit
from bot.store.database import Database
from bot.store.deduplication import Deduplication
from bot.store.incidents.alerts import Alerts
from bot.store.incidents.bundles import Bundles
from bot.store.incidents.clicks import Clicks
from bot.store.incidents.corrections import Corrections
from bot.store.incidents.incidents import Incidents
from bot.store.pace import Pace
from bot.store.posts.history import History
from bot.store.posts.posts import Posts
from bot.store.sources import Sources
from bot.store.topics.topics import Topics
from bot.store.topics.tunings import Tunings
from bot.store.topics.turn import Turn, turn

__all__ = ["Store", "Turn"]


class Store:
    """One database, in groups: topics, sources, posts, incidents, alerts, bundles, clicks, pace, deduplication,
    history, tunings, corrections, audit; and turns over a topic."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.topics = Topics(database)
        self.sources = Sources(database)
        self.posts = Posts(database)
        self.incidents = Incidents(database)
        self.alerts = Alerts(database)
        self.bundles = Bundles(database)
        self.clicks = Clicks(database)
        self.pace = Pace(database)
        self.deduplication = Deduplication(database)
        self.history = History(database)
        self.tunings = Tunings(database)
        self.corrections = Corrections(database)
        self.audit = Audit(database)

    @classmethod
    def open(cls, url: str) -> Store:
        """Connect to `sqlite:///path` or `postgresql://…`; the tables are left as they are.

        Raises StoreError if the database cannot be reached.
        """
        return cls(Database.open(url))

    @property
    def place(self) -> str:
        """Where the data lies, without a password: for messages to people."""
        return self._database.place

    def migrate(self) -> None:
        """Make or renew the tables. Raises StoreError if a newer Tocsin made them."""
        self._database.migrate()

    def close(self) -> None:
        self._database.close()

    def turn(self, topic_id: int, now: datetime) -> AbstractContextManager[Turn]:
        """Work on a topic alone: nobody else has a turn on it until the block ends. See Turn."""
        return turn(self._database, topic_id, now)

    def __enter__(self) -> Store:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
