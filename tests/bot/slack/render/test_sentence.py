"""The title of an incident and its one living sentence: what is known best, by whom, and since when."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.desk.views.view_models import IncidentView
from bot.i18n.catalogue import LANGUAGES, templates
from bot.i18n.speech import Speech
from bot.records import Incident, Status
from bot.sandbox.blocks import mrkdwn
from bot.slack.render.cards import card
from bot.slack.render.sentence import sentence, title
from engine.facts.lexicon import CASUALTIES, STATEMENTS, Lexicon
from engine.post import RISKS, SIGNALS, Fact, FactKind, Level, Note, Signal, Standing
from tests.bot.slack.slack_samples import NOW, incident, post, signal, view

EN, ZH = Speech("en"), Speech("zh")
NAMES = mrkdwn.Names(people={}, channels={})


def ago(minutes: float) -> datetime:
    return NOW - timedelta(minutes=minutes)


def fact(kind: FactKind, minutes: float, **values: Any) -> Fact:
    common = {"source": "Port Alder Ledger", "standing": "outlet", "sources": (), "saying": 1}
    return Fact(key=f"{kind}.{minutes}", kind=kind, at=ago(minutes), story="s", values=common | values)


def count(minutes: float, what: str = "hospital", n: int = 6, **values: Any) -> Fact:
    plain = {"what": what, "n": n, "bound": "exact", "who": "child", "before": None, "confirmed": 1}
    return fact(FactKind.CASUALTIES, minutes, **plain | {"other": None, "other_source": "", "other_own": 0} | values)


def gravity(risk: str, weight: float = 60) -> Signal:
    reason = Note(code="gravity", values={"risk": risk, "posts": 3, "usual": None})
    return Signal(name="gravity", value=3, baseline=None, weight=weight, reason=reason)


def reads(speech: Speech, *facts: Fact, shown: Incident | None = None, **more: Any) -> str:
    made: IncidentView = view(replace(shown or incident(), facts=facts), **more)
    return mrkdwn.plain(sentence(made, speech), NAMES)


GROWN = (
    fact(FactKind.OUTLET, 59, n=3),
    count(59, before=4),
    fact(FactKind.AUTHORITY, 44, what="x", name="Food Safety Office"),
    fact(FactKind.BOARD, 30, board="City Board", n=17, before=None),
    fact(FactKind.BOARD, 20, board="City Board", n=3, before=17),
)
FIRST = post(1, source="nursery", published=ago(168))


class TestSentence:
    def test_who_what_harm_where_it_is_told_and_since_when(self) -> None:
        assert reads(EN, *GROWN, first=FIRST) == (
            "Six children treated in hospital, says Port Alder Ledger (07:01 UTC); 2 other outlets follow; "
            "it reached number 3 on City Board. Food Safety Office named at 07:16 UTC. Began 05:12 UTC in nursery."
        )
        assert reads(ZH, *GROWN, first=FIRST) == (
            "Port Alder Ledger 07:01 UTC 称 6 名儿童就医，另有 2 家媒体跟进，登上“City Board”第 3 位。"
            "07:16 UTC 主管部门被点名（Food Safety Office）。最早见于 05:12 UTC nursery。"
        )

    def test_a_thin_matter_says_how_much_and_that_no_outlet_tells_it(self) -> None:
        assert reads(EN, shown=incident(stories=("one",))) == (
            "316 negative posts in the last hour (usual: 4), one story, no outlet yet. Open since 07:20 UTC."
        )
        assert reads(ZH, shown=incident(stories=("one",))) == (
            "近 1 小时负面帖子 316 条（平时 4 条），集中于一条事件脉络，尚无媒体报道。07:20 UTC 起处置中。"
        )

    def test_the_usual_number_stands_beside_it_where_there_is_one(self) -> None:
        values = {"posts": "negative", "value": 14, "minutes": 360, "usual": 2.0, "highest": 5, "days": 7}
        told = Signal(
            name="negative_volume", value=14, baseline=2, weight=40, reason=Note(code="surge.multiple", values=values)
        )
        assert reads(EN, shown=incident(reasons=(told,))).startswith(
            "14 negative posts in the last 6 hours (usual: 2), no outlet yet."
        )

    def test_an_outlet_that_tells_it_stands_first_and_nobody_says_that_there_is_none(self) -> None:
        shown = reads(EN, fact(FactKind.OUTLET, 20, n=1))
        assert shown.startswith("Reported by Port Alder Ledger (07:40 UTC). 316 negative posts")
        assert "no outlet" not in shown

    def test_a_board_alone_is_told(self) -> None:
        shown = reads(EN, fact(FactKind.BOARD, 20, board="City Board", n=17, before=None))
        assert shown.startswith("It reached number 17 on City Board (07:40 UTC).")
        assert "登上“City Board”（" not in reads(ZH, fact(FactKind.BOARD, 20, board="City Board", n=0, before=None))

    def test_a_post_of_an_outlet_that_is_quoted_is_an_outlet_too(self) -> None:
        made = view()
        quoted = replace(made.posts[0], post=replace(made.posts[0].post, standing=Standing.OUTLET))
        assert "no outlet" not in reads(EN, posts=(quoted,))

    def test_what_only_posts_tell_of_is_never_said_as_if_it_were_known(self) -> None:
        rumour = count(20, "dead", 2, who="", source="chirrup", standing="social", confirmed=0)
        assert reads(EN, rumour).startswith(
            "Chirrup: posts tell of two people dead (07:40 UTC); no outlet confirms it yet."
        )
        assert "尚无媒体证实" in reads(ZH, rumour)

    def test_what_is_confirmed_stands_before_what_is_graver_and_is_not(self) -> None:
        rumour = count(20, "dead", 2, who="", source="chirrup", standing="social", confirmed=0)
        assert reads(EN, rumour, count(10)).startswith("Six children treated in hospital, says")

    def test_the_latest_count_of_a_kind_is_told_and_the_gravest_kind_first(self) -> None:
        shown = reads(EN, count(50, n=4), count(20, n=6), count(10, "dead", 1))
        assert shown.startswith("One child dead, six children treated in hospital, says Port Alder Ledger (07:50 UTC)")

    def test_the_last_word_of_the_organisation_is_told(self) -> None:
        said = [fact(FactKind.STATEMENT, 30, what="denial", own=1), fact(FactKind.DELETION, 5, what="deletion", own=0)]
        assert "Lumen Tea took back what it published at 07:55 UTC." in reads(EN, *said)

    @pytest.mark.parametrize("language", LANGUAGES)
    def test_every_fact_that_there_can_be_has_its_words(self, language: str) -> None:
        speech = Speech(language)
        for what in CASUALTIES:
            for who in ("", *Lexicon("en").names("people")):
                assert "{" not in reads(speech, count(1, what, who=who))
                assert "{" not in title(incident(facts=(count(1, what, who=who),)), speech)
        for what in STATEMENTS:
            assert "{" not in reads(speech, fact(FactKind.STATEMENT, 1, what=what, own=0))


class TestTitle:
    def test_it_says_the_harm_that_dominates(self) -> None:
        assert title(incident(facts=GROWN), EN) == "🟠 Lumen Tea: children treated in hospital · incident 12"
        assert title(incident(topic="露明茶", facts=GROWN), ZH) == "🟠 露明茶：多名儿童就医 · 事件 12"
        one = incident(facts=(count(1, "dead", 1, who=""),), level=Level.RED)
        assert title(one, EN) == "🔴 Lumen Tea: one person dead · incident 12"

    def test_a_rumour_is_called_what_posts_tell(self) -> None:
        rumour = count(1, "dead", 2, who="", confirmed=0)
        assert title(incident(facts=(rumour,)), EN) == "🟠 Lumen Tea: people dead, posts say · incident 12"

    def test_else_the_risk_that_was_read(self) -> None:
        assert title(incident(reasons=(signal(), gravity("health"))), EN) == (
            "🟠 Lumen Tea: health complaints · incident 12"
        )

    def test_a_risk_that_weighs_nothing_gives_no_title(self) -> None:
        assert "complaints are rising" in title(incident(reasons=(signal(), gravity("health", 3))), EN)

    def test_without_any_measure_it_says_the_level(self) -> None:
        assert title(incident(reasons=()), EN) == "🟠 Orange alert · Lumen Tea · incident 12"

    def test_a_risk_of_an_earlier_version_harms_nothing(self) -> None:
        assert "{" not in title(incident(reasons=(gravity("curse"),)), EN)

    @pytest.mark.parametrize("language", LANGUAGES)
    def test_every_risk_and_every_signal_has_its_title(self, language: str) -> None:
        known = templates(language)
        assert {f"headline.risk.{risk}" for risk in RISKS} <= set(known)
        assert {f"headline.signal.{name}" for name in SIGNALS} <= set(known)

    def test_what_is_over_says_so_first(self) -> None:
        over = incident(status=Status.RESOLVED, closed_at=NOW, closed_by="U0ADA", facts=GROWN)
        assert title(over, EN) == "✅ Resolved · Lumen Tea"
        assert title(incident(calm_since=NOW, facts=GROWN), EN) == "⚪ Calm again · Lumen Tea"


def test_the_first_screen_holds_title_sentence_owner_and_the_buttons() -> None:
    kinds = [block["type"] for block in card(view(incident(facts=GROWN)), EN).blocks]
    assert kinds[:4] == ["header", "section", "section", "actions"]
    texts = [str(block) for block in card(view(incident(facts=GROWN)), EN).blocks]
    assert "Six children" in texts[1]
    assert "Nobody owns this yet" in texts[2]
    assert all("Regulator opens inquiry" not in text for text in texts[:4])
    assert "Regulator opens inquiry" in texts[4]


@settings(max_examples=60)
@given(text=st.text(max_size=400) | st.text(st.sampled_from(list("<>&|!@#*_~`:中文\n")), max_size=400))
def test_strangers_words_in_facts_mean_nothing_to_slack(text: str) -> None:
    hostile = tuple(replace(one, values={**one.values, "source": text, "name": text, "board": text}) for one in GROWN)
    for speech in (EN, ZH):
        shown = view(incident(topic=text or "x", facts=hostile), first=post(1, source=text, published=ago(100)))
        made = card(shown, speech)
        texts = [one["text"] for one in mrkdwn.texts(list(made.blocks)) if one["type"] == "mrkdwn"] + [made.text]
        assert not {ping for each in texts for ping in mrkdwn.pings(each)}
        assert made.size < 10_000
