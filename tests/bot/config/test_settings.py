"""tocsin.yaml: what a good file becomes, and what is said of every fault in a bad one."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from textwrap import dedent

import pytest

from bot.config import settings
from bot.config.locations import SettingsError
from bot.config.schema import KINDS
from bot.i18n.speech import Speech
from bot.incidents.people.permissions import Permissions
from bot.ingest import sources
from engine.post import Level, Standing

NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
SMALL = "default_channel: '#crisis'\n"


def faults(text: str) -> list[tuple[int, str, str]]:
    """Line, path and sentence of everything that is wrong in *text*."""
    with pytest.raises(SettingsError) as caught:
        settings.read(dedent(text))
    return [(fault.line, fault.where, fault.sentence(Speech("en"))) for fault in caught.value.faults]


def said(text: str) -> str:
    return "\n".join(f"{line} {where}: {sentence}" for line, where, sentence in faults(text))


def test_the_example_is_a_usable_file() -> None:
    """What `tocsin init` writes passes its own check, with topics in both languages."""
    example = settings.read(settings.example())
    assert [record.speak for record in example.topic_records(NOW)] == ["en", "zh"]
    assert example.policy("default").steps[1].notify == ("U0000000001",)


def test_a_channel_is_enough() -> None:
    """Everything but the default channel has a default."""
    small = settings.read(SMALL)
    assert small.language == "en"
    assert small.topic_records(NOW) == []
    assert [step.after_minutes for step in small.policy("default").steps] == [0, 15, 30]
    assert small.policy("default").steps[-1].notify == ("#crisis",)


def test_names_become_what_slack_understands() -> None:
    """A topic's channel, and those whom a policy names, turn into ids; an e-mail address stays one."""
    read = settings.read(
        dedent("""
        language: zh
        default_channel: desk
        channels:
          - {name: "#Desk", id: C0DESK001}
          - {name: night, id: C0NIGHT01, language: en}
        people:
          - {name: 值班, slack: U0DUTY001}
          - {name: Head, email: head@example.com}
        policies:
          - name: night
            opens_at: 橙
            steps:
              - {after: 0, notify: [topic, 值班]}
              - {after: 10分钟, notify: [head, night, "#other", C0OTHER01]}
            resolve: 1d
        topics:
          - {name: A, query: alpha, policy: night, channel: night, aliases: [Alpha]}
          - {name: B, query: beta}
        """)
    )
    night = read.policy("night")
    assert night.opens_at == Level.ORANGE
    assert night.resolve_minutes == 1440
    assert night.steps[0].notify == ("topic", "U0DUTY001")
    assert night.steps[1].notify == ("head@example.com", "C0NIGHT01", "#other", "C0OTHER01")
    first, second = read.topic_records(NOW)
    assert (first.channel, first.speak, first.policy) == ("C0NIGHT01", "en", "night")
    assert (second.channel, second.speak, second.policy) == ("C0DESK001", "zh", "default")
    assert first.watched_since == NOW


def test_without_a_word_of_it_the_channel_responds_and_full_members_look_and_add() -> None:
    assert settings.read(SMALL).permissions == Permissions()


def test_roles_name_people_ids_addresses_groups_and_everybody() -> None:
    """A name becomes what Slack knows the person by; all else stands as it is."""
    read = settings.read(
        SMALL
        + dedent("""
        people:
          - {name: 值班, slack: U0DUTY001, lead: true}
          - {name: Head, email: head@example.com, lead: true}
          - {name: Junior, slack: U0JUNIOR1}
        roles:
          view: [members, junior]
          respond: [channel, JUNIOR, U0OTHER01, agency@example.org]
          close: ["@chiefs", S0123ABCD]
          configure: [head]
        """)
    )
    assert read.permissions == Permissions(
        view=("members", "U0JUNIOR1"),
        respond=("channel", "U0JUNIOR1", "U0OTHER01", "agency@example.org"),
        close=("@chiefs", "S0123ABCD"),
        configure=("head@example.com",),
        leads=("U0DUTY001", "head@example.com"),
    )
    assert read.permissions.groups == ("@chiefs", "S0123ABCD")


def test_whom_a_role_names_and_the_file_does_not_know_is_told_with_its_place() -> None:
    """A person nobody listed, a word of another role, a role that there is not."""
    told = faults("""\
        default_channel: '#crisis'
        people:
          - {name: Head, email: head@example.com}
        roles:
          respond: [chanel, Heat]
          configure: [channel]
          clos: [Head]
        """)
    assert [(line, where) for line, where, _ in told] == [
        (5, "roles.respond[1]"), (5, "roles.respond[2]"), (6, "roles.configure[1]"), (7, "roles.clos"),
    ]  # fmt: skip
    sentences = [sentence for _, _, sentence in told]
    assert "nobody is called “chanel”" in sentences[0]
    assert "did you mean “channel”?" in sentences[0]
    assert "did you mean “Head”?" in sentences[1]
    assert "there is no setting “clos”; did you mean “close”?" in sentences[3]


def test_sources_carry_what_their_kind_understands() -> None:
    """The mapping and time zone of a JSON source are its options; a file's path is its address."""
    board, file, push = settings.read(
        SMALL
        + dedent("""
        sources:
          - name: board
            kind: json
            url: https://board.example.com/top.json
            every: 90s
            standing: board
            mapping: {items: data.list, title: word, timezone: Asia/Shanghai}
          - {name: archive, kind: jsonl, path: posts.jsonl}
          - {name: push, kind: webhook, standing: comment, timezone: Europe/Berlin}
        """)
    ).source_records()
    assert (board.every, board.standing) == (90.0, Standing.BOARD)
    assert board.options["mapping"]["items"] == "data.list"
    assert file.url == "posts.jsonl"
    assert push.options == {"timezone": "Europe/Berlin"}


def test_every_kind_of_source_can_be_written_down() -> None:
    """What the settings allow is what the sources can read."""
    assert set(KINDS) == set(sources.KINDS)


def test_all_faults_are_told_at_once_with_their_places() -> None:
    """Shape, links, doubled keys and queries: one reading names them all, in the order of the file."""
    told = faults("""\
        language: fr
        default_chanel: x
        topics:
          - name: A
            query: 'a OR ('
            policy: nigt
          - name: a
            query: x
            query: y
        policies:
          - name: night
            opens_at: purple
            steps:
              - {after: 10m, notify: [bob]}
              - {after: 5m, notify: [topic]}
        sources:
          - {name: feed, kind: rss, url: "ftp://x"}
        """)
    assert [(line, where) for line, where, _ in told] == [
        (1, "default_channel"), (1, "language"), (2, "default_chanel"), (5, "topics[1].query"), (6, "topics[1].policy"),
        (7, "topics[2].name"), (9, "topics[2].query"), (12, "policies[1].opens_at"),
        (14, "policies[1].steps[1].notify[1]"), (15, "policies[1].steps[2].after"), (17, "sources[1].url"),
    ]  # fmt: skip
    sentences = " / ".join(sentence for _, _, sentence in told)
    assert "did you mean “default_channel”?" in sentences
    assert "did you mean “night”?" in sentences
    assert "nobody and no channel is called “bob”" in sentences


def test_a_faulty_query_is_pointed_at_by_its_character() -> None:
    """The column of the fault is that of the character in the query, not that of the key."""
    with pytest.raises(SettingsError) as caught:
        settings.read(SMALL + "topics:\n  - name: A\n    query: 'x OR ('\n")
    fault = caught.value.faults[0]
    assert (fault.line, fault.column) == (4, 18)
    assert "bracket" in fault.sentence(Speech("en"))


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "the file is empty"),
        ("- a\n- b\n", "the file is empty, or no list of settings"),
        ("a: [\n", "this is not YAML"),
        ("a:\n\tb: 1\n", "indented with spaces"),
        ("name: x: y\n", "needs quotes"),
        ("default_channel:\n", "this has no value"),
        ("default_channel: 5\n", "this must be text"),
        ("default_channel: nowhere\n", "there is no channel “nowhere”; list it under channels"),
        (SMALL + "topics: x\n", "this must be a list"),
        (SMALL + "topics: [x]\n", "this must hold keys and values"),
        (SMALL + "topics:\n  - {name: A, query: a, channel: desk}\n", "there is no channel “desk”"),
        (SMALL + "topics:\n  - {name: A, query: a, languages: [English]}\n", "a code of two or three small letters"),
        (SMALL + "topics:\n  - {name: A, query: NOT a}\n", "topics[1].query"),
        (SMALL + "topics:\n  - {name: A, query: a, budget_per_week: -1}\n", "this must be 0 or more"),
        (SMALL + "channels:\n  - {name: A, id: desk}\n", "not a Slack channel id"),
        (SMALL + "people:\n  - {name: A, slack: bob}\n", "not a Slack user id"),
        (SMALL + "people:\n  - {name: A, email: bob}\n", "not an e-mail address"),
        (SMALL + "people:\n  - {name: A}\n", "a person needs a Slack id or an e-mail address"),
        (SMALL + "policies:\n  - {name: p, steps: []}\n", "at least one entry"),
        (SMALL + "policies:\n  - {name: p, steps: [{after: 5, notify: [topic]}]}\n", "5 of what? write the unit"),
        (SMALL + "policies:\n  - {name: p, steps: [{after: soon, notify: [topic]}]}\n", "not a span of time"),
        (SMALL + "sources:\n  - {name: s, kind: rss}\n", "needs a url"),
        (SMALL + "sources:\n  - {name: s, kind: jsonl}\n", "needs the path of its file"),
        (SMALL + "sources:\n  - {name: s, kind: rss, url: 'http://a.example', every: 0}\n", "at least 1 second"),
        (SMALL + "sources:\n  - {name: s, kind: rss, url: 'http://a.example', timezone: Mars}\n", "Mars"),
        (SMALL + "sources:\n  - {name: s, kind: json, url: 'http://a.example', mapping: {items: '['}}\n", "mapping"),
        (SMALL + "sources:\n  - {name: s, kind: rss, url: 'http://a.example', mapping: {id: x}}\n", "only a source"),
        (SMALL + "sources:\n  - {name: s, kind: fax}\n", "“fax” is not one of"),
    ],
)  # fmt: skip
def test_each_fault_has_its_plain_sentence(text: str, sentence: str) -> None:
    """No fault is told in the words of a validation library."""
    assert sentence in said(text)
    assert "pydantic" not in said(text)


def test_a_missing_file_says_how_to_get_one(tmp_path: Path) -> None:
    """The first thing a newcomer may meet."""
    with pytest.raises(SettingsError, match="`tocsin init` writes one"):
        settings.load(tmp_path / "tocsin.yaml")


def test_the_error_reads_as_a_list(tmp_path: Path) -> None:
    """The message names the file, counts the faults and gives each its line and column."""
    path = tmp_path / "tocsin.yaml"
    path.write_text("languag: en\n", encoding="utf-8")
    with pytest.raises(SettingsError) as caught:
        settings.load(path)
    first, *rest = str(caught.value).splitlines()
    assert first == f"{path} has 2 faults:"
    assert "  line 1, column 1: languag: there is no setting “languag”; did you mean “language”?" in rest


def test_a_file_with_a_byte_order_mark_is_read(tmp_path: Path) -> None:
    """Editors on Windows put one in front."""
    path = tmp_path / "tocsin.yaml"
    path.write_bytes(b"\xef\xbb\xbf" + SMALL.encode())
    assert settings.load(path).default_channel == "#crisis"


CHINESE = """
language: zh
default_channel: desk
channels:
  - {name: desk, id: desk}
policies:
  - {name: default, opens_at: puce, steps: []}
topics:
  - {name: 茶, query: "茶 OR (", channel: dsk, colour: red}
  - {name: 茶, query: 茶, speak: fr}
sources:
  - {name: wire, kind: rss, every: 5}
  - {name: ticker, kind: telegram, url: "https://a.example"}
people:
  - {name: 值班}
"""


def test_faults_speak_the_language_of_the_settings() -> None:
    """The whole of them, with their places, and natural Chinese."""
    with pytest.raises(SettingsError) as caught:
        settings.read(CHINESE)
    assert str(caught.value).splitlines() == [
        "tocsin.yaml 有 12 处错误：",
        "  第 5 行第 18 列，channels[1].id：这不是 Slack 频道 id，应类似 C0123ABCD（在 Slack 的频道详情底部可以找到）",
        "  第 7 行第 21 列，policies[1].opens_at：“puce”不是级别；级别有蓝、黄、橙、红（blue、yellow、orange、red）",
        "  第 7 行第 37 列，policies[1].steps：这个列表至少要有一项",
        "  第 9 行第 28 列，topics[1].query：第 6 个字符处的括号“(”没有闭合。",
        "  第 9 行第 32 列，topics[1].channel：没有名为“dsk”的频道；您是不是要写“desk”？",
        "  第 9 行第 46 列，topics[1].colour：没有“colour”这项设置",
        "  第 10 行第 6 列，topics[2].name：topics 中已有名为“茶”的条目",
        "  第 10 行第 25 列，topics[2].speak：“fr”不可用，只能是 'en' 或 'zh'",
        "  第 12 行第 5 列，sources[1]：kind 为 rss 的信息源需要 url",
        "  第 12 行第 29 列，sources[1].every：5 的单位是什么？请写明：5秒、5分钟、5小时或5天",
        "  第 13 行第 20 列，sources[2].kind：“telegram”不可用，只能是 'rss'、'jsonfeed'、'json'、'jsonl' 或 'webhook'",
        "  第 15 行第 5 列，people[1]：每个人都需要 Slack id 或电子邮件地址",
    ]


@pytest.mark.parametrize(
    "broken", ["language: zh\n\tdefault_channel: x\n", "default_channel: a: b\nlanguage: 'zh'\n", "language: zh\n- x\n"]
)
def test_a_file_that_is_no_yaml_is_told_in_the_language_that_it_asks_for(broken: str) -> None:
    with pytest.raises(SettingsError, match="这里不是有效的 YAML"):
        settings.read(broken)


@pytest.mark.parametrize("language", ["", "language: fr\n", "language: [zh]\n"])
def test_a_file_whose_language_cannot_be_told_is_spoken_of_in_english(language: str) -> None:
    with pytest.raises(SettingsError, match="this is missing"):
        settings.read(f"{language}topics: []\n")


def test_the_team_has_a_time_zone_and_a_morning() -> None:
    """They go into every policy, the built-in one too; a morning without quotes is a number to YAML."""
    read = settings.read("timezone: Asia/Shanghai\nmorning: 10:30\n" + SMALL)
    assert (read.policy("default").timezone, read.policy("default").morning) == ("Asia/Shanghai", "10:30")
    assert settings.read("morning: 8:05\n" + SMALL).morning == "08:05"
    assert (settings.read(SMALL).timezone, settings.read(SMALL).morning) == ("UTC", "09:00")


@pytest.mark.parametrize("zone", ["Mars/Base", "CEST+9", "../etc", "Asia"])
def test_a_time_zone_that_is_none_is_told_with_its_line(zone: str) -> None:
    assert said(f"language: en\ntimezone: {zone}\n" + SMALL) == (
        f"2 timezone: “{zone}” is not a time zone; write a name such as Asia/Shanghai or Europe/Berlin"
    )


@pytest.mark.parametrize("morning", ["nine", "24:00", "9", "true", "'9:60'", "-10:00"])
def test_a_morning_that_is_none_is_told_with_its_line(morning: str) -> None:
    assert "1 morning: “" in said(f"morning: {morning}\n" + SMALL)
    assert "is not a time of day; write hours and minutes, such as" in said(f"morning: {morning}\n" + SMALL)


SAVED = SMALL + dedent("""
    queries:
      - {name: rivals, query: larch OR 落叶松}
      - {name: 竞品, query: "@rivals OR spruce"}
    topics:
      - {name: Trees, query: "@竞品 -drill"}
    """)


def test_saved_queries_are_written_out_in_the_topics_that_name_them() -> None:
    """Whoever matches with a topic sees the whole query; a change of the saved one is a change of the topic's."""
    read = settings.read(SAVED)
    assert read.saved == {"rivals": "larch OR 落叶松", "竞品": "@rivals OR spruce"}
    [record] = read.topic_records(datetime(2026, 3, 2, tzinfo=UTC))
    assert record.topic.query == "((larch OR 落叶松) OR spruce) -drill"


def test_saved_queries_are_checked_with_their_place() -> None:
    """A name that is none, a query that is none, a circle, and a topic that is sound only without them."""
    told = faults("""\
        default_channel: '#crisis'
        queries:
          - {name: my rivals, query: a}
          - {name: broken, query: "a OR ("}
          - {name: loop, query: "a OR @loop"}
          - {name: both, query: "a b"}
          - {name: Broken, query: c}
        topics:
          - {name: T, query: "x NEAR/3 @both"}
        """)
    assert [(line, where) for line, where, _ in told] == [
        (3, "queries[1].name"), (4, "queries[2].query"), (5, "queries[3].query"), (7, "queries[5].name"),
        (9, "topics[1].query"),
    ]  # fmt: skip
    sentences = [sentence for _, _, sentence in told]
    assert "no spaces" in sentences[0]
    assert "never closed" in sentences[1]
    assert "cannot name itself" in sentences[2]
    assert "cannot stand beside NEAR" in sentences[4]


def test_a_query_of_ten_thousand_words_is_refused_in_a_sentence() -> None:
    told = faults(SMALL + "topics:\n  - {name: T, query: '" + " OR ".join(["word"] * 10_000) + "'}\n")
    assert "4000" in told[0][2]


def test_expected_days_are_read_as_dates_or_spans() -> None:
    """YAML makes a date of one day by itself; several are written as a span."""
    read = settings.read(
        dedent("""
        default_channel: "#crisis"
        topics:
          - name: A
            query: alpha
            expect:
              - {days: 2026-12-12, what: 双十二大促}
              - {days: 2026-12-24..2026-12-26, what: holidays}
        """)
    )
    found = read.topic_records(NOW)[0].expected
    assert [(f"{one.first}", f"{one.last}", one.what, one.by) for one in found] == [
        ("2026-12-12", "2026-12-12", "双十二大促", ""),
        ("2026-12-24", "2026-12-26", "holidays", ""),
    ]


@pytest.mark.parametrize(
    ("entry", "sentence"),
    [
        ("{days: soon, what: x}", "“soon” is no day; write 2026-12-12"),
        ("{days: 2026-02-30, what: x}", "There is no day 2026-02-30."),
        ("{days: 2026-12-13..2026-12-11, what: x}", "is before the first, 2026-12-13"),
        ("{days: 2026-01-01..2026-12-31, what: x}", "at most 62 days"),
        ("{days: [1, 2], what: x}", "is no day"),
        ("{days: 20261212, what: x}", "is no day"),
        ("{days: !!timestamp 2026-02-30, what: x}", "There is no day 2026-02-30."),
        ("{what: x}", "is missing"),
        ("{days: 2026-12-12, what: ''}", "empty"),
        ("{days: 2026-12-12, why: x}", "there is no setting"),
    ],
)
def test_what_is_no_expected_day_is_told_with_its_line(entry: str, sentence: str) -> None:
    told = said(f"{SMALL}topics:\n  - name: A\n    query: alpha\n    expect:\n      - {entry}\n")
    assert sentence.casefold() in told.casefold()
    assert told.startswith("6 ")
