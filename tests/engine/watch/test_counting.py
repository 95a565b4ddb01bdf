"""One number, one meaning: what a summary, its chart and its reasons count can be counted again from the posts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from statistics import median

from hypothesis import given, settings
from hypothesis import strategies as st

from engine.overview.summary import TopicSummary, summary
from engine.overview.what_if import Fall, what_if
from engine.post import Note, Polarity, SourceHealth, Standing, Topic
from engine.watch import counting
from engine.watch.watch import Arrival, WatchState, update
from tests.engine.watch.readings import arrival

NOW = datetime(2026, 3, 2, 8, 3, tzinfo=UTC)
DAY = timedelta(days=1)
WATCHED = NOW - 20 * DAY
ACME = Topic(name="Acme", query="acme", aliases=("Acme",))

AGES = st.integers(0, 3 * 60) | st.integers(0, 24 * 60) | st.integers(0, 8 * 24 * 60)


@st.composite
def arrivals(draw: st.DrawFn) -> list[Arrival]:
    """Posts of the last eight days: of any tone and standing, copies, late ones, history, in bursts and alone."""
    found: list[Arrival] = []
    for age in draw(st.lists(AGES, min_size=1, max_size=30)):
        for extra in range(draw(st.sampled_from([1, 1, 1, 12]))):
            at, number = NOW - timedelta(minutes=age, seconds=extra), len(found)
            original = draw(st.sampled_from([None, *[one.post.id for one in found[-3:]]]))
            made = arrival(
                f"p{number}",
                at,
                f"word{number % 5} of the matter" if draw(st.booleans()) else "",
                draw(st.sampled_from(["negative", "negative", "neutral", "positive"])),
                source=draw(st.sampled_from(["forum", "daily", "board"])),
                standing=draw(st.sampled_from([Standing.SOCIAL, Standing.OUTLET, Standing.BOARD])),
                risks={"health": 0.9} if draw(st.booleans()) else None,
                embedding=draw(st.sampled_from([[1, 0, 0], [0, 1, 0]])),
                seen=min(NOW, at + draw(st.sampled_from([timedelta(), timedelta(hours=8)]))),
                copy_of=original,
                quiet=draw(st.booleans()) if age > 24 * 60 else False,
            )
            found.append(made)
    return found


def watched(posts: Sequence[Arrival]) -> tuple[WatchState, TopicSummary, dict[str, str]]:
    state = WatchState()
    health = SourceHealth(total=3)
    done = update(state, posts, topic=ACME, now=NOW, watched_since=WATCHED, health=health)
    told = summary(state, topic=ACME, now=NOW, watched_since=WATCHED, health=health)
    return state, told, dict(done.absorbed.assigned)


def negative(one: Arrival) -> bool:
    return one.reading.sentiment.label is Polarity.NEGATIVE


def recounted(posts: Sequence[Arrival], length: timedelta, *, of: Callable[[Arrival], bool], before: int = 0) -> int:
    """The posts that are *of* it in the window that ended so many days *before* now."""
    end = NOW - before * DAY
    since, until = counting.begin(end, length), counting.begin(end, timedelta()) if before else NOW + DAY
    return sum(since <= one.post.published < until and of(one) for one in posts)


def recounted_usual(posts: Sequence[Arrival], length: timedelta, *, of: Callable[[Arrival], bool]) -> float:
    days = min((20 * DAY - length) // DAY, 7)
    return median(recounted(posts, length, of=of, before=day) for day in range(1, days + 1))


@settings(max_examples=40)
@given(posts=arrivals())
def test_every_number_of_an_answer_can_be_recounted_from_its_posts(posts: list[Arrival]) -> None:
    state, told, stories = watched(posts)
    assert told.posts == recounted(posts, DAY, of=lambda one: True) == sum(hour.volume for hour in told.hours)
    assert told.negative == recounted(posts, DAY, of=negative) == sum(hour.negative for hour in told.hours)
    assert told.posts == told.negative + told.neutral + told.positive
    assert told.usual_posts == recounted_usual(posts, DAY, of=lambda one: True)
    assert told.usual_negative == recounted_usual(posts, DAY, of=negative)
    for line in told.stories:
        assert line.size == list(stories.values()).count(line.id)
    for signal in told.assessment.signals:
        again = _recounted(signal.reason, posts, stories)
        assert again is None or signal.value == again
        if signal.reason.code in ("surge.counts", "surge.multiple"):
            of, length = _kind(signal.reason), timedelta(minutes=signal.reason.number("minutes"))
            assert signal.baseline == signal.reason.number("usual") == recounted_usual(posts, length, of=of)
    for answer in what_if(state, now=NOW, watched_since=WATCHED):
        if isinstance(answer, Fall) and answer.when.code == "fewer":
            of, length = _kind(answer.when), timedelta(minutes=answer.when.number("within"))
            assert answer.when.number("value") == recounted(posts, length, of=of)


def _kind(told: Note) -> Callable[[Arrival], bool]:
    return negative if told.text("posts") == "negative" else lambda one: True


def _recounted(told: Note, posts: Sequence[Arrival], stories: dict[str, str]) -> float | None:
    """The number that *told* is about, from the posts; None for one that is no number of posts in a window."""
    originals = [one for one in posts if one.post.copy_of is None and not one.quiet]
    fresh = [one for one in originals if one.post.seen and one.post.seen - one.post.published <= timedelta(hours=6)]
    match told.code:
        case "surge.counts" | "surge.multiple":
            return recounted(posts, timedelta(minutes=told.number("minutes")), of=_kind(told))
        case "share":
            length = timedelta(minutes=told.number("minutes"))
            assert told.number("posts") == recounted(posts, length, of=lambda one: True)
            return recounted(posts, length, of=negative) / told.number("posts")
        case "gravity":
            return recounted(fresh, DAY, of=lambda one: told.text("risk") in one.reading.risks)
        case "board":
            return recounted(fresh, DAY, of=lambda one: one.post.standing is Standing.BOARD)
        case "drop":
            return recounted(posts, timedelta(hours=6), of=lambda one: True)
        case "spread":
            homes = [{one.post.source for one in posts if stories[one.post.id] == key} for key in stories.values()]
            return told.number("sources") if told.number("sources") in map(len, homes) else -1
        case "growth":  # its value is how fast, its number of posts that of the whole story
            assert told.number("posts") in [list(stories.values()).count(key) for key in stories.values()]
    return None


def test_a_window_begins_at_a_whole_step_and_ends_now() -> None:
    posts = [arrival(f"p{n}", NOW - timedelta(minutes=n), "", "negative") for n in (0, 57, 58, 59)]
    _, told, _ = watched(posts)
    assert counting.begin(NOW, timedelta(hours=1)) == NOW - timedelta(minutes=58)
    assert [hour.negative for hour in told.hours[-2:]] == [1, 3]


def test_copies_late_posts_and_titles_are_posts_and_only_fresh_originals_ring() -> None:
    first = arrival("p0", NOW, "Acme burns", "negative")
    copies = [arrival(f"c{n}", NOW, "Acme burns", "negative", author=f"a{n}", copy_of="p0") for n in range(40)]
    late = arrival("late", NOW - timedelta(hours=9), "old tale", "negative", seen=NOW)
    title = arrival("title", NOW, "Acme on the board", "negative", standing=Standing.BOARD)
    _, told, _ = watched([first, *copies, late, title])
    assert (told.posts, told.negative) == (43, 43)
    assert "negative_volume" not in [signal.name for signal in told.assessment.signals]
