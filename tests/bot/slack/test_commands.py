"""What people type is understood, in both languages; what is not gets the nearest command."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.records import ActKind
from bot.slack.commands import (
    VERBS,
    ActOn,
    AddTopic,
    Command,
    Help,
    ListIncidents,
    ListSources,
    ListTopics,
    Misunderstood,
    ShowIncident,
    ShowTopic,
    parse,
    spoken,
)


@pytest.mark.parametrize(
    ("typed", "command"),
    [
        ("", Help()),
        ("help", Help()),
        ("帮助", Help()),
        ("topic Lumen Tea", ShowTopic(name="Lumen Tea")),
        ("TOPIC  “Lumen  Tea”", ShowTopic(name="Lumen Tea")),
        ("topic Black &amp; White", ShowTopic(name="Black & White")),
        ("话题 西山茶", ShowTopic(name="西山茶")),
        ("话题西山茶", ShowTopic(name="西山茶")),
        ("认领12", ActOn(kind=ActKind.ACKNOWLEDGE, number=12)),
        ("事件12", ShowIncident(number=12)),
        ("暂缓12 2小时", ActOn(kind=ActKind.SNOOZE, number=12, minutes=120)),
        ("topics", ListTopics()),
        ("话题列表", ListTopics()),
        ("incidents", ListIncidents()),
        ("incidents all", ListIncidents(closed=True)),
        ("事件列表 全部", ListIncidents(closed=True)),
        ("incident 12", ShowIncident(number=12)),
        ("incident #12", ShowIncident(number=12)),
        ("事件 12号", ShowIncident(number=12)),
        ("incident", ShowIncident()),
        ("ack 12", ActOn(kind=ActKind.ACKNOWLEDGE, number=12)),
        ("ack", ActOn(kind=ActKind.ACKNOWLEDGE)),
        ("ａｃｋ １２", ActOn(kind=ActKind.ACKNOWLEDGE, number=12)),
        ("认领 12", ActOn(kind=ActKind.ACKNOWLEDGE, number=12)),
        ("resolve 12 statement is out", ActOn(kind=ActKind.RESOLVE, number=12, text="statement is out")),
        ("snooze 12 2h", ActOn(kind=ActKind.SNOOZE, number=12, minutes=120)),
        ("snooze 12 for 1h30m", ActOn(kind=ActKind.SNOOZE, number=12, minutes=90)),
        ("暂缓 12 半小时", ActOn(kind=ActKind.SNOOZE, number=12, minutes=30)),
        ("暂缓 12 2 小时", ActOn(kind=ActKind.SNOOZE, number=12, minutes=120)),
        ("snooze 2 h", ActOn(kind=ActKind.SNOOZE, number=0, minutes=120)),
        ("snooze 12", ActOn(kind=ActKind.SNOOZE, number=12)),
        ("snooze 30m", ActOn(kind=ActKind.SNOOZE, minutes=30)),
        ("escalate 12", ActOn(kind=ActKind.ESCALATE, number=12)),
        ("false-alarm 12", ActOn(kind=ActKind.FALSE_ALARM, number=12)),
        ("false alarm 12 a namesake", ActOn(kind=ActKind.FALSE_ALARM, number=12, text="a namesake")),
        ("误报 12", ActOn(kind=ActKind.FALSE_ALARM, number=12)),
        ("assign 12 <@U123|ada>", ActOn(kind=ActKind.ASSIGN, number=12, person="U123")),
        ("assign 12 to @ada", ActOn(kind=ActKind.ASSIGN, number=12, person="ada")),
        ("指派 12 我", ActOn(kind=ActKind.ASSIGN, number=12, person="me")),
        ("note 12 called the plant &amp; legal", ActOn(kind=ActKind.NOTE, number=12, text="called the plant & legal")),
        ("add", AddTopic()),
        ("添加 西山茶", AddTopic(name="西山茶")),
        ("sources", ListSources()),
        ("来源", ListSources()),
    ],
)
def test_understood(typed: str, command: Command) -> None:
    assert parse(typed) == command


@pytest.mark.parametrize(
    ("typed", "key", "meant"),
    [
        ("topc Lumen Tea", "unknown_command", "topic Lumen Tea"),
        ("acknowlege 12", "unknown_command", "ack 12"),
        ("incidnets", "unknown_command", "incidents"),
        ("话提 西山茶", "unknown_command", "话题 西山茶"),
        ("xyzzy", "unknown_command", ""),
        ("topic", "topic_missing", ""),
        ("incident twelve", "number_wrong", "incident 12"),
        ("ack twelve", "number_wrong", "ack 12"),
        ("snooze 12 soon", "span_wrong", "snooze 12 2h"),
        ("snooze 12 30d", "span_too_long", "snooze 12 1d"),
        ("snooze 12 0m", "span_too_long", "snooze 12 1d"),
        ("assign 12", "person_missing", "assign 12 @name"),
        ("note 12", "note_empty", ""),
    ],
)
def test_misunderstood_with_what_was_meant(typed: str, key: str, meant: str) -> None:
    assert parse(typed) == Misunderstood(key=key, typed=getattr(parse(typed), "typed", ""), meant=meant)


@given(st.text(max_size=200))
def test_no_text_breaks_it(text: str) -> None:
    assert parse(text) is not None


@given(st.sampled_from(sorted(word for words in VERBS.values() for word in words)), st.text(max_size=60))
def test_no_argument_breaks_a_command(word: str, text: str) -> None:
    assert not (isinstance(found := parse(f"{word} {text}"), Misunderstood) and found.key == "unknown_command")


def test_no_word_stands_for_two_commands() -> None:
    words = [word for words in VERBS.values() for word in words]
    assert len(words) == len(set(words))


def test_a_chinese_command_is_answered_in_chinese() -> None:
    assert spoken("话题 Lumen Tea") == "zh"
    assert spoken("topic 西山茶") == ""
