"""Several matters of one topic, and what was closed: whose level what is said raises, over the turn that all share."""

from __future__ import annotations

from dataclasses import replace

from bot.records import ActKind, Decision, Status
from engine.post import Level
from tests.bot.incidents.turns import DAY, HOUR, MINUTE, Watched

PRICE, CRASH = 1, 2


def price_row() -> Watched:
    """An orange row about prices, owned."""
    watched = Watched()
    watched.hears("price", 24, minutes=60)
    assert (watched.live, watched.level(PRICE)) == ([PRICE], Level.ORANGE)
    watched.does(PRICE, ActKind.ACKNOWLEDGE)
    return watched


def price_row_and_crash() -> Watched:
    watched = price_row()
    watched.reported("crash", "Reuters", "BBC News", "CNN")
    assert watched.live == [PRICE, CRASH]
    return watched


class TestTwoMatters:
    def test_a_fatal_accident_beside_an_owned_price_row_is_an_incident_of_its_own(self) -> None:
        watched = price_row()
        watched.reported("crash", "Reuters", "BBC News")
        assert watched.live == [PRICE, CRASH]
        assert watched[CRASH].headline.startswith("acme")
        assert set(watched[CRASH].stories) == watched.story_of("crash")
        assert watched[CRASH].owner == ""
        assert watched[CRASH].next_action_at is not None  # its own policy is under way

    def test_the_row_stays_as_it_is_and_with_its_owner_even_when_the_accident_turns_red(self) -> None:
        watched = price_row()
        watched.reported("crash", "Reuters", "BBC News")
        assert watched.acts(ActKind.RAISED, ActKind.UNACKNOWLEDGED) == []
        watched.reported("crash", "CNN", "NYT")
        watched.hears("crash", 12, minutes=20)
        assert watched.level(CRASH) == Level.RED
        assert watched.level(PRICE) == Level.ORANGE
        assert (watched[PRICE].peak, watched[PRICE].owner) == (Level.ORANGE, "U_ANNA")
        assert not set(watched[PRICE].stories) & watched.story_of("crash")

    def test_each_follows_its_own_stories(self) -> None:
        watched = price_row_and_crash()
        score = watched[CRASH].score
        watched.hears("price", 60, minutes=60)
        assert watched[CRASH].score <= score
        assert watched.live == [PRICE, CRASH]
        assert watched[PRICE].score > 75

    def test_the_first_report_among_many_complaints_is_seen(self) -> None:
        """Stories that weigh more by their number must not hide one that is grave."""
        watched = price_row()
        for number in range(8):
            watched.hears(f"moan{number}", 5, minutes=5)
        watched.reported("crash", "Reuters", "BBC News")
        crash = watched.live[-1]
        assert crash != PRICE
        assert set(watched[crash].stories) == watched.story_of("crash")

    def test_what_is_strange_but_mild_joins_and_still_counts(self) -> None:
        watched = price_row()
        watched.hears("strike", 3, minutes=30)
        assert watched.live == [PRICE]

    def test_what_is_more_of_the_same_opens_nothing(self) -> None:
        watched = price_row()
        watched.reported("price", "Reuters", "BBC News", risk="boycott")
        assert watched.live == [PRICE]

    def test_three_are_live_at_most_and_the_fourth_joins(self) -> None:
        watched = price_row_and_crash()
        watched.reported("leak", "Reuters", "BBC News", "CNN", risk="data")
        assert watched.live == [1, 2, 3]
        watched.reported("strike", "Reuters", "BBC News", "CNN", risk="violence")
        assert watched.live == [1, 2, 3]
        assert watched.story_of("strike") <= set(watched[PRICE].stories)

    def test_a_topic_that_is_paused_opens_no_second_one(self) -> None:
        watched = price_row()
        watched.topic = replace(watched.topic, paused=True)
        watched.reported("crash", "Reuters", "BBC News")
        assert watched.live == [PRICE]

    def test_a_story_that_a_person_splits_off_is_measured_by_itself(self) -> None:
        watched = Watched()
        watched.hears("strike", 4, minutes=20)
        watched.hears("price", 24, minutes=60)
        (strike,) = watched.story_of("strike")
        assert strike in watched[PRICE].stories  # both were told when it opened
        watched.splits(PRICE, strike)
        watched.passes(5 * MINUTE)
        assert watched.live == [PRICE, 2]
        assert watched[2].stories == (strike,)
        assert (watched[PRICE].level, watched[2].level) == (Level.ORANGE, Level.BLUE)


class TestClosedBesideAnother:
    def test_it_opens_no_new_incident_for_what_was_said_before(self) -> None:
        watched = price_row_and_crash()
        watched.does(CRASH, ActKind.RESOLVE, text="the family is told")
        watched.passes(6 * HOUR, every=30 * MINUTE)
        assert [each.id for each in watched.ledger.incidents] == [PRICE, CRASH]
        assert watched.live == [PRICE]

    def test_it_raises_the_other_neither_then_nor_when_a_day_has_passed(self) -> None:
        watched = price_row_and_crash()
        watched.does(CRASH, ActKind.RESOLVE, text="the family is told")
        for _ in range(60):
            watched.hears("price", 2, minutes=60)
            assert watched[PRICE].peak == Level.ORANGE

    def test_it_goes_on_when_as_much_was_said_since_as_would_open_it(self) -> None:
        watched = price_row_and_crash()
        watched.does(CRASH, ActKind.RESOLVE, text="the family is told")
        watched.passes(HOUR)
        watched.reported("crash", "NYT", "Le Monde")
        assert watched.live == [PRICE, CRASH]
        assert (CRASH, ActKind.REOPENED) in watched.acts(ActKind.REOPENED)
        assert watched.level(PRICE) == Level.ORANGE

    def test_the_accident_goes_on_alone_when_the_row_is_closed(self) -> None:
        watched = price_row_and_crash()
        watched.does(PRICE, ActKind.RESOLVE, text="prices are back")
        watched.hears("crash", 2, minutes=30)
        assert watched.live == [CRASH]
        assert watched[CRASH].stories == tuple(watched.story_of("crash"))


class TestClosed:
    def test_what_was_said_before_opens_nothing_for_days(self) -> None:
        """The level of the topic falls slowly: for days it stands where nothing is said any more."""
        watched = price_row()
        watched.reported("price", "Reuters", "BBC News", "CNN", risk="injury")
        watched.does(PRICE, ActKind.RESOLVE, text="a misunderstanding")
        for _ in range(60):
            watched.passes(2 * HOUR, every=HOUR)
        assert [each.status for each in watched.ledger.incidents] == [Status.RESOLVED]

    def test_the_same_story_goes_on_as_the_same_incident(self) -> None:
        watched = price_row()
        watched.does(PRICE, ActKind.RESOLVE, text="prices are back")
        watched.hears("price", 24, minutes=60)
        assert [each.id for each in watched.ledger.incidents] == [PRICE]
        assert watched.live == [PRICE]
        assert watched[PRICE].reopened_at is not None

    def test_a_few_more_posts_do_not_open_it_again(self) -> None:
        watched = price_row()
        watched.does(PRICE, ActKind.RESOLVE, text="prices are back")
        watched.hears("price", 4, minutes=120)
        assert watched.live == []

    def test_once_it_goes_on_nothing_older_than_the_close_raises_it(self) -> None:
        watched = price_row()
        watched.reported("price", "Reuters", "BBC News", "CNN", risk="injury")
        assert watched[PRICE].peak == Level.RED
        watched.does(PRICE, ActKind.FALSE_ALARM, text="nobody was hurt")
        watched.hears("price", 14, minutes=40)
        assert watched.live == [PRICE]
        reopened = watched.level(PRICE)
        assert reopened is not None
        assert reopened > Level.RED
        watched.passes(30 * HOUR, every=HOUR)
        assert watched.level(PRICE) is None or watched.level(PRICE) >= reopened  # type: ignore[operator]
        assert watched.acts(ActKind.RAISED) == []

    def test_another_story_opens_a_new_one_at_its_own_level(self) -> None:
        watched = price_row()
        watched.reported("price", "Reuters", "BBC News", "CNN", risk="injury")
        watched.does(PRICE, ActKind.RESOLVE, text="over")
        watched.hears("strike", 14, minutes=40)
        assert watched.live == [2]
        opened = watched.level(2)
        watched.passes(2 * HOUR)
        assert watched[2].peak == opened
        assert opened is not None
        assert opened > Level.RED

    def test_whoever_closed_it_at_red_is_told_once_that_it_is_red_still(self) -> None:
        watched = Watched()
        watched.reported("crash", "Reuters", "BBC News", "CNN", "NYT")
        watched.hears("crash", 12, minutes=20)
        assert watched.level(1) == Level.RED
        watched.does(1, ActKind.RESOLVE, text="nothing to it", by="U_BEN")
        told = []
        for _ in range(24):
            watched.passes(5 * MINUTE)
            told += watched.acts(ActKind.STILL_RED)
        assert told == [(1, ActKind.STILL_RED)]

    def test_what_goes_on_in_the_moment_of_the_warning_stays_open(self) -> None:
        watched = Watched()
        watched.reported("crash", "Reuters", "BBC News", "CNN", "NYT")
        watched.hears("crash", 12, minutes=20)
        watched.does(1, ActKind.RESOLVE, text="nothing to it", by="U_BEN")
        watched.now += 32 * MINUTE
        watched.reported("crash", "Le Monde", "Der Spiegel")
        assert watched.live == [1]
        assert watched.acts(ActKind.REOPENED, ActKind.STILL_RED) == [(1, ActKind.REOPENED)]

    def test_after_a_week_it_is_a_new_matter(self) -> None:
        watched = price_row()
        watched.does(PRICE, ActKind.RESOLVE, text="prices are back")
        watched.passes(7 * DAY + HOUR, every=12 * HOUR)
        watched.hears("price", 24, minutes=60)
        assert watched.live == [2]

    def test_the_same_told_again_after_four_days_of_silence_goes_on_as_the_same_incident(self) -> None:
        """Then it is a story of its own, since posts so far apart are not taken for one."""
        watched = price_row()
        watched.does(PRICE, ActKind.RESOLVE, text="prices are back")
        told = watched.story_of("price")
        watched.passes(4 * DAY, every=6 * HOUR)
        watched.hears("price", 24, minutes=60)
        assert watched.live == [PRICE]
        assert watched.story_of("price") - told

    def test_something_else_after_four_days_is_another_incident(self) -> None:
        watched = price_row()
        watched.does(PRICE, ActKind.RESOLVE, text="prices are back")
        watched.passes(4 * DAY, every=6 * HOUR)
        watched.hears("strike", 24, minutes=60)
        assert watched.live == [2]

    def test_what_was_merged_into_another_does_not_go_on(self) -> None:
        watched = price_row()
        watched.does(PRICE, ActKind.RESOLVE, text="it is the same as another")
        watched.ledger.write(Decision(incident=replace(watched[PRICE], merged_into=9)))
        watched.hears("price", 24, minutes=60)
        assert watched.live == [2]
