"""Days that a team expects, as people type and read them: through the bot, its sandbox and its store."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import pytest

from bot.infra.clock import VirtualClock
from bot.store import Store
from engine.watch.expected import ExpectedDays
from tests.bot.slack.office import SETTINGS, Office, running

MORE_TOPICS = "topics:\n  - {name: Black Friday, query: sale}\n  - {name: 今日头条, query: 头条}\n"
SHANGHAI = "timezone: Asia/Shanghai\n" + SETTINGS.replace("topics:\n", MORE_TOPICS)
MEI = [
    {"name": "Ada", "id": "U000000ADA", "zone": ""},
    {"name": "Mei", "id": "U000000MEI", "locale": "zh-CN", "zone": "Asia/Shanghai"},
    {"name": "Guest", "id": "U0000GUEST", "guest": "multi"},
]


@pytest.fixture
def office(store: Store, clock: VirtualClock) -> Iterator[Office]:
    """A team in Shanghai, on Friday the 11th of December, at nine in the evening there."""
    clock.set(datetime(2026, 12, 11, 13, 0, tzinfo=UTC))
    with running(store, clock, written=SHANGHAI, people=MEI) as found:
        yield found


def typed(office: Office, text: str, who: str = "Ada") -> str:
    person = office.person(who)
    before = {one.ts for one in person.reads("pr")}
    person.types("pr", f"/opinion {text}")
    office.done()
    [answer] = [one for one in person.reads("pr") if one.ts not in before]
    return answer.plain()


def days(office: Office, topic: str = "Lumen Tea") -> list[tuple[str, str, str]]:
    return [(f"{one.first}", f"{one.last}", one.what) for one in office.topic(topic).expected]


ENTERED = [
    ("Ada", "expect Lumen Tea 2026-12-12 campaign", "Lumen Tea", "2026-12-12", "2026-12-12", "campaign"),
    ("Ada", "expect Lumen Tea 2026-12-11..2026-12-13 sales", "Lumen Tea", "2026-12-11", "2026-12-13", "sales"),
    ("Ada", "expect lumen tea tomorrow campaign", "Lumen Tea", "2026-12-12", "2026-12-12", "campaign"),
    ("Ada", "expect Lumen Tea today: campaign", "Lumen Tea", "2026-12-11", "2026-12-11", "campaign"),
    ("Ada", "expect Lumen Tea next friday launch", "Lumen Tea", "2026-12-18", "2026-12-18", "launch"),
    ("Ada", "expect Lumen Tea today to 2026-12-13 sale", "Lumen Tea", "2026-12-11", "2026-12-13", "sale"),
    ("Ada", "expect Black Friday 2026-11-27 sale", "Black Friday", "2026-11-27", "2026-11-27", "sale"),
    ("Ada", "expect Black Friday tomorrow sale", "Black Friday", "2026-12-12", "2026-12-12", "sale"),
    ("Ada", 'expect "Lumen Tea" 2026/12/12 “12.12”', "Lumen Tea", "2026-12-12", "2026-12-12", "12.12"),
    ("Mei", "报备 露明茶 2026-12-12 双十二大促", "Lumen Tea", "2026-12-12", "2026-12-12", "双十二大促"),
    ("Mei", "报备 露明茶2026年12月11日至2026年12月13日 大促", "Lumen Tea", "2026-12-11", "2026-12-13", "大促"),
    ("Mei", "报备 北山乳业 明天 新品发布会", "北山乳业", "2026-12-12", "2026-12-12", "新品发布会"),
    ("Mei", "报备 今日头条 后天 发布会", "今日头条", "2026-12-13", "2026-12-13", "发布会"),
    ("Mei", "报备 今日头条 今天到明天 发布会", "今日头条", "2026-12-11", "2026-12-12", "发布会"),
    ("Mei", "报备 露明茶 下周五 周年庆", "Lumen Tea", "2026-12-18", "2026-12-18", "周年庆"),
]  # fmt: skip
"""Who types what, and what is entered for which topic."""


def test_days_are_entered_as_they_are_typed(office: Office) -> None:
    """In both languages, by date or by word; what was entered for the same days before is replaced."""
    for who, text, topic, first, last, what in ENTERED:
        answer = typed(office, text, who)
        assert (first, last, what) in days(office, topic), text
        assert first in answer, text
        assert f"“{what}”" in answer, text
        record = office.topic(topic)
        office.store.topics.expect(record.id, lambda _: ())
    office.clean()


def test_the_answer_says_what_that_means_in_the_language_of_the_command(office: Office) -> None:
    english = typed(office, "expect Lumen Tea 2026-12-12 campaign")
    assert "“campaign” is expected on 2026-12-12." in english
    assert "raise no alert by themselves; negative posts and grave facts still do." in english
    chinese = typed(office, "报备 露明茶 2026-12-20 周年庆", "Mei")
    assert "已报备：2026-12-20，“周年庆”" in chinese
    assert "负面与严重情况照常预警" in chinese


def test_the_list_names_days_reasons_and_people(office: Office) -> None:
    typed(office, "expect Lumen Tea 2026-12-20 anniversary")
    typed(office, "报备 露明茶 2026-12-12 双十二大促", "Mei")
    listed = typed(office, "expect Lumen Tea")
    first, second = (line for line in listed.splitlines() if line.startswith("•"))
    assert first == "•  2026-12-12 · “双十二大促” · @Mei"
    assert second == "•  2026-12-20 · “anniversary” · @Ada"
    assert "None entered" in typed(office, "expect Black Friday")
    assert "尚无报备" in typed(office, "报备 今日头条", "Mei")


def test_a_day_is_taken_out_again(office: Office) -> None:
    """By anybody who may enter one, by any day of it."""
    typed(office, "expect Lumen Tea 2026-12-11..2026-12-13 sale")
    assert "2026-12-11 to 2026-12-13" in typed(office, "expect Lumen Tea remove 2026-12-12")
    assert days(office) == []
    typed(office, "expect Lumen Tea 2026-12-12 sale")
    assert "已撤销 2026-12-12 的报备" in typed(office, "报备 露明茶 撤销 明天", "Mei")
    assert days(office) == []
    assert "Nothing is entered for that day" in typed(office, "expect Lumen Tea remove 2026-12-12")


def test_what_stands_in_the_settings_is_taken_out_there(office: Office) -> None:
    fair = ExpectedDays(first=date(2026, 12, 15), last=date(2026, 12, 15), what="fair")
    office.store.topics.expect(office.topic().id, lambda _: (fair,))
    assert "fair” · the settings" in typed(office, "expect Lumen Tea")
    assert "stands in the settings" in typed(office, "expect Lumen Tea remove 2026-12-15")
    assert days(office) == [("2026-12-15", "2026-12-15", "fair")]


def test_the_topic_says_what_is_expected_today_and_soon(office: Office) -> None:
    typed(office, "expect Lumen Tea today campaign")
    typed(office, "expect Lumen Tea 2026-12-20 anniversary")
    answer = typed(office, "topic Lumen Tea")
    assert "Ada entered “campaign” for 2026-12-11 as expected" in answer
    assert "Expected: 2026-12-20 · “anniversary”" in answer
    chinese = typed(office, "话题 露明茶", "Mei")
    assert "已报备“campaign”（2026-12-11）" in chinese
    assert "已报备：2026-12-20 · “anniversary”" in chinese


REFUSED = [
    ("expect Lumen Tea 2026-02-30 campaign", "There is no day 2026-02-30."),
    ("expect Lumen Tea 9999-12-12 campaign", "There is no day 9999-12-12."),
    ("expect Lumen Tea 2026-12-13..2026-12-11 sale", "The last day, 2026-12-11, is before the first, 2026-12-13."),
    ("expect Lumen Tea 2026-01-01..2026-12-31 sale", "at most 62 days"),
    ("expect Lumen Tea 2026-12-11..13 sale", "is no day; write 2026-12-12"),
    ("expect Lumen Tea 2026-12-12", "What is expected?"),
    ("expect Lumen Tea remove", "Which day shall be taken out?"),
    ("expect Lumen Tea 2026-12-12 " + "very " * 30, "at most 80 characters"),
    ("expect Lumen Te 2026-12-12 campaign", "There is no topic “Lumen Te”"),
    ("expect", "Which topic?"),
    ("expect 2026-12-12 campaign", "There is no topic"),
    ("报备 露明茶 2026-02-30 大促", "没有 2026-02-30 这一天。"),
]


@pytest.mark.parametrize(("text", "said"), REFUSED)
def test_what_cannot_be_is_said_plainly(office: Office, text: str, said: str) -> None:
    assert said in typed(office, text)
    assert days(office) == []
    office.clean()


def test_what_is_typed_means_nothing_to_slack(office: Office) -> None:
    """No call to a channel, no link, in the answer and beside the topic."""
    for text in ("expect Lumen Tea today <!channel> <https://evil.test|sale> *x*", "topic Lumen Tea"):
        typed(office, text)
        answer = office.person("Ada").reads("pr")[-1]
        assert answer.pings <= {"U000000ADA"}
        assert not [link for link in answer.links if "evil" in str(link)]
    office.clean()


def test_a_topic_takes_a_hundred_entries_and_no_more(office: Office) -> None:
    start = date(2027, 1, 1)
    each = (start + timedelta(days=n) for n in range(100))
    many = tuple(ExpectedDays(first=day, last=day, what="x", by="U1") for day in each)
    office.store.topics.expect(office.topic().id, lambda _: many)
    assert "has 100 entries already" in typed(office, "expect Lumen Tea 2026-12-12 campaign")
    assert len(days(office)) == 100
    listed = typed(office, "expect Lumen Tea").splitlines()
    assert len([line for line in listed if line.startswith("•")]) == 20
    assert any("80 more" in line for line in listed)


def test_only_those_who_may_add_topics_enter_days(office: Office) -> None:
    """A guest is told why, and the attempt is in the audit trail like what was done."""
    answer = typed(office, "expect Lumen Tea 2026-12-12 campaign", "Guest")
    assert "Only full members of the workspace" in answer
    assert days(office) == []
    typed(office, "expect Lumen Tea 2026-12-12 campaign")
    typed(office, "expect Lumen Tea remove 2026-12-12")
    trail = office.store.audit.since(office.clock.now() - timedelta(hours=1))
    assert [(one.deed, one.by, one.about, one.outcome) for one in trail if one.deed.endswith("_days")] == [
        ("expect_days", "U0000GUEST", "", "guest"),
        ("expect_days", "U000000ADA", "Lumen Tea", "done"),
        ("remove_days", "U000000ADA", "Lumen Tea", "done"),
    ]
