"""What a text is about."""

from __future__ import annotations

from datetime import UTC, datetime

from engine.post import Entity, Post
from engine.text.keywords import HALVED_AT, Vocabulary, content_words, sketch
from tests.engine.watch.readings import reading

NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)


def post(text: str) -> Post:
    return Post(id="1", published=NOW, text=text)


def test_the_name_of_the_topic_is_not_what_a_post_is_about() -> None:
    found = content_words(post("Acme recalls its kettle, says Acme"), reading(post("")), ["acme"])
    assert "acme" not in found
    assert found["kettle"] == 1


def test_entities_count_as_words_of_their_own() -> None:
    named = reading(post(""), entities=(Entity(start=0, end=8, type="person", text="Jane Doe"),))
    assert content_words(post("kettle"), named, [])["jane doe"] == 1


def test_a_word_of_every_post_weighs_next_to_nothing() -> None:
    vocabulary = Vocabulary()
    for n in range(200):
        vocabulary.add(["common", f"rare{n}"])
    common, rare, unseen = vocabulary.rarities(["common", "rare7", "never seen"])
    assert common < 0.2 < 3 < rare
    assert unseen > 5


def test_rare_words_make_a_text_long() -> None:
    vocabulary = Vocabulary()
    for n in range(200):
        vocabulary.add(["common", f"rare{n}"])
    assert vocabulary.length({"common": 3}) < vocabulary.length({"rare7": 1})
    assert vocabulary.length({}) == 0


def test_the_words_of_a_story_are_those_that_others_lack() -> None:
    vocabulary = Vocabulary()
    for n in range(100):
        vocabulary.add(["today", "kettle"] if n < 5 else ["today", "parcel"])
    assert vocabulary.top({"today": 5, "kettle": 5, "2026": 5})[0] == "kettle"
    assert "2026" not in vocabulary.top({"2026": 5})


def test_a_sketch_is_close_to_the_cosine() -> None:
    same, other = {"kettle": 1.0, "fire": 2.0}, {"parcel": 1.0, "late": 1.0}
    assert float(sketch(same) @ sketch(same)) > 0.999
    assert abs(float(sketch(same) @ sketch(other))) < 0.5
    assert not sketch({}).any()


def test_old_posts_lose_weight_when_there_are_very_many() -> None:
    vocabulary = Vocabulary()
    vocabulary.add(["kettle"])
    vocabulary.posts = HALVED_AT
    vocabulary.add(["kettle"])
    assert vocabulary.posts == HALVED_AT // 2 + 1
