"""Run as a process by test_store_crashes: dies by SIGKILL after its n-th statement, for every n.

It forks a child for each n, so that the imports are paid for once; the last child reaches the end.
"""

from __future__ import annotations

import os
import signal
import sys
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

from sqlalchemy import Engine, event

from bot.records import Act, ActKind, Alert, AlertKind, Decision, Incident, Item, NewPost, Policy, Ref
from bot.store import Store
from engine.post import Assessment, Level, Reading, Sentiment
from engine.text.fingerprints import content_hash, fingerprint
from engine.watch.watch import Absorbed, Update

NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)


def turn(store: Store) -> None:
    """Read two posts and open an incident over them."""
    matches = store.posts.pending([Ref("1", 1), Ref("2", 1)])
    feeling = Sentiment(negative=1, neutral=0, positive=0)
    incident = Incident(
        topic_id=1,
        topic="Acme",
        channel="#crisis",
        speak="en",
        level=Level.RED,
        peak=Level.RED,
        score=90,
        headline="Toasters burn",
        policy=Policy(),
        opened_at=NOW,
        assessed_at=NOW,
    )
    story: Any = SimpleNamespace(id="s", headline="", size=2, first_at=NOW, last_at=NOW, dump=lambda: b"s")
    update = Update(
        absorbed=Absorbed(stories=(story,), assigned={"1": "s", "2": "s"}),
        assessment=Assessment(at=NOW, level=Level.RED, score=90),
    )
    alerts = [
        Alert(key=key, kind=AlertKind.CARD, target=f"#{key}", level=Level.RED, at=NOW) for key in ("card", "page")
    ]
    decision = Decision(incident=incident, acts=(Act(kind=ActKind.OPENED, at=NOW, key="o"),), alerts=tuple(alerts))
    with store.turn(1, NOW) as taken:
        unread = taken.unread(matches)
        pairs = [(match, Reading(post_id=match.post.id, lang="en", sentiment=feeling)) for match in unread]
        taken.keep(pairs, update)
        taken.write(decision)


def add(store: Store) -> None:
    """Store three matched posts, one of them a copy."""
    [source] = store.sources.all()
    texts = ["Acme recalls every toaster", "Acme recalls every toaster", "Acme is sorry for the toasters"]
    new = [
        NewPost(
            item=Item(external_id=f"crash-{number}", published=NOW, text=text),
            published=NOW,
            content_hash=content_hash(text),
            fingerprint=fingerprint(text),
            matches=frozenset({1}),
        )
        for number, text in enumerate(texts)
    ]
    store.posts.add(source, new, NOW)


def migrate(store: Store) -> None:
    store.migrate()


def die_after(statements: int) -> None:
    """Let the n-th statement from now on be the last thing that this process does."""
    done = 0

    def count(*_: object) -> None:
        nonlocal done
        done += 1
        if done >= statements:
            os.kill(os.getpid(), signal.SIGKILL)

    event.listen(Engine, "after_cursor_execute", count)


def child(url: str, deed: str, statements: int) -> None:
    die_after(statements)
    with Store.open(url) as store:
        {"turn": turn, "add": add, "migrate": migrate}[deed](store)


def main(url: str, deed: str, watch: str) -> None:
    """Crash at every statement; *watch* a line after each crash, answered when the parent has looked."""
    for statements in range(1, 500):
        pid = os.fork()
        if not pid:
            child(url, deed, statements)
            os._exit(0)
        _, status = os.waitpid(pid, 0)
        ended = os.WIFEXITED(status)
        print("ended" if ended else "killed", os.WEXITSTATUS(status) if ended else "", flush=True)
        if ended or (watch == "each" and not sys.stdin.readline()):
            return


if __name__ == "__main__":
    main(*sys.argv[1:])
