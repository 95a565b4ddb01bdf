"""What is newly known, in both languages: as a tired person reads it in a thread."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.i18n.catalogue import LANGUAGES
from bot.i18n.speech import Speech
from bot.sandbox.blocks import mrkdwn
from bot.slack.render.fact_lines import told
from engine.facts.lexicon import CASUALTIES, STATEMENTS, Lexicon
from engine.post import Fact, FactKind, Post

EN, ZH = Speech("en"), Speech("zh")
AT = datetime(2026, 3, 2, 4, 1, tzinfo=UTC)


def fact(kind: FactKind, **values: Any) -> Fact:
    common = {"source": "Port Alder Ledger", "standing": "outlet", "sources": ("Port Alder Ledger",), "saying": 1}
    return Fact(key="k", kind=kind, at=AT, story="s", values=common | values, evidence=("p",))


def count(n: int = 6, **values: Any) -> Fact:
    plain = {"what": "hospital", "n": n, "bound": "exact", "who": "child", "before": None, "confirmed": 1}
    other = {"other": None, "other_source": "", "other_own": 0}
    return fact(FactKind.CASUALTIES, **plain | other | values)


def says(shown: Fact, speech: Speech, **more: Any) -> str:
    """The line as people see it, without marks."""
    return mrkdwn.plain(told([shown], speech, topic="Saltfern", **more), mrkdwn.Names(people={}, channels={})).replace(
        "*", ""
    )


CHANGED = {"what": "harm", "before": "hurt", "after": "killed", "n": 1}
PLACE = {"board": "City Board", "source": "City Board", "standing": "board"}

LINES = [
    (
        fact(FactKind.CHANGE, **CHANGED),
        "New: the account now says “killed” (before: “hurt”) – Port Alder Ledger, 04:01 UTC.",
        "新情况：说法变为“killed”（此前为“hurt”） – Port Alder Ledger 04:01 UTC。",
    ),
    (
        fact(FactKind.CHANGE, **CHANGED | {"after": ""}),
        "New: the account no longer says “hurt” – Port Alder Ledger, 04:01 UTC.",
        "新情况：说法中不再有“hurt” – Port Alder Ledger 04:01 UTC。",
    ),
    (
        fact(FactKind.OUTLETS, n=20, alike=17),
        "New: 20 outlets report it, 17 of them with one and the same text – latest: Port Alder Ledger.",
        "新情况：已有 20 家媒体报道，其中 17 家为同一篇稿件 – 最近：Port Alder Ledger。",
    ),
    (
        count(before=4),
        "New: six children treated in hospital (was four) – Port Alder Ledger, 04:01 UTC.",
        "新情况：6 名儿童就医 （此前 4 人） – Port Alder Ledger 04:01 UTC。",
    ),
    (
        count(12, what="dead", who="", bound="at_least"),
        "New: at least 12 people dead – Port Alder Ledger, 04:01 UTC.",
        "新情况：至少 12 人死亡 – Port Alder Ledger 04:01 UTC。",
    ),
    (
        count(1, what="injured", who="worker"),
        "New: one worker injured – Port Alder Ledger, 04:01 UTC.",
        "新情况：1 名员工受伤 – Port Alder Ledger 04:01 UTC。",
    ),
    (
        count(2, what="ill", who="customer", bound="several"),
        "New: several customers taken ill – Port Alder Ledger, 04:01 UTC.",
        "新情况：多名消费者出现不适 – Port Alder Ledger 04:01 UTC。",
    ),
    (
        count(other=3, other_source="newsroom", other_own=1, saying=2),
        "New: six children treated in hospital – Port Alder Ledger first, 04:01 UTC; 2 sources by now. "
        "The company says three.",
        "新情况：6 名儿童就医 – Port Alder Ledger 04:01 UTC 最先提及，现有 2 个信息源。企业称 3 人。",
    ),
    (
        count(2, what="dead", who="", source="chirrup", standing="social", confirmed=0),
        "New: two people dead – posts on chirrup, 04:01 UTC. No outlet confirms it yet.",
        "新情况：2 人死亡 – chirrup 网友帖子，04:01 UTC。尚无媒体证实。",
    ),
    (
        fact(FactKind.AUTHORITY, what="market", name="Food Safety Office"),
        "New: Food Safety Office is named – Port Alder Ledger, 04:01 UTC.",
        "新情况：主管部门被点名（Food Safety Office） – Port Alder Ledger 04:01 UTC。",
    ),
    (
        fact(FactKind.STATEMENT, what="apology", own=1),
        "New: Saltfern apologises – in its own words, 04:01 UTC.",
        "新情况：Saltfern致歉 – 企业自行发布，04:01 UTC。",
    ),
    (
        fact(FactKind.DELETION, what="deletion", own=0),
        "New: Saltfern takes back what it published – Port Alder Ledger, 04:01 UTC.",
        "新情况：Saltfern删除或撤回了已发内容 – Port Alder Ledger 04:01 UTC。",
    ),
    (
        fact(FactKind.OUTLET, n=3),
        "New: first outlet to report it: Port Alder Ledger – 04:01 UTC.",
        "新情况：首家媒体报道：Port Alder Ledger – 04:01 UTC。",
    ),
    (
        fact(FactKind.OUTLETS, n=20, sources=("Radio Quay", "Ledger")),
        "New: 20 outlets report it – latest: Radio Quay, Ledger.",
        "新情况：已有 20 家媒体报道 – 最近：Radio Quay、Ledger。",
    ),
    (
        fact(FactKind.BOARD, n=0, before=None, **PLACE),
        "New: it is on City Board – 04:01 UTC.",
        "新情况：登上“City Board” – 04:01 UTC。",
    ),
    (
        fact(FactKind.BOARD, n=3, before=17, **PLACE),
        "New: up to number 3 on City Board (was 17) – 04:01 UTC.",
        "新情况：升至“City Board”第 3 位 （此前第 17 位） – 04:01 UTC。",
    ),
    (
        fact(FactKind.STORY, headline="Why no recall?", source=""),
        "New: another story leads now: “Why no recall?” – 04:01 UTC.",
        "新情况：焦点转向另一事件脉络：“Why no recall?” – 04:01 UTC。",
    ),
    (
        fact(FactKind.DOUBLING, what="first", n=12, before=1, source=""),
        "New: 12 negative posts in an hour (usual: 1) – 04:01 UTC.",
        "新情况：近 1 小时负面帖子 12 条（平时 1 条） – 04:01 UTC。",
    ),
    (
        fact(FactKind.DOUBLING, what="again", n=43, before=20, source=""),
        "New: 43 negative posts in an hour, at least twice as many as told last (20) – 04:01 UTC.",
        "新情况：近 1 小时负面帖子 43 条，较上次通知（20 条）至少翻一番 – 04:01 UTC。",
    ),
]


@pytest.mark.parametrize(("shown", "english", "chinese"), LINES)
def test_each_fact_in_one_line(shown: Fact, english: str, chinese: str) -> None:
    assert says(shown, EN) == english
    assert says(shown, ZH) == chinese


def test_every_kind_of_fact_is_worded() -> None:
    assert {shown.kind for shown, _, _ in LINES} == set(FactKind) - {FactKind.QUIET}


@pytest.mark.parametrize(
    ("language", "expected"),
    [("en", "Nothing new for 2 h, and still 40 posts an hour."), ("zh", "2 小时没有新情况，仍有每小时 40 条帖子。")],
)
def test_that_nothing_is_new_is_a_sentence_of_its_own(language: str, expected: str) -> None:
    quiet = Fact(key="quiet", kind=FactKind.QUIET, at=AT, story="s", values={"posts": 40, "minutes": 120})
    assert told([quiet], Speech(language), topic="Lumen Tea") == expected


@pytest.mark.parametrize("language", LANGUAGES)
def test_everything_that_the_engine_finds_has_its_words(language: str) -> None:
    speech = Speech(language)
    for what in CASUALTIES:
        for who in ("", *Lexicon("en").names("people")):
            for bound in ("exact", "at_least", "about", "several"):
                assert "{" not in says(count(2, what=what, who=who, bound=bound), speech)
    for what in STATEMENTS:
        assert "{" not in says(fact(FactKind.STATEMENT, what=what, own=0), speech)


def test_the_proof_is_one_click_away() -> None:
    post = Post(id="p", published=AT, text="x", url="https://ledger.test/1")
    assert "<https://ledger.test/1|↗>" in told([count()], EN, topic="Saltfern", posts={"p": post})


def test_several_facts_stand_in_several_lines() -> None:
    assert len(told([count(), count(9)], EN, topic="Saltfern").splitlines()) == 2


@settings(max_examples=60)
@given(st.text(max_size=300) | st.text(st.sampled_from(list("<>&|!@#*_~`:中文\n")), max_size=300))
def test_a_strangers_words_ping_nobody_and_forge_no_link(text: str) -> None:
    hostile = [
        replace(shown, values={**shown.values, "source": text, "name": text, "headline": text, "board": text})
        for shown, _, _ in LINES
    ]
    for speech in (EN, ZH):
        line = told(hostile, speech, topic=text)
        assert not mrkdwn.pings(line)
        assert not mrkdwn.links(line)
        assert len(line.splitlines()) == len(hostile)


def test_personal_data_is_masked() -> None:
    leak = fact(FactKind.STORY, headline="Call +86 138 0013 8000", source="")
    assert "8000" not in told([leak], EN, topic="Saltfern")
