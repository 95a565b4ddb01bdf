"""Until when something lasts, as people type it in both languages, and what moment that is."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.slack.ends import TypedEnd, lasting, resolved

SHANGHAI, BERLIN = ZoneInfo("Asia/Shanghai"), ZoneInfo("Europe/Berlin")
WEDNESDAY = datetime(2026, 12, 2, 14, 0, tzinfo=SHANGHAI)
MORNING = time(9)


def moment(text: str, now: datetime = WEDNESDAY, zone: ZoneInfo = SHANGHAI) -> str:
    end, rest = lasting(text)
    assert isinstance(end, TypedEnd)
    assert rest == ""
    found = resolved(end, now, zone, MORNING)
    return f"{found.astimezone(zone):%a %d %H:%M %z}".removesuffix(" +0800") if found else "past"


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("until 18:00", "Wed 02 18:00"), ("until tomorrow 9am", "Thu 03 09:00"), ("tomorrow 9:00", "Thu 03 09:00"),
        ("next monday 9:00", "Mon 07 09:00"), ("monday morning", "Mon 07 09:00"), ("until friday", "Fri 04 09:00"),
        ("tonight at 8", "Wed 02 20:00"), ("until midnight", "Thu 03 00:00"), ("until 9 p.m.", "Wed 02 21:00"),
        ("9am tomorrow", "Thu 03 09:00"), ("tomorrow afternoon at three", "Thu 03 15:00"), ("9am", "Thu 03 09:00"),
        ("the day after tomorrow 8:30", "Fri 04 08:30"), ("wednesday 9am", "Wed 09 09:00"),
        ("明早9点", "Thu 03 09:00"), ("今晚八点", "Wed 02 20:00"), ("到18:00", "Wed 02 18:00"),
        ("到明早", "Thu 03 09:00"),
        ("下周一上午九点", "Mon 07 09:00"), ("明天下午3点半", "Thu 03 15:30"), ("后天上午十点一刻", "Fri 04 10:15"),
        ("今晚十二点", "Thu 03 00:00"), ("凌晨2点", "Thu 03 02:00"), ("周五18:00前", "Fri 04 18:00"),
        ("星期天晚上九点", "Sun 06 21:00"), ("下周三下午三点", "Wed 09 15:00"), ("到二十点二十分", "Wed 02 20:20"),
    ],
)  # fmt: skip
def test_an_end_is_read_in_both_languages(typed: str, meant: str) -> None:
    assert moment(typed) == meant


@pytest.mark.parametrize(
    ("typed", "meant"), [("until 6 o'clock", "Wed 02 18:00"), ("今天6点", "Wed 02 18:00"), ("明天6点", "Thu 03 06:00")]
)
def test_an_hour_of_the_clock_is_the_next_one_to_come_today(typed: str, meant: str) -> None:
    assert moment(typed) == meant


@pytest.mark.parametrize("typed", ["today 9:00", "今天上午九点"])
def test_what_is_over_is_past(typed: str) -> None:
    assert moment(typed) == "past"


@pytest.mark.parametrize(
    "typed",
    ["soon", "until we know", "until 6", "25:00", "tonight", "tomorrow press conference", "tomorrow 9 outlets print",
     "明早会决定", "到时候再说", "九点开会", "", "到"],
)  # fmt: skip
def test_what_names_no_moment_is_none(typed: str) -> None:
    assert lasting(typed) == (None, typed)


def test_a_reason_may_follow() -> None:
    assert lasting("friday 17:30 board meets")[1] == "board meets"
    assert lasting("明早9点 等董事会")[1] == "等董事会"
    assert lasting("for 2 hours legal reads it") == (timedelta(hours=2), "legal reads it")


@pytest.mark.parametrize(
    ("now", "typed", "meant"),
    [
        ("2026-03-28T20:00", "tomorrow 9am", "Sun 29 09:00 +0200"),  # thirteen hours by the clock, twelve by the sun
        ("2026-03-28T20:00", "tomorrow 2:30", "Sun 29 03:30 +0200"),  # left out that night
        ("2026-10-24T20:00", "tomorrow 9am", "Sun 25 09:00 +0100"),
        ("2026-10-24T20:00", "tomorrow 2:30", "Sun 25 02:30 +0200"),  # comes twice: the first
        ("2026-10-25T02:45", "until 2:30", "Sun 25 02:30 +0100"),  # the first is over: the second
    ],
)
def test_the_clock_on_the_wall_counts_when_clocks_change(now: str, typed: str, meant: str) -> None:
    assert moment(typed, datetime.fromisoformat(now).replace(tzinfo=BERLIN), BERLIN) == meant


WORDS = (
    "until ",
    "tomorrow ",
    "next ",
    "monday ",
    "9",
    "am",
    ":",
    "30",
    " at ",
    "到",
    "明",
    "早",
    "晚上",
    "十",
    "点",
    "半",
    "下周",
    "一",
    "天",
)


@given(
    st.one_of(st.text(max_size=300), st.lists(st.sampled_from(WORDS), max_size=40).map("".join)),
    st.datetimes(datetime(2020, 1, 1), datetime(2040, 1, 1)),
    st.sampled_from(
        ["UTC", "Asia/Shanghai", "America/St_Johns", "Europe/Berlin", "Australia/Lord_Howe", "Pacific/Apia"]
    ),
)
def test_no_text_breaks_it_and_no_end_lies_behind(text: str, at: datetime, zone: str) -> None:
    found, rest = lasting(text)
    assert found is not None or rest == text.strip()
    if isinstance(found, TypedEnd):
        now = at.replace(tzinfo=UTC)
        end = resolved(found, now, ZoneInfo(zone), MORNING)
        assert end is None or now < end < now + timedelta(days=16)
