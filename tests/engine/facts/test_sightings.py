"""What one post shows: which posts are looked at, and how far."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.facts.lexicon import subject
from engine.facts.passages import READ, sentences
from engine.facts.sightings import Sighting, outlet, rank, sightings
from engine.post import FactKind, Post, Standing
from tests.engine.watch.readings import reading

AT = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
MOSSWELL = subject(("Mosswell", "苔井"))


def seen(text: str, label: str = "negative", risks: dict[str, float] | None = None, **more: Any) -> list[Sighting]:
    post = Post(id="1", published=AT, text=text, source=more.pop("source", "forum"), **more)
    return sightings(post, reading(post, label, risks=risks), "story", MOSSWELL, AT)


def counts(found: list[Sighting]) -> dict[str, int]:
    return {each.what: each.n for each in found if each.kind is FactKind.CASUALTIES}


class TestWhichPosts:
    TEXT = "Two people died at Mosswell"

    def test_a_post_that_speaks_well_of_the_topic_shows_nothing(self) -> None:
        assert seen(self.TEXT, "positive", {"injury": 0.9}) == []

    def test_a_count_needs_a_risk_that_was_read_or_somebody_who_is_heard(self) -> None:
        assert counts(seen(self.TEXT)) == {}
        assert counts(seen(self.TEXT, risks={"injury": 0.3})) == {}
        assert counts(seen(self.TEXT, risks={"service": 0.9})) == {}
        assert counts(seen(self.TEXT, risks={"injury": 0.9})) == {"dead": 2}
        assert counts(seen(self.TEXT, "neutral", standing=Standing.OUTLET)) == {"dead": 2}

    def test_a_count_far_from_the_topics_name_is_of_something_else(self) -> None:
        far = "Mosswell opens a shop. It is nice. It sells tea. It is blue. Elsewhere two people died in a fire"
        assert counts(seen(far, risks={"injury": 0.9})) == {}
        near = "Fire at Mosswell. It began at noon. Two people died"
        assert counts(seen(near, risks={"injury": 0.9})) == {"dead": 2}

    def test_a_short_text_that_was_caught_by_another_word_is_about_the_topic(self) -> None:
        assert counts(seen("Rainbow Sprout: six children in hospital", risks={"health": 0.9})) == {"hospital": 6}

    def test_the_organisations_own_count_is_its_own(self) -> None:
        [found] = [
            each
            for each in seen("We know of three children in hospital", author="Mosswell")
            if each.kind is FactKind.CASUALTIES
        ]
        assert found.own
        assert found.n == 3


class TestBoardsAndOutlets:
    @pytest.mark.parametrize(
        ("url", "place"),
        [
            ("https://board.test/weibo?q=x&band_rank=3&Refer=top", 3),
            ("https://board.test/?rank=12", 12),
            ("https://board.test/?franchise_rank_no=1", 0),
            ("https://board.test/?rank=99999", 0),
            ("", 0),
        ],
    )
    def test_a_titles_place_is_read_from_its_address(self, url: str, place: int) -> None:
        assert rank(Post(id="1", published=AT, text="x", url=url)) == place

    def test_a_title_on_a_board_is_seen_whatever_it_says(self) -> None:
        [found] = seen("苔井", "neutral", standing=Standing.BOARD, source="weibo")
        assert (found.kind, found.source) == (FactKind.BOARD, "weibo")

    def test_an_outlet_counts_where_it_tells_something_bad(self) -> None:
        post = Post(id="1", published=AT, text="Mosswell news", source="Ledger", standing=Standing.OUTLET)
        assert outlet(post, reading(post, "neutral"), "s", AT) is None
        assert outlet(post, reading(post, "positive", risks={"legal": 0.9}), "s", AT) is None
        assert outlet(post, reading(post, "negative"), "s", AT) is not None
        assert outlet(post, reading(post, "neutral", risks={"legal": 0.9}), "s", AT) is not None


class TestHostileText:
    @pytest.mark.parametrize(
        "text",
        [
            "9" * 100_000,
            "1," * 50_000,
            "two " * 30_000 + "people died",
            "十" * 100_000 + "人死亡",
            "Mosswell " * 12_000 + "apologises",
            "苔井就" * 30_000,
            "at least " * 12_000,
            "(" * 100_000 + "killed",
            "killed two and " * 8_000,
            "A" + "a" * 50_000 + " Commission " * 4_000,
            "\ud800\udfff" * 50,
        ],
    )
    @pytest.mark.timeout(60)
    def test_no_pattern_runs_away(self, text: str) -> None:
        seen(f"Mosswell hospital police {text}", risks={"injury": 0.9}, standing=Standing.OUTLET)
        seen(text, risks={"injury": 0.9}, standing=Standing.OUTLET)

    def test_what_stands_behind_the_first_page_is_not_read(self) -> None:
        assert sentences(f"{'x' * READ} two people died", MOSSWELL) == ()

    @settings(max_examples=100)
    @given(st.text(max_size=500), st.sampled_from(Standing), st.sampled_from(["negative", "neutral", "positive"]))
    def test_no_text_breaks_it(self, text: str, standing: Standing, label: str) -> None:
        for each in seen(f"苔井 Mosswell {text}", label, {"injury": 0.9}, standing=standing, author=text[:30]):
            assert len(each.name) <= 60
            assert each.story_id == "story"
