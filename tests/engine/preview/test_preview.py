"""What a query would bring: how many posts, by which words, and where its name may mean another thing."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from engine.post import Post
from engine.preview.preview import ENOUGH, SAMPLES, QueryPreview, WordShare, preview
from engine.query.query import parse

START = datetime(2026, 3, 2, 20, tzinfo=UTC)


def posts(*texts: str, lang: str = "") -> list[Post]:
    return [Post(id=str(n), published=START + timedelta(hours=n), text=text, lang=lang) for n, text in enumerate(texts)]


def seen(query: str, given: Sequence[Post], **more: object) -> QueryPreview:
    return preview(parse(query), given, **more)  # type: ignore[arg-type]


def test_it_counts_by_day_of_the_team_and_shows_the_newest_first() -> None:
    found = seen("tea", posts(*["tea"] * 6, "coffee"), zone=ZoneInfo("Asia/Shanghai"))
    assert (found.total, found.matched) == (7, 6)
    assert [(f"{day}", n) for day, n in found.days] == [("2026-03-03", 6)]
    assert seen("tea", posts(*["tea"] * 6)).by_day() == [4, 2]
    assert [post.id for post in found.samples] == ["5", "4", "3", "2", "1", "0"]


def test_it_tells_what_each_word_adds_and_each_exclusion_takes_away() -> None:
    given = posts("tea", "tea and milk", "milk", "milk powder", "tea job", "tea shop job")
    found = seen("(tea OR milk) -job -powder -acid", given)
    assert found.words == (
        WordShare(word="tea", posts=2, alone=1),
        WordShare(word="milk", posts=2, alone=1),
        WordShare(word="job", posts=0, alone=2, excludes=True),
        WordShare(word="powder", posts=0, alone=1, excludes=True),
        WordShare(word="acid", posts=0, alone=0, excludes=True),
    )
    covering = seen("露明 -露明山", posts("露明茶", "露明山", "露明山的露明茶"))
    assert covering.words[-1] == WordShare(word="露明山", posts=0, alone=1, excludes=True)


def test_the_samples_do_not_depend_on_the_order() -> None:
    given = posts(*(f"tea number {n}" for n in range(500)))
    mixed = random.Random(1).sample(given, len(given))
    assert seen("tea", given).samples == seen("tea", mixed).samples
    assert len(seen("tea", given).samples) == SAMPLES


def test_a_query_that_matches_nearly_everything_is_known_by_its_share() -> None:
    wide = seen("the", posts(*["the tea"] * ENOUGH))
    assert wide.everything
    assert wide.share == 1
    assert not seen("the", posts("the tea")).everything
    assert not seen("the", []).everything


def test_other_languages_than_the_topics_do_not_count() -> None:
    given = posts("tea", lang="de") + posts("tea", lang="en") + posts("tea")
    assert seen("tea", given, languages=("en",)).matched == 2


def test_a_name_in_small_letters_may_be_a_namesake() -> None:
    firm = posts(*(f"Apple shuts shop {n} in Ghent" for n in range(5)))
    fruit = posts(*(f"She bakes an apple pie with {n} eggs" for n in range(5)))
    found = seen("Apple", firm + [Post(id=f"f{n}", published=p.published, text=p.text) for n, p in enumerate(fruit)])
    [namesake] = found.namesakes
    assert (namesake.word, namesake.posts, namesake.looked_at, namesake.instead) == ("Apple", 5, 10, "case:Apple")
    assert "pie" in namesake.beside


def test_a_chinese_name_that_is_owned_or_counted_may_be_a_namesake() -> None:
    firm = posts(*(f"理想汽车召回第{n}批车辆" for n in range(4)))
    dreams = posts("我的理想是当老师", "他有一个理想要完成", "我们的理想很远大")
    [namesake] = seen("理想", firm + dreams).namesakes
    assert (namesake.posts, namesake.instead) == (3, "")


def test_handles_tags_and_shouted_or_small_texts_are_no_sign() -> None:
    given = posts("@delta You lost it", "Great #delta Crew", "see delta.com Now", "delta lost my bag", "delta again")
    assert seen("Delta", given).namesakes == ()
    assert seen("delta", given).namesakes == ()
