"""A crisis grows, and the watch knows what is new in it: each fact once, with its proof."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from engine.post import Assessment, Fact, FactKind, Level, SourceHealth, Standing, Topic
from engine.watch.state import WatchState
from engine.watch.watch import Arrival, update
from tests.engine.watch.readings import arrival

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
MOSSWELL = Topic(name="Mosswell", query="mosswell", aliases=("Mosswell", "苔井"))
TEA, PRICE = [1.0, 0, 0], [0, 1.0, 0]


def at(minute: float) -> datetime:
    return NOON + timedelta(minutes=minute)


def said(id: str, minute: float, text: str, **more: Any) -> Arrival:  # noqa: A002
    """A post about the tea that is against Mosswell, with a danger to health read in it."""
    kept = {"label": "negative", "risks": {"health": 0.9}, "embedding": TEA, **more}
    url = kept.pop("url", "")
    made = arrival(id, at(minute), text, **kept)
    return replace(made, post=replace(made.post, url=url))


OUTLET, BOARD = Standing.OUTLET, Standing.BOARD
CRISIS: tuple[Arrival, ...] = (
    *(said(f"mum{n}", n, f"Mosswell tea tastes of soap, my child was sick {n}") for n in range(12)),
    said("press", 20, "Parents complain of Mosswell tea", source="Ledger", standing=OUTLET),
    said("four", 60, "Mosswell: four children in hospital", source="Ledger", standing=OUTLET),
    said("six", 90, "Six children in hospital after Mosswell tea", source="Radio Quay", standing=OUTLET),
    said("six-too", 95, "6名儿童饮用苔井果茶后就医", source="晨讯", standing=OUTLET),
    said("office", 100, "Food Safety Office opens investigation into Mosswell", source="Ledger", standing=OUTLET),
    said("board", 110, "苔井果茶", source="weibo", standing=BOARD, url="https://weibo.test/?band_rank=17"),
    said("climbs", 125, "苔井 儿童", source="weibo", standing=BOARD, url="https://weibo.test/?band_rank=3"),
    said("note", 130, "We are aware of reports; three children are in hospital", author="Mosswell", source="site"),
    said("sorry", 200, "Mosswell apologises", source="Ledger", standing=OUTLET),
    *(said(f"paper{n}", 210 + n, f"Mosswell tea, report {n}", source=f"paper {n}", standing=OUTLET) for n in range(9)),
    said("gone", 230, "苔井删除声明", source="weibo", standing=BOARD, url="https://weibo.test/?band_rank=9"),
)  # fmt: skip


def look(state: WatchState, posts: Sequence[Arrival] = (), *, now: datetime) -> Assessment:
    since = NOON - timedelta(days=20)
    return update(state, posts, topic=MOSSWELL, now=now, watched_since=since, health=SourceHealth(total=3)).assessment


def replayed(posts: Sequence[Arrival], size: int = 3) -> tuple[WatchState, Assessment]:
    """The state and the assessment after all of *posts*, so many at a time."""
    state, last = WatchState(), None
    ordered = sorted(posts, key=lambda each: each.post.published)
    for begin in range(0, len(ordered), size):
        batch = ordered[begin : begin + size]
        last = look(state, batch, now=batch[-1].post.published)
    assert last is not None
    return state, last


def by_key(assessment: Assessment) -> dict[str, Fact]:
    assert len({fact.key for fact in assessment.facts}) == len(assessment.facts)
    return {fact.key: fact for fact in assessment.facts}


EXPECTED = {
    "outlet": ("press", 20),
    "casualties.hospital.4": ("four", 60),
    "casualties.hospital.6": ("six", 90),
    "authority.food-safety-office": ("office", 100),
    "board.weibo": ("board", 110),
    "board.weibo.3": ("climbs", 125),
    "statement.statement": ("note", 130),
    "statement.apology": ("sorry", 200),
    "outlets.10": ("paper6", 216),
    "deletion": ("gone", 230),
}


class TestACrisis:
    def test_every_fact_is_known_once_with_its_proof_and_its_moment(self) -> None:
        _, last = replayed(CRISIS)
        assert last.level is Level.RED
        found = by_key(last)
        told = {key: (fact.evidence[0], fact.at) for key, fact in found.items() if fact.kind is not FactKind.DOUBLING}
        assert told == {key: (post, at(minute)) for key, (post, minute) in EXPECTED.items()}
        assert "doubling.0" in found

    def test_it_is_known_as_it_happens_not_before(self) -> None:
        _, early = replayed([each for each in CRISIS if each.post.published <= at(95)])
        assert set(by_key(early)) - {"doubling.0"} == {"outlet", "casualties.hospital.4", "casualties.hospital.6"}

    def test_they_stand_in_the_order_in_which_they_came_about(self) -> None:
        _, last = replayed(CRISIS)
        assert list(last.facts) == sorted(last.facts, key=lambda fact: fact.at)

    def test_both_languages_prove_one_count_and_the_company_contradicts_it(self) -> None:
        values = by_key(replayed(CRISIS)[1])["casualties.hospital.6"].values
        assert values["sources"] == ("Radio Quay", "晨讯")
        assert (values["who"], values["before"]) == ("child", 4)
        assert (values["other"], values["other_own"]) == (3, 1)

    @pytest.mark.parametrize("size", [1, 7, 100])
    def test_what_is_said_does_not_depend_on_the_batches(self, size: int) -> None:
        def words(assessment: Assessment) -> list[tuple[str, datetime, tuple[str, ...]]]:
            kept = [fact for fact in assessment.facts if fact.kind is not FactKind.DOUBLING]
            return [(fact.key, fact.at, fact.evidence) for fact in kept]

        assert words(replayed(CRISIS, size)[1]) == words(replayed(CRISIS)[1])

    def test_the_order_inside_a_batch_changes_nothing(self) -> None:
        shuffled = random.Random(3).sample(CRISIS, len(CRISIS))
        one, other = WatchState(), WatchState()
        assert look(one, CRISIS, now=at(240)).facts == look(other, shuffled, now=at(240)).facts

    def test_a_restart_in_the_middle_changes_nothing(self) -> None:
        state, _ = replayed([each for each in CRISIS if each.post.published <= at(110)])
        stories = [story.dump() for story in state.stories.by_id.values()]
        again = WatchState.load(state.dump(), stories)
        rest = [each for each in CRISIS if each.post.published > at(110)]
        assert look(again, rest, now=at(240)).facts == look(state, rest, now=at(240)).facts

    def test_a_day_later_nothing_of_it_is_told_anew(self) -> None:
        state, last = replayed(CRISIS)
        later = said("late", 26 * 60, "Mosswell: two children are still in hospital", source="Quay", standing=OUTLET)
        assert set(by_key(look(state, [later], now=at(26 * 60)))) <= set(by_key(last))


class TestWhatIsNoNews:
    def test_history_and_copies_tell_nothing(self) -> None:
        six = said("six", 0, "Six children in hospital after Mosswell tea", standing=OUTLET)
        quiet = replace(six, quiet=True)
        copy = replace(six, post=replace(six.post, copy_of="other"))
        for each in (quiet, copy):
            assert not [fact for fact in look(WatchState(), [each], now=NOON).facts if fact.kind is FactKind.CASUALTIES]

    def test_a_copy_in_another_outlet_counts_as_an_outlet(self) -> None:
        first = said("0", 0, "Mosswell tea is bad", source="wire", standing=OUTLET)
        copies = [
            said(str(n), n, "Mosswell tea is bad", source=f"paper {n}", standing=OUTLET, copy_of="0")
            for n in range(1, 10)
        ]
        assert "outlets.10" in by_key(look(WatchState(), [first, *copies], now=at(10)))

    def test_an_old_post_that_arrives_now_tells_nothing(self) -> None:
        old = said("old", -24 * 60, "Six children in hospital after Mosswell tea", standing=OUTLET, seen=NOON)
        assert look(WatchState(), [old], now=NOON).facts == ()

    def test_an_ordinary_day_has_no_facts(self) -> None:
        posts = [said(f"{n}", n, f"Mosswell tea number {n}", label="neutral", risks={}) for n in range(40)]
        assert look(WatchState(), posts, now=at(60)).facts == ()


class TestAnotherStory:
    def test_a_stranger_that_takes_the_lead_is_told_with_its_headline(self) -> None:
        state = WatchState()
        tea = [said(f"t{n}", n, f"Mosswell tea tastes of soap {n}") for n in range(5)]
        assert look(state, tea, now=at(10)).facts == ()
        prices = [
            said(f"p{n}", 60 + n, f"Mosswell price gouging shocks customers {n}", embedding=PRICE) for n in range(12)
        ]
        [fact] = [fact for fact in look(state, prices, now=at(80)).facts if fact.kind is FactKind.STORY]
        assert str(fact.values["headline"]).startswith("Mosswell price gouging")
        assert fact.key == f"story.{fact.story}"
        assert fact.evidence

    def test_a_story_that_only_grows_is_no_other_one(self) -> None:
        state = WatchState()
        for hour in range(4):
            tea = [said(f"t{hour}-{n}", 60 * hour + n, f"Mosswell tea tastes of soap {hour}{n}") for n in range(8)]
            found = look(state, tea, now=at(60 * hour + 10)).facts
            assert not [fact for fact in found if fact.kind is FactKind.STORY]


def test_a_state_of_before_there_were_facts_is_taken_up() -> None:
    import json
    import struct
    import zlib

    state, _ = replayed(CRISIS)
    payload = state.dump()
    end = 8 + int(struct.unpack_from("<I", payload, 4)[0])
    header = json.loads(zlib.decompress(payload[8:end]))
    del header["facts"]
    head = zlib.compress(json.dumps(header).encode())
    old = WatchState.load(payload[:4] + struct.pack("<I", len(head)) + head + payload[end:])
    assert old.facts.seen == []
    assert len(old.notables) == len(state.notables)
