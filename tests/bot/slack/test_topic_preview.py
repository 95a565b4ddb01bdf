"""What a query would bring, asked before the topic is saved: through the real form, store and sandbox."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.config.schema import QueryPart
from bot.desk.drafts import Draft
from bot.infra.clock import VirtualClock
from bot.records import Item, NewPost
from bot.sandbox import Person
from bot.store import Store
from engine.text.fingerprints import content_hash
from tests.bot.slack.office import Office, running


@pytest.fixture
def office(store: Store, clock: VirtualClock) -> Iterator[Office]:
    with running(store, clock) as opened:
        yield opened


def stored(office: Office, texts: list[str]) -> None:
    """Posts of the last days, a quarter of a day apart, that no topic caught."""
    now = office.clock.now()
    source = office.store.sources.all()[0]
    posts = [
        NewPost(
            item=Item(external_id=f"p{number}", published=now, text=text, url=f"https://square.example/{number}"),
            published=now - timedelta(hours=6 * number),
            content_hash=content_hash(text),
        )
        for number, text in enumerate(texts)
    ]
    office.store.posts.add(source, posts, now)


def previews(office: Office, person: Person, query: str) -> str:
    """What the page says that the form's button opens."""
    person.types("pr", "/opinion add Cedar Bank")
    form = person.waits_for_form()
    form.fills({"query": query})
    label = "Preview: what would it bring?" if person.name == "Ada" else "预览：会匹配到什么？"
    form.clicks(label)
    office.done()
    return str(person.form.plain())


FRUIT = [f"She bought {n} apple pies and a glass of juice at the fair" for n in range(4)]
FIRM = [f"Apple delays phone number {n}, say people in the trade" for n in range(6)]


def test_the_preview_says_how_many_by_which_words_and_shows_them(office: Office) -> None:
    stored(office, ["Cedar-Bank is down", "Cedar Bank and the outage", "An outage at the mill", *["Nothing"] * 21])
    page = previews(office, office.person("Ada"), '"Cedar Bank" OR outage -drill')
    assert "3 of 24 stored posts of the last 30 days match (12 %)" in page
    assert "“outage”: 2 in all, 1 by it alone" in page
    assert "posts a day from 2026-03-01 to 2026-03-02, 2 at most" in page
    assert "Cedar-Bank is down" in page
    assert "3 of them" in page
    office.clean()


def test_the_preview_speaks_chinese(office: Office) -> None:
    stored(office, ["露明茶道歉了", "今天天气不错"])
    page = previews(office, office.person("Mei"), "露明")
    assert "最近 30 天已存的 2 条帖子中，1 条匹配（50%）" in page
    assert "“露明”：出现在 1 条中，其中 1 条只靠它匹配" in page
    office.clean()


def test_a_likely_namesake_is_told_with_its_company_and_what_to_write(office: Office) -> None:
    stored(office, FRUIT + FIRM)
    page = previews(office, office.person("Ada"), "Apple")
    assert "4 of 10 posts with “Apple” may mean something else" in page
    assert "juice" in page
    assert "case:Apple leaves these out" in page
    office.clean()


def test_a_query_that_matches_everything_is_told_its_share_at_once(office: Office) -> None:
    stored(office, [f"the mill number {n}" for n in range(40)])
    page = previews(office, office.person("Ada"), "the OR mill")
    assert "That is 100 % of all posts" in page
    office.clean()


def test_remarks_and_exclusions_are_told(office: Office) -> None:
    stored(office, ["Shell script for beginners", "Shell on fire in the harbour"])
    page = previews(office, office.person("Ada"), "Shell ANDNOT script")
    assert "“ANDNOT” is read as NOT." in page
    assert "the exclusion of “script”: takes 1 post away" in page
    office.clean()


@pytest.mark.parametrize(
    ("query", "said"),
    [("(cedar", "is never closed"), (" ", "Say what to look for"), ("cedar " * 490 + '"', "has no partner")],
)
def test_a_query_with_a_fault_is_told_on_the_page(office: Office, query: str, said: str) -> None:
    assert said in previews(office, office.person("Ada"), query)
    office.clean()


def test_without_posts_it_says_so(office: Office) -> None:
    assert "No posts are stored yet" in previews(office, office.person("Ada"), "cedar")
    office.clean()


def test_the_form_below_is_as_it_was_and_the_topic_is_told_its_remarks(office: Office) -> None:
    ada = office.person("Ada")
    previews(office, ada, "cedar or larch")
    ada.form.closes()
    assert not ada.form.submits()
    office.done()
    assert "if you mean the operator, write OR" in ada.form.plain()
    assert office.topic("Cedar Bank").topic.query == "cedar or larch"
    office.clean()


def test_a_topic_that_matches_everything_is_told_so_when_it_is_saved(office: Office) -> None:
    stored(office, [f"the mill number {n}" for n in range(40)])
    office.ingest.matched = 39
    ada = office.person("Ada")
    ada.types("pr", "/opinion add Cedar Bank")
    assert not ada.waits_for_form().fills({"query": "the"}).submits()
    office.done()
    assert "That is 98 % of all posts" in ada.form.plain()
    office.clean()


def test_a_saved_query_is_written_out_when_a_topic_names_it(store: Store, clock: VirtualClock) -> None:
    with running(store, clock) as office:
        settings = office.desk.adding.settings
        part = QueryPart(name="rivals", query="larch OR 落叶松")
        named = settings.model_copy(update={"queries": (part,)})
        adding = replace(office.desk.adding, settings=named)
        assert adding.remarks(draft("@rival")) == adding.preview("@rival").remarks
        assert [note.text("meant") for note in adding.remarks(draft("@rival"))] == ["@rivals"]
        added = adding.add(draft("@rivals -drill"), by="U000000ADA")
        assert added.record.topic.query == "(larch OR 落叶松) -drill"


def draft(query: str) -> Draft:
    return Draft(name="Trees", query=query)
