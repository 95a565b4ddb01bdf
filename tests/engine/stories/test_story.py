"""Stories: what belongs together, and what is remembered of it."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from engine.post import Standing
from engine.stories.live_stories import LIVE_STORIES, Changes, Stories
from engine.stories.story import HEADLINE, KEPT_POSTS, Story, begin, headline
from engine.text.keywords import Vocabulary, content_words
from engine.watch.watch import Arrival
from tests.engine.watch.readings import arrival

NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
FIRE = "Kettle caught fire in a kitchen, family unhurt"
FIRE_AGAIN = "A family is unhurt after their kettle caught fire"
PARCEL = "My parcel has been on its way for three weeks"


class Desk:
    """Stories and a vocabulary, and posts put into them as the watch does it."""

    def __init__(self) -> None:
        self.stories, self.vocabulary = Stories(), Vocabulary()

    def take(self, each: Arrival) -> Story:
        found = content_words(each.post, each.reading, ["acme"])
        story = self.stories.assign(
            "Acme",
            each.post,
            each.reading,
            found,
            vocabulary=self.vocabulary,
            at=each.post.published,
            live=True,
            changes=Changes(),
        )
        self.vocabulary.add(found)
        return story


@pytest.fixture
def desk() -> Desk:
    return Desk()


def test_posts_about_one_happening_are_one_story(desk: Desk) -> None:
    first = desk.take(arrival("1", NOW, FIRE))
    assert desk.take(arrival("2", NOW + timedelta(hours=1), FIRE_AGAIN)) is first
    assert desk.take(arrival("3", NOW, PARCEL)) is not first
    assert (first.size, first.post_ids) == (2, ["1", "2"])


def test_chinese_posts_about_one_happening_are_one_story(desk: Desk) -> None:
    first = desk.take(arrival("1", NOW, "电热水壶起火，一家人平安"))
    assert desk.take(arrival("2", NOW, "水壶突然起火 一家人幸好平安")) is first
    assert desk.take(arrival("3", NOW, "快递三个星期还没到")) is not first


def test_meaning_joins_what_no_word_joins(desk: Desk) -> None:
    fire, parcel = np.eye(16)[0], np.eye(16)[1]
    first = desk.take(arrival("1", NOW, FIRE, embedding=fire))
    assert desk.take(arrival("2", NOW, "电热水壶起火", embedding=fire + 0.1 * parcel)) is first
    assert desk.take(arrival("3", NOW, "快递还没到", embedding=parcel)) is not first


def test_the_same_words_days_later_are_another_story(desk: Desk) -> None:
    first = desk.take(arrival("1", NOW, FIRE))
    assert desk.take(arrival("2", NOW + timedelta(days=4), FIRE)) is not first


def test_a_story_is_named_after_its_topic_and_first_post() -> None:
    post = arrival("1", NOW, FIRE).post
    assert begin("Acme", post, at=NOW).id == begin("Acme", post, at=NOW + timedelta(days=1)).id
    assert begin("Acme", post, at=NOW).id != begin("Other", post, at=NOW).id


def test_a_copy_spreads_a_story_only_to_others(desk: Desk) -> None:
    desk.take(arrival("1", NOW, FIRE, source="a", author="x"))
    desk.take(arrival("2", NOW, FIRE, source="a", author="x", copy_of="1"))
    story = desk.take(arrival("3", NOW, FIRE, source="b", author="x", copy_of="1"))
    assert (story.size, story.copies) == (3, 1)
    assert story.sources == {"a": 2, "b": 1}


def test_the_headline_is_the_most_central_post(desk: Desk) -> None:
    axes = np.eye(16)
    desk.take(arrival("1", NOW, "an odd beginning", embedding=axes[0] + 0.9 * axes[1]))
    for n in range(2, 6):
        story = desk.take(arrival(str(n), NOW, f"the matter itself {n}", embedding=axes[0] + 0.01 * n * axes[2]))
    assert story.headline.startswith("the matter itself")
    assert story.headline_id in {"2", "3", "4", "5"}


def test_a_headline_is_one_short_line() -> None:
    line = headline(arrival("1", NOW, "a\n b\t" + "c" * 500).post)
    assert line.startswith("a b ")
    assert len(line) == HEADLINE


def test_a_story_forgets_all_but_its_latest_posts(desk: Desk) -> None:
    for n in range(KEPT_POSTS + 30):
        story = desk.take(arrival(str(n), NOW + timedelta(minutes=n), FIRE))
    assert story.size == KEPT_POSTS + 30
    assert story.post_ids[-1] == str(KEPT_POSTS + 29)
    assert len(story.post_ids) == KEPT_POSTS


def test_a_dump_reads_back_as_the_same_story(desk: Desk) -> None:
    axes = np.eye(16)
    for n in range(9):
        story = desk.take(
            arrival(
                str(n),
                NOW + timedelta(minutes=7 * n),
                f"{FIRE} 水壶起火 {n}",
                "negative",
                standing=Standing.OUTLET,
                risks={"product": 0.7},
                embedding=axes[0] + 0.05 * n * axes[1],
            )
        )
    again = Story.load(story.dump())
    assert again.traces == story.traces
    for name in set(Story.__slots__) - {"traces"}:
        np.testing.assert_array_equal(getattr(again, name), getattr(story, name), err_msg=name)
    assert Story.load(again.dump()).dump() == story.dump()


def test_a_story_without_meaning_reads_back_too(desk: Desk) -> None:
    story = desk.take(arrival("1", NOW, FIRE))
    assert Story.load(story.dump()).centre is None
    assert Story.load(story.dump()).words == story.words


def test_another_model_s_embeddings_begin_anew(desk: Desk) -> None:
    first = desk.take(arrival("1", NOW, FIRE, embedding=np.eye(16)[0]))
    joined = desk.take(arrival("2", NOW, FIRE_AGAIN, embedding=np.eye(8)[0]))
    assert joined is first
    assert first.centre is not None
    assert first.centre.shape == (8,)


def test_stale_stories_leave_memory(desk: Desk) -> None:
    old = desk.take(arrival("1", NOW, FIRE))
    new = desk.take(arrival("2", NOW + timedelta(days=6), PARCEL))
    desk.stories.forget(NOW + timedelta(days=8))
    assert list(desk.stories.by_id) == [new.id]
    assert old.id not in desk.stories.by_id
    assert desk.take(arrival("3", NOW + timedelta(days=7), PARCEL)) is new


def test_a_story_that_must_be_kept_stays_however_old(desk: Desk) -> None:
    old = desk.take(arrival("1", NOW, FIRE))
    older = desk.take(arrival("0", NOW - timedelta(days=1), PARCEL))
    desk.stories.forget(NOW + timedelta(days=30), kept={old.id})
    assert list(desk.stories.by_id) == [old.id]
    assert older.id not in desk.stories.by_id


def test_memory_is_bounded(desk: Desk) -> None:
    for n in range(LIVE_STORIES + 1):
        desk.stories.assign(
            "Acme",
            (each := arrival(str(n), NOW + timedelta(seconds=n))).post,
            each.reading,
            Counter({f"word{n}": 1}),
            vocabulary=desk.vocabulary,
            at=each.post.published,
            live=True,
            changes=Changes(),
        )
    desk.stories.forget(NOW + timedelta(hours=1))
    assert len(desk.stories.by_id) < LIVE_STORIES
    assert begin("Acme", arrival(str(LIVE_STORIES), NOW).post, at=NOW).id in desk.stories.by_id
