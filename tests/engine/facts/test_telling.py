"""The facts that sightings amount to, and how long they are remembered."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.facts.memory import KEPT, KEPT_OUTLETS, FactMemory
from engine.facts.sightings import Sighting
from engine.facts.telling import MOST, facts
from engine.post import Fact, FactKind, Standing
from engine.stories.live_stories import Changes

AT = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
COUNT, BOARD, OUTLET = FactKind.CASUALTIES, FactKind.BOARD, FactKind.OUTLET


def sighting(kind: FactKind, minute: float = 0, what: str = "", **more: Any) -> Sighting:
    source = more.get("source", "Ledger")
    made = Sighting(
        kind=kind, what=what, at=AT + minute * MINUTE, post_id=f"{source} {minute}", story_id="one", source=source,
        standing=Standing.OUTLET,
    )  # fmt: skip
    return replace(made, **more)


def known(*seen: Sighting, stories: tuple[str, ...] = ("one",)) -> dict[str, Fact]:
    return {fact.key: fact for fact in facts(seen, stories)}


class TestCounts:
    def test_first_of_its_kind_and_each_higher_one_with_what_was_before(self) -> None:
        found = known(
            sighting(COUNT, 0, "hospital", n=4),
            sighting(COUNT, 5, "hospital", n=6),
            sighting(COUNT, 9, "hospital", n=5, source="Quay"),
            sighting(COUNT, 9, "dead", n=1),
        )
        assert list(found) == ["casualties.hospital.4", "casualties.hospital.6", "casualties.dead.1"]
        assert found["casualties.hospital.6"].values["before"] == 4
        assert found["casualties.hospital.4"].values["before"] is None

    def test_all_who_say_the_same_prove_it_the_outlets_first(self) -> None:
        found = known(
            sighting(COUNT, 0, "hospital", n=6, source="chirrup", standing=Standing.SOCIAL),
            sighting(COUNT, 1, "hospital", n=6, source="Ledger"),
        )["casualties.hospital.6"]
        assert found.evidence == ("Ledger 1", "chirrup 0")
        assert found.at == AT
        assert found.values["saying"] == 2

    def test_what_the_company_says_later_stands_beside_it(self) -> None:
        found = known(
            sighting(COUNT, 0, "hospital", n=6),
            sighting(COUNT, 5, "hospital", n=4, source="Quay"),
            sighting(COUNT, 3, "hospital", n=3, source="newsroom", own=True),
        )["casualties.hospital.6"]
        assert (found.values["other"], found.values["other_own"]) == (3, 1)

    def test_one_voice_of_a_network_is_not_believed_that_somebody_died(self) -> None:
        rumour = sighting(COUNT, 0, "dead", n=70, source="chirrup", standing=Standing.SOCIAL, voice=1)
        assert known(rumour) == {}
        second = replace(rumour, post_id="other", voice=2)
        assert known(rumour, second)["casualties.dead.70"].values["confirmed"] == 0
        outlet = sighting(COUNT, 9, "dead", n=70)
        assert known(rumour, outlet)["casualties.dead.70"].values["confirmed"] == 1

    def test_who_is_in_hospital_was_taken_ill(self) -> None:
        assert list(known(sighting(COUNT, 0, "hospital", n=6), sighting(COUNT, 0, "ill", n=6))) == [
            "casualties.hospital.6"
        ]
        assert "casualties.ill.9" in known(sighting(COUNT, 0, "hospital", n=6), sighting(COUNT, 1, "ill", n=9))

    def test_a_lower_count_of_another_matter_days_later_is_news(self) -> None:
        old = sighting(COUNT, 0, "injured", n=9, story_id="old")
        new = sighting(COUNT, 4 * 24 * 60, "injured", n=2)
        assert list(known(old, new)) == ["casualties.injured.2"]

    def test_a_higher_count_of_a_story_that_is_over_still_makes_a_lower_one_no_news(self) -> None:
        old = sighting(COUNT, 0, "injured", n=9, story_id="old")
        assert known(old, sighting(COUNT, 60, "injured", n=2)) == {}


class TestTheRest:
    def test_a_body_is_told_once_and_a_regulator_without_a_name_not_after_one_with_a_name(self) -> None:
        found = known(
            sighting(FactKind.AUTHORITY, 0, "fda", name="FDA"),
            sighting(FactKind.AUTHORITY, 1, "fda", name="Food and Drug Administration", source="Quay"),
            sighting(FactKind.AUTHORITY, 2, "regulator", name="regulator"),
        )
        assert list(found) == ["authority.fda"]
        assert found["authority.fda"].values["name"] == "FDA"
        assert len(found["authority.fda"].evidence) == 2

    def test_each_thing_that_the_organisation_does_is_told_once(self) -> None:
        found = known(
            sighting(FactKind.STATEMENT, 0, "apology"),
            sighting(FactKind.STATEMENT, 1, "apology", source="Mosswell", own=True),
            sighting(FactKind.STATEMENT, 1, "recall"),
            sighting(FactKind.DELETION, 2, "deletion"),
        )
        assert list(found) == ["statement.apology", "statement.recall", "deletion"]
        assert found["statement.apology"].values["own"] == 1

    def test_the_first_outlet_and_every_ten_more(self) -> None:
        found = known(*(sighting(OUTLET, n, source=f"paper {n:02}") for n in range(21)))
        assert list(found) == ["outlet", "outlets.10", "outlets.20"]
        assert found["outlet"].values["source"] == "paper 00"
        assert found["outlet"].values["n"] == 21
        assert found["outlets.10"].at == AT + 9 * MINUTE

    def test_the_first_title_on_each_board_and_each_better_tier(self) -> None:
        places = [42, 26, 28, 5, 4, 2, 9, 1]
        found = known(*(sighting(BOARD, n, source="weibo", n=place) for n, place in enumerate(places)))
        assert list(found) == ["board.weibo", "board.weibo.30", "board.weibo.10", "board.weibo.3", "board.weibo.1"]
        assert [fact.values["n"] for fact in found.values()] == [42, 26, 5, 2, 1]
        assert found["board.weibo.3"].values["before"] == 5

    def test_a_title_without_a_place_is_told_once(self) -> None:
        assert list(known(sighting(BOARD, 0, source="x"), sighting(BOARD, 1, source="x"))) == ["board.x"]

    def test_only_the_stories_that_are_looked_at_have_facts(self) -> None:
        assert known(sighting(FactKind.AUTHORITY, 0, "fda", name="FDA"), stories=("two",)) == {}

    def test_they_are_bounded_and_the_oldest_stand_first(self) -> None:
        many = [sighting(FactKind.AUTHORITY, n, f"body-{n}", name="x") for n in range(200)]
        found = facts(many, ("one",))
        assert len(found) == MOST
        assert list(found) == sorted(found, key=lambda fact: fact.at)

    @settings(max_examples=60)
    @given(st.data())
    def test_the_order_in_which_they_were_seen_changes_nothing(self, data: Any) -> None:
        seen = data.draw(
            st.lists(
                st.builds(
                    sighting,
                    st.sampled_from([COUNT, BOARD, OUTLET]),
                    st.integers(0, 5000),
                    st.sampled_from(["dead", "ill", "hospital"]),
                    n=st.integers(0, 9),
                    source=st.sampled_from(["a", "b", "c"]),
                    story_id=st.sampled_from(["one", "two"]),
                ),
                max_size=20,
            )
        )
        seen = list({each.post_id: each for each in seen}.values())
        shuffled = random.Random(1).sample(seen, len(seen))
        assert facts(seen, ("one",)) == facts(shuffled, ("one",))


class TestMemory:
    def memory(self, *seen: Sighting) -> FactMemory:
        made = FactMemory()
        made.take(seen)
        return made

    def test_the_same_said_again_is_kept_once(self) -> None:
        made = self.memory(*(sighting(COUNT, n, "dead", n=2) for n in range(50)))
        made.settle(AT)
        assert [each.at for each in made.seen] == [AT]

    def test_it_is_bounded_whatever_comes(self) -> None:
        made = self.memory(
            *(sighting(FactKind.AUTHORITY, n, f"body-{n}") for n in range(500)),
            *(sighting(OUTLET, n, source=f"paper {n}") for n in range(500)),
            *(sighting(BOARD, n, source="weibo", n=n % 50) for n in range(500)),
        )
        made.settle(AT)
        assert len(made.seen) <= KEPT + KEPT_OUTLETS

    def test_a_flood_of_one_rumour_does_not_drown_what_else_is_known(self) -> None:
        flood = [
            sighting(COUNT, n, "dead", n=70, source="chirrup", standing=Standing.SOCIAL, voice=n) for n in range(1, 400)
        ]
        made = self.memory(sighting(FactKind.AUTHORITY, 0, "fda"), *flood)
        made.settle(AT)
        assert "fda" in {each.what for each in made.seen}

    def test_it_forgets_after_days_without_anything_of_the_kind(self) -> None:
        made = self.memory(sighting(OUTLET, 0), sighting(COUNT, 0, "dead", n=2))
        made.settle(AT + timedelta(days=4))
        assert [each.kind for each in made.seen] == [COUNT]
        made.settle(AT + timedelta(days=8))
        assert made.seen == []

    def test_a_lower_count_never_becomes_news_because_the_higher_one_is_old(self) -> None:
        made = self.memory(sighting(COUNT, 0, "dead", n=9), sighting(COUNT, 6 * 24 * 60, "dead", n=2, source="Quay"))
        made.settle(AT + timedelta(days=8))
        assert list(known(*made.seen)) == ["casualties.dead.9"]

    def test_sightings_go_with_their_stories(self) -> None:
        made = self.memory(sighting(COUNT, 0, "dead", n=2))
        made.lead = "one"
        made.follow(Changes(merged={"one": "two"}))
        assert [each.story_id for each in made.seen] == ["two"]
        assert made.lead == "two"

    def test_it_is_kept_as_plain_values(self) -> None:
        made = self.memory(sighting(COUNT, 0, "dead", n=2, name="worker", own=True, voice=7, before=1))
        made.lead = "one"
        assert FactMemory.load(made.dump()) == made

    def test_a_state_of_an_earlier_version_knows_nothing(self) -> None:
        assert FactMemory.load(None) == FactMemory()


class TestPace:
    def found(self, memory: FactMemory) -> list[tuple[int, int]]:
        return [(each.n, each.before) for each in memory.seen]

    @pytest.mark.parametrize(("count", "usual", "news"), [(9, 0.0, False), (10, 0.0, True), (29, 10.0, False)])
    def test_the_first_pace_is_ten_an_hour_and_three_times_the_usual(
        self, count: int, usual: float, news: bool
    ) -> None:
        memory = FactMemory()
        memory.pace(count, usual, at=AT, proofs=["p"])
        assert bool(memory.seen) is news

    def test_each_further_one_is_twice_what_was_told_last(self) -> None:
        memory = FactMemory()
        for minute, count in enumerate([12, 20, 23, 24, 40, 47, 100]):
            memory.pace(count, 1.2, at=AT + minute * MINUTE, proofs=["p"])
        assert self.found(memory) == [(12, 1), (24, 12), (100, 24)]
        assert list(known(*(replace(each, story_id="one") for each in memory.seen))) == [
            "doubling.0",
            "doubling.1",
            "doubling.3",
        ]
