"""The demonstration as a whole: real poller, stream, worker, notifier and sandbox; only the model is a stand-in."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from bot.demo import chatter, run, stage
from bot.demo.stage import StageClock
from engine.post import Post, Reading, Sentiment, Topic

START = datetime(2026, 3, 7, 2, 0, tzinfo=UTC)
BAD = (
    "soap", "bleach", "burn", "blister", "chemical", "numb", "throat", "blue.", "foam", "shame",
    "异味", "肥皂", "洗洁精", "火辣", "疼", "起泡", "灼", "吐了", "消毒水", "发红", "味道不对",
)  # fmt: skip


class WordReader:
    """Sees a complaint where the story's words for one stand."""

    def read(self, pairs: Sequence[tuple[Post, Topic]]) -> list[Reading]:
        return [self._reading(post) for post, _ in pairs]

    def _reading(self, post: Post) -> Reading:
        bad = 0.9 if any(word in post.body for word in BAD) else 0.05
        vector = np.random.default_rng(len(post.body)).normal(size=16).astype(np.float32)
        return Reading(
            post_id=post.id,
            lang=post.lang,
            sentiment=Sentiment(negative=bad, neutral=0.95 - bad, positive=0.05),
            embedding=vector / np.linalg.norm(vector),
        )


@pytest.mark.timeout(180)
def test_the_bell_rings_in_both_languages_and_its_button_works(tmp_path: Path) -> None:
    """From feeds over HTTP to cards in two channels; one of them is acknowledged with a click."""
    clock = StageClock(START, speed=240)
    past = chatter.quiet(days=5, per_day=10)
    with run.running(clock, tmp_path, reader=WordReader, past=past, say=lambda _: None) as (slack, app):
        assert slack.sandbox.messages("saltfern") == []
        assert all(topic.watched_since < START - timedelta(days=4) for topic in app.parts.store.topics.all())
        clock.rise()
        officer, analyst = slack.sandbox.person("Duty officer"), slack.sandbox.person("舆情专员")
        slack.sandbox.until(lambda: bool(officer.reads("saltfern") and analyst.reads("盐蕨舆情")), timeout=90)
        card, chinese = officer.reads("saltfern")[0], analyst.reads("盐蕨舆情")[0]
        assert "Saltfern: " in card.plain()
        assert "盐蕨：" in chinese.plain()
        officer.clicks(card, "Acknowledge")
        slack.sandbox.until(lambda: "Duty officer" in officer.reads("saltfern")[0].plain())
        assert slack.sandbox.faults == []
        assert app.faults() == []


def test_the_clock_waits_for_the_curtain() -> None:
    """It stands at the beginning until everything is ready, and never goes back."""
    clock = StageClock(START, speed=1_000_000)
    assert clock.now() == clock.now() == START
    clock.rise()
    first = clock.now()
    clock.rise()
    assert clock.now() >= first > START


def test_history_is_written_in_the_format_that_everybody_imports() -> None:
    """One JSON object a line, with an aware time."""
    lines = chatter.quiet(days=1, per_day=10)
    text = stage.posts(lines, START)
    assert len(text.splitlines()) == len(lines)
    assert "+00:00" in text.splitlines()[0]
