"""What ``tocsin check`` says of the queries of the settings: what may be meant otherwise, and what is too wide."""

from __future__ import annotations

from collections.abc import Iterator

from bot.check.findings import CheckResult, CheckSentences
from bot.config.environment import Environment
from bot.config.settings import Settings
from bot.i18n.localised import localised
from bot.i18n.previews import percent
from bot.i18n.queries import query_remark
from bot.infra.clock import Clock

LOOKED_AT = 2_000
"""The newest stored posts; enough to see that a query matches everything."""


def look_at_queries(read: Settings, env: Environment, clock: Clock, say: CheckSentences) -> Iterator[CheckResult]:
    """Remarks on each query, and the share of all stored posts of each that matches too much."""
    yield from _remarks(read, say)
    if read.topics:
        yield from _too_wide(read, env, clock, say)


def _remarks(read: Settings, say: CheckSentences) -> Iterator[CheckResult]:
    from engine.query.query import parse
    from engine.query.saved import saved_remarks

    written = [(part.name, part.query) for part in read.queries] + [(part.name, part.query) for part in read.topics]
    for name, query in written:
        what = localised("check.what.query", name=name)
        for note in (*parse(query).remarks, *saved_remarks(query, read.saved)):
            yield say.good(what, "check.query.remark", remark=query_remark(note, say.speech))


def _too_wide(read: Settings, env: Environment, clock: Clock, say: CheckSentences) -> Iterator[CheckResult]:
    from bot.desk.topic_preview import previewed
    from bot.errors import StoreError
    from bot.store import Store

    try:
        with Store.open(env.database) as store:
            for record in read.topic_records(clock.now()):
                topic = record.topic
                view = previewed(store, topic.query, now=clock.now(), languages=topic.languages, most=LOOKED_AT)
                if view.found.everything:
                    what = localised("check.what.query", name=topic.name)
                    yield say.good(what, "check.query.everything", share=percent(view.found.share), n=view.found.total)
    except StoreError:
        return  # the look at the database says so
