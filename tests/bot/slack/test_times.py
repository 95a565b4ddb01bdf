"""Spans, ends and time zones as people type and read them: through the bot, its sandbox and its store."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from bot.infra.clock import VirtualClock
from bot.store import Store
from engine.post import Level
from tests.bot.slack.office import SETTINGS, Office, running

BERLIN = "timezone: Europe/Berlin\nmorning: 8:30\n" + SETTINGS
PEOPLE = [
    {"name": "Ada", "id": "U000000ADA", "zone": ""},  # Slack does not say where she is: she is with the team
    {"name": "Mei", "id": "U000000MEI", "locale": "zh-CN", "zone": "Asia/Shanghai"},
]


@pytest.fixture
def berlin(store: Store, clock: VirtualClock) -> Iterator[Office]:
    """A team in Berlin, on the eve of summer time: it is 20:00 there and 03:00 in Shanghai."""
    clock.set(datetime(2026, 3, 28, 19, 0, tzinfo=UTC))
    with running(store, clock, written=BERLIN, people=PEOPLE) as found:
        yield found


def typed(office: Office, text: str, who: str = "Ada") -> str:
    person = office.person(who)
    before = {one.ts for one in person.reads("pr")}
    person.types("pr", f"/opinion {text}")
    office.done()
    [answer] = [one for one in person.reads("pr") if one.ts not in before]
    return answer.plain()


def snoozed_until(office: Office) -> str:
    until = office.store.incidents.recent(1)[0].snoozed_until
    return f"{until:%d %H:%M}" if until else ""


TYPED = [
    ("Ada", "snooze 1 two and a half hours", "28 21:30"),
    ("Ada", "snooze 1 half a day", "29 07:00"),
    ("Ada", "snooze until 22:00", "28 21:00"),
    ("Ada", "snooze 1 tomorrow 9am", "29 07:00"),  # summer time by then
    ("Ada", "snooze 1 until tomorrow", "29 06:30"),  # the team's morning
    ("Ada", "snooze 1 next monday 9:00", "30 07:00"),
    ("Mei", "暂缓 1 两个半小时", "28 21:30"),
    ("Mei", "暂缓1 半天", "29 07:00"),
    ("Mei", "暂缓 1 今晚八点", "29 12:00"),  # in Shanghai it is Sunday already
    ("Mei", "暂缓 明早9点", "30 01:00"),
    ("Mei", "暂缓 1 到18:00", "29 10:00"),
    ("Mei", "暂缓 1 下周一上午九点", "30 01:00"),
]
"""Who types what, and the day and time in UTC until which the incident is snoozed then."""


def test_a_snooze_lasts_as_typed_in_the_zone_of_whoever_types(berlin: Office) -> None:
    berlin.rings(Level.ORANGE)
    for who, text, utc in TYPED:
        typed(berlin, text, who)
        assert snoozed_until(berlin) == utc, text
    berlin.clean()


def test_a_level_is_kept_until_a_time_with_a_reason(berlin: Office) -> None:
    berlin.rings(Level.YELLOW)
    said = typed(berlin, "level 1 orange tomorrow 9am the regulator answers then")
    assert "stays at 🟠 orange until" in said
    incident = berlin.store.incidents.recent(1)[0]
    assert incident.set_until is not None
    assert timedelta() <= incident.set_until - datetime(2026, 3, 29, 7, 0, tzinfo=UTC) < timedelta(seconds=1)
    assert "the regulator answers then" in typed(berlin, "incident 1")
    berlin.clean()


IN_VAIN = [
    ("Ada", "snooze 1 today 9am", "“today 9am” is already past"),
    ("Ada", "snooze 1 three weeks", "it may last from 1 minute to 7 days"),
    ("Ada", "snooze 1 when it suits", "until when (until 18:00, tomorrow 9am, next monday 9:00)"),
    ("Mei", "暂缓 1 今天凌晨两点", "“今天凌晨两点”已经过了"),
    ("Mei", "暂缓 1 再说吧", "到什么时候（到18:00、明早9点、下周一上午九点）"),
    ("Mei", "暂缓 1 下周日", "时长须在 1 分钟到 7 天之间"),
]


def test_what_cannot_be_done_is_answered_with_examples(berlin: Office) -> None:
    berlin.rings(Level.ORANGE)
    for who, text, said in IN_VAIN:
        assert said in typed(berlin, text, who), text
        assert snoozed_until(berlin) == ""
    berlin.clean()


def test_what_is_written_out_is_in_the_zone_of_the_reader_or_the_team(berlin: Office) -> None:
    berlin.rings(Level.ORANGE)
    assert "20:00 UTC+1" in berlin.person("Ada").reads("pr")[0].plain()
    assert "03:00 UTC+8" in typed(berlin, "incident 1", "Mei")
    assert "20:00 UTC+1" in typed(berlin, "incident 1", "Ada")
    typed(berlin, "snooze 1 tomorrow 3:00")
    assert "03:00 UTC+2" in berlin.person("Ada").reads("pr")[0].plain()
    berlin.clean()
