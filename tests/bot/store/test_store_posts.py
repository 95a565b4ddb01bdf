"""Posts: stored once, read once, never lost between the two."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy.exc import StatementError

from bot.records import Ref
from bot.store import Store
from engine.post import Standing

NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)


def test_post_comes_back_as_it_was_given(store: Store, build: Any) -> None:
    """With the name and standing of its source, and the time at which it was first seen."""
    source = build.stored_source("微博热搜", standing=Standing.BOARD)
    new = build.post("1", "西贝预制菜", title="热搜", url="https://x.test/1", author="@a", reach=1_200_000)
    [added] = store.posts.add(source, [replace(new, published=NOW - timedelta(hours=3))], NOW)
    [post] = store.posts.get([added.post_id])
    assert (post.text, post.title, post.url, post.author) == ("西贝预制菜", "热搜", "https://x.test/1", "@a")
    assert (post.source, post.standing, post.reach, post.lang) == (
        "微博热搜",
        Standing.BOARD,
        1_200_000,
        "en",
    )
    assert (post.published, post.seen, post.copy_of) == (NOW - timedelta(hours=3), NOW, None)


def test_adding_twice_equals_adding_once(store: Store, build: Any) -> None:
    """The second time every post is known under the same id, and owes nothing."""
    topic, source = build.stored_topic(), build.stored_source()
    posts = [build.post(str(number), matches=(topic.id,)) for number in range(5)]
    first = store.posts.add(source, posts, NOW)
    second = store.posts.add(source, posts, LATER)
    assert [one.post_id for one in second] == [one.post_id for one in first]
    assert all(one.known and not one.topic_ids for one in second)
    assert len(store.posts.unpublished(LATER, 100)) == 5
    assert len(store.posts.since(NOW - timedelta(days=1))) == 5


def test_answers_come_in_the_order_of_the_question(store: Store, build: Any) -> None:
    """Known and new posts mixed, one of them twice in a batch."""
    source = build.stored_source()
    [known] = store.posts.add(source, [build.post("b")], NOW)
    added = store.posts.add(source, [build.post(key) for key in "abac"], NOW)
    assert [one.known for one in added] == [False, True, True, False]
    assert added[1].post_id == known.post_id
    assert added[2].post_id == added[0].post_id
    assert len({one.post_id for one in added}) == 3


def test_same_id_in_another_source_is_another_post(store: Store, build: Any) -> None:
    """External ids are unique in their source only."""
    first = store.posts.add(build.stored_source("a"), [build.post("1", "one text")], NOW)
    second = store.posts.add(build.stored_source("b"), [build.post("1", "another text")], NOW)
    assert first[0].post_id != second[0].post_id
    assert not second[0].known


def test_edited_post_gets_its_new_text_and_no_new_match(store: Store, build: Any) -> None:
    """A title that is edited in place must not ring again."""
    topic, source = build.stored_topic(), build.stored_source()
    [added] = store.posts.add(source, [build.post("1", "Acme is fine", matches=(topic.id,))], NOW)
    store.posts.published([Ref(added.post_id, topic.id)])
    [again] = store.posts.add(source, [build.post("1", "Acme burns", matches=(topic.id,))], LATER)
    [post] = store.posts.get([added.post_id])
    assert (again.known, again.topic_ids, post.text, post.seen) == (True, (), "Acme burns", NOW)
    assert store.posts.unpublished(LATER + timedelta(days=1), 10) == []


def test_odd_characters_are_survived(store: Store, build: Any) -> None:
    """NUL, half a surrogate pair, very long ids and absurd reach do not stop a batch, and are known again."""
    source = build.stored_source()
    odd = [
        replace(build.post(key, text, reach=reach), content_hash=str(number))
        for number, (key, text, reach) in enumerate(
            [("nul\0key", "nul\0text", 1), ("half", "half \ud83d", -1), ("x" * 5000, "long id", 2**70)]
        )
    ]
    first = store.posts.add(source, odd, NOW)
    assert [one.known for one in store.posts.add(source, odd, NOW)] == [True, True, True]
    texts = [(post.text, post.reach) for post in store.posts.get([one.post_id for one in first])]
    assert texts == [("nultext", 1), ("half ?", 0), ("long id", 2**63 - 1)]


def test_nothing_to_add(store: Store, build: Any) -> None:
    """An empty feed is no fault."""
    assert store.posts.add(build.stored_source(), [], NOW) == []


def test_get_keeps_the_order_and_leaves_out_what_is_not_there(store: Store, build: Any) -> None:
    """Ids that were never ours are not there either."""
    added = store.posts.add(build.stored_source(), [build.post(key) for key in "abc"], NOW)
    ids = [one.post_id for one in added]
    wanted = [ids[2], "999", "nonsense", ids[0], ids[2]]
    assert [post.id for post in store.posts.get(wanted)] == [ids[2], ids[0]]


def test_the_newest_are_read_page_by_page_and_counted(store: Store, build: Any) -> None:
    """Those of the time, the last stored first."""
    source = build.stored_source()
    ages = [build.post(str(days), published=NOW - timedelta(days=days)) for days in (1, 40, 2, 3)]
    first, _, second, third = [one.post_id for one in store.posts.add(source, ages, NOW)]
    month = NOW - timedelta(days=30)
    assert store.posts.count(month) == 3
    page = store.posts.newest(month, limit=2)
    assert [post.id for post in page] == [third, second]
    assert [post.id for post in store.posts.newest(month, page[-1].id, 2)] == [first]


def test_since_is_read_page_by_page(store: Store, build: Any) -> None:
    """Every post of the time once, in the order of their ids."""
    source = build.stored_source()
    ages = [build.post(str(days), published=NOW - timedelta(days=days)) for days in (1, 40, 2, 3)]
    ids = [one.post_id for one in store.posts.add(source, ages, NOW)]
    since, pages, after = NOW - timedelta(days=30), [], "0"
    while page := store.posts.since(since, after, limit=2):
        pages.append([post.id for post in page])
        after = page[-1].id
    assert pages == [[ids[0], ids[2]], [ids[3]]]


def test_pending_are_the_unread_in_the_order_asked(store: Store, build: Any) -> None:
    """Each with its post and whether it is quiet; what is read, or never was a match, is left out."""
    topic, source = build.stored_topic(), build.stored_source()
    posts = [build.post("a", matches=(topic.id,)), build.post("b", matches=(topic.id,), quiet=True)]
    a, b = (Ref(one.post_id, topic.id) for one in store.posts.add(source, posts, NOW))
    pending = store.posts.pending([b, a, b, Ref("777", topic.id), Ref(a.post_id, 99)])
    assert [(match.post.id, match.quiet) for match in pending] == [(b.post_id, True), (a.post_id, False)]
    assert pending[0].topic_id == topic.id


def test_what_a_crash_left_unpublished_is_found(store: Store, build: Any) -> None:
    """Old enough, the oldest first, until it is on the stream."""
    topic, source = build.stored_topic(), build.stored_source()
    [old] = store.posts.add(source, [build.post("old", matches=(topic.id,))], NOW)
    [new] = store.posts.add(source, [build.post("new", matches=(topic.id,))], LATER)
    assert store.posts.unpublished(LATER, 10) == [Ref(old.post_id, topic.id)]
    after = LATER + timedelta(minutes=1)
    both = [Ref(old.post_id, topic.id), Ref(new.post_id, topic.id)]
    assert store.posts.unpublished(after, 10) == both
    assert store.posts.unpublished(after, 1) == both[:1]
    store.posts.published(both[:1])
    assert store.posts.unpublished(after, 10) == both[1:]


def test_lost_stream_is_filled_again(store: Store, build: Any) -> None:
    """Only with what is not read yet, and with *before* only with what has waited."""
    topic = build.stored_topic()
    matches = build.matched(topic, 2)
    refs = [Ref(match.post.id, topic.id) for match in matches]
    store.posts.published(refs)
    with store.turn(topic.id, NOW) as turn:
        turn.keep([(matches[0], build.reading(refs[0].post_id))], build.update())
    assert store.posts.forget_published(before=NOW) == 0
    assert store.posts.forget_published() == 1
    assert store.posts.unpublished(LATER, 10) == refs[1:]


def test_poison_is_set_aside_and_can_be_seen(store: Store, build: Any) -> None:
    """A post that breaks the reader stands in nobody's way any more."""
    topic = build.stored_topic()
    refs = [Ref(match.post.id, topic.id) for match in build.matched(topic, 2)]
    store.posts.set_aside(refs[:1])
    assert [match.post.id for match in store.posts.pending(refs)] == [refs[1].post_id]
    assert store.posts.unpublished(LATER, 10) == refs[1:]
    assert (store.posts.failed(), store.posts.aside()) == (refs[:1], 1)


def test_new_topic_is_matched_with_stored_posts_once(store: Store, build: Any) -> None:
    """What it had already is not owed again; ids of nothing are left out."""
    topic, source = build.stored_topic(), build.stored_source()
    posts = [build.post("a", matches=(topic.id,)), build.post("b")]
    a, b = (one.post_id for one in store.posts.add(source, posts, NOW))
    assert store.posts.add_matches(topic.id, [a, b, "999"]) == [Ref(b, topic.id)]
    assert store.posts.add_matches(topic.id, [a, b]) == []
    [match] = store.posts.pending([Ref(b, topic.id)])
    assert match.quiet


def test_one_post_may_be_of_several_topics(store: Store, build: Any) -> None:
    """Each match is read for itself."""
    acme, borealis = build.stored_topic("Acme"), build.stored_topic("Borealis")
    [added] = store.posts.add(build.stored_source(), [build.post("1", matches=(borealis.id, acme.id))], NOW)
    assert added.topic_ids == tuple(sorted((acme.id, borealis.id)))
    assert len(store.posts.pending([Ref(added.post_id, acme.id), Ref(added.post_id, borealis.id)])) == 2


def test_item_without_a_zone_is_refused(store: Store, build: Any) -> None:
    """A naive time is a fault of the program: nobody could tell later what it meant."""
    new = replace(build.post("1"), published=datetime(2026, 3, 2, 8, 0))
    with pytest.raises(StatementError, match="without a zone"):
        store.posts.add(build.stored_source(), [new], NOW)
