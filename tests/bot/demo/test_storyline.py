"""The demonstration's story: long, varied, in both languages, and told in order."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from itertools import pairwise

import pytest

from bot.config import settings
from bot.demo import chatter, stage, storyline
from bot.demo.formats import CHANNELS
from bot.demo.storyline import Line
from engine.post import Post
from engine.query.query import Query, parse

LINES = storyline.load()


def query(name: str) -> Query:
    topics = stage.settings_for("http://127.0.0.1:1").topics
    return parse(next(topic.query for topic in topics if topic.name == name))


def post(line: Line) -> Post:
    published = line.published(datetime(2026, 3, 7, 2, 0, tzinfo=UTC))
    return Post(id=line.id, published=published, text=line.text, title=line.title, lang=line.lang, source=line.feed)


def test_it_is_several_hundred_posts_evenly_in_both_languages() -> None:
    """Enough to be a crisis, and neither language is the translation's leftovers."""
    spoken = Counter(line.lang for line in LINES)
    assert sum(spoken.values()) > 400
    assert min(spoken.values()) > 0.42 * sum(spoken.values())


def test_no_two_hand_written_posts_say_the_same() -> None:
    """Only copies, which say so in the data, repeat a text."""
    written = [line.text for line in LINES if line.id.count("-") == 1]
    assert [text for text, times in Counter(written).items() if times > 1] == []


def test_it_runs_through_all_phases_in_order() -> None:
    """Every phase begins after the one before it, in both languages."""
    for lang in storyline.LANGUAGES:
        own = [line for line in LINES if line.lang == lang and line.id.count("-") == 1]
        starts = [min(line.at for line in own if line.phase == phase) for phase in storyline.PHASES]
        assert all(earlier < later for earlier, later in pairwise(starts))


def test_copies_come_after_what_they_repeat() -> None:
    """A repost never precedes its original."""
    known = {line.id: line for line in LINES}
    copies = [line for line in LINES if line.id.count("-") == 2]
    assert len(copies) > 60
    assert all(line.at > known[line.id.rpartition("-")[0]].at for line in copies)


def test_every_feed_has_its_posts() -> None:
    """Each feed that is served tells a part of the story, and no line is in a feed that is not served."""
    assert {line.feed for line in LINES} == {channel.name for channel in CHANNELS}


def test_the_query_takes_the_brand_and_leaves_its_namesakes() -> None:
    """A dish with 盐蕨菜 in it, a fern in a herbarium and a plant in a game are not the tea chain."""
    brand = query("Saltfern")
    left = [line for line in LINES if not brand.matches(post(line))]
    assert 20 <= len(left) <= 60
    namesakes = [line for line in left if "盐蕨" in line.text or "saltfern" in line.text.lower()]
    assert len(namesakes) >= 4
    assert all(line.phase == "calm" for line in namesakes)


def test_the_chinese_topic_reads_only_chinese_names() -> None:
    """The Chinese desk's query catches most of the Chinese half of the story."""
    desk = query("盐蕨")
    caught = [line for line in LINES if line.lang == "zh" and desk.matches(post(line))]
    assert len(caught) > 150


def test_quiet_weeks_are_the_same_for_the_same_seed_and_varied() -> None:
    """Two weeks, some twenty-eight posts a day, hardly a sentence twice."""
    lines = chatter.quiet(seed=3)
    assert lines == chatter.quiet(seed=3)
    assert lines != chatter.quiet(seed=4)
    assert 14 * 21 < len(lines) < 14 * 35
    assert len({line.text for line in lines}) > 0.9 * len(lines)
    assert all(-14 * chatter.DAY - 180 <= line.at < -180 for line in lines)
    assert not any("{" in line.text + line.title + line.author for line in lines)


def test_chatter_is_about_anything_but_the_brand() -> None:
    """What is said beside the story never matches its topic."""
    brand = query("Saltfern")
    lines = chatter.chatter(begin=0, end=840)
    assert len(lines) > 80
    assert not any(brand.matches(post(line)) for line in lines)


@pytest.mark.parametrize(
    ("today", "first"),
    [
        (datetime(2026, 3, 9, 7, tzinfo=UTC), datetime(2026, 3, 7, 2, tzinfo=UTC)),
        (datetime(2026, 3, 7, 23, tzinfo=UTC), datetime(2026, 2, 28, 2, tzinfo=UTC)),
        (datetime(2026, 3, 8, 0, tzinfo=UTC), datetime(2026, 3, 7, 2, tzinfo=UTC)),
    ],
)
def test_it_begins_on_a_saturday_that_is_over(today: datetime, first: datetime) -> None:
    """No post of the demonstration is dated in the reader's future."""
    assert storyline.beginning(today) == first


def test_the_settings_are_usable_and_name_every_feed() -> None:
    """The demonstration is watched with an ordinary settings file."""
    read = stage.settings_for("http://127.0.0.1:8080")
    assert isinstance(read, settings.Settings)
    assert {source.name for source in read.sources} == {channel.title for channel in CHANNELS}
    assert all(source.address.startswith("http://127.0.0.1:8080/") for source in read.sources)
