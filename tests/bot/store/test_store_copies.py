"""Copies: linked to the first that had the text, exactly or nearly, never dropped."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlmodel import col

from bot.records import InsertResult
from bot.store import Store
from bot.store.database import Database
from bot.store.schema.tables import BandRow
from engine.post import ChangeKind, TextChange
from engine.text.near_duplicates import VERSIONS

NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
REPORT = (
    "Acme Foods has recalled all of its frozen dumplings in the northern provinces after eleven children fell "
    "ill at a school in Harbour City on Monday, the food authority said in a statement late in the evening"
)
REPORT_ZH = (
    "阿克米食品公司周一晚间发布声明称，由于港城一所学校有十一名儿童食用后身体不适，"
    "公司已在北方各省召回全部速冻水饺产品，并向消费者致歉"
)


@pytest.fixture
def add(store: Store, build: Any) -> Any:
    topic, source = build.stored_topic(), build.stored_source()

    def add(*texts: str, at: datetime = NOW, matched: bool = True) -> list[InsertResult]:
        keys = [f"{at}-{number}-{text}" for number, text in enumerate(texts)]
        matches = (topic.id,) if matched else ()
        return store.posts.add(
            source,
            [build.post(key, text, matches=matches) for key, text in zip(keys, texts, strict=True)],
            at,
        )

    return add


@pytest.mark.parametrize("text", [REPORT, REPORT_ZH, "Boycott Acme"])
def test_exact_copy_is_linked_in_a_batch_and_later(store: Store, add: Any, text: str) -> None:
    """All to the first; case, addresses and handles do not count."""
    first, second = add(text, text.upper())
    [third] = add(f"RT @someone: {text} https://x.test/1", at=NOW + timedelta(days=1))
    assert (first.copy_of, second.copy_of, third.copy_of) == (None, first.post_id, first.post_id)
    assert [post.copy_of for post in store.posts.get([second.post_id])] == [first.post_id]
    assert third.topic_ids, "a copy is matched like any other post"


@pytest.mark.parametrize(
    ("text", "changed"),
    [(REPORT, REPORT.replace("Monday", "Monday morning")), (REPORT_ZH, REPORT_ZH.replace("周一晚间", "周一夜间"))],
)
def test_near_copy_is_linked_in_a_batch_and_later(add: Any, text: str, changed: str) -> None:
    """A wire report with a word changed is the same report."""
    first, second = add(text, changed)
    [third] = add(changed + "。", at=NOW + timedelta(hours=71))
    assert (second.copy_of, third.copy_of) == (first.post_id, first.post_id)


@pytest.mark.parametrize("batch", [True, False], ids=["in a batch", "later"])
@pytest.mark.parametrize(
    ("text", "said", "says", "change"),
    [
        (REPORT, "fell ill", "died", TextChange(kind=ChangeKind.HARM, before="fell ill", after="died")),
        (REPORT, "eleven", "seven", TextChange(kind=ChangeKind.NUMBER, before="eleven", after="seven")),
        (REPORT_ZH, "身体不适", "身亡", TextChange(kind=ChangeKind.HARM, before="不适", after="身亡")),
    ],
)
def test_a_text_that_says_something_else_is_an_update(
    store: Store, add: Any, batch: bool, text: str, said: str, says: str, change: TextChange
) -> None:
    """It is nobody's copy, it is kept what changed, and a copy of the update is a copy of that."""
    newer = text.replace(said, says)
    first, second = add(text, newer) if batch else (*add(text), *add(newer, at=NOW + timedelta(hours=1)))
    [third] = add(f"RT @someone: {newer}", at=NOW + timedelta(hours=2))
    assert (second.copy_of, second.update_of) == (None, first.post_id)
    assert (third.copy_of, third.update_of) == (second.post_id, None)
    [stored] = store.posts.get([second.post_id])
    assert (stored.copy_of, stored.update_of, stored.changes) == (None, first.post_id, (change,))


def test_a_text_with_another_number_every_time_is_one_text_with_a_few_updates(add: Any, database_url: str) -> None:
    """Somebody fills in a template: from the seventh version on it is counted as a copy, and the index stays small."""
    posted = [
        one for part in range(4) for one in add(*(f"{REPORT} (post {100 * part + n} of them)" for n in range(100)))
    ]
    updates = [one for one in posted if one.update_of]
    assert (len(updates), len([one for one in posted if one.copy_of])) == (VERSIONS - 1, 400 - VERSIONS)
    assert {one.copy_of for one in posted if one.copy_of} == {posted[0].post_id}
    assert sum(band_sizes(database_url)) <= 32 * VERSIONS


def test_other_text_is_no_copy(add: Any) -> None:
    """Two posts about one happening in their own words are two voices."""
    first, second = add(REPORT, "Parents in Harbour City are furious: who checked the dumplings that Acme sold?")
    assert (first.copy_of, second.copy_of) == (None, None)


@pytest.mark.parametrize("batch", [True, False], ids=["in a batch", "later"])
@pytest.mark.parametrize("first", [True, False], ids=["after the report", "before the report"])
def test_of_two_texts_that_look_alike_a_copy_is_linked_to_the_one_that_it_repeats(
    add: Any, batch: bool, first: bool
) -> None:
    """A report that begins with the same words and goes on in its own is compared too, and is not the original."""
    begins = " ".join(REPORT.split()[:24])
    other = f"{begins} and the shops that sold them closed at noon while parents waited outside for news of them"
    originals = [REPORT, other] if first else [other, REPORT]
    changed = REPORT.replace("Monday", "Monday morning")
    if batch:
        *known, copy = add(*originals, changed)
    else:
        known, [copy] = add(*originals), add(changed, at=NOW + timedelta(hours=1))
    assert [one.copy_of for one in known] == [None, None]
    assert copy.copy_of == known[originals.index(REPORT)].post_id


def test_near_copies_are_forgotten_after_three_days_exact_ones_never(add: Any) -> None:
    """An old item that comes back under a new id is still the old item."""
    [first] = add(REPORT)
    late = NOW + timedelta(hours=73)
    near, exact = add(REPORT.replace("Monday", "Monday morning"), REPORT, at=late)
    assert (near.copy_of, exact.copy_of) == (None, first.post_id)
    [again] = add(REPORT.replace("Monday", "Monday evening"), at=late + timedelta(hours=1))
    assert again.copy_of == near.post_id


def test_copy_of_a_copy_is_linked_to_the_original(add: Any) -> None:
    """The chain has one end, so that counting copies is one question."""
    [first] = add(REPORT)
    changed = REPORT.replace("Monday", "Monday morning")
    [near] = add(changed)
    [exact] = add(changed, at=NOW + timedelta(hours=1))
    assert (near.copy_of, exact.copy_of) == (first.post_id, first.post_id)


def test_chain_within_a_batch_has_one_end(add: Any) -> None:
    """Near copy and exact copy of the near copy, all at once."""
    changed = REPORT.replace("Monday", "Monday morning")
    first, near, exact = add(REPORT, changed, changed)
    assert (near.copy_of, exact.copy_of) == (first.post_id, first.post_id)
    [late] = add(changed, at=NOW + timedelta(hours=1))
    assert late.copy_of == first.post_id


def test_unmatched_posts_are_compared_exactly_only(add: Any) -> None:
    """What nobody watches has no fingerprint."""
    first, near, exact = add(REPORT, REPORT.replace("Monday", "Monday morning"), REPORT, matched=False)
    assert (near.copy_of, exact.copy_of) == (None, first.post_id)


def test_old_fingerprints_are_pruned(store: Store, add: Any, database_url: str) -> None:
    """The index holds three days, not a year."""
    add(REPORT, REPORT_ZH)
    assert sum(band_sizes(database_url)) == 64
    add("Acme is quiet today", at=NOW + timedelta(hours=73))
    assert sum(band_sizes(database_url)) == 32


def test_boilerplate_does_not_crowd_the_index(store: Store, add: Any, database_url: str) -> None:
    """A hundred posts with the same frame around other words stay posts of their own; copies are still found."""
    from engine.text.near_duplicates import CROWDED

    frame = "{} was the best seller of Acme Foods this week in every shop of the country, visit us and see"
    names = [uuid.uuid5(uuid.NAMESPACE_URL, str(number)).hex[:28] for number in range(100)]
    added = add(*(frame.format(name) for name in names))
    again = add(*(frame.format(name) + " now" for name in names[-5:]), at=NOW + timedelta(hours=1))
    assert sum(one.copy_of is None for one in added) > 50
    assert None not in [one.copy_of for one in again]
    assert max(band_sizes(database_url)) == CROWDED


def band_sizes(database_url: str) -> list[int]:
    database = Database.open(database_url)
    with database.read() as session:
        sizes = list(session.scalars(select(func.count()).select_from(BandRow).group_by(col(BandRow.band))))
    database.close()
    return sizes
